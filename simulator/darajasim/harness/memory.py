"""HTTP without sockets: ASGI applications called in memory, with time-outs and faults as on a wire.

An application goes on working when its caller has given up, as a real server does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from darajasim.core.courier import UNFINISHED_SECONDS, Letter, Receipt
from darajasim.core.rules import Fault
from darajasim.http.faults import EXTENSION

Asgi = Any
"""An ASGI application; the three callables' types differ between frameworks."""

HEAD_CHARACTERS = 4096


@dataclass(slots=True)
class MemoryAnswer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


_SAID = {
    Fault.TRUNCATED: "the answer was cut",
    Fault.GARBAGE: "the answer was no HTTP",
}


class ConnectionFaultError(Exception):
    """The other side closed the connection instead of answering, or in the middle of an answer.

    Args:
        begun: as much of an answer as arrived.
    """

    def __init__(self, fault: Fault, begun: MemoryAnswer | None = None) -> None:
        super().__init__(_SAID.get(fault, f"connection {fault}"))
        self.fault = fault
        self.begun = begun


@dataclass(slots=True, eq=False)
class _Exchange:
    """One request in flight."""

    body: bytes
    answered: asyncio.Future[MemoryAnswer]
    whole: bool = True
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    asked: bool = False
    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)

    async def receive(self) -> dict[str, Any]:
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": self.body, "more_body": not self.whole}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            self.headers = list(message.get("headers", []))
            return
        self.chunks.append(message.get("body", b""))
        if not message.get("more_body", False) and not self.answered.done():
            self.answered.set_result(MemoryAnswer(self.status, self.headers, b"".join(self.chunks)))

    async def fault(self, fault: Fault) -> None:
        if fault is Fault.HANG:
            await self.gone.wait()
        elif not self.answered.done():
            begun = MemoryAnswer(self.status, self.headers, b"".join(self.chunks))
            cut = begun if fault is Fault.TRUNCATED else None
            self.answered.set_exception(ConnectionFaultError(fault, cut))


class Wire:
    """Calls one ASGI application. Keeps the tasks of calls whose callers have gone.

    Attributes:
        app: who answers.
        used: whether there was any call.
    """

    def __init__(self, app: Asgi) -> None:
        self.app = app
        self.used = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight: set[_Exchange] = set()

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
        seconds: float | None,
        whole: bool = True,
    ) -> MemoryAnswer:
        """One request and its answer.

        Args:
            whole: whether the body is all that was promised; else the rest never comes.

        Raises:
            TimeoutError: no answer within `seconds`.
            ConnectionFaultError: the application reset or closed the connection.
        """
        self.used = True
        loop = asyncio.get_running_loop()
        exchange = _Exchange(body, loop.create_future(), whole)
        task = loop.create_task(self._serve(exchange, _scope(method, url, headers, exchange)))
        self._tasks.add(task)
        self._in_flight.add(exchange)
        task.add_done_callback(lambda done: self._ended(done, exchange))
        try:
            async with asyncio.timeout(seconds):
                return await exchange.answered
        finally:
            exchange.gone.set()

    def _ended(self, task: asyncio.Task[None], exchange: _Exchange) -> None:
        self._tasks.discard(task)
        self._in_flight.discard(exchange)

    async def _serve(self, exchange: _Exchange, scope: dict[str, Any]) -> None:
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except Exception as error:  # noqa: BLE001  # a server answers 500 for whatever escapes
            asyncio.get_running_loop().call_exception_handler(
                {"message": "an application failed", "exception": error}
            )
        finally:
            if not exchange.answered.done():
                exchange.answered.set_result(MemoryAnswer(500, [], b"Internal Server Error"))

    @property
    def open(self) -> int:
        """How many calls are being worked on, whether or not their callers still wait."""
        return len(self._tasks)

    async def idle(self) -> None:
        """Return when no call is being worked on."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def kill(self) -> None:
        """End the calls that are being worked on; their callers see the connection reset."""
        for exchange in list(self._in_flight):
            await exchange.fault(Fault.RESET)
        await self.close()

    async def close(self) -> None:
        """End calls that are still being worked on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _scope(
    method: str, url: str, headers: Iterable[tuple[bytes, bytes]], exchange: _Exchange
) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": unquote(parts.path) or "/",
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in headers],
        "client": ("127.0.0.1", 50_000),
        "server": (parts.hostname, parts.port or 80),
        "extensions": {EXTENSION: exchange.fault},
    }


class MemoryTransport(httpx.AsyncBaseTransport):
    """An httpx transport to applications by host name."""

    def __init__(self, wires: Mapping[str, Wire]) -> None:
        self._wires = wires

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        wire = self._wires.get(request.url.host)
        if wire is None:
            raise httpx.ConnectError(f"nothing listens on {request.url.host}", request=request)
        timeouts = request.extensions.get("timeout", {})
        try:
            answer = await wire.call(
                request.method,
                str(request.url),
                headers=request.headers.raw,
                body=await request.aread(),
                seconds=timeouts.get("read"),
            )
        except TimeoutError:
            raise httpx.ReadTimeout("no answer in time", request=request) from None
        except ConnectionFaultError as error:
            return _broken(request, error)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)


def _broken(request: httpx.Request, error: ConnectionFaultError) -> httpx.Response:
    """What httpx makes of a broken connection.

    Raises:
        httpx.RequestError: no answer has begun.
    """
    if error.begun is not None:
        begun = error.begun
        return httpx.Response(begun.status, headers=begun.headers, stream=_Cut(begun.body))
    if error.fault is Fault.RESET:
        raise httpx.ReadError("connection reset by peer", request=request) from None
    if error.fault is Fault.GARBAGE:
        raise httpx.RemoteProtocolError("illegal status line", request=request) from None
    raise httpx.RemoteProtocolError(
        "Server disconnected without sending a response.", request=request
    ) from None


class _Cut(httpx.AsyncByteStream):
    """A body whose connection closes in its middle."""

    def __init__(self, begun: bytes) -> None:
        self._begun = begun

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._begun:
            yield self._begun
        raise httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {len(self._begun)} bytes)"
        )


class MemoryCourier:
    """Carries callbacks to applications by host name."""

    def __init__(self, wires: Mapping[str, Wire], *, answer_seconds: float = 30.0) -> None:
        self._wires = wires
        self._answer_seconds = answer_seconds

    async def send(self, letter: Letter, *, within: float | None = None) -> Receipt:
        """POST the letter once, and wait `within` seconds for the answer."""
        patience = self._answer_seconds if within is None else within
        if letter.promised is not None:
            patience = min(patience, UNFINISHED_SECONDS)
        host = urlsplit(letter.url).hostname or ""
        wire = self._wires.get(host)
        if wire is None:
            return Receipt(None, error=f"cannot connect to {host}: nothing listens")
        headers = [(name.encode(), value.encode()) for name, value in letter.headers.items()]
        if letter.promised is not None:
            headers.append((b"content-length", str(letter.promised).encode()))
        try:
            answer = await wire.call(
                "POST",
                letter.url,
                headers=headers,
                body=letter.body,
                seconds=patience,
                whole=letter.promised is None,
            )
        except TimeoutError:
            return Receipt(None, error=f"no answer within {patience:g} s")
        except ConnectionFaultError as error:
            return Receipt(None, error=str(error))
        return Receipt(answer.status, answer.body[:HEAD_CHARACTERS].decode("utf-8", "replace"))
