"""The money laws, by name, and how a broken one is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from darajasim.harness.laws.evidence import Evidence
from darajasim.harness.laws.facts import Fact


class Law(Enum):
    """What must hold of every history, whatever the scenario expects."""

    ONCE = "a payment is credited at most once"
    SUCCESS = "nothing is credited without a success that Daraja's ledger knows"
    SUM = "the credited sum equals the ledger"
    TERMINAL = "a terminal state never changes"
    AGREE = "amount, phone and reference agree"
    STORED = "every callback that was acknowledged is stored"
    PENDING = "nothing is pending for ever"


@dataclass(frozen=True, slots=True)
class BrokenLaw:
    """One breach.

    Attributes:
        sentence: what is wrong, for a developer.
        events: the smallest set of facts that breaks the law: as a history of their own they break
            it, and without any one of them they do not.
    """

    law: Law
    sentence: str
    events: tuple[Fact, ...]


Judgement = Callable[[Evidence], Iterator[BrokenLaw]]
