"""A merchant on a real socket: records every callback and does with it what a test wants."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

SECONDS = 10
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{"ResultCode": 0 }'


@dataclass
class Delivery:
    """One request as it arrived. `connection` counts the merchant's connections from 1."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int
    at: float

    @property
    def path(self) -> str:
        return self.line.split(" ")[1]

    @property
    def callback(self) -> dict:
        return json.loads(self.body, parse_float=Decimal)["Body"]["stkCallback"]


Act = Callable[[asyncio.StreamWriter, Delivery], Awaitable[bool]]
"""What is done with one request; whether the connection goes on."""


@dataclass
class Recorder:
    """Attributes:
    act: what is done with every request, or with those of a path in `paths`.
    opened: connections taken so far.
    open: connections that the other side has not closed.
    """

    act: Act
    port: int = 0
    host: str = "127.0.0.1"
    received: list[Delivery] = field(default_factory=list)
    paths: dict[str, Act] = field(default_factory=dict)
    opened: int = 0
    open: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def of(self, path: str) -> list[Delivery]:
        return [delivery for delivery in self.received if delivery.path == path]

    async def wait_for(self, count: int, *, seconds: float = SECONDS) -> None:
        """Return when `count` requests have arrived."""
        await self.until(lambda: len(self.received) >= count, seconds=seconds)

    async def until(self, holds: Callable[[], bool], *, seconds: float = SECONDS) -> None:
        """Return when `holds`, which is asked after every request and every closed connection."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(holds)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self.open += 1
        number, goes_on = self.opened, True
        try:
            while goes_on:
                delivery = await _read(reader, number)
                async with self.changed:
                    self.received.append(delivery)
                    self.changed.notify_all()
                act = self.paths.get(delivery.path, self.act)
                goes_on = await act(writer, delivery)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            async with self.changed:
                self.open -= 1
                self.changed.notify_all()


async def _read(reader: asyncio.StreamReader, connection: int) -> Delivery:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.rstrip("\r\n").split("\r\n")
    headers = dict(found.split(": ", 1) for found in lines)
    body = await reader.readexactly(int(headers["Content-Length"]))
    return Delivery(line, headers, body, connection, asyncio.get_running_loop().time())


def answers(raw: bytes = OK, *, goes_on: bool = True) -> Act:
    """Answer with these bytes, and go on or close."""

    async def act(writer: asyncio.StreamWriter, _delivery: Delivery) -> bool:
        writer.write(raw)
        await writer.drain()
        return goes_on

    return act


def status(code: int, body: bytes = b"{}", head: str = "") -> Act:
    """Answer with this status, and go on."""
    return answers(
        f"HTTP/1.1 {code} Whatever\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    )


async def hangs(_writer: asyncio.StreamWriter, _delivery: Delivery) -> bool:
    """Never answer; the server's end cancels it."""
    await asyncio.get_running_loop().create_future()
    return False


async def resets(writer: asyncio.StreamWriter, _delivery: Delivery) -> bool:
    """Reset the connection."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
    return False


async def closes(_writer: asyncio.StreamWriter, _delivery: Delivery) -> bool:
    """Close the connection without an answer."""
    return False


@asynccontextmanager
async def recorder(act: Act | None = None, *, host: str = "127.0.0.1"):
    """A merchant that listens on a free port of `host`."""
    merchant = Recorder(act or answers(), host=host)
    tasks: set[asyncio.Task[None]] = set()

    def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(merchant.take(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(taken, host, 0, backlog=1024)
    merchant.port = server.sockets[0].getsockname()[1]
    try:
        yield merchant
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
