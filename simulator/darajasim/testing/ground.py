"""What one `daraja` stands on: a simulator in memory, and the loop that it lives on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import cached_property, partial
from typing import Any, TypeVar

import httpx
from anyio.to_thread import current_default_thread_limiter

from darajasim.core import leap
from darajasim.core.clock import NAIROBI
from darajasim.core.namespace import Namespace
from darajasim.core.simulator import Simulator
from darajasim.harness.memory import MemoryCourier, MemoryTransport, Wire
from darajasim.harness.virtual_loop import VirtualLoop
from darajasim.http.app import create_app
from darajasim.testing.errors import DarajaTestError
from darajasim.testing.mounting import Application, as_asgi, inbox

T = TypeVar("T")

START = datetime(2026, 3, 2, 9, 0, tzinfo=NAIROBI)
"""When the simulated world begins: a fixed Monday, so that tests repeat."""
DARAJA_HOST = "daraja.test"
INBOX_HOST = "inbox.test"


class Ground:
    """A simulator, and the applications that it calls back.

    In an asynchronous test it lives on the test's own loop; else on a loop of its own, in virtual
    time, which runs only while it is asked something.

    Args:
        seed: everything drawn by chance follows from it.
    """

    def __init__(self, seed: str) -> None:
        self.wires: dict[str, Wire] = {}
        self._runner: asyncio.Runner | None = None
        try:
            self.loop = asyncio.get_running_loop()
        except RuntimeError:
            self._runner = asyncio.Runner(loop_factory=VirtualLoop)
            self.loop = self._runner.get_loop()
            self.simulator, threads = self._runner.run(self._begin(seed))
        else:
            self.simulator, threads = self._made(seed), _threads()
        if isinstance(self.loop, VirtualLoop):
            self.loop.watch(threads)
        self.namespace: Namespace = self.simulator.default
        self.wires[DARAJA_HOST] = Wire(_Later(partial(create_app, self.simulator)))
        self.wires[INBOX_HOST] = Wire(inbox)

    async def _begin(self, seed: str) -> tuple[Simulator, Callable[[], bool]]:
        return self._made(seed), _threads()

    def _made(self, seed: str) -> Simulator:
        return Simulator(seed=seed, start=START, courier=MemoryCourier(self.wires))

    def mount(self, host: str, application: Application) -> None:
        """Let callbacks to this host reach an application."""
        self.wires[host] = Wire(as_asgi(application))

    @property
    def ours(self) -> bool:
        """Whether this is a loop of our own, which nobody else runs."""
        return self._runner is not None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work` and give its result, from code that does not await.

        Raises:
            DarajaTestError: the caller stands on the loop that would have to do the work.
        """
        if _running() is self.loop:
            work.close()
            raise DarajaTestError(
                "this would block the event loop that it needs: in asynchronous code await "
                "`daraja.settled()` or `daraja.advanced(…)`, and give clients `daraja.transport`; "
                "an async application that calls blocking code does that in a thread"
            )
        if self.loop.is_running():  # from a thread that an application was called in
            return asyncio.run_coroutine_threadsafe(work, self.loop).result()
        if self._runner is None:
            work.close()
            raise DarajaTestError("the event loop of this asynchronous test has ended")
        return self._runner.run(work)

    async def settle(self, within: float) -> None:
        """Let everything happen that is due, until nobody works on a callback any more.

        Raises:
            DarajaTestError: it does not end within so many simulated seconds.
        """
        namespace = self.namespace
        until = namespace.clock.elapsed() + within
        called = [wire for host, wire in self.wires.items() if host != DARAJA_HOST]
        while namespace.timeline.due or any(wire.open for wire in called):
            if not await leap.settle(namespace, max(0.0, until - namespace.clock.elapsed())):
                raise DarajaTestError(
                    f"{namespace.timeline.due} things are still due after {within:g} simulated s"
                )
            for wire in called:
                await wire.idle()

    def close(self) -> None:
        """End everything. The test's own loop, where there is one, ends its tasks itself."""
        if self._runner is not None:
            self._runner.run(self._end())
            self._runner.close()
        elif not self.loop.is_closed():
            for namespace in self.simulator.namespaces.values():
                for task in namespace.timeline.running:
                    task.cancel()

    async def _end(self) -> None:
        await self.simulator.close()
        for wire in self.wires.values():
            await wire.close()


class _Later:
    """An application that is made when it is first called: most tests only push."""

    def __init__(self, make: Callable[[], Application]) -> None:
        self._make = make

    async def __call__(self, *asked: Any) -> None:
        await self._app(*asked)

    @cached_property
    def _app(self) -> Application:
        return self._make()


def _threads() -> Callable[[], bool]:
    """Whether the running loop's threads of anyio's are at work: Starlette calls in them what is
    not async, and time must wait for them.
    """
    limiter = current_default_thread_limiter()
    return lambda: limiter.borrowed_tokens > 0


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class AsyncTransport(httpx.AsyncBaseTransport):
    """Leads an `httpx.AsyncClient` to the simulator, whatever host it asks for that is not mounted.

    Args:
        ground: gives the ground, made with the first request.
    """

    def __init__(self, ground: Any) -> None:
        self._ground = ground

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        ground: Ground = self._ground()
        if _running() is not ground.loop:
            raise DarajaTestError(
                "daraja.transport is for code on the event loop of an asynchronous test; blocking "
                "code uses daraja.sync_transport"
            )
        return await _ask(ground, request)


class SyncTransport(httpx.BaseTransport):
    """The same for an `httpx.Client`."""

    def __init__(self, ground: Any) -> None:
        self._ground = ground

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        ground: Ground = self._ground()
        request.read()
        return ground.run(_ask(ground, request))


async def _ask(ground: Ground, request: httpx.Request) -> httpx.Response:
    wires = ground.wires
    known = request.url.host in wires
    return await MemoryTransport(wires if known else _All(wires)).handle_async_request(request)


class _All(dict[str, Wire]):
    """Daraja under every host that nobody else has: sandbox.safaricom.co.ke too."""

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key, self[DARAJA_HOST])
