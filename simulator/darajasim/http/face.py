"""The Daraja face: an ASGI application that routes, reads, asks the operation and answers.

It is the outermost callable, because the faults of bytes need the server's own transport; the
`/_sim/` control pages behind it are an ordinary Starlette application.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import logging
import math
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from darajasim.core.clock import Clock
from darajasim.core.namespace import Namespace
from darajasim.core.rules import CUTTING, Fault
from darajasim.core.simulator import Simulator, TooManyNamespacesError
from darajasim.core.wire import MAX_BODY_BYTES, dumps
from darajasim.http.control_inbox import RAW_SEND
from darajasim.http.faults import commit, hang_up
from darajasim.operations import Operation, operations
from darajasim.operations.business import record
from darajasim.operations.call import Answer, Call, Refusal, bearer_of
from darajasim.operations.oauth import basic_credentials
from darajasim.operations.refusals import refuse

NAMESPACE_HEADER = "x-darajasim-namespace"
NAMESPACE_PREFIX = "/_ns/"
CONTROL_PREFIX = "/_sim"
HINT_HEADER = b"x-darajasim-hint"
MOST_PIECES = 200
"""In how many pieces a body trickles; a short one goes byte by byte."""
LINGER_SECONDS = 1.0
LINGER_BYTES = 22 * MAX_BODY_BYTES

logger = logging.getLogger("darajasim")


class ClientGoneError(Exception):
    """The caller hung up before the whole request had arrived."""


class DarajaFace:
    """The paths of Daraja, and `/_sim/` for the developer.

    Args:
        simulator: what answers.
        control: the application behind `/_sim/`; it also gets the lifespan events.
    """

    def __init__(self, simulator: Simulator, control: ASGIApp) -> None:
        self._simulator = simulator
        self._control = control
        self._operations = operations()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
                await self._control({**scope, RAW_SEND: send}, receive, send)
            else:
                await self._respond(scope, receive, send)
        except ClientGoneError:
            return
        except asyncio.CancelledError:  # the server stops, and this caller's answer is not due yet
            if not hang_up(send, reset=True):
                raise

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        call, named = await _read(scope, receive)
        try:
            namespace = self._namespace(call, named)
        except TooManyNamespacesError as error:
            await _send(send, Answer(503, str(error).encode(), "text/plain"))
            return
        answer = self._answer(namespace, call)
        if answer.hint is not None and logger.isEnabledFor(logging.INFO):
            shown = f"{call.method} {one_line(call.path)}: {answer.status}: {one_line(answer.hint)}"
            logger.info("%s", shown)
        if answer.hold is not None:
            await answer.hold()
        if answer.after:
            await namespace.clock.sleep(answer.after)
        if answer.fault is not None:
            fault = await _begin(send, answer) if answer.fault in CUTTING else answer.fault
            await commit(fault, scope, receive, send)
        elif call.oversized:
            await _send_early(send, answer, receive)
        elif answer.drip:
            await _drip(send, answer, namespace.clock)
        else:
            await _send(send, answer)

    def _namespace(self, call: Call, named: str | None) -> Namespace:
        if named is None and len(self._simulator.namespaces) == 1:
            return self._simulator.default
        header = call.headers.get("authorization")
        key, _secret = basic_credentials(header)
        return self._simulator.locate(named=named, token=bearer_of(header), consumer_key=key)

    def _answer(self, namespace: Namespace, call: Call) -> Answer:
        operation = self._operations.get(call.path)
        if operation is None:
            return self._unknown_path(namespace, call)
        if call.method not in (operation.method, *getattr(operation, "other_methods", ())):
            return _wrong_method(namespace, call, operation)
        return operation.respond(namespace, call)

    def _unknown_path(self, namespace: Namespace, call: Call) -> Answer:
        near = difflib.get_close_matches(call.path, self._operations, n=1)
        hint = "no operation has this path" + (f"; did you mean {near[0]}?" if near else "")
        key = "unknown-path"
        if namespace.profile.unknown_path == "coded":  # the portal's code depends on the product
            nearest = self._operations[near[0]] if near else None
            key = getattr(nearest, "path_refusal", "resource-not-found")
        answer = refuse(namespace, Refusal(key, hint))
        record(namespace, "unknown-path", answer)
        return answer


def _wrong_method(namespace: Namespace, call: Call, operation: Operation) -> Answer:
    hint = f"expected {operation.method} {operation.path}, found {call.method}"
    answer = refuse(namespace, Refusal(operation.method_refusal, hint))
    record(namespace, operation.name, answer)
    return answer


async def _read(scope: Scope, receive: Receive) -> tuple[Call, str | None]:
    """The whole request, and the namespace that it names."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path, named = scope["path"], headers.get(NAMESPACE_HEADER)
    if path.startswith(NAMESPACE_PREFIX):
        named, _, rest = path[len(NAMESPACE_PREFIX) :].partition("/")
        path = f"/{rest}"
    raw, oversized = await _read_body(headers, receive)
    text = scope["query_string"].decode("latin-1")
    query = dict(reversed(parse_qsl(text, keep_blank_values=True))) if text else {}
    return Call(scope["method"], path, headers, query, raw, oversized), named


async def _read_body(headers: Mapping[str, str], receive: Receive) -> tuple[bytes, bool]:
    """The body, or that it is too long; what is too long is not read to its end."""
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 12 or int(length) > MAX_BODY_BYTES):
        return b"", True
    chunks: list[bytes] = []
    total = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message.get("body", b"")
        total += len(chunk)
        if total > MAX_BODY_BYTES:
            return b"", True
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks) if len(chunks) > 1 else chunk, False


async def _send(send: Send, answer: Answer, *, closing: bool = False) -> None:
    body = await _send_head(send, answer, closing=closing)
    await send({"type": "http.response.body", "body": body, "more_body": closing})


async def _send_head(send: Send, answer: Answer, *, closing: bool = False) -> bytes:
    """Status and headers of the whole answer; the body that they promise."""
    body = answer.body if isinstance(answer.body, bytes) else dumps(answer.body)
    headers = [(b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", answer.content_type.encode("latin-1", "replace")))
    if answer.hint is not None:
        headers.append((HINT_HEADER, one_line(answer.hint).encode("ascii")))
    if closing:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    return body


async def _begin(send: Send, answer: Answer) -> Fault:
    """Send the first half of an answer; the fault that is left to do to the connection. What has
    no body cannot be cut, and is not sent at all.
    """
    if answer.body == b"" or answer.fault is None:
        return Fault.EMPTY
    body = await _send_head(send, answer)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    return answer.fault


async def _drip(send: Send, answer: Answer, clock: Clock) -> None:
    """Send the body in small pieces over `answer.drip` seconds."""
    body = await _send_head(send, answer)
    length = max(1, math.ceil(len(body) / MOST_PIECES))
    pieces = [body[start : start + length] for start in range(0, len(body), length)]
    for piece in pieces:
        await clock.sleep(answer.drip / len(pieces))
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_early(send: Send, answer: Answer, receive: Receive) -> None:
    """Answer a caller who is still sending, and close. What comes meanwhile is thrown away, within
    bounds: a connection closed with data unread is reset, and the answer would be lost with it.
    """
    await _send(send, answer, closing=True)
    left = LINGER_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    break
    await send({"type": "http.response.body", "body": b""})


def one_line(text: str) -> str:
    """As a header or a log may carry it: printable ASCII, at most 500 characters."""
    return "".join(char if " " <= char <= "~" else "?" for char in text[:500])
