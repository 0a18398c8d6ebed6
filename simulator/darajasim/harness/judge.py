"""Judging what a scenario expects against the journal, the merchant and the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from darajasim.core.events import CallbackAttempted, RequestReceived
from darajasim.core.organisation import Purse
from darajasim.harness.findings import Finding, check
from darajasim.harness.judge_calls import judge_call, judge_record
from darajasim.harness.judge_events import judge_events
from darajasim.harness.judge_laws import judge_laws
from darajasim.harness.judge_ledger import judge_ledger
from darajasim.harness.judge_payments import judge_answer, judge_client, judge_payment
from darajasim.harness.player import Player
from darajasim.harness.stage import Stage
from darajasim.scenarios.expectations import (
    BalanceExpectation,
    CallbacksExpectation,
    Expectations,
)
from mpesa_pochi import PochiError


async def judge(expect: Expectations, player: Player) -> list[Finding]:
    """Every expectation that does not hold, every step that could not be done, and every law of
    money that is broken.
    """
    stage = player.stage
    answers = {payment.payment for payment in expect.payments if payment.of_answer}
    findings = [
        Finding(failure.where, failure.step, "a step that can be done", failure.found)
        for failure in player.failures
        if failure.refused not in answers
    ]
    findings += [
        Finding("", "no crash", "an answer for every request", crash) for crash in stage.crashes
    ]
    if stage.namespace.journal.dropped:
        dropped = f"{stage.namespace.journal.dropped} were dropped"
        findings.append(Finding("", "journal", "every event, so that they can be counted", dropped))
    await stage.learn_checkout_ids()
    for payment in expect.payments:
        findings += [finding async for finding in judge_payment(player, payment)]
    for call in expect.calls:
        findings += judge_call(stage, call)
        findings += [finding async for finding in judge_record(stage, call)]
    if expect.events is not None:
        findings += judge_events(stage, expect.events, player.start)
    findings += _rest(expect, player)
    findings += judge_laws(stage)
    return findings


def _rest(expect: Expectations, player: Player) -> Iterator[Finding]:
    stage = player.stage
    if expect.callbacks is not None:
        yield from _callbacks(stage, expect.callbacks)
    if expect.client is not None:
        client = stage.client
        if client is None:
            yield Finding("", "client", "a client that can be watched", "the application's own")
        else:
            yield from judge_client("client", expect.client, client.push_error)
    if expect.outcome is not None:
        found = player.outcome
        yield from check("outcome: state", expect.outcome.state, found and found.state)
        yield from check("outcome: code", expect.outcome.code, found and found.code)
    if expect.query is not None:
        state, code, text = _last_query(stage)
        yield from check("query: state", expect.query.state, state)
        yield from check("query: code", expect.query.code, code)
        yield from check("query: text", expect.query.text, text)
        yield from judge_answer(stage, "query", expect.query, player.queried)
    if expect.requests is not None:
        counts = _requests(stage)
        for name, wanted in expect.requests.counts.items():
            yield from check(f"requests: {name}", wanted, counts.get(name, 0))
    if expect.ledger is not None:
        yield from judge_ledger(stage, expect.ledger)
    for balance in expect.balances:
        yield from _balance(stage, balance)


def _callbacks(stage: Stage, expect: CallbacksExpectation) -> Iterator[Finding]:
    attempts = stage.namespace.journal.of(CallbackAttempted)
    delivered = sum(attempt.delivered for attempt in attempts)
    acknowledged = sum(attempt.acknowledged for attempt in attempts)
    yield from check("callbacks: sent", expect.sent, len(attempts))
    yield from check("callbacks: delivered", expect.delivered, delivered)
    yield from check("callbacks: acknowledged", expect.acknowledged, acknowledged)
    for kind, wanted in expect.kinds.items():
        of_kind = sum(attempt.callback == kind for attempt in attempts)
        yield from check(f"callbacks: {kind}", wanted, of_kind)


def _last_query(stage: Stage) -> tuple[str | None, str | None, str | None]:
    query = None if stage.client is None else stage.client.query
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
    ledger, account = stage.namespace.ledger, _account(stage, expect)
    of = f"{expect.owner}/{expect.purse}" if expect.purse else expect.owner
    wanted = shillings(expect.balance_cents)
    if account is None or not ledger.has(account):
        nobody = "no such account" if expect.purse else "nobody of that number"
        yield Finding(expect.where, f"balance of {of}", wanted, nobody)
    elif ledger.balance(account) != expect.balance_cents:
        found = shillings(ledger.balance(account))
        yield Finding(expect.where, f"balance of {of}", wanted, found)


def _account(stage: Stage, expect: BalanceExpectation) -> str | None:
    """The ledger account that is meant, if its owner is there."""
    world = stage.namespace.world
    customer = world.customers.get(expect.owner)
    if customer is not None:
        return customer.pochi_account if expect.purse else customer.account
    organisation = world.organisation(expect.owner)
    if organisation is None:
        return None
    return organisation.purse(Purse(expect.purse)) if expect.purse else organisation.account


def shillings(cents: int) -> str:
    """An amount in cents as shillings: `100.00`."""
    return f"{cents / 100:.2f}" if cents >= 0 else f"-{-cents / 100:.2f}"
