"""What is on its way in real time, so that simulated time goes ahead only when nothing is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from darajasim.core.clock import Clock
from darajasim.core.namespace import Namespace


@dataclass(slots=True, eq=False)
class _Request:
    """A request to Daraja. `read`: it has come whole; `hangs`: its answer will not come."""

    task: asyncio.Task[Any] | None
    read: bool = False
    hangs: bool = False


@dataclass(slots=True, eq=False)
class Traffic:
    """The requests between harness, application and Daraja of one scenario.

    Attributes:
        begun: how many have begun.
        asked: requests to the application that have not been answered.
    """

    namespace: Namespace
    begun: int = 0
    asked: int = 0
    _requests: set[_Request] = field(default_factory=set)
    _answered: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While the application is asked for something."""
        self.begun += 1
        self.asked += 1
        try:
            yield
        finally:
            self.asked -= 1
            self.begun += 1
            self._answered.set()

    async def answered(self) -> None:
        """Return when nothing is asked of the application any more."""
        while self.asked:
            self._answered.clear()
            await self._answered.wait()

    @property
    def moving(self) -> int:
        """What somebody works on in real time: nothing of it waits for simulated time to pass."""
        clock, waiting, reading, hanging = self.namespace.clock, 0, 0, 0
        for request in self._requests:
            if request.hangs:
                hanging += 1
            elif request.read or _asleep(clock, request.task):
                waiting += 1
            else:
                reading += 1
        letters = sum(not clock.sleeps(task) for task in self.namespace.timeline.running)
        work = self.asked + letters
        # Whoever waits for Daraja is not at work; a request that will never be answered ends when
        # its caller gives it up, in real time, if anybody still waits for the caller.
        return reading + max(0, work - waiting) if work or reading else 0

    @property
    def waiting(self) -> int:
        """How many requests Daraja will answer only when simulated time has passed."""
        return sum(request.read and not request.hangs for request in self._requests)

    def watch(self, app: ASGIApp) -> ASGIApp:
        """The application `app`, with its requests counted."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            request = _Request(asyncio.current_task())

            async def received() -> Message:
                request.hangs = request.read
                message = await receive()
                request.read = not message.get("more_body", False)
                return message

            self.begun += 1
            self._requests.add(request)
            try:
                await app(scope, received, send)
            finally:
                self._requests.discard(request)
                self.begun += 1

        return watched


def _asleep(clock: Clock, task: asyncio.Task[Any] | None) -> bool:
    return task is not None and clock.sleeps(task)
