"""What a test sees of the journal: callbacks, payments, endings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from darajasim.core import events as core_events
from darajasim.core.events import CallbackAttempted, Event, PaymentSettled
from darajasim.core.wire import MalformedJson, loads
from darajasim.harness.leaves import Leaves, leaves, text

Numbered = tuple[int, Event]
"""An event with its number in the journal."""

_CODES = ("ResultCode", "resultCode")
_TEXTS = ("ResultDesc", "resultDesc")
_IDS = (
    "subject",
    "checkout_request_id",
    "checkout_id",
    "conversation_id",
    "CheckoutRequestID",
    "ConversationID",
)


@dataclass(frozen=True)
class Callback:
    """One delivery of one callback.

    Attributes:
        number: of the event in the journal.
        kind: stk, result, timeout, validation, confirmation, ….
        subject: the checkout request id, the conversation id, or what stands for it.
        raw: what was sent.
        status: HTTP status of the application's answer, or None when there was none.
        error: why no answer came, or None.
        answer: the first characters of the application's answer.
        at: simulated seconds since the epoch.
    """

    number: int
    kind: str
    subject: str
    attempt: int
    url: str
    raw: str = field(repr=False)
    status: int | None
    error: str | None
    answer: str = field(repr=False)
    at: float = field(repr=False)

    @cached_property
    def body(self) -> Any:
        """The JSON that was sent; None when it was none."""
        try:
            return loads(self.raw.encode())
        except MalformedJson:
            return None

    @cached_property
    def values(self) -> Leaves:
        """Every single value, by its key on the wire; items of a list by their names."""
        return leaves(self.body)

    @property
    def code(self) -> str | None:
        """The ResultCode as text; None for callbacks that have none."""
        return self.value(*_CODES)

    @property
    def text(self) -> str | None:
        """The ResultDesc."""
        return self.value(*_TEXTS)

    @property
    def acknowledged(self) -> bool:
        """Whether the application answered 2xx."""
        return self.status is not None and 200 <= self.status < 300

    def value(self, *names: str) -> str | None:
        """The first value of these keys, as text: `callback.value("MpesaReceiptNumber")`."""
        for name in names:
            for found in self.values.get(name, ()):
                if found is not None:
                    return text(found)
        return None

    def told(self) -> str:
        """In one line."""
        came = self.error or f"HTTP {self.status}"
        code = f" code {self.code}" if self.code is not None else ""
        return f"{self.kind}{code} of {self.subject} to {self.url}: {came}"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a payment ended. `code` is the ResultCode as text; money moved if there is a receipt."""

    code: str
    text: str
    receipt: str | None
    callbacks: tuple[Callback, ...]

    @property
    def paid(self) -> bool:
        """Whether it succeeded."""
        return self.code == "0"


@dataclass(frozen=True, slots=True)
class Payment:
    """Something that Daraja accepted. `answer` is the acknowledgement."""

    subject: str
    answer: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def checkout_request_id(self) -> str:
        """The id of a push."""
        return self.subject


def callbacks_in(happened: Iterable[Numbered]) -> list[Callback]:
    """The callbacks among events, in order."""
    return [
        Callback(
            number, event.callback, event.subject, event.attempt, event.url, event.body,
            event.status, event.error, event.answer, event.at,
        )
        for number, event in happened
        if isinstance(event, CallbackAttempted)
    ]  # fmt: skip


def ending_in(happened: Iterable[Numbered], wanted: frozenset[str]) -> Ending | None:
    """How the payment with one of these ids ended, or None when it has not."""
    every = list(happened)
    for _, event in reversed(every):
        if isinstance(event, PaymentSettled) and event.subject in wanted:
            about = (each for each in callbacks_in(every) if each.subject == event.subject)
            return Ending(event.code, event.text, event.receipt, tuple(about))
    return None


def ids_of(payment: object) -> frozenset[str]:
    """The ids by which the journal may know a payment: given as an id, as what `push` returned, as
    an acknowledgement in JSON, or as any object with a `checkout_request_id` or the like.
    """
    if isinstance(payment, str):
        return frozenset({payment})
    given = payment if isinstance(payment, Mapping) else {}
    found = (given.get(name, getattr(payment, name, None)) for name in _IDS)
    ids = frozenset(each for each in found if isinstance(each, str) and each)
    if not ids:
        raise TypeError(
            f"expected a payment, a checkout request id or a conversation id, found {payment!r}"
        )
    return ids


def kinds() -> dict[str, type[Event]]:
    """The kinds of events that a Daraja has, by their names in the journal."""
    return {kind.kind: kind for kind in Event.__subclasses__() if kind.__module__ == _HOME}


def events_from(page: Iterable[Mapping[str, Any]]) -> Iterator[Numbered]:
    """Events as the control API writes them; kinds that the core does not have are left out."""
    known = kinds()
    for item in page:
        kind = known.get(item["kind"])
        if kind is not None:
            names = [each.name for each in dataclasses.fields(kind)]
            said = {name: _frozen(item[name]) for name in names if name in item}
            yield int(item["number"]), kind(**said)


def _frozen(value: Any) -> Any:
    """A list of texts as the event has it; the lists in bodies stand in mappings."""
    return tuple(value) if isinstance(value, list) else value


_HOME = core_events.__name__
