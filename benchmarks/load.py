"""The load: raw HTTP/1.1 on asyncio protocols, with requests that were built beforehand.

It must cost far less than what it measures. Each request is one `write` of ready bytes, each answer
is found by its Content-Length, and nothing is parsed before the clock has stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class LoadError(Exception):
    """The measurement is void: an answer other than 200, or none in time."""


@dataclass(slots=True)
class Sample:
    """One measured run.

    Attributes:
        seconds: from the first request to the last answer.
        latencies: seconds from when a request was due to its whole answer, in order of arrival.
        bodies: what was answered.
        busy: share of one core that this process used meanwhile.
    """

    seconds: float
    latencies: list[float]
    bodies: list[bytes]
    busy: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency, in milliseconds, that `share` of the answers did not exceed."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def split(buffer: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Head, body and rest of one HTTP message, or None while it is not whole."""
    end = buffer.find(HEAD_END)
    if end < 0:
        return None
    head = buffer[:end]
    at = head.lower().find(LENGTH)
    length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    stop = end + len(HEAD_END) + length
    if len(buffer) < stop:
        return None
    return head, buffer[end + len(HEAD_END) : stop], buffer[stop:]


@dataclass(slots=True)
class Drive:
    """The requests of one run on their way through its connections.

    Attributes:
        requests: what is still to be sent, each as it goes over the wire.
        wanted: how many answers end the run.
        paced: whether somebody else says when a request is due.
        idle: connections with nothing to do.
        open: connections to be closed at the end.
        due: paced requests that no connection was free for, with the moment they were due.
    """

    requests: Iterator[bytes]
    wanted: int
    finished: asyncio.Future[None]
    paced: bool = False
    idle: list[Caller] = field(default_factory=list)
    open: set[Caller] = field(default_factory=set)
    due: deque[tuple[float, bytes]] = field(default_factory=deque)
    latencies: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def answered(self, caller: Caller, latency: float, body: bytes) -> None:
        """Keep an answer and give its connection more to do."""
        self.latencies.append(latency)
        self.bodies.append(body)
        if len(self.latencies) == self.wanted:
            self.finished.set_result(None)
        elif self.due:
            caller.send(*self.due.popleft())
        elif self.paced:
            self.idle.append(caller)
        elif (request := next(self.requests, None)) is not None:
            caller.send(time.perf_counter(), request)

    def now_due(self, request: bytes) -> None:
        """Send a paced request, or keep it until a connection is free."""
        now = time.perf_counter()
        if self.idle:
            self.idle.pop().send(now, request)
        else:
            self.due.append((now, request))

    def failed(self, problem: str) -> None:
        """End the run: it proves nothing."""
        if not self.finished.done():
            self.finished.set_exception(LoadError(problem))


class Caller(asyncio.Protocol):
    """One connection, opened for its first request."""

    def __init__(self, drive: Drive, port: int) -> None:
        self._drive = drive
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._first = b""
        self._buffer = b""
        self._asked = False
        self._since = 0.0
        self._opening: asyncio.Task[object] | None = None

    def send(self, due: float, request: bytes) -> None:
        """Send `request`, whose time counts from `due`."""
        self._since, self._asked = due, True
        if self._transport is None:
            self._first = request
            self._opening = asyncio.get_running_loop().create_task(self._open())
        else:
            self._transport.write(request)

    async def _open(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: self, "127.0.0.1", self._port
            )
        except OSError as error:
            self._drive.failed(f"cannot connect to port {self._port}: {error}")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._drive.open.add(self)
        self._transport.write(self._first)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        whole = split(self._buffer)
        if whole is None:
            return
        head, body, self._buffer = whole
        latency = time.perf_counter() - self._since
        self._asked = False
        if b" 200 " not in head[:13]:
            self._drive.failed(f"expected 200, found {head!r} {body!r}")
            return
        free = self
        if b"connection: close" in head.lower():
            self.close()
            free = Caller(self._drive, self._port)
        self._drive.answered(free, latency, body)

    def connection_lost(self, exc: Exception | None) -> None:  # asyncio's signature
        self._drive.open.discard(self)
        if self._asked:
            self._drive.failed("a connection ended before its answer")

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


async def drive(
    port: int,
    requests: Iterable[bytes],
    *,
    count: int,
    connections: int,
    per_second: float | None = None,
    at_most: float = 60.0,
) -> Sample:
    """Send `count` requests to 127.0.0.1 and wait for every answer.

    Args:
        per_second: requests become due at this rate; without it, each connection sends its next
            request as soon as the last is answered.
        at_most: seconds after which the run is given up.

    Raises:
        LoadError: an answer other than 200, or too little time.
    """
    loop = asyncio.get_running_loop()
    run = Drive(iter(requests), count, loop.create_future(), paced=per_second is not None)
    callers = [Caller(run, port) for _ in range(connections)]
    began, worked = time.perf_counter(), time.process_time()
    try:
        async with asyncio.timeout(at_most):
            if per_second is None:
                for caller, request in zip(callers, run.requests, strict=False):
                    caller.send(time.perf_counter(), request)
            else:
                run.idle.extend(callers)
                await _pace(run, count, per_second)
            await run.finished
    except TimeoutError:
        raise LoadError(f"{len(run.latencies)} of {count} answers in {at_most:g} s") from None
    finally:
        ended, spent = time.perf_counter(), time.process_time()
        for caller in run.open:
            caller.close()
    return Sample(ended - began, run.latencies, run.bodies, (spent - worked) / (ended - began))


async def _pace(run: Drive, count: int, per_second: float) -> None:
    began = time.perf_counter()
    for number in range(count):
        early = began + number / per_second - time.perf_counter()
        if early > 0:
            await asyncio.sleep(early)
        run.now_due(next(run.requests))
