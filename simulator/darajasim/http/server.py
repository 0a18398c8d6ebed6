"""A simulator on a socket, under uvicorn."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from darajasim.core.journal import Listener
from darajasim.core.profile import Profile
from darajasim.core.simulator import Simulator
from darajasim.delivery.courier import HttpCourier
from darajasim.http.app import create_app

GRACE_SECONDS = 1
"""How long open requests may finish when the server stops."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a served simulator is made of.

    Attributes:
        allow_hosts: hosts besides loopback that callbacks may go to.
        prepare: lays a scenario over the simulator before the first request.
        listener: hears everything that happens, as it happens.
        tls: files of the certificate chain and the key, in PEM, to serve HTTPS with.
    """

    seed: int
    profile: Profile
    speed: float = 1.0
    allow_hosts: tuple[str, ...] = ()
    prepare: Callable[[Simulator], None] | None = None
    listener: Listener | None = None
    tls: tuple[str, str] | None = None


class AnnouncingServer(uvicorn.Server):
    """A uvicorn server that says when it is up, and stops although answers are still due."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in list(self.server_state.tasks):
            # What has not begun is answered at once when it does.
            if inspect.getcoroutinestate(task.get_coro()) == inspect.CORO_SUSPENDED:  # type: ignore[arg-type]  # uvicorn's are coroutines
                task.cancel()
        await super().shutdown(sockets)


def server_config(app: ASGIApp, tls: tuple[str, str] | None = None) -> uvicorn.Config:
    """How uvicorn serves a simulator; benchmarks serve their yardstick in the same way."""
    certificate, key = tls or (None, None)
    return uvicorn.Config(
        app,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        lifespan="off",
        access_log=False,
        log_config=None,
        http="httptools",
        ws="none",
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


async def run_server(
    listener: socket.socket, settings: Settings, announce: Callable[[], None]
) -> None:
    """Serve on `listener` until a signal; `announce` is called when requests are answered."""
    courier = HttpCourier(settings.allow_hosts)
    simulator = Simulator(
        seed=settings.seed,
        profile=settings.profile,
        speed=settings.speed,
        courier=courier,
        listener=settings.listener,
    )
    if settings.prepare is not None:
        settings.prepare(simulator)
    server = AnnouncingServer(server_config(create_app(simulator), settings.tls), announce)
    try:
        await server.serve(sockets=[listener])
    finally:
        await simulator.close()
        courier.close()
