"""A simulator under uvicorn in the loop of a test, on any event loop and HTTP parser."""

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvloop

from darajasim.core.profile import Profile
from darajasim.core.simulator import Simulator
from darajasim.delivery.courier import HttpCourier
from darajasim.http.app import create_app
from darajasim.http.server import AnnouncingServer, server_config

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "uvloop": uvloop.new_event_loop,
    "asyncio": asyncio.SelectorEventLoop,
}


@dataclass
class Uvicorned:
    simulator: Simulator
    server: AnnouncingServer
    host: str
    port: int

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return when `holds` of the simulator or the server, which nobody tells of."""
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110  # a look at every turn of the loop
                await asyncio.sleep(0)

    @property
    def tasks(self) -> int:
        """Requests that are being answered."""
        return len(self.server.server_state.tasks)

    @property
    def base(self) -> str:
        return f"http://{self.host}:{self.port}"


@asynccontextmanager
async def uvicorned(*, http: str = "httptools", speed: float = 100.0, **knobs):
    """A served simulator; it stops as it does on Ctrl-C."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.setblocking(False)
    courier = HttpCourier()
    simulator = Simulator(
        seed=1, profile=Profile.named("observed", **knobs), speed=speed, courier=courier
    )
    config = server_config(create_app(simulator))
    config.http = http
    up = asyncio.Event()
    server = AnnouncingServer(config, up.set)
    host, port = listener.getsockname()
    # `_serve` is `serve` without the signal handlers, which belong to the process.
    running = asyncio.ensure_future(server._serve([listener]))
    try:
        await up.wait()
        yield Uvicorned(simulator, server, host, port)
    finally:
        server.handle_exit(signal.SIGINT, None)
        async with asyncio.timeout(10):
            await running
        await simulator.close()
        courier.close()


def on_loop(name: str, main):
    """Run a coroutine on the loop of this name; nothing may escape into the loop's own handler."""
    escaped = []
    with asyncio.Runner(loop_factory=LOOPS[name]) as runner:
        runner.get_loop().set_exception_handler(lambda _loop, context: escaped.append(context))
        result = runner.run(main)
    assert not escaped, escaped
    return result
