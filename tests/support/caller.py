"""A merchant's side of Daraja over real sockets: raw bytes, keep-alive, pipelining."""

import asyncio
import base64
import json
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

import httptools

from support.daraja import PUSH_PATH, QUERY_PATH, TIMESTAMP, password, push_body

SECONDS = 10
OAUTH_PATH = "/oauth/v1/generate"
GRANT = "?grant_type=client_credentials"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body, parse_float=Decimal)

    @property
    def hint(self) -> str | None:
        return self.headers.get("x-darajasim-hint")


class Line(asyncio.Protocol):
    """One connection. Requests go out at once; answers come back in their order."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[Answer]] = deque()
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self.transport: asyncio.Transport | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        self.transport = transport

    def ask(self, raw: bytes) -> "asyncio.Future[Answer]":
        """Send a request; the future is its answer."""
        answer = asyncio.get_running_loop().create_future()
        if self.transport.is_closing():
            answer.set_exception(ConnectionError("the connection is closed"))
            return answer
        self._waiting.append(answer)
        self.transport.write(raw)
        return answer

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(ConnectionError(f"dropped before an answer ({exc})"))
        if not self.lost.done():
            self.lost.set_result(None)

    def on_message_begin(self) -> None:
        self._headers, self._body = {}, bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        answer = Answer(self._parser.get_status_code(), self._headers, bytes(self._body))
        waiting = self._waiting.popleft()
        if not waiting.done():
            waiting.set_result(answer)


def request(method: str, path: str, *, headers: dict | None = None, body: bytes | None = None):
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: daraja"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def basic(key: str = "key", secret: str = "secret") -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def query_body(checkout_request_id: str, **changes) -> dict:
    """A query that would be answered, with changes; a change to `...` leaves the field out."""
    body = {
        "BusinessShortCode": "174379",
        "Password": password(),
        "Timestamp": TIMESTAMP,
        "CheckoutRequestID": checkout_request_id,
    } | changes
    return {key: value for key, value in body.items() if value is not ...}


class Caller:
    """An application that uses Daraja over one connection.

    Attributes:
        prefix: put before every path.
        extra: headers added to every request.
    """

    def __init__(self, line: Line, *, prefix: str = "", extra: dict | None = None) -> None:
        self.line = line
        self.prefix = prefix
        self.extra = extra or {}
        self.bearer = ""

    async def ask(self, method: str, path: str, *, headers=None, body: bytes | None = None):
        raw = request(method, self.prefix + path, headers=self.extra | (headers or {}), body=body)
        async with asyncio.timeout(SECONDS):
            return await self.line.ask(raw)

    async def token(self, key: str = "key", *, query: str = GRANT, secret: str = "secret"):
        answer = await self.ask(
            "GET", OAUTH_PATH + query, headers={"Authorization": basic(key, secret)}
        )
        if answer.status == 200:
            self.bearer = answer.json["access_token"]
        return answer

    async def post(self, path: str, body: object, **headers):
        sent = {"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json"}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.ask("POST", path, headers=sent | headers, body=raw)

    async def push(self, **changes):
        return await self.post(PUSH_PATH, push_body(**changes))

    async def query(self, checkout_request_id: str, **changes):
        return await self.post(QUERY_PATH, query_body(checkout_request_id, **changes))

    async def get(self, path: str):
        return await self.ask("GET", path)


@asynccontextmanager
async def lines(host: str, port: int, count: int = 1):
    """So many connections to a server."""
    loop = asyncio.get_running_loop()
    made = []
    try:
        for _ in range(count):
            _transport, line = await loop.create_connection(Line, host, port)
            made.append(line)
        yield made
    finally:
        for line in made:
            line.transport.close()


@asynccontextmanager
async def caller(server, **options):
    """An application on a connection of its own; `server` has a host and a port."""
    async with lines(server.host, server.port) as (line,):
        yield Caller(line, **options)
