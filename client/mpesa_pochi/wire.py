"""Sending a request over httpx and saying truthfully what became of it."""

import asyncio
import logging
from dataclasses import dataclass

import httpx

from mpesa_pochi.answers import LARGEST, Operation, RawAnswer, Redact
from mpesa_pochi.errors import Unreachable

CONNECTIONS = 8
"""At most. One httpx client collapses beyond eight: 463 calls/s at 8, 121 at 128 (measured)."""

CONNECT_PAUSES = (0.5, 1.0)
"""Seconds before the second and third attempt to connect. Nothing was sent, so all may retry."""

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_LOST = (httpx.RequestError, httpx.StreamError, httpx.InvalidURL, OSError)

logger = logging.getLogger("mpesa_pochi")


@dataclass(frozen=True, slots=True)
class _Silence:
    """No answer: why, and whether a byte of the request may have reached anyone."""

    why: str
    sent: bool


class Wire:
    """One httpx client to one Daraja."""

    def __init__(
        self, base_url: str, *, transport: httpx.AsyncBaseTransport | None, timeout: float
    ) -> None:
        secure = base_url.startswith("https://")
        self._base_url = base_url
        self._timeout = timeout
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._http = httpx.AsyncClient(
            transport=transport,
            # A TLS context costs 53 ms and proxies are for the internet: a simulator needs neither.
            verify=secure,
            trust_env=secure,
            timeout=httpx.Timeout(timeout, connect=min(10.0, timeout / 2)),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            headers={"Accept-Encoding": "identity", "User-Agent": "mpesa-pochi"},
            follow_redirects=False,
        )

    @property
    def closed(self) -> bool:
        return self._http.is_closed

    def request(
        self, method: str, path: str, *, authorization: str, body: bytes | None = None
    ) -> httpx.Request:
        """A request, whose `repr` shows neither its headers nor its body."""
        headers = {"Authorization": authorization, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._http.build_request(
            method, self._base_url + path, headers=headers, content=body
        )

    async def send(self, request: httpx.Request, operation: Operation, redact: Redact) -> RawAnswer:
        """The answer. A connection that could not be established is tried again, twice.

        Raises:
            Unreachable: there is none; `sent` says whether the request may have arrived.
        """
        result = await self._attempt(request, redact)
        for pause in CONNECT_PAUSES:
            if isinstance(result, RawAnswer) or result.sent:
                break
            logger.info("%s: not connected, trying again in %s s", operation.value, pause)
            await asyncio.sleep(pause)
            result = await self._attempt(request, redact)
        if isinstance(result, RawAnswer):
            return result
        # Raised outside any `except`: the exceptions of httpx hold the request and so its secrets.
        raise Unreachable(result.why, operation=operation.value, sent=result.sent)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _attempt(self, request: httpx.Request, redact: Redact) -> "RawAnswer | _Silence":
        try:
            async with asyncio.timeout(self._timeout):
                await self._free.acquire()
        except TimeoutError:
            return _Silence(f"all {CONNECTIONS} connections busy for {self._timeout:g} s", False)
        try:
            return await self._exchange(request, redact)
        finally:
            self._free.release()

    async def _exchange(self, request: httpx.Request, redact: Redact) -> "RawAnswer | _Silence":
        """One attempt. The deadline is for all of it, so that no trickle of bytes outlives it."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._answer(request)
        except _NEVER_SENT as error:
            return _Silence(f"not connected: {_said(error, redact)}", sent=False)
        except TimeoutError:
            return _Silence(f"no whole answer within {self._timeout:g} s", sent=True)
        except _LOST as error:
            return _Silence(f"connection lost: {_said(error, redact)}", sent=True)

    async def _answer(self, request: httpx.Request) -> RawAnswer:
        response = await self._http.send(request, stream=True)
        try:
            body = await _read(response)
        finally:
            await response.aclose()
        return RawAnswer(
            status=response.status_code,
            content_type=response.headers.get("content-type", "")[:100],
            body=body[:LARGEST],
            complete=len(body) <= LARGEST,
        )


async def _read(response: httpx.Response) -> bytes:
    """The body, or the first part of one that is too large."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        # Compressed although it was asked not to be: a few bytes could unpack to gigabytes.
        return b"(compressed)"
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST:
            break
    return bytes(body)


def _said(error: Exception, redact: Redact) -> str:
    return f"{type(error).__name__} {redact(str(error))[:200]}".strip()
