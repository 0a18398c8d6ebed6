"""One recording session: the proxy on a socket, until Ctrl-C or a limit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from darajasim.core.clock import Clock
from darajasim.http.server import AnnouncingServer, server_config
from darajasim.recording.proxy import Recorder
from darajasim.recording.settling import draft, name_of
from darajasim.recording.transcript import Transcript

SAVE_SECONDS = 0.5
"""How long after an exchange the draft is on disk, at most."""
CONNECTIONS = httpx.Limits(max_connections=None, max_keepalive_connections=0)
"""None is used again: a Daraja that closes one would look like one that answers nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a session ends by itself.

    Attributes:
        seconds: after this many.
        exchanges: after so many answered requests, tokens included.
    """

    seconds: float | None = None
    exchanges: int | None = None


@dataclass(slots=True)
class Session:
    """Attributes:
    transcript: what was seen; there once it has begun.
    """

    upstream: str
    public: str
    out: Path
    limits: Limits = field(default_factory=Limits)
    transcript: Transcript = field(default_factory=Transcript)
    _server: AnnouncingServer | None = field(default=None, init=False)

    def stop(self) -> None:
        """End the session as soon as open requests are answered."""
        if self._server is not None:
            self._server.should_exit = True

    async def run(self, listener: socket.socket, announce: Callable[[], None]) -> None:
        """Serve on `listener` until a signal or a limit; the draft is kept on disk meanwhile."""
        loop = asyncio.get_running_loop()
        clock = Clock(loop)
        saving: list[asyncio.TimerHandle] = []
        async with httpx.AsyncClient(trust_env=False, limits=CONNECTIONS) as client:

            def save() -> None:
                saving.clear()
                self.save_draft()

            def changed() -> None:
                if not saving:
                    saving.append(loop.call_later(SAVE_SECONDS, save))
                answered = sum(each.answered is not None for each in self.transcript.exchanges)
                if self.limits.exchanges is not None and answered >= self.limits.exchanges:
                    self.stop()

            recorder = Recorder(self.upstream, self.public, client, clock, changed)
            self.transcript = recorder.transcript
            config = server_config(recorder)
            config.date_header = False  # the upstream's own is passed on
            server = self._server = AnnouncingServer(config, announce)
            end = None
            if self.limits.seconds is not None:
                end = loop.call_later(self.limits.seconds, self.stop)
            try:
                await server.serve(sockets=[listener])
            finally:
                for handle in (*saving, *([end] if end else ())):
                    handle.cancel()

    def save_draft(self) -> None:
        """Write what there is so far."""
        with contextlib.suppress(OSError):  # the last one tells
            write(self.out, draft(self.transcript, name_of(self.out)))


def write(path: Path, text: str) -> None:
    """Put a whole file in the place of another, or leave that as it was.

    Raises:
        OSError: it cannot be written.
    """
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
