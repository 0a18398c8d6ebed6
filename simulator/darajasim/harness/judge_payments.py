"""Judging what a scenario expects of the merchant's payments, and of its answers about them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from darajasim.harness.findings import Finding, check
from darajasim.harness.judge_calls import judge_leaves, judge_standing
from darajasim.harness.leaves import leaves
from darajasim.harness.merchant import Said
from darajasim.harness.player import Player
from darajasim.harness.stage import Stage
from darajasim.harness.watched_client import Push, outcome_of
from darajasim.scenarios.expectations import (
    ClientExpectation,
    PaymentExpectation,
    QueryExpectation,
)
from mpesa_pochi import PochiError


async def judge_payment(player: Player, expect: PaymentExpectation) -> AsyncIterator[Finding]:
    """Every expectation of one payment that does not hold."""
    stage, what = player.stage, f"payment {expect.payment}"
    if expect.client is not None:
        push = player.pushes.get(expect.payment, Push())
        for finding in _client(f"{what}: client", expect.client, push):
            yield finding
    for finding in judge_answer(stage, what, expect, player.said.get(expect.payment)):
        yield finding
    tests = (expect.status, expect.code, expect.receipt, expect.amount)
    if expect.of_answer and not any(tests):
        return
    payment = await stage.payment(expect.payment)
    if payment is None:
        yield Finding(expect.where, what, "a payment at the merchant", "none")
        return
    for finding in judge_standing(what, expect, payment):
        yield finding


def judge_answer(
    stage: Stage, what: str, expect: PaymentExpectation | QueryExpectation, said: Said | None
) -> Iterator[Finding]:
    """Every expectation of what the merchant answered to a step."""
    yield from check(f"{what}: http", expect.http, said and said.status)
    found = leaves(dict(said.answer)) if said and said.answer else {}
    nothing = "no answer" if said is None else f"HTTP {said.status} without JSON"
    yield from judge_leaves(stage, f"{what}: answer", expect.answer, found, nothing)


def _client(what: str, expect: ClientExpectation, push: Push) -> Iterator[Finding]:
    if push.made:
        yield from judge_client(what, expect, push.error)
    else:
        yield Finding(expect.where, what, "a push", "the client was not asked for one")


def judge_client(
    what: str, expect: ClientExpectation, error: PochiError | None
) -> Iterator[Finding]:
    """Every expectation of how a push ended at the client."""
    if expect.error is not None:
        key, code = getattr(error, "key", ""), getattr(error, "code", "")
        found = "no error" if error is None else f"{key or type(error).__name__} ({error})"
        wanted = expect.error
        if wanted.key is None:
            holds = error is None
        else:
            holds = error is not None and (key, code) == (wanted.key, wanted.code)
        if not holds:
            yield Finding(wanted.where, f"{what}: error", str(wanted), found)
    yield from check(f"{what}: retry", expect.retry, None if error is None else error.retry.value)
    yield from check(f"{what}: outcome", expect.outcome, outcome_of(error))
