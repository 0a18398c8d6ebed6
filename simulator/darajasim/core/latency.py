"""How long an answer takes, as a distribution: most answers are quick, a few are not."""

from __future__ import annotations

import math
from dataclasses import dataclass

from darajasim.core.chance import Chance

DRAWS = 64
"""Of a value below `most`, which is at least the median: each draw succeeds at least every other
time, so that the bound is never met in practice and the loop ends all the same."""


@dataclass(frozen=True, slots=True)
class Latency:
    """A log-normal distribution, in seconds; what is above `most` is drawn again.

    Attributes:
        median: half of all answers are quicker.
        sigma: how wide it is; 0 is a constant, and of a service on the internet about 0.5.
        most: no answer takes longer; at least the median.
    """

    median: float
    sigma: float
    most: float

    def drawn(self, chance: Chance) -> float:
        """The seconds of one answer."""
        for _ in range(DRAWS):
            found = self.median * math.exp(self.sigma * chance.normal())
            if found <= self.most:
                return found
        return self.most
