"""The one clock. Wall time, waiting and timers all come from here, and all follow the event loop.

On an ordinary loop this is real time; on a virtual-time loop the same code runs as fast as the
machine allows. Everything Daraja prints or expects is Nairobi time, UTC+3, without daylight saving
(seen: three checkout request ids decoded).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

NAIROBI = timezone(timedelta(hours=3), "EAT")


class Clock:
    """Simulated time, in seconds since the epoch, derived from an event loop's own time.

    Args:
        loop: the loop that all waiting goes through.
        start: the moment the simulated world begins (default: the real one).
        speed: simulated seconds per second of the loop; 60 makes a minute pass in a second.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        start: datetime | None = None,
        speed: float = 1.0,
    ) -> None:
        if not 0 < speed < math.inf:
            raise ValueError(f"expected a finite speed above 0, found {speed}")
        self._loop = loop
        self._speed = speed
        self._origin = loop.time()
        self._start = start.timestamp() if start is not None else time.time()

    def time(self) -> float:
        """Seconds since the epoch, simulated."""
        return self._start + (self._loop.time() - self._origin) * self._speed

    def now(self) -> datetime:
        """The simulated moment, in Nairobi time."""
        return datetime.fromtimestamp(self.time(), NAIROBI)

    def elapsed(self) -> float:
        """Simulated seconds since this clock began."""
        return (self._loop.time() - self._origin) * self._speed

    def call_later(
        self, seconds: float, call: Callable[..., object], *args: object
    ) -> asyncio.TimerHandle:
        """Call after `seconds` of simulated time."""
        return self._loop.call_later(seconds / self._speed, call, *args)

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of simulated time."""
        await asyncio.sleep(seconds / self._speed)


def nairobi(moment: float) -> datetime:
    """The Nairobi date and time of `moment`, in seconds since the epoch."""
    return datetime.fromtimestamp(moment, NAIROBI)


def compact(moment: float) -> str:
    """`moment` (seconds since the epoch) as Daraja prints it: YYYYMMDDHHMMSS, Nairobi."""
    return written(int(moment), "%Y%m%d%H%M%S")


@lru_cache(maxsize=256)
def written(second: int, form: str) -> str:
    """A whole second since the epoch in Nairobi time, in a form of `strftime`."""
    return nairobi(second).strftime(form)


def iso(moment: float) -> str:
    """`moment` (seconds since the epoch) as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
