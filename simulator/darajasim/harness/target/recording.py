"""What goes over real sockets, kept for those who want to read it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from darajasim.harness.exchanges import (
    Exchange,
    Exchanges,
    Place,
    open_headers,
    open_text,
)
from darajasim.http.face import HINT_HEADER


@dataclass(slots=True, eq=False)
class Recorder:
    """Keeps exchanges."""

    exchanges: Exchanges

    def begin(
        self, method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes = b""
    ) -> Recording:
        """Something begins to go over a wire."""
        exchanges = self.exchanges
        return Recording(
            exchanges, method, url, headers, body, exchanges.clock.time(), exchanges.place()
        )


@dataclass(slots=True, eq=False)
class Recording:
    """One exchange whose answer has not come."""

    exchanges: Exchanges
    method: str
    url: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    asked: float
    before: Place

    def end(self, status: int | None, answer: bytes = b"", fault: str = "", hint: str = "") -> None:
        """The answer has come, or will not."""
        self.exchanges.keep(
            Exchange(
                method=self.method,
                url=self.url,
                asked=self.asked,
                before=self.before,
                answered=self.exchanges.clock.time(),
                after=self.exchanges.place(),
                headers=open_headers(self.headers),
                body=open_text(self.body),
                status=status,
                answer=open_text(answer),
                fault=fault,
                hint=hint,
            )
        )


class RecordedFace:
    """Daraja's face with every request kept.

    Args:
        base: what is put before the path of each.
    """

    def __init__(self, app: ASGIApp, recorder: Recorder, base: str) -> None:
        self._app = app
        self._recorder = recorder
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        url = f"{self._base}{scope['path']}"
        going = self._recorder.begin(scope["method"], url, list(scope["headers"]))

        async def received() -> Message:
            message = await receive()
            going.body += message.get("body", b"")
            return message

        answered = _Answered(send)
        try:
            await self._app(scope, received, answered)
        finally:
            fault = "" if answered.status else "no answer"
            going.end(answered.status, bytes(answered.body), fault, answered.hint)


class _Answered:
    """The server's `send`, with what goes through it kept.

    Faults of bytes reach for the server's own request cycle, whose method `send` is: `__self__` is
    passed on.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None
        self.body = bytearray()
        self.hint = ""
        if hasattr(send, "__self__"):
            self.__self__ = send.__self__

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            found = dict(message.get("headers", ()))
            self.hint = found.get(HINT_HEADER, b"").decode("latin-1")
        self.body += message.get("body", b"")
        await self._send(message)
