"""Calls of a scenario's own: what is sent, what comes back, what later steps may use of it."""

import pytest

from darajasim.core.events import RequestReceived, TokenIssued
from darajasim.core.initiator import SANDBOX_INITIATOR_PASSWORD
from darajasim.harness.caller import example
from darajasim.harness.filling import encrypted
from darajasim.harness.notes import CallLost
from darajasim.harness.report_json import report_json
from darajasim.scenarios.products import products
from support.daraja import in_virtual_time
from support.played import played, player, scenario

CALL = "steps: [{call: {operation: stk_push, as: first}}]"
EXPECT = "expect: {call: {status: 200}}"
KEYS = "MerchantRequestID, CheckoutRequestID, ResponseCode, ResponseDescription and CustomerMessage"
"""Of an answer to a push."""
CUSTOMER = "world: {customers: [{phone: 0722000000, balance: 250}]}"


def findings(*sections):
    return [(each.what, each.expected, each.found) for each in played(*sections).findings]


def sent(*sections, operation="stk_push"):
    """The bodies that Daraja received."""
    events = played(*sections).events
    return [
        event.body
        for event in events
        if isinstance(event, RequestReceived) and event.operation == operation
    ]


def call(fields="", *, expect="status: 200", operation="stk_push"):
    step = f"steps: [{{call: {{operation: {operation}{', ' if fields else ''}{fields}}}}}]"
    return step, f"expect: {{call: {{{expect}}}}}"


@pytest.mark.parametrize(
    "expect",
    [
        "status: 200, code: 0, text: 'Success. Request*', fault: null",
        "answer: {ResponseCode: 0, CheckoutRequestID: ws_CO_*, CustomerMessage: present}",
        "answer: {errorCode: absent}",
        "result: 0, result_text: '*successfully*', receipt: present",
        "result: paid",
        "callback: {ResultCode: 0, Amount: '1.00', PhoneNumber: 254722000000}",
        "callback: {Balance: null, MpesaReceiptNumber: '/^[A-Z0-9]{10}$/', Nothing: absent}",
        "callbacks: 1",
    ],
)
def test_what_came_of_a_call(expect):
    assert findings(CUSTOMER, *call(expect=expect)) == []


@pytest.mark.parametrize(
    ("expect", "what", "expected", "found"),
    [
        ("status: '> 200'", "status", "> 200", "200"),
        ("status: null", "status", "none", "200"),
        ("code: invalid-amount", "code", "400.002.02", "0"),
        ("text: no", "text", "no", "Success. Request accepted for processing"),
        ("fault: reset", "fault", "reset", "none"),
        ("answer: {ResponseCode: 1}", "answer: ResponseCode", "1", "0"),
        ("answer: {CustomerMessage: null}", "answer: CustomerMessage", "none",
         "Success. Request accepted for processing"),
        ("answer: {ResponseCode: absent}", "answer: ResponseCode", "no such key", "0"),
        ("answer: {X: 1}", "answer: X", "1", f"no such key among {KEYS}"),
        ("answer: {X: null}", "answer: X", "none", f"no such key among {KEYS}"),
        ("result: cancelled", "result", "1032", "0"),
        ("result_text: null", "result_text", "none",
         "The service request is processed successfully."),
        ("callback: {Balance: present}", "callback: Balance", "some value", "no value"),
        ("callback: {ResultCode: '> 0'}", "callback: ResultCode", "> 0", "0"),
        ("callback: null", "callback", "none", "1"),
        ("callbacks: 2", "callbacks", "2", "1"),
    ],
)  # fmt: skip
def test_what_did_not_come_of_it(expect, what, expected, found):
    assert findings(CUSTOMER, *call(expect=expect)) == [(f"call call-1: {what}", expected, found)]


def test_a_receipt_that_is_not_expected():
    ((what, expected, found),) = findings(CUSTOMER, *call(expect="receipt: null"))
    assert (what, expected, len(found)) == ("call call-1: receipt", "none", 10)


def test_a_call_that_is_refused_has_no_ending():
    expect = (
        "status: 400, code: invalid-amount, answer: {errorMessage: 'Bad Request*'}, "
        "result: null, receipt: null, callback: null, callbacks: 0"
    )
    assert findings(*call("fields: {Amount: 0}", expect=expect)) == []
    assert findings(*call("fields: {Amount: 0}", expect="callback: {A: 1}")) == [
        ("call call-1: callback: A", "1", "no callback")
    ]


@pytest.mark.parametrize(
    ("changes", "key", "value"),
    [
        ("fields: {Amount: 7}", "Amount", 7),
        ("fields: {Amount: '7'}", "Amount", "7"),
        ("fields: {PartyB: 0722000000}", "PartyB", "0722000000"),
        ("fields: {TransactionDesc: null}", "TransactionDesc", None),
        ("fields: {TransactionDesc: }", "TransactionDesc", None),
        ("fields: {Extra: {a: [1, x, true]}}", "Extra", {"a": [1, "x", True]}),
        ("body: {only: this}", "only", "this"),
        ("body: {}", "Amount", ...),
        ("without: [Amount, PartyA]", "Amount", ...),
        ("raw: '{\"a\": 1}'", "a", 1),
    ],
)
def test_what_is_sent(changes, key, value):
    (body,) = sent(*call(changes, expect="status: '>= 200'"))
    assert body.get(key, ...) == value


def test_the_example_is_sent_with_an_inbox_for_callbacks():
    (body,) = sent(*call())
    assert body["CallBackURL"] == "http://inbox.test/stk_push/CallBackURL"
    assert body["Amount"] == 1
    assert body["Password"] == "***"


def test_every_operation_has_an_example_without_a_stranger_s_url():
    for product in products().values():
        for version in product.versions:
            assert "merchant.example" not in str(example(version))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ("raw: '{broken'", 400),
        ("token: wrong", 404),
        ("token: null", 404),
        ("path: /mpesa/nowhere", 404),
        ("method: PUT", 405),
        ("content_type: text/plain", 400),
        ("body: [1]", 400),
    ],
)
def test_requests_that_are_no_good(changes, status):
    expect = f"status: {status}, callbacks: 0, result: null"
    assert findings(*call(changes, expect=expect)) == []


def test_a_token_is_asked_for_once_for_each_app():
    steps = (
        "steps:",
        *["- call: stk_push"] * 2,
        "- call: {operation: stk_push, app: {key: other, secret: s}}",
        "- wait: 2h",
        "- call: stk_query",
    )
    events = played(*steps, "expect: {requests: {oauth: 3}}").events
    issued = [event.consumer_key for event in events if isinstance(event, TokenIssued)]
    assert issued == ["merchant", "other", "merchant"]


def test_the_world_s_own_app_calls():
    app = "{{consumer_key: {}, consumer_secret: s}}"
    apps = f"world: {{apps: [{app.format('k')}, {app.format('l')}]}}"
    events = played(apps, *call()).events
    assert [each.consumer_key for each in events if isinstance(each, TokenIssued)] == ["k"]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("{on: oauth, reply: {http: 503, body: Sorry}}", "no access token: HTTP 503 Sorry"),
        ("{on: oauth, reply: {http: 200, body: '[]'}}", "no access token: HTTP 200 []"),
        ("{on: oauth, reply: reset}", "no access token: connection reset"),
        ("{on: oauth, reply: hang}", "no access token: no answer"),
    ],
)
def test_without_a_token_there_is_no_call(rule, found):
    (step, status) = findings(f"rules: [{rule}]", *call())
    assert step == ("call call-1: stk_push", "a step that can be done", found)
    assert status == ("call call-1: status", "200", "none")


@pytest.mark.parametrize(
    ("reply", "fault"), [("reset", "reset"), ("hang", "hang"), ("empty", "empty")]
)
def test_an_answer_that_is_lost(reply, fault):
    result = played(
        f"rules: [{{on: stk_push, reply: {reply}}}]",
        *call(expect=f"fault: {fault}, status: null, answer: {{a: absent}}"),
    )
    assert result.findings == ()
    (note,) = [event for event in result.events if isinstance(event, CallLost)]
    assert (note.call, note.fault) == ("call-1", fault)


def test_of_a_lost_answer_the_ending_is_known_all_the_same():
    rules = "rules: [{on: stk_push, reply: lost}]"
    assert findings(rules, *call(expect="fault: reset, result: 0, callbacks: 1")) == []
    assert findings(rules, *call(expect="answer: {A: 1}")) == [
        ("call call-1: answer: A", "1", "no answer (reset)")
    ]


def test_an_answer_that_is_no_json_has_no_keys():
    rules = "rules: [{on: stk_push, reply: {http: 503, body: <html>}}]"
    assert findings(rules, *call(expect="status: 503, answer: {A: 1}")) == [
        ("call call-1: answer: A", "1", "HTTP 503 without JSON")
    ]


def test_callbacks_are_answered_as_the_scenario_says():
    sections = (
        "rules: [{on: stk_push, callback: {times: 3, apart: 60s}}]",
        "answers:",
        "- {to: stk, call: 1, status: 503}",
        "- {to: stk, call: 2, fault: reset}",
        CALL,
        "expect: {callbacks: {sent: 3, stk: 3, delivered: 2, acknowledged: 1}}",
    )
    assert findings(*sections) == []


class TestValuesOfEarlierSteps:
    FIRST = "- call: {operation: stk_push, as: first}"

    def query(self, value, expect="status: 200", first=FIRST):
        return (
            CUSTOMER,
            "steps:",
            first,
            "- settle",
            "- call:",
            "    operation: stk_query",
            f"    fields: {{CheckoutRequestID: '{value}'}}",
            "    as: asked",
            f"expect: {{calls: {{asked: {{{expect}}}}}}}",
        )

    def test_of_an_answer(self):
        expect = (
            "status: 200, answer: {ResultCode: 0, CheckoutRequestID: '${first.CheckoutRequestID}'}"
        )
        assert findings(*self.query("${first.CheckoutRequestID}", expect)) == []

    def test_of_a_callback_and_within_a_text(self):
        (body,) = sent(
            *self.query("<${first.receipt}/${first.MpesaReceiptNumber}>", "status: '>= 200'"),
            operation="stk_query",
        )
        one, other = body["CheckoutRequestID"].strip("<>").split("/")
        assert one == other
        assert len(one) == 10

    def test_of_the_merchant_s_payment(self):
        pay = "- pay: {phone: 0722000000, amount: 5, as: first}"
        expect = "status: 200, answer: {ResultCode: 0}"
        assert findings(*self.query("${first.CheckoutRequestID}", expect, first=pay)) == []
        (body,) = sent(
            *self.query("${first.receipt}", "status: 400", first=pay), operation="stk_query"
        )
        assert len(body["CheckoutRequestID"]) == 10

    def test_that_never_came_is_a_failure(self):
        step, *_rest = findings(*self.query("${first.Nothing}"))
        told = (
            "MerchantRequestID, CheckoutRequestID, ResultCode, ResultDesc, Amount, "
            "MpesaReceiptNumber, Balance, TransactionDate and PhoneNumber"
        )
        assert step == (
            "call asked: stk_query CheckoutRequestID=${first.Nothing}",
            "a step that can be done",
            f"${{first.Nothing}} is not known: its answer has {KEYS}; its last callback has {told}",
        )

    def test_that_never_came_is_a_finding_where_it_is_expected(self):
        (found,) = findings(
            *self.query("${first.CheckoutRequestID}", "answer: {ResultCode: '${first.Nothing}'}")
        )
        assert found[:2] == ("call asked: answer: ResultCode", "${first.Nothing}")
        assert found[2].startswith("${first.Nothing} is not known: ")

    def test_that_differ_say_both(self):
        (found,) = findings(
            *self.query("${first.CheckoutRequestID}", "answer: {ResultCode: '${first.Amount}'}")
        )
        assert found == ("call asked: answer: ResultCode", "1.00 (of ${first.Amount})", "0")

    def test_before_anything_came(self):
        step, *_rest = findings(
            "rules: [{on: stk_push, reply: reset}]", *self.query("${first.receipt}")
        )
        nothing = "it has no JSON answer, and no callback about it has come"
        assert step[2] == f"${{first.receipt}} is not known: {nothing}"


def test_calls_at_the_same_moment_are_told_apart():
    numbers = range(8)
    steps = [
        f"- call: {{operation: stk_push, as: c{n}, "
        f"fields: {{PhoneNumber: '25472200000{n}', Amount: {n + 1}}}}}"
        for n in numbers
    ]
    expected = [f"c{n}: {{callback: {{Amount: {n + 1}.00}}, callbacks: 1}}" for n in numbers]
    together = ("steps:", "- together:", *(f"    {step}" for step in steps))
    assert findings(*together, f"expect: {{calls: {{{', '.join(expected)}}}}}") == []


def test_a_callback_s_own_requests_are_not_the_call_s():
    """The merchant that a callback wakes asks Daraja; that answer belongs to nobody's call."""
    home = "CallBackURL: 'http://merchant.test/api/pochi/callback'"
    steps = (
        "steps:",
        "- pay: {phone: 0722000000, amount: 5}",
        f"- call: {{operation: stk_push, fields: {{{home}, PhoneNumber: '254733000000'}}}}",
    )
    assert findings(*steps, "expect: {call: {code: 0, result: 0, callbacks: 1}}") == []


def test_a_password_is_encrypted_for_this_simulator_and_shown_to_nobody():
    from darajasim.operations.credentials import opened

    assert opened(encrypted(SANDBOX_INITIATOR_PASSWORD)) == SANDBOX_INITIATOR_PASSWORD
    result = played(
        *call("fields: {Password: '${credential:open sesame}'}", expect="status: '>= 400'")
    )
    assert result.findings == ()
    assert b"open sesame" not in report_json([result], 1)
    assert b"${credential:***}" in report_json([result], 1)


def test_the_report_lists_calls_and_repeats_byte_for_byte():
    first, second = (played(CUSTOMER, CALL, EXPECT, seed=4) for _ in range(2))
    assert report_json([first], 4) == report_json([second], 4)
    (found,) = first.calls
    assert (found.name, found.operation, found.status, found.code) == (
        "first",
        "stk_push",
        200,
        "0",
    )
    assert found.subject.startswith("ws_CO_")
    assert (found.result, len(found.receipt)) == ("0", 10)


def test_a_scenario_of_calls_alone_leaves_the_merchant_alone():
    async def main():
        async with player(CALL, EXPECT) as ours:
            await ours.play(scenario(CALL, EXPECT).steps)
            assert not ours.stage.merchant.wire.used

    in_virtual_time(main())


class TestPaymentsFromPhones:
    REGISTER = "- call: {operation: c2b_register, fields: {ShortCode: 600984}}"
    PAY = "- pay_from_phone: {phone: 0722000000, shortcode: 600984, amount: 50, reference: A-1}"

    def test_what_came_of_one(self):
        expect = (
            "status: null, code: null, result: 0, receipt: present, callbacks: 2, "
            "callback: {TransAmount: 50.00, BillRefNumber: A-1, "
            "TransID: '${phone-payment-1.receipt}'}"
        )
        sections = (
            "steps:",
            self.REGISTER,
            "- settle",
            self.PAY,
            f"expect: {{call: {{{expect}}}}}",
        )
        assert findings(*sections) == []

    def test_the_merchant_s_answer_decides(self):
        sections = (
            "answers: [{to: validation, body: {ResultCode: C2B00012, ResultDesc: Rejected}}]",
            "steps:",
            self.REGISTER,
            self.PAY,
            "expect: {call: {receipt: null}, callbacks: {validation: 1, confirmation: 0}}",
        )
        assert findings(*sections) == []

    def test_one_that_no_phone_could_make_is_a_failure(self):
        step, *_rest = findings(
            "steps:", self.PAY.replace("50", "0"), "expect: {call: {receipt: null}}"
        )
        assert step[2] == "expected an amount of at least 1 shilling, found 0"
