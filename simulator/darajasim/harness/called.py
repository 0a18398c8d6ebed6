"""What came of the calls of a scenario: the answer, the ending, the callbacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from darajasim.core.events import CallbackAttempted, PaymentSettled
from darajasim.core.journal import Journal
from darajasim.core.wire import MalformedJson, loads
from darajasim.harness.leaves import Leaves, leaves, text

RECEIPT = "receipt"
"""What a reference calls the receipt of a payment."""
_RESULT_RECEIPT = "TransactionID"


class UnknownValueError(Exception):
    """A step has not brought the value that a reference asks for."""


@dataclass(slots=True, eq=False)
class Called:
    """One call of the scenario's own, or one payment from a phone.

    Attributes:
        operation: "" for a payment from a phone.
        status: HTTP's; None when no answer came.
        answer: the JSON of the answer; None when there is none.
        code: what the simulator says it answered, and `text` the message.
        subject: the id that Daraja gave it.
        fault: what happened to the connection.
        heard: whether the simulator has said what it answers.
        by_merchant: the merchant made it, and may have asked for a token first.
    """

    name: str
    operation: str = ""
    status: int | None = None
    answer: Any = None
    code: str = ""
    text: str = ""
    subject: str | None = None
    fault: str | None = None
    heard: bool = False
    by_merchant: bool = False
    fields: Leaves = field(default_factory=dict)

    def answered(self, status: int, body: bytes) -> None:
        """Keep the answer."""
        self.status = status
        try:
            self.answer = loads(body)
        except MalformedJson:
            return
        self.fields = leaves(self.answer)

    def said(self, status: int, answer: Mapping[str, Any]) -> None:
        """Keep what the merchant, who made the call, answered."""
        self.status, self.answer = status, answer
        self.fields = leaves(answer)


@dataclass(frozen=True, slots=True)
class Trail:
    """What the journal has about one subject."""

    journal: Journal
    subject: str | None

    @property
    def ending(self) -> PaymentSettled | None:
        """How it ended, if it did."""
        found = (event for event in self.journal.of(PaymentSettled) if self._about(event.subject))
        return _last(found)

    @property
    def callbacks(self) -> list[CallbackAttempted]:
        """The deliveries about it, in order."""
        attempts = self.journal.of(CallbackAttempted)
        return [attempt for attempt in attempts if self._about(attempt.subject)]

    @property
    def told(self) -> Leaves | None:
        """The values of the last callback about it; None when there was none."""
        attempts = self.callbacks
        if not attempts:
            return None
        try:
            return leaves(loads(attempts[-1].body.encode()))
        except MalformedJson:
            return {}

    @property
    def receipt(self) -> str | None:
        """The receipt of its ending; without one, what its last callback calls TransactionID."""
        ending = self.ending
        if ending is not None and ending.receipt:
            return ending.receipt
        return first(self.told or {}, _RESULT_RECEIPT)

    def _about(self, subject: str) -> bool:
        return self.subject is not None and subject == self.subject


def first(values: Leaves, key: str) -> str | None:
    """The first value of a key that is more than nothing, as text."""
    return next((text(value) for value in values.get(key, ()) if value not in (None, "")), None)


def _last(events: Iterator[PaymentSettled]) -> PaymentSettled | None:
    found = None
    for event in events:
        found = event
    return found
