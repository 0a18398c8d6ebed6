"""Money laws: what must hold after every scenario, whatever it expects.

`broken(history)` is pure. A `History` is made from the journal, the ledger and what the merchant
recorded over time (`recording`, `books`), or by anybody else from what they observed.
"""

from __future__ import annotations

from darajasim.harness.laws.evidence import Evidence
from darajasim.harness.laws.facts import History
from darajasim.harness.laws.law import BrokenLaw, Judgement, Law
from darajasim.harness.laws.money import credited_once, credited_sum, credited_with_success
from darajasim.harness.laws.record import (
    acknowledged_is_stored,
    all_agree,
    nothing_pends,
    terminal_stays,
)

__all__ = ["BrokenLaw", "History", "Law", "broken"]

JUDGEMENTS: dict[Law, Judgement] = {
    Law.ONCE: credited_once,
    Law.SUCCESS: credited_with_success,
    Law.SUM: credited_sum,
    Law.TERMINAL: terminal_stays,
    Law.AGREE: all_agree,
    Law.STORED: acknowledged_is_stored,
    Law.PENDING: nothing_pends,
}


def broken(history: History) -> list[BrokenLaw]:
    """Every breach of a law, with the smallest set of facts that makes it one."""
    evidence = Evidence(history)
    return [breach for judge in JUDGEMENTS.values() for breach in judge(evidence)]
