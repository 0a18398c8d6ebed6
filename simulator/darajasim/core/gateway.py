"""What stands in front of Daraja: a firewall, and meters of how often each app calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

WAF_BLOCK_SECONDS = 60.0
"""How long the firewall stays shut after a burst ("a while", seen: PROBE; 60 is a guess)."""
DAY_SECONDS = 86_400


@dataclass(slots=True)
class Firewall:
    """Counts requests by the second; a burst shuts the door for a minute."""

    second: int = 0
    count: int = 0
    shut_until: float = 0.0

    def blocks(self, now: float, burst: int) -> bool:
        """Whether this request is turned away. `burst` of 0 never blocks."""
        if not burst:
            return False
        if now < self.shut_until:
            return True
        if int(now) != self.second:
            self.second, self.count = int(now), 0
        self.count += 1
        if self.count > burst:
            self.shut_until = now + WAF_BLOCK_SECONDS
            return True
        return False


@dataclass(slots=True)
class Meter:
    """Calls of each app within the present window of `seconds`. Windows do not slide."""

    seconds: int
    window: int = -1
    counts: Counter[str] = field(default_factory=Counter)

    def over(self, consumer_key: str, now: float, most: int) -> bool:
        """Count a call; whether it is more than `most` in this window. `most` of 0 never is."""
        if not most:
            return False
        window = int(now) // self.seconds
        if window != self.window:
            self.window = window
            self.counts.clear()
        self.counts[consumer_key] += 1
        return self.counts[consumer_key] > most


@dataclass(slots=True)
class Gateway:
    """The state of the layers in front of one namespace."""

    firewall: Firewall = field(default_factory=Firewall)
    spikes: Meter = field(default_factory=lambda: Meter(1))
    quota: Meter = field(default_factory=lambda: Meter(DAY_SECONDS))
