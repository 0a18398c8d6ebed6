"""What will happen and when. Knows at any moment whether something is still due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from darajasim.core.clock import Clock


class Timeline:
    """Timers and running deliveries of one namespace, on the simulated clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timers: set[asyncio.TimerHandle] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle_waiters: list[asyncio.Future[None]] = []

    @property
    def due(self) -> int:
        """How many things are still to happen."""
        return len(self._timers) + len(self._tasks)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Call `call` after `seconds` of simulated time."""

        def fire() -> None:
            self._timers.discard(handle)
            try:
                call()
            finally:
                self._wake()

        handle = self._clock.call_later(seconds, fire)
        self._timers.add(handle)

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
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a delivery failed", "exception": task.exception(), "task": task}
            )
        self._wake()

    def _wake(self) -> None:
        if self.due or not self._idle_waiters:
            return
        waiters, self._idle_waiters = self._idle_waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
