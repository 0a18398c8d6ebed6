"""An event loop whose clock jumps to the next timer when nothing real is at work.

The jump happens in the selector, through asyncio's public constructor argument: asyncio asks it to
wait until the next timer is due, and it moves the clock instead of waiting. While a subprocess or a
thread started by `run_in_executor` works, or a connected socket or a pipe is open, it waits in
real time and the clock goes at real speed, so that a timer never overtakes real work. Of other
threads it must be told: `watch`.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

STALL_SECONDS = 10.0
"""Real seconds that a loop with nothing due waits for a thread nobody told it of."""
COARSE_SECONDS = 2.0**23
"""From here on, after 97 days, a float does not tell nanoseconds apart, which is how far past a
timer asyncio wants to be before it rings: time must creep on, or it would stand still for ever."""


class StalledError(RuntimeError):
    """Everything waits and nothing is due: in virtual time this would last for ever."""


class JumpingSelector(selectors.BaseSelector):
    """A selector that moves virtual time instead of waiting for it."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self._sockets: set[int] = set()
        self._wake_up: int | None = None
        self.watched: list[Callable[[], bool]] = []
        self.now = 0.0
        self.jobs = 0

    @property
    def real_work(self) -> bool:
        """Whether a thread, a process, or a connected socket may still bring something."""
        return self.jobs > 0 or bool(self._sockets) or any(busy() for busy in self.watched)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            if self.now >= COARSE_SECONDS:
                self.now = math.nextafter(self.now, math.inf)
            return ready
        if self.real_work:
            began = time.perf_counter()
            ready = self._real.select(timeout)
            self.now += time.perf_counter() - began
            return ready
        if timeout is None:
            ready = self._real.select(STALL_SECONDS)
            if not ready:
                raise StalledError("every task waits and nothing is due")
            return ready
        self.now += timeout
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = self._real.register(fileobj, events, data)
        if self._wake_up is None:
            self._wake_up = key.fd  # asyncio registers its own wake-up pipe first
        elif not _listens(key.fd):
            self._sockets.add(key.fd)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        key = self._real.unregister(fileobj)
        self._sockets.discard(key.fd)
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.get_key(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


def _listens(descriptor: int) -> bool:
    """Whether this is a listening socket: it may wait for ever, and that is no work."""
    with contextlib.suppress(OSError):
        probe = socket.socket(fileno=descriptor)
        try:
            return bool(probe.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
        finally:
            probe.detach()
    return False


class VirtualLoop(asyncio.SelectorEventLoop):
    """A selector loop in virtual time, which begins at 0.0 seconds."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        self._threads: ThreadPoolExecutor | None = None
        self._watches: set[asyncio.Task[None]] = set()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now

    def watch(self, busy: Callable[[], bool]) -> None:
        """Count it as real work while `busy()`; for threads that this loop did not start."""
        self._jumping.watched.append(busy)

    def set_default_executor(self, executor: ThreadPoolExecutor) -> None:  # type: ignore[override]  # typeshed allows what asyncio refuses
        super().set_default_executor(executor)
        self._threads = executor

    def run_in_executor(  # type: ignore[override]  # typeshed's variadic generics
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As asyncio's, and time stands in step with the real one until the thread is done: even
        when nobody waits for it any more, for it may still change what others see.
        """
        if executor is None:
            executor = self._threads or ThreadPoolExecutor(thread_name_prefix="virtual-loop")
            self.set_default_executor(executor)
        job = executor.submit(func, *args)
        self._jumping.jobs += 1
        future = asyncio.wrap_future(job, loop=self)
        job.add_done_callback(self._thread_done)  # after the one that hands the result over
        return future

    def _thread_done(self, _job: Future[Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may have been closed meanwhile
            self.call_soon_threadsafe(self._job_done)

    def _job_done(self) -> None:
        self._jumping.jobs -= 1

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        self._jumping.jobs += 1
        try:
            yield
        finally:
            self._job_done()

    async def shutdown_default_executor(self, *args: Any, **options: Any) -> None:
        """As asyncio's, whose time-out must not come before the threads had any time."""
        with self._working():
            await super().shutdown_default_executor(*args, **options)

    async def subprocess_exec(self, *args: Any, **options: Any) -> Any:
        """As asyncio's; the process is real work until it has ended."""
        return self._watched(await super().subprocess_exec(*args, **options))

    async def subprocess_shell(self, *args: Any, **options: Any) -> Any:
        """As asyncio's; the process is real work until it has ended."""
        return self._watched(await super().subprocess_shell(*args, **options))

    def _watched(self, started: tuple[Any, Any]) -> tuple[Any, Any]:
        watch = self.create_task(self._until_exit(started[0]))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        return started

    async def _until_exit(self, transport: Any) -> None:
        with self._working():
            await transport._wait()  # noqa: SLF001  # what asyncio's own Process waits with
