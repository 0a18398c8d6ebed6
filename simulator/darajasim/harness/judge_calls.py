"""Judging what a scenario expects of its own calls and of payments from phones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from darajasim.core.rules import Equals
from darajasim.harness.called import Called, Trail, UnknownValueError
from darajasim.harness.findings import Finding, check
from darajasim.harness.leaves import Leaves, text
from darajasim.harness.merchant import PaymentRecord
from darajasim.harness.stage import Stage
from darajasim.scenarios.document import Template
from darajasim.scenarios.expectations import (
    Absent,
    CallExpectation,
    Expected,
    LeafExpected,
    Missing,
    PaymentExpectation,
    Present,
    RecordExpectation,
)
from darajasim.scenarios.wording import some

NO_CALLBACK = "no callback"


def judge_call(stage: Stage, expect: CallExpectation) -> Iterator[Finding]:
    """Every expectation of one call that does not hold."""
    what = f"call {expect.call}"
    called = stage.calls.get(expect.call)
    if called is None:
        yield Finding(expect.where, what, "a call that was made", "none")
        return
    trail = Trail(stage.namespace.journal, called.subject)
    ending = trail.ending
    for name, expected, found in (
        ("status", expect.status, called.status),
        ("code", expect.code, called.code),
        ("text", expect.text, called.text),
        ("fault", expect.fault, called.fault),
        ("result", expect.result, ending and ending.code),
        ("result_text", expect.result_text, ending and ending.text),
        ("receipt", expect.receipt, ending and ending.receipt),
    ):
        yield from check(f"{what}: {name}", expected, found)
    yield from judge_leaves(
        stage, f"{what}: answer", expect.answer, called.fields, _no_answer(called)
    )
    yield from _callbacks(stage, what, expect, trail)


async def judge_record(stage: Stage, expect: CallExpectation) -> AsyncIterator[Finding]:
    """Every expectation of the merchant's own record of a payout that does not hold."""
    record, what = expect.record, f"call {expect.call}: record"
    if record is None:
        return
    payout = await stage.payout(expect.call)
    if payout is None:
        yield Finding(record.where, what, "a payout at the merchant", "none")
        return
    for finding in judge_standing(what, record, payout):
        yield finding


def judge_standing(
    what: str, expect: PaymentExpectation | RecordExpectation, found: PaymentRecord
) -> Iterator[Finding]:
    """Every expectation of how the merchant's record stands that does not hold."""
    yield from check(f"{what}: status", expect.status, found.status)
    yield from check(f"{what}: code", expect.code, found.code)
    yield from check(f"{what}: receipt", expect.receipt, found.receipt)
    yield from check(f"{what}: amount", expect.amount, found.amount)


def _no_answer(called: Called) -> str:
    if called.fault is not None:
        return f"no answer ({called.fault})"
    return f"HTTP {called.status} without JSON"


def _callbacks(stage: Stage, what: str, expect: CallExpectation, trail: Trail) -> Iterator[Finding]:
    told = trail.told
    if isinstance(expect.callback, Expected):
        if told is not None:
            found = f"{len(trail.callbacks)}"
            yield Finding(expect.callback.where, f"{what}: callback", "none", found)
    else:
        wanted = expect.callback
        yield from judge_leaves(stage, f"{what}: callback", wanted, told or {}, NO_CALLBACK)
    arrived = sum(attempt.delivered for attempt in trail.callbacks)
    yield from check(f"{what}: callbacks", expect.callbacks, arrived)


def judge_leaves(
    stage: Stage, what: str, wanted: Sequence[LeafExpected], found: Leaves, nothing: str
) -> Iterator[Finding]:
    """Values by key. Where a key stands several times, one of its values must be as expected."""
    for leaf in wanted:
        values = found.get(leaf.key)
        try:
            expected, holds = _resolved(stage, leaf)
        except UnknownValueError as error:
            yield Finding(leaf.where, f"{what}: {leaf.key}", str(leaf), str(error))
            continue
        if values is None:
            if not isinstance(holds, Missing):
                there = f"no such key among {some(found, 'and')}" if found else nothing
                yield Finding(leaf.where, f"{what}: {leaf.key}", expected, there)
        elif not any(_holds(holds, value) for value in values):
            shown = some(map(_shown, values), "and")
            yield Finding(leaf.where, f"{what}: {leaf.key}", expected, shown)


def _resolved(stage: Stage, leaf: LeafExpected) -> tuple[str, object]:
    """What is expected, in words, and the test."""
    if isinstance(leaf.test, Template):
        value = str(stage.filling.filled(leaf.test))
        return f"{value} (of {leaf.test})", Equals(value)
    return str(leaf), leaf.test


def _holds(test: object, value: object) -> bool:
    match test:
        case Missing():
            return False
        case Absent():
            return value is None
        case Present():
            return value not in (None, "")
        case _:
            return value is not None and callable(test) and bool(test(text(value)))


def _shown(value: object) -> str:
    if value is None:
        return "no value"
    return text(value) or "an empty text"
