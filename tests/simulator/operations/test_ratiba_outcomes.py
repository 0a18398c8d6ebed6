import asyncio
import json

import pytest

from darajasim.core.catalogue import catalogue
from darajasim.core.customer import CustomerSpec, CustomerState
from darajasim.core.events import (
    CallbackAttempted,
    CustomerActed,
    PaymentSettled,
    PromptSent,
)
from darajasim.core.rules import Action, CallbackPlan, CustomerScript, Plan, Rule
from darajasim.core.world import WorldOverlay
from darajasim.operations.ratiba import TO_TILLS
from darajasim.operations.ratiba_order import OrderBook
from support.commands import example
from support.ratiba import (
    PATH,
    PHONE,
    code_of,
    events,
    order,
    run,
)


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
