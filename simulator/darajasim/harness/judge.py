"""Judging what a scenario expects against the journal, the merchant and the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from darajasim.core.events import CallbackAttempted, RequestReceived
from darajasim.harness.player import Player
from darajasim.harness.stage import Stage
from darajasim.scenarios.expectations import (
    BalanceExpectation,
    CallbacksExpectation,
    ClientExpectation,
    Expectations,
    Expected,
    PaymentExpectation,
)
from mpesa_pochi import PochiError


@dataclass(frozen=True, slots=True)
class Finding:
    """An expectation that did not hold.

    Attributes:
        where: `file:line:column` of the expectation, or `file:line` of a step.
        what: what was expected of: `payment first: status`.
    """

    where: str
    what: str
    expected: str
    found: str


async def judge(expect: Expectations, player: Player) -> list[Finding]:
    """Every expectation that does not hold, and every step that could not be done."""
    stage = player.stage
    findings = [
        Finding(failure.where, failure.step, "a step that can be done", failure.found)
        for failure in player.failures
    ]
    findings += [
        Finding("", "no crash", "an answer for every request", crash) for crash in stage.crashes
    ]
    if stage.namespace.journal.dropped:
        dropped = f"{stage.namespace.journal.dropped} were dropped"
        findings.append(Finding("", "journal", "every event, so that they can be counted", dropped))
    for payment in expect.payments:
        findings += [finding async for finding in _payment(stage, payment)]
    findings += _rest(expect, player)
    return findings


def _rest(expect: Expectations, player: Player) -> Iterator[Finding]:
    stage = player.stage
    if expect.callbacks is not None:
        yield from _callbacks(stage, expect.callbacks)
    if expect.client is not None:
        yield from _client(stage, expect.client)
    if expect.outcome is not None:
        found = player.outcome
        yield from _check("outcome: state", expect.outcome.state, found and found.state)
        yield from _check("outcome: code", expect.outcome.code, found and found.code)
    if expect.query is not None:
        state, code, text = _last_query(stage)
        yield from _check("query: state", expect.query.state, state)
        yield from _check("query: code", expect.query.code, code)
        yield from _check("query: text", expect.query.text, text)
    if expect.requests is not None:
        counts = _requests(stage)
        for name in ("oauth", "stk_push", "stk_query"):
            wanted = getattr(expect.requests, name)
            yield from _check(f"requests: {name}", wanted, counts.get(name, 0))
    for balance in expect.balances:
        yield from _balance(stage, balance)


def _check(what: str, expected: Expected | None, found: object) -> Iterator[Finding]:
    if expected is not None and not expected.holds(found):
        nothing = found is None or found == ""
        yield Finding(expected.where, what, str(expected), "none" if nothing else str(found))


async def _payment(stage: Stage, expect: PaymentExpectation) -> AsyncIterator[Finding]:
    payment = await stage.payment(expect.payment)
    what = f"payment {expect.payment}"
    if payment is None:
        yield Finding(expect.where, what, "a payment at the merchant", "none")
        return
    for name, expected, found in (
        ("status", expect.status, payment.status),
        ("code", expect.code, payment.result_code),
        ("receipt", expect.receipt, payment.receipt),
        ("amount", expect.amount, payment.amount),
    ):
        for finding in _check(f"{what}: {name}", expected, found):
            yield finding


def _callbacks(stage: Stage, expect: CallbacksExpectation) -> Iterator[Finding]:
    attempts = stage.namespace.journal.of(CallbackAttempted)
    delivered = sum(attempt.delivered for attempt in attempts)
    acknowledged = sum(attempt.acknowledged for attempt in attempts)
    yield from _check("callbacks: sent", expect.sent, len(attempts))
    yield from _check("callbacks: delivered", expect.delivered, delivered)
    yield from _check("callbacks: acknowledged", expect.acknowledged, acknowledged)


def _client(stage: Stage, expect: ClientExpectation) -> Iterator[Finding]:
    error = stage.client.push_error
    if expect.error is not None:
        key, code = getattr(error, "key", ""), getattr(error, "code", "")
        found = "no error" if error is None else f"{key or type(error).__name__} ({error})"
        wanted = expect.error
        if wanted.key is None:
            holds = error is None
        else:
            holds = error is not None and (key, code) == (wanted.key, wanted.code)
        if not holds:
            yield Finding(wanted.where, "client: error", str(wanted), found)
    yield from _check("client: retry", expect.retry, None if error is None else error.retry.value)
    yield from _check("client: outcome", expect.outcome, stage.client.push_outcome)


def _last_query(stage: Stage) -> tuple[str | None, str | None, str | None]:
    query = stage.client.query
    if query is None:
        return None, None, None
    if isinstance(query, PochiError):
        return "unknown", getattr(query, "code", ""), query.message
    return query.state, query.code, query.text


def _requests(stage: Stage) -> dict[str, int]:
    counts: dict[str, int] = {}
    for request in stage.namespace.journal.of(RequestReceived):
        counts[request.operation] = counts.get(request.operation, 0) + 1
    return counts


def _balance(stage: Stage, expect: BalanceExpectation) -> Iterator[Finding]:
    ledger = stage.namespace.ledger
    account = next(
        (
            name
            for name in (f"customer:{expect.owner}", f"organisation:{expect.owner}")
            if ledger.has(name)
        ),
        None,
    )
    what = f"balance of {expect.owner}"
    if account is None:
        yield Finding(expect.where, what, shillings(expect.balance_cents), "nobody of that number")
    elif ledger.balance(account) != expect.balance_cents:
        found = shillings(ledger.balance(account))
        yield Finding(expect.where, what, shillings(expect.balance_cents), found)


def shillings(cents: int) -> str:
    """An amount in cents as shillings: `100.00`."""
    return f"{cents / 100:.2f}" if cents >= 0 else f"-{-cents / 100:.2f}"
