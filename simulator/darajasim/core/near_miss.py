"""How near a rule came to a request that no rule took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from darajasim.core.rules import Rule

CALL, CHANCE, RATE = "call", "chance", "rate"
"""What a near miss calls the conditions that are no field of the request."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The rule that came nearest to a request that none took.

    Attributes:
        met: how many of the `of` conditions hold; rate, n-th call and chance count as conditions.
        condition: the first that does not: a field, `rate`, `call` or `chance`; "" when all hold
            and the request was refused before any rule was asked.
        wanted: its test, or words for what it wants.
        found: what the request has; None when it has no such field.
    """

    rule: Rule
    met: int
    of: int
    condition: str = ""
    wanted: object = ""
    found: str | None = None

    @property
    def expected(self) -> str:
        """What the condition wants, in words."""
        return str(self.wanted)
