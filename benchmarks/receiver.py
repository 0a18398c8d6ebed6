"""A merchant that only counts: takes callbacks over HTTP/1.1 and answers each at once."""

from __future__ import annotations

import asyncio
import time
from typing import Self, cast

import uvloop
from load import split

ANSWER_BODY = b'{"ResultCode":0,"ResultDesc":"Accepted"}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
    + str(len(ANSWER_BODY)).encode()
    + b"\r\n\r\n"
    + ANSWER_BODY
)


class Receiver:
    """Listens on a free port of 127.0.0.1 while the `async with` block lasts.

    Attributes:
        bodies: every callback, as it arrived.
        moments: when each arrived, by `time.perf_counter`.
    """

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.moments: list[float] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Line(self), "127.0.0.1", 0, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._server is not None:
            self._server.close()

    @property
    def url(self) -> str:
        """Where callbacks go."""
        return f"http://127.0.0.1:{self.port}/callback"

    def forget(self) -> None:
        """Begin to count anew."""
        self.bodies.clear()
        self.moments.clear()

    async def until(self, count: int, *, quiet: float = 3.0) -> None:
        """Return when `count` callbacks are here, or none has come for `quiet` seconds."""
        seen, since = -1, time.perf_counter()
        while len(self.bodies) < count and time.perf_counter() - since < quiet:
            if len(self.bodies) != seen:
                seen, since = len(self.bodies), time.perf_counter()
            await asyncio.sleep(0.02)

    @property
    def rate(self) -> float:
        """Callbacks per second between the first and the last."""
        if len(self.moments) < 2:
            return 0.0
        return (len(self.moments) - 1) / (self.moments[-1] - self.moments[0])


class _Line(asyncio.Protocol):
    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        while (whole := split(self._buffer)) is not None:
            _head, body, self._buffer = whole
            self._receiver.bodies.append(body)
            self._receiver.moments.append(time.perf_counter())
            if self._transport is not None:
                self._transport.write(ANSWER)


async def _serve() -> None:
    async with Receiver() as receiver:
        print(receiver.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
