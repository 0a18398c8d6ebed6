"""What nobody told is asked for, with back-off, and what nobody knows stays unknown."""

import logging
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.merchant import Schedule, reconciler
from mpesa_pochi.merchant.gate import Gate
from support.market import Market

pytestmark = pytest.mark.usefixtures("both_databases")

SILENT = "- {on: stk_push, callback: never}"
UNKNOWN = "- {on: stk_push, reply: lost, callback: never}"


def queries(shop):
    return shop.asked_of_daraja("stkpushquery")


def one(shop):
    return shop.run(shop.payments.get(1))


def test_a_payment_whose_callback_never_came_is_settled_by_one_question():
    with Market(rules=SILENT) as shop:

        async def scenario():
            await shop.push()
            await shop.wait(3600)

        shop.run(scenario())
        found = one(shop)
        assert (found.status, found.settled_by, found.receipt) == ("success", "query", None)
        assert len(queries(shop)) == 1
        assert shop.told == [("success", 1)]


@pytest.mark.parametrize(
    ("customer", "code"), [("cancel", "1032"), ("ignore", "1037"), ("wrong-pin", "2001")]
)
def test_so_is_one_that_failed(customer, code):
    rule = f"- {{on: stk_push, customer: {customer}, callback: never}}"
    with Market(rules=rule) as shop:

        async def scenario():
            await shop.push()
            await shop.wait(3600)

        shop.run(scenario())
        found = one(shop)
        assert (found.status, found.result_code) == ("failed", code)
        assert shop.told == [("failure", 1)]


def test_one_that_was_told_is_never_asked_about():
    with Market() as shop:

        async def scenario():
            await shop.push()
            await shop.wait(90_000)

        shop.run(scenario())
        assert queries(shop) == []


def test_the_pauses_double_and_end_and_what_is_unknown_stays_so():
    rules = f"{SILENT}\n- {{on: stk_query, reply: {{error: resource-not-found}}}}"
    schedule = Schedule(
        first=timedelta(seconds=100), longest=timedelta(seconds=1000), give_up=timedelta(hours=1)
    )
    with Market(rules=rules, reconcile=schedule) as shop:

        async def scenario():
            await shop.push()
            began = shop.daraja.clock.time()
            await shop.wait(48 * 3600)
            return began

        began = shop.run(scenario())
        asked = sorted({round((at - began) / 100) for at in queries(shop)})
        assert asked == [1, 2, 4, 8, 16, 26]
        found = one(shop)
        assert found.status == "pending"
        assert found.needs_review
        assert "unknown after 6 questions" in found.review_reason
        assert shop.told == []


def test_after_an_outage_it_asks_once_more_before_it_gives_up():
    """A shop that was down for two days has not looked for two days."""
    once = "- {on: stk_query, when: {call: 1}, reply: {error: resource-not-found}}"
    with Market(rules=f"{SILENT}\n{once}") as shop:

        async def scenario():
            await shop.push()
            await shop.wait(120)
            between = await shop.payments.get(1)
            await shop.kill()
            await shop.wait(48 * 3600)
            await shop.start()
            await shop.wait(60)
            return between

        between = shop.run(scenario())
        assert (between.status, len(queries(shop))) == ("pending", 2)
        found = one(shop)
        assert (found.status, found.needs_review) == ("success", False)


def test_if_nobody_knows_after_an_outage_it_gives_up_then():
    rules = f"{SILENT}\n- {{on: stk_query, reply: {{error: resource-not-found}}}}"
    with Market(rules=rules) as shop:

        async def scenario():
            await shop.push()
            await shop.wait(120)
            await shop.kill()
            await shop.wait(48 * 3600)
            await shop.start()
            await shop.wait(24 * 3600)

        shop.run(scenario())
        assert len(queries(shop)) == 2
        assert "unknown after 2 questions" in one(shop).review_reason


def test_what_has_no_id_cannot_be_asked_about_and_is_flagged_in_the_end():
    with Market(rules=UNKNOWN) as shop:

        async def scenario():
            await shop.push()
            await shop.wait(3600)
            between = await shop.payments.get(1)
            await shop.wait(48 * 3600)
            return between

        between = shop.run(scenario())
        found = one(shop)
        assert (between.status, between.needs_review) == ("pending", False)
        assert (found.status, found.needs_review) == ("pending", True)
        assert queries(shop) == []


def test_a_late_callback_still_settles_what_was_given_up():
    rule = "- {on: stk_push, reply: lost, callback: {after: 30h}}"
    with Market(rules=rule) as shop:

        async def scenario():
            await shop.push()
            await shop.wait(40 * 3600)

        shop.run(scenario())
        assert one(shop).status == "success"
        assert shop.told == [("success", 1)]


def test_while_daraja_is_away_it_is_asked_once_in_a_while(caplog):
    with Market(rules=SILENT) as shop:

        async def scenario():
            for number in range(5):
                await shop.push(amount=100 + number)  # the same again would be limited
                await shop.wait(40)
            wire = shop.wires.pop("daraja.test")
            with caplog.at_level(logging.WARNING, "mpesa_pochi.merchant"):
                await shop.wait(1800)
            shop.wires["daraja.test"] = wire
            await shop.wait(7200)

        shop.run(scenario())
        assert 5 <= caplog.text.count("nothing is asked") <= 60
        assert sorted(shop.told) == [("success", number) for number in range(1, 6)]


def test_a_crash_is_survived_and_the_question_is_asked_after_it():
    with Market(rules=SILENT) as shop:

        async def scenario():
            await shop.push()
            await shop.kill()
            await shop.wait(3600)
            await shop.start()
            await shop.wait(60)

        shop.run(scenario())
        assert one(shop).status == "success"
        assert len(queries(shop)) == 1


def test_a_long_backlog_lets_hooks_have_their_turn(monkeypatch):
    monkeypatch.setattr(reconciler, "ROUND", 2)
    with Market(rules=UNKNOWN) as shop:

        async def scenario():
            for number in range(5):
                await shop.push(amount=100 + number)
                await shop.wait(70)
            await shop.kill()
            await shop.wait(3600)
            asks = shop.app.state.worker._reconciler.ask_due
            return [await asks() for _ in range(4)]

        assert shop.run(scenario()) == [2, 2, 1, 0]


def test_it_can_be_left_out():
    with Market(rules=SILENT, reconcile=None) as shop:

        async def scenario():
            await shop.push()
            await shop.wait(48 * 3600)

        shop.run(scenario())
        assert queries(shop) == []
        assert one(shop).status == "pending"


def test_with_nothing_due_the_worker_waits_for_no_clock():
    with Market() as shop:

        async def scenario():
            await shop.push()
            await shop.wait(60)
            return await shop.app.state.worker.work()

        assert shop.run(scenario()) is None


def test_much_money_is_believed_when_a_query_says_the_same():
    with Market(confirm_above=1000) as shop:

        async def scenario():
            await shop.push(amount=1000)
            await shop.wait(60)
            await shop.push(amount=1001)
            await shop.wait(60)
            asked = len(queries(shop))
            return asked, [await shop.payments.get(number) for number in (1, 2)]

        asked, (small, large) = shop.run(scenario())
        assert asked == 1
        assert (small.status, small.settled_by) == ("success", "callback")
        assert (large.status, large.settled_by) == ("success", "query")
        assert large.receipt
        assert sorted(shop.told) == [("success", 1), ("success", 2)]


def test_a_forged_success_of_much_money_is_not_believed():
    with Market(rules="- {on: stk_push, customer: ignore}", confirm_above=50) as shop:

        async def scenario():
            await shop.push()
            found = await shop.payments.get(1)
            forged = forged_success(found)
            answer = await shop.ask("POST", "callback/token-1", forged)
            await shop.wait(20)
            between = await shop.payments.get(1)
            await shop.wait(600)
            return answer.status, between, await shop.payments.get(1)

        status, between, found = shop.run(scenario())
        assert (status, between.status) == (200, "pending")
        assert (found.status, found.result_code, found.needs_review) == ("failed", "1037", True)
        assert shop.told == [("failure", 1)]


def forged_success(payment):
    items = {
        "Amount": payment.amount,
        "MpesaReceiptNumber": "UC2FORGED1",
        "TransactionDate": 20260302090010,
        "PhoneNumber": int(payment.phone),
    }
    said = {
        "MerchantRequestID": payment.merchant_request_id,
        "CheckoutRequestID": payment.checkout_id,
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {
            "Item": [{"Name": name, "Value": value} for name, value in items.items()]
        },
    }
    return {"Body": {"stkCallback": said}}


def test_a_negative_amount_is_refused():
    with pytest.raises(ValueError, match="confirm_above"):
        Gate.configured(
            callback_token=None,
            allowed_sources=None,
            require_callback_token=True,
            confirm_above=-1,
        )


@given(
    first=st.integers(1, 10_000),
    more=st.integers(0, 10_000),
    asks=st.lists(st.integers(0, 80), min_size=2),
)
def test_pauses_never_shrink_and_never_pass_the_longest(first, more, asks):
    schedule = Schedule(first=timedelta(seconds=first), longest=timedelta(seconds=first + more))
    pauses = [schedule.pause(number) for number in sorted(asks)]
    assert pauses == sorted(pauses)
    assert pauses[-1] <= schedule.longest
    assert schedule.pause(0) == schedule.first
