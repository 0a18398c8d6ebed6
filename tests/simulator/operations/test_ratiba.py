import asyncio
import json
import re

import jsonschema
import pytest

from darajasim.core.catalogue import catalogue
from darajasim.core.customer import CustomerSpec, CustomerState
from darajasim.core.events import (
    CallbackAttempted,
    CustomerActed,
    MoneyMoved,
    PaymentSettled,
    PromptSent,
)
from darajasim.core.ledger import CHARGES
from darajasim.core.organisation import OrganisationSpec
from darajasim.core.rules import Action, CallbackPlan, CustomerScript, Plan, Rule
from darajasim.core.world import App, WorldOverlay
from darajasim.operations import named
from darajasim.operations.ratiba import TO_PAYBILLS, TO_TILLS
from darajasim.operations.ratiba_order import Order, OrderBook
from darajasim.operations.ratiba_payments import charge_cents
from support.commands import example
from support.daraja import daraja, in_virtual_time

PATH = "/standingorder/v1/createStandingOrderExternal"
PHONE = "254722000000"
DAY = 86_400


def run(main, *, world=None, rules=(), **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            if world is not None:
                d.namespace.world.lay(world)
            d.namespace.rules.rules.extend(rules)
            await main(d)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(whole())


async def order(d, **changes):
    """Ask for an order and wait for the callback; the acknowledgement and the callback's body."""
    before = len(d.merchant.received)
    answer = await d.post(PATH, example(PATH, **changes))
    await d.simulator.settled()
    received = [raw for _, _, raw in d.merchant.received[before:]]
    return answer, received[0] if received else None


def events(d, kind):
    return [event for event in d.namespace.journal if isinstance(event, kind)]


def text_of(code):
    return catalogue().coded("notice", code, "standing_order").text


# ------------------------------------------------------------------------------- acknowledgement


def test_the_acknowledgement():
    async def main(d):
        answer, _ = await order(d)
        reference = answer.json["ResponseHeader"]["responseRefID"]
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", reference)
        assert answer.status == 200
        assert answer.raw == (
            b'{"ResponseHeader":{"responseRefID":"%s","responseCode":"200",'
            b'"responseDescription":"Request accepted for processing",'
            b'"ResultDesc":"The service request is processed successfully."},'
            b'"ResponseBody":{"responseDescription":"Request accepted for processing",'
            b'"responseCode":"200"}}' % reference.encode()
        )

    run(main)


@pytest.mark.parametrize("spelling", TO_PAYBILLS)
def test_every_spelling_for_paybills(spelling):
    async def main(d):
        _, raw = await order(d, TransactionType=spelling)
        assert b'"responseCode":"0"' in raw

    run(main)


@pytest.mark.parametrize("spelling", TO_TILLS)
def test_every_spelling_for_tills(spelling):
    async def main(d):
        till = {"BusinessShortCode": "600100", "ReceiverPartyIdentifierType": 2}
        _, raw = await order(d, TransactionType=spelling, **till)
        assert b'"responseCode":"0"' in raw

    run(main)


def test_a_shortcode_that_was_not_issued_as_captured():
    async def main(d):
        answer, _ = await order(d, BusinessShortCode="999999")
        assert answer.status == 400
        reference = answer.json["requestRefId"]
        assert answer.raw == (
            b'{"requestRefId":"%s","responseMessage":"Value in field \'BusinessShortCode\' '
            b'can only be what was issued for this application","responseCode":400,'
            b'"timestamp":"2026-10-11T11:05:09Z"}' % reference.encode()
        )
        assert "174379" in answer.hint

    run(main)


@pytest.mark.parametrize(
    "world",
    [
        WorldOverlay(apps=(App("key", "secret", shortcodes=frozenset({"600000"})),)),
        WorldOverlay(organisations=(OrganisationSpec("174379", products=frozenset({"stk_push"})),)),
    ],
)
def test_a_shortcode_of_somebody_else(world):
    async def main(d):
        answer, _ = await order(d)
        assert (answer.status, answer.json["responseCode"]) == (400, 400)
        assert "BusinessShortCode" in answer.json["responseMessage"]

    run(main, world=world)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("StandingOrderName", [..., "", " ", None, "x" * 183, ["a"]]),
        ("StartDate", [..., "2027-01-05", "20270230", "0", None, 2027010, True]),
        ("EndDate", [..., "", "31122027", "20271301"]),
        ("BusinessShortCode", [..., "abc", "1234", None]),
        ("TransactionType", [..., "CustomerPayBillOnline", 4]),
        ("ReceiverPartyIdentifierType", [..., "1", 3, True]),
        ("Amount", [..., "0", "1.50", -1, "250001"]),
        ("PartyA", [..., "0722000000", 254]),
        ("CallBackURL", [..., "ftp://x.example", ""]),
        ("AccountReference", [..., "", "THIRTEEN-CHAR"]),
        ("TransactionDesc", [..., ""]),
        ("Frequency", [..., "0", "10", 0, True, [1]]),
        ("CustomStoId", ["x" * 65, {}]),
    ],
)
def test_an_invalid_field(field, values):
    async def main(d):
        for value in values:
            answer, raw = await order(d, **{field: value})
            assert (answer.status, answer.json["responseCode"], raw) == (400, 400, None), value
            assert answer.json["responseMessage"] == f"Value in field '{field}' is invalid"
            assert list(answer.json) == [
                "requestRefId", "responseMessage", "responseCode", "timestamp",
            ]  # fmt: skip
            assert field in answer.hint

    run(main)


@pytest.mark.parametrize(("edition", "accepted"), [("2026", 200), ("2025", 400)])
def test_nine_is_a_frequency_since_2026(edition, accepted):
    async def main(d):
        answer, _ = await order(d, Frequency="9")
        assert answer.status == accepted

    run(main, ratiba_edition=edition)


def test_a_system_failure_has_the_other_envelope():
    async def main(d):
        answer, _ = await order(d, AccountReference="ERR-ratiba-system-failure")
        text = catalogue().by_key("ratiba-system-failure").text
        assert answer.status == 500
        assert list(answer.json) == ["ResponseHeader", "ResponseBody"]
        assert answer.json["ResponseBody"] == {"responseDescription": text, "responseCode": "500"}

    run(main)


def test_no_token():
    async def main(d):
        answer = await d.request(
            "POST", PATH, body=example(PATH), headers={"content-type": "application/json"}
        )
        assert answer.status == 401
        assert answer.json["errorMessage"] == "Unauthorized - Invalid Access Token"

    run(main)


# -------------------------------------------------------------------------------------- callback


def test_success_in_2026_has_ten_pairs_and_the_callers_id():
    async def main(d):
        _, raw = await order(d, CustomStoId="7d1f0a52-1", EndDate="20271231")
        reminder = json.loads(raw)["responseBody"]["responseData"][3]["value"]
        assert re.fullmatch(r"\d{7}", reminder)
        assert raw.decode() == (
            '{"responseHeader":{"responseRefID":"7d1f0a52-1","requestRefID":"7d1f0a52-1",'
            '"responseCode":"0","responseDescription":"Standing order created successfully"},'
            '"responseBody":{"responseData":['
            '{"name":"standingOrderName","value":"Solar kit plan"},'
            '{"name":"amount","value":"450.00"},'
            '{"name":"issuePaymentReminderUntil","value":"20271231"},'
            f'{{"name":"reminderScheduleId","value":"{reminder}"}},'
            '{"name":"firstPaymentReminderDate","value":"20270105"},'
            '{"name":"status","value":"ACTIVE"},'
            f'{{"name":"TransactionID","value":"{reminder}"}},'
            '{"name":"ResponseCode","value":"0"},'
            '{"name":"Status","value":"OKAY"},'
            '{"name":"Msisdn","value":"*********000"}]}}'
        )

    run(main)


def test_the_partner_id_in_its_other_spelling():
    async def main(d):
        _, raw = await order(d, CustomstdoId="mine")
        assert json.loads(raw)["responseHeader"]["requestRefID"] == "mine"

    run(main)


def test_success_in_2025_has_four_pairs():
    async def main(d):
        answer, raw = await order(d)
        reference = answer.json["ResponseHeader"]["responseRefID"]
        receipt = json.loads(raw)["responseBody"]["responseData"][0]["value"]
        assert re.fullmatch(r"[A-Z]{2}[A-Z1-9][0-9A-Z]{7}", receipt)
        assert raw.decode() == (
            f'{{"responseHeader":{{"responseRefID":"{reference}","requestRefID":"{reference}",'
            '"responseCode":"0",'
            '"responseDescription":"The service request is processed successfully"},'
            '"responseBody":{"responseData":['
            f'{{"name":"TransactionID","value":"{receipt}"}},'
            '{"name":"responseCode","value":"0"},'
            '{"name":"Status","value":"OKAY"},'
            '{"name":"Msisdn","value":"254******000"}]}}'
        )

    run(main, base="documented")


def test_failure_is_in_pascal_case():
    async def main(d):
        _, raw = await order(d, PartyA="254708374149", CustomStoId="mine")
        reference = json.loads(raw)["ResponseHeader"]["responseRefID"]
        assert reference != "mine"
        assert raw.decode() == (
            f'{{"ResponseHeader":{{"responseRefID":"{reference}","requestRefID":"mine",'
            f'"responseCode":"1037","responseDescription":"{text_of("1037")}"}},'
            '"ResponseBody":{"ResponseData":['
            '{"Name":"TransactionID","Value":"0000000000"},'
            '{"Name":"responseCode","Value":"1037"},'
            '{"Name":"Status","Value":"ERROR"},'
            '{"Name":"Msisdn","Value":"*********149"}]}}'
        )
        assert len(d.namespace.book(OrderBook)) == 0

    run(main)


def code_of(raw):
    found = json.loads(raw)
    return (found.get("responseHeader") or found["ResponseHeader"])["responseCode"]


@pytest.mark.parametrize(
    "code", ["0", "1001", "1025", "1032", "1037", "1050", "1051", "2001", "3001"]
)
def test_magic_numbers(code):
    async def main(d):
        answer, raw = await order(d, PartyA=f"2547000{int(code):05d}")
        assert code_of(raw) == code
        (settled,) = events(d, PaymentSettled)
        subject = answer.json["ResponseHeader"]["responseRefID"]
        assert (settled.subject, settled.code) == (subject, code)
        assert settled.receipt is None
        assert {event.subject for event in events(d, CallbackAttempted)} == {subject}
        assert bool(events(d, PromptSent)) == (code in ("0", "1032", "1037", "2001", "3001"))

    run(main)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (Action.APPROVE, "0"),
        (Action.CANCEL, "1032"),
        (Action.DISMISS, "1032"),
        (Action.EXPIRE, "1032"),
        (Action.IGNORE, "1037"),
        (Action.UNREACHABLE, "1037"),
        (Action.BUSY, "1001"),
        (Action.WRONG_PIN, "2001"),
    ],
)
def test_what_the_customer_does(action, code):
    async def main(d):
        _, raw = await order(d)
        assert code_of(raw) == code
        assert [event.action for event in events(d, CustomerActed)] == [action]
        assert d.namespace.world.customer(PHONE).open_push is None

    run(main, rules=[Rule("standing_order", plan=Plan(customer=CustomerScript(action)))])


def test_nobody_answers_for_a_minute():
    async def main(d):
        await order(d)
        (prompt,), (settled,) = events(d, PromptSent), events(d, PaymentSettled)
        assert settled.at - prompt.at == pytest.approx(60)

    run(main, rules=[Rule("standing_order", plan=Plan(customer=CustomerScript(Action.IGNORE)))])


def test_a_forced_result_with_a_text_of_its_own():
    async def main(d):
        _, raw = await order(d)
        assert json.loads(raw)["ResponseHeader"]["responseDescription"] == "Menu open"

    row = catalogue().coded("notice", "1001", "standing_order")
    run(main, rules=[Rule("standing_order", plan=Plan(result=row.key, text="Menu open"))])


def test_three_callbacks_are_the_same():
    async def main(d):
        await order(d)
        assert len({raw for _, _, raw in d.merchant.received}) == 1
        assert len(d.merchant.received) == 3

    plan = Plan(callback=CallbackPlan(times=3, apart=5))
    run(main, rules=[Rule("standing_order", plan=plan)])


def test_one_order_of_a_name_per_customer():
    async def main(d):
        assert code_of((await order(d))[1]) == "0"
        assert code_of((await order(d))[1]) == "1050"
        assert code_of((await order(d, StandingOrderName="Rent"))[1]) == "0"
        assert code_of((await order(d, PartyA="254722000001"))[1]) == "0"
        assert len(d.namespace.book(OrderBook)) == 3

    run(main)


def test_two_of_one_name_at_the_same_time():
    async def main(d):
        await asyncio.gather(*(d.post(PATH, example(PATH)) for _ in range(2)))
        await d.simulator.settled()
        assert [code_of(raw) for _, _, raw in d.merchant.received] == ["0", "1050"]
        assert len(d.namespace.book(OrderBook)) == 1

    run(main, subscriber_lock="off")


def test_one_prompt_at_a_time():
    async def main(d):
        await d.push()
        assert code_of((await order(d, PartyA=PHONE))[1]) == "1001"
        await d.post(PATH, example(PATH, PartyA="254722000001"))
        answer = await d.push(PhoneNumber=254722000001)
        assert answer.json["errorCode"] == "500.001.1001"
        await d.simulator.settled()
        assert (await d.push(PhoneNumber=254722000001)).status == 200

    run(main)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"StandingOrderName": "x" * 182}, "1025"),
        ({"ReceiverPartyIdentifierType": "2"}, "1051"),
        ({"TransactionType": TO_TILLS[0]}, "1051"),
        ({"BusinessShortCode": "600100"}, "1051"),
    ],
)
def test_what_fails_before_the_prompt(changes, code):
    async def main(d):
        assert code_of((await order(d, **changes))[1]) == code
        assert not events(d, PromptSent)

    run(main)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (CustomerState.UNREGISTERED, "1025"),
        (CustomerState.INACTIVE, "2001"),
        (CustomerState.PIN_LOCKED, "2001"),
    ],
)
def test_a_customer_who_cannot(state, code):
    async def main(d):
        assert code_of((await order(d))[1]) == code

    run(main, world=WorldOverlay(customers=(CustomerSpec(PHONE, state=state),)))


def test_three_wrong_pins_lock():
    async def main(d):
        for _ in range(3):
            assert code_of((await order(d))[1]) == "2001"
        assert d.namespace.world.customer(PHONE).state is CustomerState.PIN_LOCKED

    plan = Plan(customer=CustomerScript(Action.WRONG_PIN))
    run(main, rules=[Rule("standing_order", plan=plan)])


# -------------------------------------------------------------------------------------- payments


def test_it_is_paid_every_day_until_its_end_and_nobody_waits_for_it():
    async def main(d):
        await order(
            d, StartDate="20261012", EndDate="20261014", Frequency="2", Amount="90",
        )  # fmt: skip
        assert d.namespace.timeline.due == 0
        assert not events(d, MoneyMoved)
        await d.simulator.clock.sleep(30 * DAY)
        await d.simulator.settled()
        moved = events(d, MoneyMoved)
        account = d.namespace.world.organisation("174379").account
        assert [(event.credit, event.cents) for event in moved] == [
            (account, 90_00), (CHARGES, 4_50),
        ] * 3  # fmt: skip
        paid = events(d, PaymentSettled)[1:]
        assert [event.code for event in paid] == ["0"] * 3
        assert [event.receipt for event in paid] == [event.receipt for event in moved[::2]]
        transactions = list(d.namespace.transactions)
        assert [one.receipt for one in transactions] == [event.receipt for event in paid]
        assert all(one.from_customer and one.reference == "KIT-0042" for one in transactions)
        assert [one.charge_cents for one in transactions] == [4_50] * 3
        hours = [(event.at - moved[0].at) / DAY for event in paid]
        assert hours == pytest.approx([0, 1, 2])

    run(main)


def test_it_is_skipped_quietly_while_funds_are_short():
    async def main(d):
        await order(
            d, StartDate="20261012", EndDate="20261014", Frequency="2", Amount="100",
        )  # fmt: skip
        await d.simulator.clock.sleep(1.5 * DAY)
        ledger = d.namespace.ledger
        assert ledger.balance(f"customer:{PHONE}") == 0
        await d.simulator.clock.sleep(DAY)
        ledger.transfer("outside", f"customer:{PHONE}", 104_99, reference="gift", at=0.0)
        await d.simulator.clock.sleep(10 * DAY)
        assert ledger.balance(f"customer:{PHONE}") == 104_99
        assert [event.code for event in events(d, PaymentSettled)] == ["0", "0", "1", "1"]
        assert len(d.merchant.received) == 1

    run(main, world=WorldOverlay(customers=(CustomerSpec(PHONE, balance_cents=105_00),)))


@pytest.mark.parametrize(
    ("customer", "organisation", "code"),
    [
        ({"state": CustomerState.INACTIVE}, {}, "2006"),
        ({}, {"maximum_cents": 100}, "8"),
    ],
)
def test_other_reasons_to_skip(customer, organisation, code):
    async def main(d):
        await order(d, StartDate="20261012", EndDate="20261012", Frequency="1")
        for name, value in customer.items():
            setattr(d.namespace.world.customer(PHONE), name, value)
        for name, value in organisation.items():
            setattr(d.namespace.world.organisation("174379"), name, value)
        await d.simulator.clock.sleep(2 * DAY)
        assert events(d, PaymentSettled)[-1].code == code
        assert not events(d, MoneyMoved)

    run(main)


def test_an_order_whose_end_is_before_its_start_is_made_and_never_paid():
    async def main(d):
        _, raw = await order(d, StartDate="20270105", EndDate="20260101")
        pairs = {
            pair["name"]: pair["value"] for pair in json.loads(raw)["responseBody"]["responseData"]
        }
        assert pairs["firstPaymentReminderDate"] == "20270105"
        await d.simulator.clock.sleep(400 * DAY)
        assert not events(d, MoneyMoved)

    run(main)


@pytest.mark.parametrize(
    ("shillings", "cents"), [(1, 5), (10, 50), (99, 495), (100, 500), (101, 500), (250_000, 500)]
)
def test_the_charge(shillings, cents):
    assert charge_cents(shillings * 100) == cents


def test_a_forgotten_order_ends():
    async def main(d):
        await order(d, StartDate="20261012", EndDate="20271231", Frequency="2")
        d.namespace.book(OrderBook)._orders.clear()
        await d.simulator.clock.sleep(5 * DAY)
        assert not events(d, MoneyMoved)

    run(main)


def test_the_book_forgets_the_oldest():
    book = OrderBook(limit=2)
    made = [Order("", "", str(n), "1", "", False, False, 1, "", "", None, 0.0) for n in range(3)]
    assert [book.add(each) for each in made] == [1, 2, 3]
    assert [book.get("1", str(number)) for number in range(3)] == [None, *made[1:]]


@pytest.mark.parametrize("phone", [PHONE, "254708374149"])
@pytest.mark.parametrize("edition", ["2026", "2025"])
def test_callbacks_and_answers_are_as_their_schemas_say(phone, edition):
    async def main(d):
        answer, raw = await order(d, PartyA=phone)
        (operation,) = named()["standing_order"]
        jsonschema.validate(answer.json, operation.answer_schema)
        jsonschema.validate(json.loads(raw), operation.callback_schemas["ratiba"])

    run(main, ratiba_edition=edition)
