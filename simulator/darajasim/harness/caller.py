"""Calling Daraja as the scenario itself, without the client."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from darajasim.core.events import Event, RequestAnswered
from darajasim.core.namespace import Namespace
from darajasim.core.wire import MalformedJson, dumps, loads
from darajasim.harness import inbox
from darajasim.harness.called import Called
from darajasim.harness.filling import Filling
from darajasim.harness.memory import ConnectionFaultError, MemoryAnswer, Wire
from darajasim.operations import named
from darajasim.operations.business import BusinessOperation
from darajasim.operations.fields import CALLBACK
from darajasim.scenarios.products import products
from darajasim.scenarios.steps import Call, Example, Raw, Written

if TYPE_CHECKING:
    from darajasim.scenarios.document import Document

USUAL_APP = ("merchant", "secret")
CALL_SECONDS = 60.0
"""How long a call waits for its answer."""
HANG = "hang"

_calling: ContextVar[Called | None] = ContextVar("calling", default=None)


class NoTokenError(Exception):
    """Daraja gave no access token."""


@dataclass(slots=True)
class Caller:
    """Makes the calls of one scenario.

    Args:
        base: scheme and host of Daraja, which `wire` leads to.
    """

    namespace: Namespace
    wire: Wire
    base: str
    _tokens: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.namespace.journal.listen(_hear)

    async def call(self, step: Call, called: Called, filling: Filling) -> None:
        """Make a call, and keep what came of it in `called`.

        Args:
            filling: fills in what earlier steps brought.

        Raises:
            NoTokenError: there was no token to call with.
            UnknownValueError: an earlier step has not brought what this one sends.
        """
        operation = products()[step.operation].version(step.path)
        body = _body(step, operation, filling)
        headers = [(b"content-type", (step.content_type or "application/json").encode())]
        if (bearer := await self._bearer(step, filling)) is not None:
            headers.append((b"authorization", f"Bearer {bearer}".encode()))
        path, method = step.path or operation.path, step.method or operation.method
        with hearing(called):
            try:
                answer = await self._send(method, path, headers, body)
                called.answered(answer.status, answer.body)
            except ConnectionFaultError as error:
                called.fault = error.fault
            except TimeoutError:
                called.fault = HANG

    async def _bearer(self, step: Call, filling: Filling) -> str | None:
        if step.bearer is not None:
            token = step.bearer.token
            return None if token is None else str(filling.filled(token))
        return await self._token(step.app or self._app())

    def _app(self) -> tuple[str, str]:
        """The merchant's own app; where the world names others only, the first of them."""
        apps = self.namespace.world.apps
        if not apps or USUAL_APP[0] in apps:
            found = apps.get(USUAL_APP[0])
        else:
            found = next(iter(apps.values()))
        return (found.consumer_key, found.consumer_secret) if found else USUAL_APP

    async def _token(self, app: tuple[str, str]) -> str:
        token, until = self._tokens.get(app, ("", 0.0))
        now = self.namespace.clock.time()
        if now < until:
            return token
        (oauth,) = named()["oauth"]
        basic = base64.b64encode(":".join(app).encode())
        path = f"{oauth.path}?grant_type=client_credentials"
        try:
            headers = [(b"authorization", b"Basic " + basic)]
            answer = await self._send(oauth.method, path, headers, b"")
        except (ConnectionFaultError, TimeoutError) as error:
            raise NoTokenError(f"no access token: {str(error) or 'no answer'}") from None
        try:
            found = loads(answer.body)
            token, lifetime = found["access_token"], float(found["expires_in"])
        except (MalformedJson, KeyError, TypeError, ValueError):
            shown = answer.body.decode("utf-8", "replace")
            raise NoTokenError(f"no access token: HTTP {answer.status} {shown}".strip()) from None
        self._tokens[app] = (token, now + lifetime)
        return str(token)

    async def _send(
        self, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> MemoryAnswer:
        return await self.wire.call(
            method, f"{self.base}{path}", headers=headers, body=body, seconds=CALL_SECONDS
        )


def _body(step: Call, operation: BusinessOperation, filling: Filling) -> bytes:
    match step.body:
        case Raw(text):
            return str(filling.filled(text)).encode()
        case Example(changes, without):
            body = example(operation) | dict(changes)
            sent: Document = {key: body[key] for key in body if key not in without}
            return dumps(filling.filled(sent))
        case Written(body):
            return dumps(filling.filled(body))


def example(operation: BusinessOperation) -> dict[str, Any]:
    """The operation's example, with callback URLs that lead to the inbox."""
    return {
        field.name: _at_inbox(field.example, inbox.url(operation, field.name))
        if field.name not in operation.callbacks.values()
        else inbox.url(operation, field.name)
        for field in operation.fields
        if field.example is not ...
    }


def _at_inbox(value: Any, url: str) -> Any:
    if value == CALLBACK:
        return url
    if isinstance(value, Mapping):
        return {key: _at_inbox(inner, url) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_at_inbox(inner, url) for inner in value]
    return value


@contextmanager
def hearing(called: Called) -> Iterator[None]:
    """What the simulator answers in the meantime, to whoever is asked within, is about `called`."""
    mark = _calling.set(called)
    try:
        yield
    finally:
        called.heard = True
        _calling.reset(mark)


def _hear(event: Event) -> None:
    """Keep what the simulator says of its answer to the call that is being made."""
    called = _calling.get()
    if called is None or called.heard or not isinstance(event, RequestAnswered):
        return
    if called.by_merchant and event.operation != called.operation:
        return
    called.heard = True  # what a callback of this call sets off is another request
    called.code, called.text, called.subject = event.code, event.message, event.subject
