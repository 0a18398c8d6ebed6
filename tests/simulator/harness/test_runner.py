import asyncio
import pickle
import threading

import pytest
from starlette.concurrency import run_in_threadpool

from darajasim.core.events import PaymentSettled
from darajasim.harness import pochi, runner, stage
from darajasim.harness.findings import Finding
from darajasim.harness.player import Player
from darajasim.harness.report_json import report_json
from darajasim.harness.runner import run_scenario, run_scenarios
from support.played import EXPECT, PAY, played, scenario

PAID = ("steps:", PAY, "- settle", "expect: {payment: {status: success}}")


def test_a_scenario_that_passes():
    result = played(*PAID)
    assert result.passed
    assert result.findings == ()
    (payment,) = result.payments
    assert (payment.name, payment.status, payment.code) == ("first", "success", "0")
    assert payment.checkout_request_id.startswith("ws_CO_02032026090000")
    assert len(payment.receipt) == 10
    assert result.simulated_seconds == pytest.approx(15)
    assert 0 < result.real_seconds < 15
    assert result.start == stage.START.timestamp()
    assert result.dropped == 0
    assert any(isinstance(event, PaymentSettled) for event in result.events)


def test_a_scenario_that_fails():
    result = played("steps:", PAY, "expect: {payment: {status: failed}}")
    assert not result.passed
    assert [finding.what for finding in result.findings] == ["payment first: status"]


def test_time_that_passes_without_an_event_counts():
    assert played(*PAID[:-1], "- wait: 1h", PAID[-1]).simulated_seconds == pytest.approx(3_615)


def test_a_scenario_begins_when_it_says():
    start = 'world: {start: "2030-01-31 23:59:50"}'
    result = played(start, *PAID)
    assert result.payments[0].checkout_request_id.startswith("ws_CO_31012030235950")
    assert result.payments[0].receipt.startswith("YB1")  # it was paid after midnight


def test_a_scenario_has_the_profile_that_it_asks_for():
    result = played("profile: {base: observed, checkout_request_id: '2018'}", *PAID)
    assert result.payments[0].checkout_request_id.startswith("ws_CO_DMZ_")


class TestSeed:
    def test_the_same_seed_gives_the_same_result(self):
        one, other = played(*PAID, seed=7), played(*PAID, seed=7)
        assert one.events == other.events
        assert one.payments == other.payments
        assert report_json([one], 7) == report_json([other], 7)

    def test_another_seed_gives_another(self):
        one, other = played(*PAID, seed=7), played(*PAID, seed=8)
        assert (one.seed, other.seed) == (7, 8)
        assert one.payments != other.payments

    def test_a_seed_in_the_file_is_stronger(self):
        one, other = played("seed: 9", *PAID, seed=7), played("seed: 9", *PAID, seed=8)
        assert (one.seed, other.seed) == (9, 9)
        assert one.events == other.events
        assert one.payments == played(*PAID, seed=9).payments

    def test_what_ran_before_changes_nothing(self):
        alone = played(*PAID).events
        played("rules: [{on: stk_push, result: cancelled}]", *PAID, seed=3)
        assert played(*PAID).events == alone

    def test_a_scenario_can_be_run_twice(self):
        once = scenario("rules: [{on: stk_push, when: {call: 1}, result: cancelled}]", *PAID)
        assert run_scenario(once).payments == run_scenario(once).payments
        assert run_scenario(once).payments[0].status == "failed"


class TestNoEnd:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch):
        monkeypatch.setattr("darajasim.harness.virtual_loop.STALL_SECONDS", 0.01)

    def test_steps_that_wait_for_ever_are_a_finding(self, monkeypatch):
        async def perform(self, step):
            self._journal_step(step)
            await asyncio.get_running_loop().create_future()

        monkeypatch.setattr(Player, "_perform", perform)
        result = played(*PAID)
        assert result.findings == (
            Finding(
                "shown.yaml:1",
                "steps",
                "steps that come to an end",
                "every task waits and nothing is due",
            ),
        )
        assert [event.kind for event in result.events] == ["step-began"]

    def test_so_are_steps_that_do_not_even_end_when_told_to(self, monkeypatch):
        async def perform(*_):
            for _ in range(2):
                try:
                    await asyncio.get_running_loop().create_future()
                except asyncio.CancelledError:
                    continue

        monkeypatch.setattr(Player, "_perform", perform)
        assert [finding.what for finding in played(*PAID).findings] == ["steps"]

    def test_the_next_scenario_is_not_harmed(self, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(Player, "_settle", lambda *_: asyncio.Event().wait())
            assert not played(*PAID).passed
        assert played(*PAID).passed


class Crashing:
    """The bundled merchant, but it fails on some of its paths."""

    def __init__(self, app, part):
        self.app, self.state, self.part = app, app.state, part

    async def __call__(self, scope, receive, send):
        if self.part in scope["path"]:
            raise ZeroDivisionError(self.part)
        await self.app(scope, receive, send)


@pytest.mark.parametrize("part", ["/callback", "/query-stk"])
def test_a_merchant_that_crashes_is_a_finding_and_the_scenario_goes_on(monkeypatch, part):
    create = pochi.create_app
    monkeypatch.setattr(pochi, "create_app", lambda *a, **o: Crashing(create(*a, **o), part))
    result = played("steps:", PAY, "- settle", "- query: first", EXPECT)
    assert [payment.status for payment in result.payments] == ["success"]
    assert result.findings == (
        Finding(
            "",
            "no crash",
            "an answer for every request",
            f"an application failed: ZeroDivisionError('{part}')",
        ),
    )


def test_a_merchant_that_fails_inside_is_a_finding_too(monkeypatch):
    async def fail(*_, **__):
        raise ZeroDivisionError("inside")

    monkeypatch.setattr("mpesa_pochi.merchant.payments.Payments.start", fail)
    step, crash, payment = played("steps:", PAY, EXPECT).findings
    assert "the merchant answered 500" in step.found
    assert crash.found == "an application failed: ZeroDivisionError('inside')"
    assert payment.what == "payment first"


def test_what_breaks_in_the_simulator_is_a_finding(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("owe")

    monkeypatch.setattr("darajasim.operations.express_callback.owe", fail)
    result = played("steps:", PAY, "expect: {callbacks: {sent: 0}}")
    assert [finding.found for finding in result.findings] == [
        "something on the timeline failed: ZeroDivisionError('owe')"
    ]


def several(count):
    return [scenario(f"seed: {number}", *PAID) for number in range(count)]


def test_scenarios_come_in_their_order_as_they_are_ready():
    given = several(3)
    results = run_scenarios(given, 1)
    assert next(results).scenario is given[0]
    assert [result.seed for result in results] == [1, 2]


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_the_number_of_processes_changes_nothing(monkeypatch):
    monkeypatch.setattr(runner, "WORTH_A_PROCESS", 1)
    given = several(4)
    alone, shared = ([*run_scenarios(given, 1, jobs=jobs)] for jobs in (1, 2))
    assert report_json(alone, 1) == report_json(shared, 1)


def test_a_result_can_be_sent_to_another_process():
    result = played("rules: [{on: stk_push, when: {reference: '/INV/'}, reply: lost}]", *PAID)
    assert report_json([pickle.loads(pickle.dumps(result))], 1) == report_json([result], 1)  # noqa: S301


def test_a_merchant_s_own_threads_are_not_overtaken(monkeypatch):
    class Threaded:
        """The bundled merchant, behind something that works in a thread of Starlette's."""

        def __init__(self, app):
            self.app, self.state = app, app.state

        async def __call__(self, scope, receive, send):
            await run_in_threadpool(threading.Event().wait, 0.02)
            await self.app(scope, receive, send)

    create = pochi.create_app
    monkeypatch.setattr(pochi, "create_app", lambda *a, **o: Threaded(create(*a, **o)))
    result = played(*PAID)
    assert result.findings == ()
    assert result.simulated_seconds == pytest.approx(15, abs=5)
