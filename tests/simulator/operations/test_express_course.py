"""What becomes of a push: result, money, callback and query agree."""

import json
from decimal import Decimal

import pytest

from darajasim.core.clock import compact
from darajasim.core.customer import CustomerSpec, CustomerState, Limits
from darajasim.core.organisation import OrganisationKind, OrganisationSpec
from darajasim.core.rules import (
    Action,
    CallbackPlan,
    Condition,
    CustomerScript,
    Equals,
    Fault,
    Plan,
    Reply,
    Rule,
)
from darajasim.core.world import WorldOverlay
from darajasim.harness.memory import ConnectionFaultError
from support.daraja import daraja, in_virtual_time

PHONE = "254722000000"


async def paid_through(d, **changes):
    """Push, wait for the end, and give back the callback and the query's answer."""
    answer = await d.push(**changes)
    assert answer.status == 200, answer.raw
    await d.simulator.settled()
    query = await d.query(answer.json["CheckoutRequestID"])
    return d.merchant.callbacks[-1], query.json


def rule(d, **plan):
    d.namespace.rules.rules.append(Rule("stk_push", plan=Plan(**plan)))


def test_a_payment_succeeds():
    async def main():
        async with daraja() as d:
            callback, query = await paid_through(d, Amount=100)
            (push,) = d.namespace.pushes
            receipt = push.outcome.receipt
            assert callback == {
                "MerchantRequestID": push.merchant_request_id,
                "CheckoutRequestID": push.checkout_request_id,
                "ResultCode": 0,
                "ResultDesc": "The service request is processed successfully.",
                "CallbackMetadata": {
                    "Item": [
                        {"Name": "Amount", "Value": Decimal("100.00")},
                        {"Name": "MpesaReceiptNumber", "Value": receipt},
                        {"Name": "Balance"},
                        {"Name": "TransactionDate", "Value": int(compact(push.outcome.at))},
                        {"Name": "PhoneNumber", "Value": 254722000000},
                    ]
                },
            }
            assert query == {
                "ResponseCode": "0",
                "ResponseDescription": "The service request has been accepted successsfully",
                "MerchantRequestID": push.merchant_request_id,
                "CheckoutRequestID": push.checkout_request_id,
                "ResultCode": "0",
                "ResultDesc": "The service request is processed successfully.",
            }
            ledger = d.namespace.ledger
            assert ledger.balance(f"customer:{PHONE}") == 49_900_00
            assert ledger.balance("organisation:174379/utility") == 100_00
            assert ledger.total() == 0
            _, headers, body = d.merchant.received[0]
            assert headers["content-type"] == "application/json;charset=UTF-8"
            assert headers["businessshortcode"] == "174379"
            assert b'"Value":100.00' in body

    in_virtual_time(main())


def test_the_balance_item_by_knob():
    async def main():
        async with daraja(balance_item=False) as d:
            callback, _ = await paid_through(d)
            names = [item["Name"] for item in callback["CallbackMetadata"]["Item"]]
            assert names == ["Amount", "MpesaReceiptNumber", "TransactionDate", "PhoneNumber"]

    in_virtual_time(main())


def test_the_public_test_number_keeps_the_times_of_the_real_sandbox():
    async def main():
        async with daraja() as d:
            answer = await d.push(PhoneNumber=254708374149)
            clock, id_ = d.simulator.clock, answer.json["CheckoutRequestID"]
            await clock.sleep(6)
            assert (await d.query(id_)).json["ResultCode"] == "4999"
            await clock.sleep(8.1)
            query = (await d.query(id_)).json
            assert (query["ResultCode"], query["ResultDesc"]) == (
                "1037",
                "DS timeout user cannot be reached.",
            )
            await d.simulator.settled()
            assert clock.elapsed() == pytest.approx(26, abs=0.01)
            (callback,) = d.merchant.callbacks
            assert callback["ResultCode"] == 1037
            assert callback["ResultDesc"] == "No response from user."
            assert "CallbackMetadata" not in callback

    in_virtual_time(main())


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (Action.CANCEL, 1032),
        (Action.DISMISS, 1031),
        (Action.IGNORE, 1037),
        (Action.EXPIRE, 1019),
        (Action.UNREACHABLE, 1037),
        (Action.WRONG_PIN, 2001),
        (Action.BUSY, 1001),
        (Action.APPROVE, 0),
    ],
)
def test_what_the_customer_does(action, code):
    async def main():
        async with daraja() as d:
            rule(d, customer=CustomerScript(action, 5.0))
            callback, query = await paid_through(d)
            assert callback["ResultCode"] == code
            assert query["ResultCode"] == str(code)
            assert ("CallbackMetadata" in callback) == (code == 0)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(main())


def customer(**changes):
    return WorldOverlay(customers=(CustomerSpec(PHONE, **changes),))


@pytest.mark.parametrize(
    ("world", "changes", "code"),
    [
        (customer(balance_cents=99), {}, 1),
        (customer(limits=Limits(minimum=10_00)), {"Amount": 9}, 2),
        (customer(limits=Limits(maximum=10_00)), {"Amount": 11}, 3),
        (customer(limits=Limits(daily=10_00)), {"Amount": 11}, 4),
        (customer(state=CustomerState.PIN_LOCKED), {}, 8006),
        (customer(state=CustomerState.INACTIVE), {}, 2006),
        (WorldOverlay(organisations=(OrganisationSpec("174379", maximum_cents=50),)), {}, 8),
        (WorldOverlay(), {"PartyB": 999999}, "SFC_IC0003"),
        (WorldOverlay(), {"PartyB": 600100}, 2028),
    ],
)
def test_the_worlds_own_rules(world, changes, code):
    async def main():
        async with daraja() as d:
            d.namespace.world.lay(world)
            before = d.namespace.ledger.balances()
            callback, query = await paid_through(d, **changes)
            assert callback["ResultCode"] == code
            assert query["ResultCode"] == str(code)
            after = d.namespace.ledger.balances()
            assert {key: after[key] for key in before if not key.startswith("outside")} == {
                key: value for key, value in before.items() if not key.startswith("outside")
            }

    in_virtual_time(main())


def test_the_same_amount_within_two_minutes_is_17():
    async def main():
        async with daraja() as d:
            assert (await paid_through(d, Amount=5))[0]["ResultCode"] == 0
            assert (await paid_through(d, Amount=5))[0]["ResultCode"] == 17
            assert (await paid_through(d, Amount=6))[0]["ResultCode"] == 0
            await d.simulator.clock.sleep(120)
            assert (await paid_through(d, Amount=5))[0]["ResultCode"] == 0

    in_virtual_time(main())


def test_the_daily_limit_ends_with_the_nairobi_day():
    async def main():
        async with daraja() as d:
            d.namespace.world.lay(customer(limits=Limits(daily=10_00)))
            codes = []
            for amount in (6, 5, 4):
                codes.append((await paid_through(d, Amount=amount))[0]["ResultCode"])
            assert codes == [0, 4, 0]
            await d.simulator.clock.sleep(10 * 3600)  # past midnight
            assert (await paid_through(d, Amount=5))[0]["ResultCode"] == 0

    in_virtual_time(main())


def test_three_wrong_pins_lock_the_pin():
    async def main():
        async with daraja() as d:
            rule(d, customer=CustomerScript(Action.WRONG_PIN))
            codes = [(await paid_through(d))[0]["ResultCode"] for _ in range(4)]
            assert codes == [2001, 2001, 2001, 8006]

    in_virtual_time(main())


def test_a_right_pin_forgives_the_wrong_ones():
    async def main():
        async with daraja() as d:
            wrong = Plan(customer=CustomerScript(Action.WRONG_PIN))
            d.namespace.rules.rules.append(
                Rule("stk_push", calls=frozenset({1, 2, 4, 5}), plan=wrong)
            )
            codes = [(await paid_through(d, Amount=10 + n))[0]["ResultCode"] for n in range(6)]
            assert codes == [2001, 2001, 0, 2001, 2001, 0]

    in_virtual_time(main())


def test_a_prompt_that_is_too_long_is_1025():
    async def main():
        async with daraja() as d:
            callback, _ = await paid_through(d, AccountReference="R" * 170)
            assert callback["ResultCode"] == 1025

    in_virtual_time(main())


def test_a_till_is_paid_by_buy_goods():
    async def main():
        async with daraja() as d:
            from support.daraja import password

            callback, _ = await paid_through(
                d,
                BusinessShortCode=600100,
                Password=password("600100"),
                PartyB=600100,
                TransactionType="CustomerBuyGoodsOnline",
            )
            assert callback["ResultCode"] == 0
            assert d.namespace.ledger.balance("organisation:600100/merchant") == 1_00
            assert d.namespace.world.organisations["600100"].kind is OrganisationKind.TILL

    in_virtual_time(main())


def test_callbacks_twice_apart():
    async def main():
        async with daraja() as d:
            rule(d, callback=CallbackPlan(after=1, times=2, apart=5))
            await paid_through(d)
            (first, _, one), (second, _, two) = d.merchant.received
            assert second - first == pytest.approx(5)
            assert one == two

    in_virtual_time(main())


def test_no_callback_at_all():
    async def main():
        async with daraja() as d:
            rule(d, callback=CallbackPlan(never=True))
            answer = await d.push()
            await d.simulator.settled()
            assert d.merchant.received == []
            query = await d.query(answer.json["CheckoutRequestID"])
            assert query.json["ResultCode"] == "0"

    in_virtual_time(main())


def test_the_callback_before_the_acknowledgement():
    async def main():
        async with daraja() as d:
            rule(d, callback=CallbackPlan(before_acknowledgement=True))
            answer = await d.push()
            (callback,) = d.merchant.callbacks
            assert callback["CheckoutRequestID"] == answer.json["CheckoutRequestID"]

    in_virtual_time(main())


def test_one_attempt_whatever_the_merchant_answers():
    async def main():
        async with daraja() as d:
            d.merchant.status = 500
            await d.push()
            await d.simulator.settled()
            await d.simulator.clock.sleep(44 * 60)
            assert len(d.merchant.received) == 1

    in_virtual_time(main())


def test_every_attempt_is_recorded():
    from darajasim.core.events import CallbackAttempted

    async def main():
        async with daraja() as d:
            rule(d, callback=CallbackPlan(times=2, apart=1))
            await d.push()
            await d.simulator.settled()
            await d.push(CallBackURL="http://nobody/cb", Amount=7)
            await d.simulator.settled()
            first, second, third, _ = d.namespace.journal.of(CallbackAttempted)
            assert (first.attempt, second.attempt, first.status) == (1, 2, 200)
            assert first.answer == '{"ResultCode":0}'
            assert first.acknowledged
            assert third.status is None
            assert "nothing listens" in third.error

    in_virtual_time(main())


def test_a_lost_acknowledgement_is_a_payment_all_the_same():
    async def main():
        async with daraja() as d:
            rule(d, reply=Reply(fault=Fault.RESET, accepted=True))
            with pytest.raises(ConnectionFaultError):
                await d.push()
            await d.simulator.settled()
            assert d.merchant.callbacks[0]["ResultCode"] == 0

    in_virtual_time(main())


def test_a_reset_before_acceptance_is_no_payment():
    async def main():
        async with daraja() as d:
            rule(d, reply=Reply(fault=Fault.RESET))
            with pytest.raises(ConnectionFaultError):
                await d.push()
            assert not d.namespace.pushes

    in_virtual_time(main())


def test_a_hanging_answer_ends_with_the_callers_patience():
    async def patient():
        async with daraja() as d:
            rule(d, reply=Reply(fault=Fault.HANG))
            from support.daraja import PUSH_PATH, push_body

            with pytest.raises(TimeoutError):
                await d.post(PUSH_PATH, push_body(), seconds=30)
            assert d.simulator.clock.elapsed() == pytest.approx(30)

    in_virtual_time(patient())


def test_rules_choose_by_condition():
    async def main():
        async with daraja() as d:
            d.namespace.rules.rules.append(
                Rule(
                    "stk_push",
                    (Condition("phone", Equals(PHONE)), Condition("Amount", Equals("7"))),
                    plan=Plan(result="cancelled", text="Gone."),
                )
            )
            callback, query = await paid_through(d, Amount="7")
            assert (callback["ResultCode"], callback["ResultDesc"]) == (1032, "Gone.")
            assert query["ResultDesc"] == "Gone."
            assert (await paid_through(d, Amount=8))[0]["ResultCode"] == 0

    in_virtual_time(main())


def test_knobs_of_loss_duplication_and_delay():
    async def main():
        async with daraja(callback_loss_rate=1.0) as d:
            await d.push()
            await d.simulator.settled()
            assert d.merchant.received == []
        async with daraja(callback_duplicate_rate=1.0, callback_delay=60.0) as d:
            await d.push()
            await d.simulator.settled()
            assert len(d.merchant.received) == 2
            assert d.merchant.received[0][0] > 60

    in_virtual_time(main())


def test_two_runs_with_one_seed_are_the_same_and_another_seed_differs():
    def journal(seed):
        async def main():
            async with daraja(seed=seed) as d:
                for number in range(5):
                    await d.push(PhoneNumber=254722000000 + number)
                await d.simulator.settled()
                return json.dumps([event.as_json() for event in d.namespace.journal], default=str)

        return in_virtual_time(main())

    assert journal(1) == journal(1)
    assert journal(1) != journal(2)
