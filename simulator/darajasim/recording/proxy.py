"""The proxy between an application and a Daraja: passes everything on, and keeps what it saw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.types import Receive, Scope, Send

from darajasim.core.clock import Clock
from darajasim.core.rules import Fault
from darajasim.http.faults import commit, hang_up
from darajasim.recording.callback_urls import rewritten
from darajasim.recording.transcript import CallbackUrl, Delivery, Exchange, Transcript

CALLBACKS = "/_record/"
"""Below it are the recorder's own callback URLs."""
UNRECORDED = "/_sim"
"""Passed on and not kept: a simulator's control pages are no part of Daraja."""
MOST_BYTES = 8 * 1024 * 1024
ANSWER_SECONDS = 120.0
"""How long the recorder waits for an answer; longer than applications do."""
_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding",
     b"upgrade", b"host", b"content-length", b"proxy-authorization", b"proxy-authenticate"}
)  # fmt: skip
"""Headers that speak of one connection only."""
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    text: bytes = field(repr=False)
    failure: str = ""

    @property
    def content_type(self) -> str:
        found = dict(self.headers).get(b"content-type", b"")
        return found.decode("latin-1")


class Recorder:
    """An ASGI application.

    Args:
        upstream: base URL of the Daraja; the application's path is added to its path.
        public: base URL at which that Daraja reaches this recorder.
        changed: called whenever an exchange or a callback has ended.
    """

    def __init__(
        self,
        upstream: str,
        public: str,
        client: httpx.AsyncClient,
        clock: Clock,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.transcript = Transcript()
        self._upstream = upstream.rstrip("/")
        self._public = public.rstrip("/")
        self._client = client
        self._clock = clock
        self._changed = changed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            await self._serve(scope, receive, send)
        except asyncio.CancelledError:  # the recorder stops, and the answer has not come yet
            if not hang_up(send, reset=True):
                raise

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None:
            await _send(send, _refusal(413, "more than the recorder passes on (8 MiB)"))
        elif scope["path"].startswith(CALLBACKS):
            await self._callback(scope, receive, send, body)
        else:
            await self._request(scope, receive, send, body)

    async def _request(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        seen = Exchange(self._clock.time(), scope["method"], scope["path"], query, headers, body)
        if not scope["path"].startswith(UNRECORDED):
            self.transcript.keep(seen)
        forwarded = rewritten(body, lambda name, url: self._place(seen, name, url))
        target = self._upstream + _raw_path(scope) + (f"?{query}" if query else "")
        answer = await self._asked(seen, scope["method"], target, scope["headers"], forwarded)
        if answer is None:
            await commit(Fault(seen.fault), scope, receive, send)
            return
        await _send(send, answer)

    async def _callback(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        number, _, rest = scope["path"][len(CALLBACKS) :].partition("/")
        urls = self.transcript.urls
        if rest or not number.isascii() or not number.isdecimal() or int(number) >= len(urls):
            await _send(send, _refusal(404, "no callback URL of this recording"))
            return
        seen = Delivery(self._clock.time(), int(number), body)
        self.transcript.keep(seen)
        query = scope["query_string"].decode("latin-1")
        url = urls[int(number)].url.partition("#")[0]
        target = url + (("&" if "?" in url else "?") + query if query else "")
        answer = await self._asked(seen, scope["method"], target, scope["headers"], body)
        if answer is None:
            await commit(Fault(seen.fault), scope, receive, send)
            return
        await _send(send, answer)

    async def _asked(
        self, seen: Exchange | Delivery, method: str, url: str, headers: Headers, body: bytes
    ) -> _Answer | None:
        """What the other side answered, kept in `seen`; None when the connection broke."""
        try:
            answer = await self._pass_on(method, url, headers, body)
            if answer.failure:
                seen.fault = "" if isinstance(seen, Exchange) else "reset"
                if isinstance(seen, Exchange):
                    seen.failure = answer.failure
            seen.status, seen.content_type = answer.status, answer.content_type
            seen.answer = answer.text
        except (httpx.ReadError, httpx.WriteError):
            seen.fault = "reset"
            return None
        except httpx.RemoteProtocolError:
            seen.fault = "empty"
            return None
        except asyncio.CancelledError:
            seen.fault = "hang"
            raise
        else:
            return answer
        finally:
            seen.answered = self._clock.time()
            self._changed()

    async def _pass_on(self, method: str, url: str, headers: Headers, body: bytes) -> _Answer:
        named = {item.strip() for key, value in headers if key == b"connection"
                 for item in value.lower().split(b",")}  # fmt: skip
        kept = [(k, v) for k, v in headers if k not in _HOP and k not in named]
        try:
            request = httpx.Request(
                method, url, headers=kept, content=body,
                extensions={"timeout": httpx.Timeout(ANSWER_SECONDS).as_dict()},
            )  # fmt: skip
            response = await self._client.send(request, stream=True, follow_redirects=False)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            raise
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            return _refusal(504, "the other side has not answered the recorder")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            # Its message may quote a header; it is neither shown nor kept.
            return _refusal(502, "the recorder cannot reach the other side")
        try:
            raw = b"".join([chunk async for chunk in response.aiter_raw()])
        except httpx.TimeoutException:
            return _refusal(504, "the other side has not answered the recorder")
        finally:
            await response.aclose()
        back = [(k.lower(), v) for k, v in response.headers.raw if k.lower() not in _HOP]
        return _Answer(response.status_code, back, raw, _decoded(response, raw))

    def _place(self, seen: Exchange, name: str, url: str) -> str:
        """The recorder's own URL for one of the application's."""
        urls = self.transcript.urls
        for number, known in enumerate(urls):
            if known.url == url and known.exchange is seen and known.name == name:
                return f"{self._public}{CALLBACKS}{number}"
        urls.append(CallbackUrl(seen, name, url))
        return f"{self._public}{CALLBACKS}{len(urls) - 1}"


def _raw_path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    return raw.decode("latin-1").partition("?")[0] if raw else str(scope["path"])


def _decoded(response: httpx.Response, raw: bytes) -> bytes:
    """The body without its content encoding, where it can be taken off."""
    if "content-encoding" not in response.headers:
        return raw
    try:
        return httpx.Response(200, headers=response.headers, content=raw).content
    except httpx.DecodingError:
        return raw


def _refusal(status: int, text: str) -> _Answer:
    body = f'{{"fault":{{"faultstring":"{text}","detail":{{"errorcode":"recorder"}}}}}}'.encode()
    headers = [(b"content-type", b"application/json"), (b"via", b"darajasim-record")]
    return _Answer(status, headers, body, body, text)


async def _read(receive: Receive) -> bytes | None:
    chunks: list[bytes] = []
    total = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        total += len(chunk)
        if total > MOST_BYTES:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _send(send: Send, answer: _Answer) -> None:
    length = (b"content-length", str(len(answer.body)).encode())
    headers: Iterable[Any] = [*answer.headers, length] if answer.status != 204 else answer.headers
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def upstream_problem(url: str) -> str | None:
    """Why a text is no base URL of a Daraja; None when it is one."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "expected a URL such as https://sandbox.safaricom.co.ke"
    if parts.scheme not in ("http", "https") or not host:
        return "expected a URL such as https://sandbox.safaricom.co.ke"
    if parts.query or parts.fragment or "@" in parts.netloc:
        return "expected a base URL without user, query and fragment"
    return None
