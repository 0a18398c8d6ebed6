"""One HTTP/1.1 connection to a merchant: bytes out, a parsed answer back."""

from __future__ import annotations

import asyncio
from typing import cast

import httptools

HEAD_BYTES = 4096
"""How much of the merchant's answer is kept."""
ANSWER_BYTES = 1024 * 1024
"""How much of the merchant's answer is read; an answer may go on for ever."""


class NoAnswerError(Exception):
    """The connection gave no HTTP answer; the text says how it ended."""


class Connection(asyncio.Protocol):
    """Sends one request at a time and parses its answer with httptools."""

    # Plain timers and one parser for the connection's life: `asyncio.timeout` and a parser for
    # each callback took as long as everything else here together.

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._head = bytearray()
        self._read = 0
        self._keep = False
        self._headers_read = False
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @property
    def usable(self) -> bool:
        """Whether another request may go over this connection."""
        return self._keep and self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes, *, within: float) -> tuple[int, bytes]:
        """Send `request`; the status and the first bytes of the answer.

        Args:
            within: real seconds until an answer is no longer waited for.

        Raises:
            NoAnswerError: closed, reset, late, or answered with something that is not HTTP.
        """
        if self._transport is None or self._transport.is_closing():
            raise NoAnswerError("the connection was closed")
        self._head.clear()
        self._read = 0
        self._keep = self._headers_read = False
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        alarm = loop.call_later(within, self._fail, f"no answer within {within:g} s")
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            alarm.cancel()

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"the answer is not HTTP: {error}")
        self._read += len(data)
        if self._read > ANSWER_BYTES:
            self._stop_reading()

    def eof_received(self) -> bool:
        """An answer without a length ends with the connection."""
        if self._headers_read:
            self.on_message_complete()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._keep = False
        how = f"reset ({exc})" if exc is not None else "closed"
        self._fail(f"the connection was {how} before an answer")

    def on_message_begin(self) -> None:
        """httptools: an answer starts. A second one to one request spoils the connection."""
        self._headers_read = False
        if self._answer is not None and self._answer.done():
            self.close()

    def on_headers_complete(self) -> None:
        """httptools: the answer's head is whole."""
        self._headers_read = True

    def on_body(self, body: bytes) -> None:
        """httptools: a piece of the answer's body."""
        if len(self._head) < HEAD_BYTES:
            self._head += body[: HEAD_BYTES - len(self._head)]

    def on_message_complete(self) -> None:
        """httptools: the answer is whole."""
        if self._answer is None or self._answer.done():
            return
        status = self._parser.get_status_code()
        if status < 200:
            return
        self._keep = self._parser.should_keep_alive()
        self._answer.set_result((status, bytes(self._head)))

    def _stop_reading(self) -> None:
        """The status is known; the rest is not waited for."""
        if self._headers_read:
            self.on_message_complete()
        self._fail("the answer's head is too long")

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswerError(reason))
        self.close()
