"""Judging the money laws after a scenario, whatever it expects."""

from __future__ import annotations

from collections.abc import Iterator

from darajasim.harness.findings import Finding
from darajasim.harness.laws import BrokenLaw, broken
from darajasim.harness.stage import Stage


def judge_laws(stage: Stage) -> Iterator[Finding]:
    """A finding for each breach. Of a journal that dropped events nothing can be said."""
    journal = stage.namespace.journal
    if journal.dropped:
        return
    names = {payment: name for name, payment in stage.payments.items()}
    others = {called.subject for called in stage.calls.values() if called.subject is not None}
    start = next((event.at for event in journal), 0.0)
    for breach in broken(stage.witness.history(names, over=stage.idle, others=others)):
        yield Finding("", f"law: {breach.law.value}", "it holds", _told(breach, start))


def _told(breach: BrokenLaw, start: float) -> str:
    events = "; ".join(f"{event.at - start:.3f}s {event.told()}" for event in breach.events)
    return f"{breach.sentence} [{events}]"
