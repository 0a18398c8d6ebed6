"""The application's process: started, known to be ready, stopped, killed, and never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from darajasim.harness.target.loading import Target
from darajasim.harness.target.model import ReadyPart, StartPart, StopPart
from darajasim.harness.target.placeholders import Values, filled

READY_WITHIN = 30.0
STOP_WITHIN = 5.0
KILL_WITHIN = 5.0
"""Real seconds until it is given up that a killed process ends."""
ASK_EVERY = 0.05
ASK_WITHIN = 2.0
"""Real seconds between two questions whether it is ready, and for the answer to one."""
ENDING_WITHIN = 0.5
"""Real seconds in which one that does not answer may turn out to be ending."""
TAIL_BYTES = 8_192
TAIL_LINES = 20
"""How much of what it printed is kept, and how much of that is told."""


class ApplicationError(Exception):
    """The application cannot be used; the message says why, with the last that it printed."""


class Application:
    """One process group, started by the command of a target file.

    Args:
        base: where it listens once it is ready.
        values: what its command and environment are filled in with.
    """

    def __init__(self, target: Target, start: StartPart, base: str, values: Values) -> None:
        self._start = start
        self._ready = start.ready or ReadyPart()
        self._stop = start.stop or StopPart()
        self._folder = target.path.absolute().parent / (start.folder or ".")
        self._base = base
        self.settle(values)
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._tail = bytearray()
        self._gone = True

    def settle(self, values: Values) -> None:
        """Fill in its command and environment, from the next start on."""
        self._command = tuple(filled(part, values) for part in self._start.command)
        self._environment = _environment(self._start.environment or {}, values)

    @property
    def running(self) -> bool:
        """Whether its first process has been started, and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, and return when it is ready.

        Raises:
            ApplicationError: there is no such command, it ended, or it is not ready in time.
        """
        shown = " ".join(self._command)
        self._tail.clear()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            where = f" in {self._folder}"
            raise ApplicationError(f"`{shown}` cannot be started{where}: {reason}") from None
        self._gone = False
        self._reader = asyncio.ensure_future(self._read())
        within = READY_WITHIN if self._ready.within is None else self._ready.within
        try:
            async with asyncio.timeout(within):
                await self._until_ready(shown)
        except TimeoutError:
            await self.kill()
            wanted = self._wanted()
            raise ApplicationError(
                f"`{shown}` was not ready within {within:g} s: {wanted}{self.printed()}"
            ) from None
        except BaseException:
            self.end_now()
            raise

    async def stop(self) -> None:
        """Ask it to stop; kill what is left of its process group when its time is over."""
        if self.running:
            self._signal(getattr(signal, f"SIG{self._stop.signal or 'TERM'}", signal.SIGTERM))
            within = STOP_WITHIN if self._stop.within is None else self._stop.within
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._ended()
        await self.kill()

    async def kill(self) -> None:
        """End its whole process group at once."""
        self.end_now()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KILL_WITHIN):
                await self._ended()
                self._gone = True
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
            self._reader = None

    def end_now(self) -> None:
        """The same without waiting for it; whatever its first process has come to."""
        if self._process is not None:
            self._signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    def printed(self) -> str:
        """The last that it printed, to be put behind a sentence."""
        lines = self._tail.decode("utf-8", "replace").splitlines()[-TAIL_LINES:]
        if not any(line.strip() for line in lines):
            return "; it printed nothing"
        return "; the last that it printed:\n" + "\n".join(f"  {line}" for line in lines)

    async def ending_soon(self) -> None:
        """Give one that is about to end the time for it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDING_WITHIN):
                await self._ended()
                await asyncio.sleep(ASK_EVERY)  # what it printed last is still to be read

    def ending(self) -> str | None:
        """How it ended, when it has ended without being asked to."""
        if self._process is None or self._process.returncode is None:
            return None
        code = self._process.returncode
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    async def _until_ready(self, shown: str) -> None:
        while True:
            if (ending := self.ending()) is not None:
                await asyncio.sleep(ASK_EVERY)  # what it printed last is still to be read
                self.end_now()
                raise ApplicationError(
                    f"`{shown}` ended with {ending} before it was ready{self.printed()}"
                )
            if await self._answers():
                return
            await asyncio.sleep(ASK_EVERY)

    async def _answers(self) -> bool:
        if self._ready.url is None:
            return await _listens(self._base)
        url = self._ready.url if "://" in self._ready.url else f"{self._base}{self._ready.url}"
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=ASK_WITHIN) as client:
                answer = await client.get(url)
        except httpx.HTTPError:
            return False
        return answer.status_code in (self._ready.status or {200})

    def _wanted(self) -> str:
        if self._ready.url is None:
            return f"nothing listens at {self._base}"
        statuses = " or ".join(map(str, sorted(self._ready.status or {200})))
        return f"{self._ready.url} does not answer {statuses} at {self._base}"

    async def _read(self) -> None:
        if self._process is None or self._process.stdout is None:
            return
        while chunk := await self._process.stdout.read(4096):
            self._tail += chunk
            del self._tail[:-TAIL_BYTES]

    async def _ended(self) -> None:
        if self._process is not None:
            await self._process.wait()

    def _signal(self, number: int) -> None:
        # Once all has been ended, its number may be somebody else's.
        if self._process is None or self._gone:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, number)


async def _listens(base: str) -> bool:
    parts = urlsplit(base)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(ASK_WITHIN):
            _reader, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _environment(own: Mapping[str, str], values: Values) -> dict[str, Any]:
    return {**os.environ, **{name: filled(text, values) for name, text in own.items()}}


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
