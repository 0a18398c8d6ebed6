"""Sending one request over httpx and saying truthfully what became of it."""

import asyncio
from threading import BoundedSemaphore
from typing import TypedDict

import httpx

from mpesa_pochi import clock
from mpesa_pochi.rawanswer import LARGEST, RawAnswer, Redact
from mpesa_pochi.steps import Attempt, Silence

CONNECTIONS = 8
"""At most. One httpx client collapses beyond eight: 463 calls/s at 8, 121 at 128 (measured)."""

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_LOST = (httpx.RequestError, httpx.StreamError, httpx.InvalidURL, OSError)


class _Options(TypedDict):
    verify: bool
    trust_env: bool
    timeout: httpx.Timeout
    limits: httpx.Limits
    headers: dict[str, str]
    follow_redirects: bool


class Wire:
    """One httpx client to one Daraja.

    Args:
        timeout: seconds for one whole exchange, from connecting to the last byte.
    """

    def __init__(
        self, base_url: str, *, transport: httpx.AsyncBaseTransport | None, timeout: float
    ) -> None:
        self._base_url = base_url
        self._timeout = timeout
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._http = httpx.AsyncClient(transport=transport, **_options(base_url, timeout))

    @property
    def closed(self) -> bool:
        return self._http.is_closed

    async def attempt(self, step: Attempt) -> RawAnswer | Silence:
        """One attempt, once one of the connections is free."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._free.acquire()
        except TimeoutError:
            return _busy(self._timeout)
        try:
            return await self._exchange(step)
        finally:
            self._free.release()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _exchange(self, step: Attempt) -> RawAnswer | Silence:
        """The deadline is for all of it, so that no trickle of bytes outlives it."""
        try:
            async with asyncio.timeout(self._timeout):
                request = self._http.build_request(**_request(self._base_url, step))
                response = await self._http.send(request, stream=True)
                try:
                    return _answer(response, await _read(response))
                finally:
                    await response.aclose()
        except _LOST as error:
            return _silence(error, self._timeout, step.redact)


class BlockingWire:
    """The same for threads."""

    def __init__(
        self, base_url: str, *, transport: httpx.BaseTransport | None, timeout: float
    ) -> None:
        self._base_url = base_url
        self._timeout = timeout
        self._free = BoundedSemaphore(CONNECTIONS)
        self._http = httpx.Client(transport=transport, **_options(base_url, timeout))

    @property
    def closed(self) -> bool:
        return self._http.is_closed

    def attempt(self, step: Attempt, within: float | None = None) -> RawAnswer | Silence:
        """One attempt, once one of the connections is free.

        The deadline is looked at after each piece of the body: a server that sends it in small
        pieces can outlast it by one piece, for which httpx waits as long again.

        Args:
            within: seconds, where they are fewer than the wire's own.
        """
        seconds = self._timeout if within is None else min(within, self._timeout)
        if not self._free.acquire(timeout=seconds):
            return _busy(seconds)
        try:
            return self._exchange(step, seconds)
        finally:
            self._free.release()

    def close(self) -> None:
        self._http.close()

    def _exchange(self, step: Attempt, seconds: float) -> RawAnswer | Silence:
        ends_at = clock.monotonic() + seconds
        try:
            request = self._http.build_request(
                **_request(self._base_url, step), timeout=_patience(seconds)
            )
            response = self._http.send(request, stream=True)
            try:
                return _answer(response, _read_until(response, ends_at))
            finally:
                response.close()
        except _LOST as error:
            return _silence(error, seconds, step.redact)
        except RuntimeError:
            if not self.closed:
                raise
            return Silence("the client was closed by another thread", sent=True)


def _options(base_url: str, timeout: float) -> _Options:
    secure = base_url.startswith("https://")
    return {
        # A TLS context costs 53 ms and proxies are for the internet: a simulator needs neither.
        "verify": secure,
        "trust_env": secure,
        "timeout": _patience(timeout),
        "limits": httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        "headers": {"Accept-Encoding": "identity", "User-Agent": "mpesa-pochi"},
        "follow_redirects": False,
    }


def _patience(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(10.0, seconds / 2))


class _Parts(TypedDict):
    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None


def _request(base_url: str, step: Attempt) -> _Parts:
    headers = {"Authorization": step.authorization.reveal(), "Accept": "application/json"}
    if step.body is None:
        content = None
    else:
        headers["Content-Type"] = "application/json"
        content = step.body.reveal().encode("utf-8", "replace")
    return _Parts(method=step.method, url=base_url + step.path, headers=headers, content=content)


def _answer(response: httpx.Response, body: bytes) -> RawAnswer:
    return RawAnswer(
        status=response.status_code,
        content_type=response.headers.get("content-type", "")[:100],
        body=body[:LARGEST],
        complete=len(body) <= LARGEST,
    )


_COMPRESSED = b"(compressed)"
"""Read instead of a body that was compressed although it was asked not to be: a few bytes could
unpack to gigabytes."""


def _is_compressed(response: httpx.Response) -> bool:
    encoding: str = response.headers.get("content-encoding", "identity")
    return encoding.lower() != "identity"


async def _read(response: httpx.Response) -> bytes:
    """The body, or the first part of one that is too large."""
    if _is_compressed(response):
        return _COMPRESSED
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST:
            break
    return bytes(body)


def _read_until(response: httpx.Response, ends_at: float) -> bytes:
    """The same. Raises TimeoutError when there is more of it at `ends_at`."""
    if _is_compressed(response):
        return _COMPRESSED
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            break
        if clock.monotonic() > ends_at:
            raise TimeoutError
    return bytes(body)


def _busy(seconds: float) -> Silence:
    return Silence(f"all {CONNECTIONS} connections busy for {seconds:g} s", sent=False)


def _silence(error: Exception, seconds: float, redact: Redact) -> Silence:
    """What an exception proves. Nothing is raised from it: httpx's hold the request's secrets."""
    if isinstance(error, _NEVER_SENT):
        return Silence(f"not connected: {_said(error, redact)}", sent=False)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Silence(f"no whole answer within {seconds:g} s", sent=True)
    return Silence(f"connection lost: {_said(error, redact)}", sent=True)


def _said(error: Exception, redact: Redact) -> str:
    return f"{type(error).__name__} {redact(str(error))[:200]}".strip()
