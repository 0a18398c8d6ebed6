"""A rule of a scenario that has not been used."""

from dataclasses import dataclass

from darajasim.core.rate import Rate
from darajasim.core.rules import Condition, Plan, Rule


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule that has not been used. A `Rule` counts its calls, so each run needs fresh ones."""

    on: str
    when: tuple[Condition, ...]
    calls: frozenset[int]
    plan: Plan
    where: str
    chance: float = 1.0
    rate: Rate | None = None

    def new(self) -> Rule:
        """A rule that has seen no call."""
        return Rule(self.on, self.when, self.calls, self.plan, self.where, self.chance, self.rate)
