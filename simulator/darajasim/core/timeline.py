"""What will happen and when. Knows at any moment whether something is still due."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from typing import Any

from darajasim.core.clock import Clock, Timer


class Timeline:
    """What is due and the running deliveries of one namespace, on the simulated clock.

    However much is due, the event loop holds one timer: the alarm for what comes first. What is
    due at the same moment happens in the order in which it was asked for.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: list[tuple[float, int, Callable[[], None], bool]] = []
        self._background = 0
        self._asked = itertools.count()
        self._alarm: Timer | None = None
        self._alarm_at = math.inf
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle_waiters: list[asyncio.Future[None]] = []

    @property
    def due(self) -> int:
        """How many things are still to happen; what stands in the background is not counted."""
        return len(self._queue) - self._background + len(self._tasks)

    @property
    def running(self) -> frozenset[asyncio.Task[None]]:
        """The deliveries on their way."""
        return frozenset(self._tasks)

    def after(self, seconds: float, call: Callable[[], None], *, background: bool = False) -> None:
        """Call `call` after `seconds` of simulated time.

        Args:
            background: it happens all the same, but nobody waits for it: a standing order's next
                payment, which may be a year away.
        """
        moment = self._clock.elapsed() + seconds
        self._background += background
        heappush(self._queue, (moment, next(self._asked), call, background))
        if moment < self._alarm_at:
            self._set_alarm()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` now, as something that is due until it ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    async def idle(self) -> None:
        """Return when nothing is due any more."""
        while self.due:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle_waiters.append(waiter)
            await waiter

    async def close(self) -> None:
        """Forget everything that is due."""
        self._queue.clear()
        self._background = 0
        self._set_alarm()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._wake()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_at = self._queue[0][0] if self._queue else math.inf
        if self._queue:
            left = max(0.0, self._alarm_at - self._clock.elapsed())
            self._alarm = self._clock.call_later(left, self._ring)

    def _ring(self) -> None:
        """Do what is due. A loop may ring a little early: what the alarm was set for is due."""
        until = max(self._alarm_at, self._clock.elapsed())
        calls = []
        while self._queue and self._queue[0][0] <= until:
            _moment, _number, call, background = heappop(self._queue)
            self._background -= background
            calls.append(call)
        self._set_alarm()
        for call in calls:
            try:
                call()
            except Exception as error:  # noqa: BLE001  # the others are due all the same
                _report("something on the timeline failed", error)
        self._wake()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _report("a delivery failed", error)
        self._wake()

    def _wake(self) -> None:
        if self.due or not self._idle_waiters:
            return
        waiters, self._idle_waiters = self._idle_waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


def _report(what: str, error: BaseException) -> None:
    asyncio.get_running_loop().call_exception_handler({"message": what, "exception": error})
