"""The one clock. Wall time, waiting and timers all come from here, and all follow the event loop.

On an ordinary loop this is real time; on a virtual-time loop the same code runs as fast as the
machine allows. Everything Daraja prints or expects is Nairobi time, UTC+3, without daylight saving
(seen: three checkout request ids decoded).
"""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

NAIROBI = timezone(timedelta(hours=3), "EAT")


class Timer:
    """A call that a clock owes. `due` is in its elapsed seconds."""

    __slots__ = ("_args", "_call", "_timers", "due", "handle", "number")

    def __init__(
        self,
        due: float,
        number: int,
        call: Callable[..., object],
        args: tuple[object, ...],
        timers: set[Timer],
    ) -> None:
        self.due = due
        self.number = number
        self.handle: asyncio.Handle | None = None
        self._call = call
        self._args = args
        self._timers = timers
        timers.add(self)

    def cancel(self) -> None:
        """Never call."""
        self._timers.discard(self)
        if self.handle is not None:
            self.handle.cancel()

    def ring(self) -> None:
        """Call."""
        self._timers.discard(self)
        self._call(*self._args)


class Clock:
    """Simulated time, in seconds since the epoch, derived from an event loop's own time.

    Args:
        loop: the loop that all waiting goes through.
        start: the moment the simulated world begins (default: the real one).
        speed: simulated seconds per second of the loop; 60 makes a minute pass in a second.
        origin: the loop's time at `start` (default: now).

    Attributes:
        slept: set whenever somebody begins to sleep.
        turn: held by whoever goes ahead in time; two who jump at once would overtake each other.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        start: datetime | float | None = None,
        speed: float = 1.0,
        origin: float | None = None,
    ) -> None:
        if not 0 < speed < math.inf:
            raise ValueError(f"expected a finite speed above 0, found {speed}")
        self._loop = loop
        self._speed = speed
        self._origin = loop.time() if origin is None else origin
        self._start = _epoch(start)
        self._skipped = 0.0
        self._timers: set[Timer] = set()
        self._numbers = itertools.count()
        self._sleepers: set[asyncio.Task[object] | None] = set()
        self.slept = asyncio.Event()
        self.turn = asyncio.Lock()

    @property
    def speed(self) -> float:
        """Simulated seconds per second of the loop."""
        return self._speed

    def time(self) -> float:
        """Seconds since the epoch, simulated."""
        return self._start + self.elapsed()

    def now(self) -> datetime:
        """The simulated moment, in Nairobi time."""
        return datetime.fromtimestamp(self.time(), NAIROBI)

    def elapsed(self) -> float:
        """Simulated seconds since this clock began."""
        return (self._loop.time() - self._origin) * self._speed + self._skipped

    def call_later(self, seconds: float, call: Callable[..., object], *args: object) -> Timer:
        """Call after `seconds` of simulated time."""
        due = self.elapsed() + seconds
        timer = Timer(due, next(self._numbers), call, args, self._timers)
        timer.handle = self._loop.call_later(seconds / self._speed, timer.ring)
        return timer

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of simulated time."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        task = asyncio.current_task()
        over: asyncio.Future[None] = self._loop.create_future()
        timer = self.call_later(seconds, self._wake, over, task)
        self._sleepers.add(task)
        self.slept.set()
        try:
            await over
        finally:
            timer.cancel()
            self._sleepers.discard(task)

    def sleeps(self, task: asyncio.Task[None]) -> bool:
        """Whether this task waits for simulated time to pass."""
        return task in self._sleepers

    @property
    def sleepers(self) -> int:
        """How many wait for simulated time to pass."""
        return len(self._sleepers)

    def next_due(self) -> float | None:
        """The elapsed seconds at which something next happens, or None."""
        return min((timer.due for timer in self._timers), default=None)

    def jump(self, moment: float) -> None:
        """Go to `moment`, in elapsed seconds, at once; what is due by then rings in its order, all
        of it at that moment. `core/leap.py` lets each thing happen at its own. Never goes back.
        """
        self._skipped += max(0.0, moment - self.elapsed())
        now = max(moment, self.elapsed())
        for timer in sorted(self._timers, key=lambda each: (each.due, each.number)):
            if timer.handle is not None:
                timer.handle.cancel()
            if timer.due <= now:
                self._timers.discard(timer)
                timer.handle = self._loop.call_soon(timer.ring)
            else:
                left = (timer.due - now) / self._speed
                timer.handle = self._loop.call_later(left, timer.ring)

    def set(self, moment: float) -> None:
        """Say that it is now `moment`, in seconds since the epoch. Nothing becomes due by it."""
        self._start = moment - self.elapsed()

    def fork(self) -> Clock:
        """A clock that began as this one did, and knows nothing of its jumps."""
        return Clock(self._loop, start=self._start, speed=self._speed, origin=self._origin)

    def _wake(self, over: asyncio.Future[None], task: asyncio.Task[object] | None) -> None:
        self._sleepers.discard(task)
        if not over.done():
            over.set_result(None)


def _epoch(start: datetime | float | None) -> float:
    if start is None:
        return time.time()
    return start.timestamp() if isinstance(start, datetime) else start


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
