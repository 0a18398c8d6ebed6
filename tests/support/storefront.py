"""The merchant application on a port of its own, that can go away and come back there."""

import asyncio
import contextlib
import socket
import threading
from pathlib import Path
from typing import Any

import uvicorn

from mpesa_pochi import MpesaPochi, Settings
from mpesa_pochi.merchant import Database, create_app

START_SECONDS = 10


class Storefront:
    """A merchant application under uvicorn in a thread, with a database file.

    Args:
        settings: of the merchant, without its callback URL, which is this server's.
        options: for `create_app`.
    """

    def __init__(self, settings: dict[str, Any], folder: Path, **options: Any) -> None:
        self._settings = settings
        self._file = folder / "storefront.sqlite3"
        self._options = options
        self._port = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.app: Any = None

    @property
    def url(self) -> str:
        """Before `/pay` and the others."""
        return f"http://127.0.0.1:{self._port}/api/pochi"

    def start(self) -> None:
        """Serve; returns when requests are answered."""
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        up = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listener, up)), daemon=True
        )
        self._thread.start()
        if not up.wait(START_SECONDS):
            raise TimeoutError("expected the merchant application to answer")

    def stop(self) -> None:
        """Be gone; the port refuses connections then."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(START_SECONDS)
            self._server = None

    def do(self, work: Any) -> Any:
        """Run a coroutine of the application's in its loop."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(START_SECONDS)

    async def _serve(self, listener: socket.socket, up: threading.Event) -> None:
        self.loop = asyncio.get_running_loop()
        settings = Settings(**self._settings, callback_url=f"{self.url}/callback")
        database = Database(f"sqlite:///{self._file}")
        async with MpesaPochi(settings) as client:
            self.app = create_app(client, database, **({"limits": None} | self._options))
            config = uvicorn.Config(
                self.app, log_config=None, lifespan="on", ws="none", timeout_graceful_shutdown=1
            )
            self._server = Announcing(config, up)
            with contextlib.closing(listener):
                await self._server.serve([listener])


class Announcing(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(self, config: uvicorn.Config, up: threading.Event) -> None:
        super().__init__(config)
        self._up = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up.set()
