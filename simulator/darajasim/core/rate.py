"""A condition on how often something happens: more than so many times within a second."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
"""Seconds in what a rate is counted by."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Holds of the calls above `most` within any `UNITS[unit]` seconds."""

    most: int
    unit: str = "s"

    @property
    def seconds(self) -> float:
        """How long a call is counted."""
        return UNITS[self.unit]

    def __str__(self) -> str:
        return f"> {self.most}/{self.unit}"


@dataclass(slots=True, eq=False)
class Pace:
    """Counts the calls of one rule. Remembers no more of them than its rate needs."""

    rate: Rate
    _moments: deque[float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._moments = deque(maxlen=self.rate.most + 1)

    def counts(self, now: float) -> bool:
        """Count a call at `now`; whether it is one too many. The window slides."""
        self._moments.append(now)
        return self.within(now) > self.rate.most

    def within(self, now: float) -> int:
        """How many calls there were of late, up to one more than the rate allows."""
        began = now - self.rate.seconds
        return sum(moment > began for moment in self._moments)

    def told(self, calls: int) -> str:
        """A number of calls, as the rate is written."""
        return f"{calls}/{self.rate.unit}"
