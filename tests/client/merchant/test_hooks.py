"""Hooks: told at least once, by the payment's id, whatever fails in between."""

import asyncio
import logging
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from mpesa_pochi.merchant import Hooks, Schedule, outbox
from mpesa_pochi.merchant.hooks import LONGEST
from mpesa_pochi.merchant.outbox import LEASE, LONGEST_PAUSE
from support.market import Market

pytestmark = pytest.mark.usefixtures("both_databases")


def test_each_end_is_told_once_when_nothing_goes_wrong():
    with Market(rules="- {on: stk_push, when: {amount: 7}, customer: cancel}") as shop:

        async def scenario():
            await shop.push(amount=100)
            await shop.push(amount=7, phone="0722000002")
            await shop.wait(120)
            for letter in list(shop.post.letters):
                await shop.again(letter)
            await shop.wait(120)

        shop.run(scenario())
        assert sorted(shop.told) == [("failure", 2), ("success", 1)]


def test_a_push_that_was_refused_is_a_failure_too():
    with Market(rules="- {on: stk_push, reply: {error: wrong-credentials}}") as shop:

        async def scenario():
            await shop.push()
            await shop.wait(1)

        shop.run(scenario())
        assert shop.told == [("failure", 1)]


def test_each_end_of_a_payout_is_told_once():
    """Of one by its result, one that Daraja turned away, and one by asking; each result twice."""
    rules = """
- {on: b2c_payment, when: {amount: 20}, reply: {error: gateway-busy}}
- {on: b2c_payment, when: {amount: 30}, callback: never}
"""
    with Market(rules=rules) as shop:

        async def scenario():
            for amount in (10, 20, 30):
                await shop.pay_out(phone="0722000000", amount=amount)
            await shop.wait(120)
            for letter in list(shop.post.letters):
                await shop.again(letter)
            await shop.wait(600)

        shop.run(scenario())
        assert sorted(shop.payouts_told) == [("failure", 2), ("success", 1), ("success", 3)]
        assert shop.told == []


def test_a_payout_whose_result_came_first_is_told_at_once():
    with Market(rules="- {on: b2c_payment, callback: {before: acknowledgement}}") as shop:

        async def scenario():
            await shop.pay_out(phone="0722000000", amount=10)
            await shop.wait(1)

        shop.run(scenario())
        assert shop.payouts_told == [("success", 1)]


def test_the_end_of_a_payout_that_nobody_wants_to_hear_is_let_go():
    log = []
    with Market(hooks=Hooks(on_success=failing(0, log))) as shop:

        async def scenario():
            await shop.push()
            await shop.pay_out(phone="0722000000", amount=10)
            await shop.wait(600)
            return await shop.payments.database.run(outbox.waiting)

        assert shop.run(scenario()).count == 0
        assert log == [1]


def failing(times, log):
    async def hook(payment):
        log.append(payment.payment_id)
        if len(log) <= times:
            raise RuntimeError("no mail for 254722000000")

    return hook


def test_a_hook_that_fails_is_called_again_later_each_time(caplog):
    log = []
    with Market(hooks=Hooks(on_success=failing(3, log))) as shop:

        async def scenario():
            await shop.push()
            found = []
            for _ in range(4):
                await shop.wait(20)
                found.append(len(log))
            return found

        with caplog.at_level(logging.WARNING, "mpesa_pochi"):
            called = shop.run(scenario())
        assert called[-1] == 4
        assert called == sorted(called)
        assert "RuntimeError" in caplog.text
        assert "254722000000" not in caplog.text


def test_the_application_says_that_a_hook_fails():
    with Market(hooks=Hooks(on_success=failing(3, []))) as shop:

        async def scenario():
            before = await shop.ask("GET", "test")
            await shop.push()
            await shop.wait(17)
            return before, await shop.ask("GET", "test")

        found = [
            next(check for check in answer.json["checks"] if check["name"] == "hooks")
            for answer in shop.run(scenario())
        ]
        assert [check["level"] for check in found] == ["ok", "warning"]
        assert "waits to be told: 1" in found[1]["found"]
        assert "RuntimeError" in found[1]["found"]
        assert "254722000000" not in str(found)


def test_a_hook_is_never_given_up():
    log = []
    with Market(hooks=Hooks(on_success=failing(40, log))) as shop:

        async def scenario():
            await shop.push()
            await shop.wait(40 * LONGEST_PAUSE.total_seconds())

        shop.run(scenario())
        assert len(log) == 41


def hanging_once(log):
    async def hook(payment):
        log.append(payment.payment_id)
        if len(log) == 1:
            await asyncio.Event().wait()

    return Hooks(on_success=hook)


def test_a_crash_in_a_hook_calls_it_again():
    log = []
    with Market(hooks=hanging_once(log)) as shop:

        async def scenario():
            await shop.push()
            while not log:
                await shop.wait(1)
            await shop.restart()
            await shop.wait(LEASE.total_seconds() + 1)

        shop.run(scenario())
        assert log == [1, 1]


def test_a_hook_that_hangs_is_given_up_and_called_again():
    log = []
    with Market(hooks=hanging_once(log)) as shop:

        async def scenario():
            await shop.push()
            await shop.wait(LONGEST + 60)

        shop.run(scenario())
        assert log == [1, 1]


def test_a_hook_that_blocks_runs_in_a_thread():
    log = []
    with Market(hooks=Hooks(on_success=lambda payment: log.append(payment.receipt))) as shop:

        async def scenario():
            await shop.push()
            await shop.wait(60)
            return (await shop.payments.get(1)).receipt

        receipt = shop.run(scenario())
        assert receipt
        assert log == [receipt]


def test_two_processes_tell_it_once():
    with Market() as shop:

        async def scenario():
            other = Market(hooks=shop.hooks, database=shop.database)
            other.simulator, other.wires = shop.simulator, dict(shop.wires)
            await other.start()
            await shop.push()
            await shop.wait(60)
            await asyncio.gather(shop.app.state.worker.work(), other.app.state.worker.work())
            await other.kill()

        shop.run(scenario())
        assert shop.told == [("success", 1)]


def test_without_a_lifespan_somebody_may_do_the_work():
    with Market() as shop:

        async def scenario():
            await shop.push()
            await shop.kill()
            await shop.wait(1)
            await shop.start()
            return await shop.app.state.worker.work()

        assert shop.run(scenario()) is not None


def test_the_worker_outlives_its_database(caplog, monkeypatch):
    with Market() as shop:

        async def scenario():
            run = shop.database.run

            async def away(work, *, reads=False):
                raise OperationalError("SELECT", {}, OSError())

            await shop.push()
            monkeypatch.setattr(shop.database, "run", away)
            shop.app.state.worker.wake()
            await shop.wait(6)
            monkeypatch.setattr(shop.database, "run", run)
            await shop.wait(60)

        with caplog.at_level(logging.WARNING, "mpesa_pochi"):
            shop.run(scenario())
        assert "the background work rests: OperationalError" in caplog.text
        assert shop.told == [("success", 1)]


def test_a_schedule_that_cannot_work_is_refused():
    for wrong in (
        {"first": timedelta(0)},
        {"first": timedelta(hours=2)},
        {"give_up": timedelta(0)},
    ):
        with pytest.raises(ValueError, match="expected 0 < first"):
            Schedule(**wrong)
