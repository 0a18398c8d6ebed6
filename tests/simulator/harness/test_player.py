import asyncio

import pytest

from darajasim.core.events import CallbackAttempted, RequestReceived
from darajasim.harness import pochi
from darajasim.harness.notes import AwaitEnded, MerchantAnswered, StepBegan
from darajasim.harness.player import StepFailure
from darajasim.harness.telling import told
from darajasim.scenarios.steps import (
    Await,
    Call,
    Example,
    Pay,
    PayFromPhone,
    Poll,
    Query,
    Raw,
    Settle,
    Together,
    Wait,
    Written,
)
from support.daraja import in_virtual_time
from support.played import EXPECT, PAY, player, scenario

NEVER = "rules: [{on: stk_push, callback: never}]"
FOR_EVER = "rules: [{on: stk_push, result: processing}]"


def steps(player):
    """The steps that were begun and when, in seconds since the start."""
    journal = player.stage.namespace.journal
    start = next(iter(journal)).at
    return [(event.step, event.at - start) for event in journal.of(StepBegan)]


def playing(*sections, check):
    """Play and settle these sections, then check."""

    async def main():
        async with player(*sections, EXPECT) as ours:
            await ours.play(scenario(*sections, EXPECT).steps)
            await check(ours) if asyncio.iscoroutinefunction(check) else check(ours)

    in_virtual_time(main())


def test_steps_are_done_one_after_the_other_and_then_all_that_is_due():
    def check(ours):
        assert steps(ours) == [
            ("pay first: 254722000000 KES 100 INV-1", 0),
            ("wait 5 s", 0),
            ("query first", 5),
            ("settle", 5),
            ("wait 3600 s", 15),
        ]
        assert ours.failures == []
        assert ours.stage.namespace.timeline.due == 0

    playing(
        "steps:", PAY, "- wait: 5s", "- query: first", "- settle: 60s", "- wait: 1h", check=check
    )


def test_what_is_due_after_the_last_step_happens():
    def check(ours):
        assert len(ours.stage.namespace.journal.of(CallbackAttempted)) == 1

    playing("steps:", PAY, check=check)


def test_the_merchant_s_answers_are_noted():
    def check(ours):
        notes = ours.stage.namespace.journal.of(MerchantAnswered)
        assert [(note.payment, note.status, note.text) for note in notes] == [
            ("first", 200, "pending"),
            ("first", 200, "success"),
        ]

    playing("steps:", PAY, "- settle", "- query: first", check=check)


def test_a_poll_asks_at_once_and_then_every_so_often_until_the_payment_is_final():
    async def check(ours):
        asked = [
            event.at
            for event in ours.stage.namespace.journal.of(RequestReceived)
            if event.operation == "stk_query"
        ]
        assert [moment - asked[0] for moment in asked] == pytest.approx([0, 4, 8, 12, 16])
        assert (await ours.stage.payment("first")).status == "success"

    playing(NEVER, "steps:", PAY, "- poll: {every: 4s, within: 60s}", check=check)


@pytest.mark.parametrize(("within", "queries"), [("0s", 1), ("8s", 3), ("9s", 3)])
def test_a_poll_ends_with_its_time(within, queries):
    def check(ours):
        asked = ours.stage.namespace.journal.of(RequestReceived)
        assert sum(event.operation == "stk_query" for event in asked) == queries
        assert ours.failures == []

    playing(FOR_EVER, "steps:", PAY, f"- poll: {{every: 4s, within: {within}}}", check=check)


def test_a_poll_without_a_pause_comes_to_an_end():
    def check(ours):
        assert ours.stage.simulator.clock.elapsed() == pytest.approx(0.02, abs=0.002)

    playing(FOR_EVER, "steps:", PAY, "- poll: {every: 0s, within: 20ms}", check=check)


def test_an_await_is_the_client_s_own():
    def check(ours):
        assert (ours.outcome.state, ours.outcome.code) == ("paid", "0")
        (note,) = ours.stage.namespace.journal.of(AwaitEnded)
        assert (note.payment, note.state, note.code) == ("first", "paid", "0")

    playing("steps:", PAY, "- await: first", check=check)


def test_an_await_of_a_payment_without_an_id_is_a_failure():
    def check(ours):
        assert ours.outcome is None
        assert ours.failures == [
            StepFailure(
                "shown.yaml:6", "await first", "the payment has no checkout request id to ask for"
            )
        ]

    busy = "rules: [{on: stk_push, reply: {error: gateway-busy}}]"
    playing(busy, "steps:", PAY, "- await: first", check=check)


def test_steps_together_begin_at_the_same_moment():
    def check(ours):
        begun = steps(ours)
        assert [at for _, at in begun] == [0, 0, 0]
        assert begun[0][0] == "together: 2 steps"
        assert set(ours.stage.payments) == {"first", "second"}

    second = "{pay: {phone: 0733000000, amount: 100, as: second}}"
    playing("steps:", f"- together: [{{{PAY.removeprefix('- ')}}}, {second}]", check=check)


def test_a_settle_that_comes_to_no_end_is_a_failure_and_the_rest_is_done():
    def check(ours):
        assert ours.failures == [
            StepFailure(
                "shown.yaml:5",
                "settle",
                "1 thing due in Daraja and 0 requests open at the merchant after 5 s",
            )
        ]
        assert steps(ours)[-1] == ("wait 1 s", 5)

    playing("steps:", PAY, "- settle: 5s", "- wait: 1s", check=check)


class SlowMerchant:
    """The bundled merchant, but slow on some of its paths."""

    def __init__(self, app, part, seconds):
        self.app, self.state, self.part, self.seconds = app, app.state, part, seconds

    async def __call__(self, scope, receive, send):
        if self.part in scope["path"]:
            await asyncio.sleep(self.seconds)
        await self.app(scope, receive, send)


@pytest.fixture
def slow_merchant(monkeypatch):
    create = pochi.create_app

    def use(part, seconds):
        monkeypatch.setattr(
            pochi, "create_app", lambda *a, **o: SlowMerchant(create(*a, **o), part, seconds)
        )

    return use


def test_settling_waits_for_a_callback_that_daraja_no_longer_waits_for(slow_merchant):
    slow_merchant("/callback", 90)

    async def check(ours):
        (attempt,) = ours.stage.namespace.journal.of(CallbackAttempted)
        assert attempt.error == "no answer within 30 s"
        assert (await ours.stage.payment("first")).status == "success"

    playing("steps:", PAY, check=check)


def test_a_merchant_that_does_not_answer_is_a_failure(slow_merchant):
    slow_merchant("/query-stk", 301)

    def check(ours):
        assert ours.failures == [
            StepFailure("shown.yaml:5", "query first", "no answer from the merchant within 300 s")
        ]

    playing("steps:", PAY, "- query: first", check=check)


def test_an_answer_that_is_no_json_is_none(monkeypatch):
    async def nonsense(_scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 502, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>"})

    monkeypatch.setattr(pochi, "create_app", lambda *_, **__: nonsense)

    def check(ours):
        assert [failure.found for failure in ours.failures] == ["the merchant answered 502: {}"]

    playing("steps:", PAY, check=check)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Pay("first", "254722000000", 5, "INV-1", "x", ""), "pay first: 254722000000 KES 5 INV-1"),
        (Wait(0.25, ""), "wait 0.25 s"),
        (Query("first", ""), "query first"),
        (Poll("first", None, None, ""), "poll first"),
        (Await("first", None, ""), "await first"),
        (Settle(None, ""), "settle"),
        (
            Call("c", "stk_push", Example({"Amount": 5}, ("Password",)), ""),
            "call c: stk_push Amount=5 without Password",
        ),
        (Call("c", "stk_push", Raw("{broken"), ""), "call c: stk_push {broken"),
        (Call("c", "stk_push", Written([]), ""), "call c: stk_push with a body of its own"),
        (
            PayFromPhone("p", "254722000000", "600998", 5, "A-1", ""),
            "pay from phone p: 254722000000 KES 5 to 600998 A-1",
        ),
        (Together((Query("a", ""), Query("b", "")), ""), "together: 2 steps"),
    ],
)
def test_steps_in_words(step, words):
    assert told(step) == words
