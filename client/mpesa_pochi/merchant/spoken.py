"""The language of a request, and what its customer is told about a payment.

Every payment in an answer carries `customer_message` in the language that the request asks for: by
`?lang=sw`, else by `Accept-Language`, else in English.
"""

from contextvars import ContextVar
from typing import Protocol
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mpesa_pochi.codes import Row, catalogue
from mpesa_pochi.customer_messages import (
    Language,
    MessageState,
    customer_message,
    language_of,
    state_message,
)
from mpesa_pochi.merchant.law import PaymentStatus, PushFate, Source

_UNSENT = {
    "unreachable": MessageState.UNREACHABLE,
    "invalid-request": MessageState.REFUSED,
}
"""What stands in place of Daraja's code when a push never left (`mpesa_pochi.merchant.pushes`)."""

_language: ContextVar[Language] = ContextVar("language", default=Language.ENGLISH)


class Told(Protocol):
    """What a sentence depends on; a `PaymentView` has it."""

    @property
    def status(self) -> PaymentStatus: ...
    @property
    def push(self) -> PushFate: ...
    @property
    def settled_by(self) -> Source | None: ...
    @property
    def result_code(self) -> str | None: ...
    @property
    def result_text(self) -> str | None: ...
    @property
    def needs_review(self) -> bool: ...


def language() -> Language:
    """The language of the request that is being answered."""
    return _language.get()


class LanguageOfRequest:
    """ASGI middleware that makes `language()` true while a request is answered.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = _language.set(_wished(scope))
        try:
            await self.app(scope, receive, send)
        finally:
            _language.reset(token)


def payment_message(payment: Told, spoken: Language | str | None = None) -> str:
    """What to tell the customer about a payment as it stands, in the request's own language."""
    tongue = language() if spoken is None else Language(spoken)
    state = _state(payment)
    if state is not None:
        return state_message(state, tongue)
    row = _row(payment)
    if row is None:
        return state_message(MessageState.FAILED, tongue)
    return customer_message(row, tongue)


def _state(payment: Told) -> MessageState | None:
    """The state that says it all; None when the payment's code does."""
    if payment.status is PaymentStatus.SUCCESS:
        return None
    if payment.needs_review:
        return MessageState.REVIEW
    if payment.status is PaymentStatus.PENDING:
        known = payment.push is PushFate.ACCEPTED
        return MessageState.PROMPTED if known else MessageState.UNKNOWN
    if payment.settled_by is not Source.PUSH:
        return None
    return _UNSENT.get(payment.result_code or "")


def _row(payment: Told) -> Row | None:
    code = payment.result_code or ""
    if payment.status is PaymentStatus.SUCCESS:
        return catalogue().by_key("paid")
    if payment.settled_by is not Source.PUSH:
        row = catalogue().result(code)
        return row if row is not None and row.terminal and row.key != "paid" else None
    return _refusal(code, payment.result_text or "")


def _refusal(code: str, text: str) -> Row | None:
    """The row of a refused push; an answer without a code is named by the row's key."""
    row = catalogue().answer(status=0, code=code, text=text)
    if row is not None:
        return row
    return next((row for row in catalogue().rows if row.key == code), None)


def _wished(scope: Scope) -> Language:
    wishes = parse_qs(scope["query_string"].decode("latin-1")).get("lang")
    return language_of(wishes[-1] if wishes else Headers(scope=scope).get("accept-language"))
