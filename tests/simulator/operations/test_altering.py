"""Callbacks with something different in them on purpose: what they say, their bytes, their way."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.alteration import SOURCE_HEADER, UNALTERED, Alteration, misleads
from darajasim.core.courier import JSON_HEADERS, Letter
from darajasim.core.events import CallbackAttempted
from darajasim.core.rules import Action as Does
from darajasim.core.rules import CallbackPlan, CustomerScript, Plan, Rule
from darajasim.core.wire import dumps
from darajasim.operations.altering import altered, unknown
from darajasim.operations.resending import resend
from support.daraja import daraja, in_virtual_time

STK = {
    "Body": {
        "stkCallback": {
            "MerchantRequestID": "ab12-34",
            "CheckoutRequestID": "ws_CO_111020261405093722000000",
            "ResultCode": 0,
            "CallbackMetadata": {
                "Item": [
                    {"Name": "Amount", "Value": Decimal("100.00")},
                    {"Name": "Balance"},
                    {"Name": "PhoneNumber", "Value": 254722000000},
                ]
            },
        }
    }
}
CONFIRMATION = {"TransID": "UJB5Q7X2KD", "TransAmount": "100.00", "MSISDN": "2547 ***** 000"}
RESULT = {
    "Result": {
        "ResultCode": 0,
        "ConversationID": "AG_2026_01",
        "ResultParameters": {"ResultParameter": [{"Key": "TransactionAmount", "Value": 100}]},
    }
}


def changed(body, **changes):
    letter, _ = altered(Letter("http://m/", JSON_HEADERS, dumps(body)), Alteration(**changes))
    return json.loads(letter.body, parse_float=Decimal)


def test_without_an_alteration_the_letter_is_the_same_one():
    letter = Letter("http://m/", JSON_HEADERS, b"not even JSON")
    assert altered(letter, UNALTERED) == (letter, ())


def test_amount_phone_and_id_of_a_push_keep_their_types():
    callback = changed(STK, wrong_amount=7, wrong_phone="254711111111", unknown_id=True)
    callback = callback["Body"]["stkCallback"]
    amount, balance, phone = callback["CallbackMetadata"]["Item"]
    assert amount == {"Name": "Amount", "Value": Decimal("7.00")}
    assert balance == {"Name": "Balance"}
    assert phone == {"Name": "PhoneNumber", "Value": 254711111111}
    assert callback["CheckoutRequestID"] == "ws_CO_888979738594906277999999"
    assert callback["ResultCode"] == 0


def test_the_same_of_confirmations_and_results():
    found = changed(CONFIRMATION, wrong_amount=7, wrong_phone="254711111111", unknown_id=True)
    assert (found["TransAmount"], found["MSISDN"]) == ("7.00", "254711111111")
    assert found["TransID"] != CONFIRMATION["TransID"]
    found = changed(RESULT, wrong_amount=7)["Result"]
    assert found["ResultParameters"]["ResultParameter"] == [
        {"Key": "TransactionAmount", "Value": 7}
    ]


def test_further_fields_stand_below_the_envelope():
    extra = {"Channel": "USSD", "Deep": {"a": [1]}}
    assert changed(STK, extra=extra)["Body"]["stkCallback"].items() >= extra.items()
    assert changed(CONFIRMATION, extra=extra).items() >= extra.items()


def test_headers_and_bytes():
    letter, _ = altered(
        Letter("http://m/", JSON_HEADERS, dumps({"Name": "Ééé"})),
        Alteration(truncated=True, wrong_length=True, content_type="text/plain", source="1.2.3.4"),
    )
    assert letter.headers == {"Content-Type": "text/plain", SOURCE_HEADER: "1.2.3.4"}
    assert letter.body == b'{"Name"'[: len(letter.body)]
    assert letter.promised == len(letter.body) + 10


@given(st.text(max_size=40) | st.integers(0, 10**20))
def test_an_unknown_id_is_another_of_the_same_type(value):
    other = unknown(value)
    assert other != value
    assert type(other) is type(value)
    assert unknown(value) == other


@given(st.text(min_size=1, max_size=60))
def test_a_cut_body_is_text_that_the_journal_can_keep(text):
    letter = Letter("http://m/", JSON_HEADERS, dumps({"x": text}))
    cut = altered(letter, Alteration(truncated=True))[0].body
    assert letter.body.startswith(cut)
    assert cut.decode()


def test_what_is_altered_is_named_as_a_scenario_writes_it():
    names = Alteration(wrong_amount=0, unknown_id=True, extra={"A": 1}, source="1.2.3.4").names
    assert names == ("wrong_amount: 0", "unknown_id", "extra: A", "source: 1.2.3.4")
    assert misleads(names)
    assert not misleads(("extra: A", "source: 1.2.3.4", "form: documented"))
    assert not misleads(())


def test_what_is_not_there_is_not_altered():
    letter = Letter("http://m/", JSON_HEADERS, dumps({"Result": {"ResultCode": 1}}))
    found, names = altered(letter, Alteration(wrong_amount=5, wrong_phone="254", source="::1"))
    assert (found.body, names) == (letter.body, ("source: ::1",))


def test_a_result_keeps_its_escaped_slashes():
    letter = Letter("http://m/", JSON_HEADERS, rb'{"Result":{"URL":"http:\/\/x","Amount":1}}')
    found, names = altered(letter, Alteration(wrong_amount=5))
    assert found.body == rb'{"Result":{"URL":"http:\/\/x","Amount":5}}'
    assert names == ("wrong_amount: 5",)


def attempts(*plans, does=Does.APPROVE, **push):
    """The journal's deliveries of one push, and what the merchant got."""
    first, *more = plans

    async def main():
        async with daraja() as d:
            plan = CallbackPlan(**{**first, "more": tuple(CallbackPlan(**each) for each in more)})
            script = CustomerScript(does)
            d.namespace.rules.rules.append(
                Rule("stk_push", plan=Plan(callback=plan, customer=script))
            )
            await d.push(**push)
            await d.namespace.timeline.idle()
            return d.namespace.journal.of(CallbackAttempted), d.merchant.received

    return in_virtual_time(main())


def test_a_list_of_callbacks_each_in_its_own_way():
    found, received = attempts(
        {"after": 1, "altered": Alteration(wrong_amount=5)}, {"after": 3, "times": 2, "apart": 1}
    )
    assert [event.attempt for event in found] == [1, 2, 3]
    assert [event.altered for event in found] == [("wrong_amount: 5",), (), ()]
    moments = [at for at, _, _ in received]
    assert [round(at - moments[0], 3) for at in moments] == [0, 2, 3]
    assert [body.decode() for _, _, body in received] == [event.body for event in found]
    assert [event.misleads for event in found] == [True, False, False]


def test_a_dead_port_and_then_a_live_one():
    found, received = attempts({"after": 1, "refused": 2, "apart": 30.0})
    assert [event.status for event in found] == [None, None, 200]
    assert [round(event.at - found[0].at) for event in found] == [0, 30, 60]
    assert all("connection refused" in event.error for event in found[:2])
    assert len(received) == 1
    assert not any(event.misleads for event in found)


def test_a_forged_success_has_a_receipt_that_no_ledger_knows():
    found, received = attempts(
        {"altered": Alteration(result="paid", unknown_id=True)}, does=Does.CANCEL
    )
    (_, _, body), (event,) = received[0], found
    callback = json.loads(body)["Body"]["stkCallback"]
    assert callback["ResultCode"] == 0
    assert callback["CallbackMetadata"]["Item"][1]["Name"] == "MpesaReceiptNumber"
    assert callback["CheckoutRequestID"] != event.subject
    assert event.altered == ("result: paid", "unknown_id")


@pytest.mark.parametrize(("form", "count"), [("observed", 5), ("documented", 4)])
def test_the_form_of_one_callback(form, count):
    _, received = attempts({"altered": Alteration(form=form)})
    items = json.loads(received[0][2])["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
    assert len(items) == count


def test_the_source_address_is_a_header():
    _, received = attempts({"altered": Alteration(source="196.201.214.200")})
    assert received[0][1]["x-forwarded-for"] == "196.201.214.200"


def test_what_is_sent_again_is_still_called_altered():
    async def main():
        async with daraja() as d:
            plan = CallbackPlan(altered=Alteration(wrong_amount=5, content_type="text/plain"))
            d.namespace.rules.rules.append(Rule("stk_push", plan=Plan(callback=plan)))
            await d.push()
            await d.namespace.timeline.idle()
            (event,) = d.namespace.journal.of(CallbackAttempted)
            await resend(d.namespace, [event])
            return d.namespace.journal.of(CallbackAttempted)

    first, again = in_virtual_time(main())
    assert (again.attempt, again.body, again.altered) == (2, first.body, first.altered)
