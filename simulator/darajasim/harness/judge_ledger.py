"""Judging what a scenario expects of the movements of money."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from darajasim.core.events import MoneyMoved
from darajasim.harness.called import Trail
from darajasim.harness.findings import Finding, check
from darajasim.harness.stage import Stage
from darajasim.scenarios.expectations import LedgerExpectation


def judge_ledger(stage: Stage, expect: LedgerExpectation) -> Iterator[Finding]:
    """Every expectation of what moved that does not hold."""
    moves = stage.namespace.journal.of(MoneyMoved)
    yield from check("ledger: entries", expect.entries, len(moves))
    total = _shillings(sum(move.cents for move in moves))
    yield from check("ledger: total", expect.total, total)
    for name, wanted in expect.moved.items():
        called = stage.calls.get(name)
        subject = called.subject if called else stage.checkout_ids.get(name)
        receipt = Trail(stage.namespace.journal, subject).receipt
        cents = sum(move.cents for move in moves if receipt and move.receipt == receipt)
        yield from check(f"ledger: moved {name}", wanted, _shillings(cents))


def _shillings(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
