"""What can happen, as frozen typed events. Everything that judges, reports or shows reads these.

`at` is simulated time in seconds since the epoch; amounts are in whole cents unless they are the
caller's own words. `subject` is the id that Daraja gave to what the event is about: a checkout
request id, a conversation id, or what stands for it in the product.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from darajasim.core.alteration import misleads


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    kind: ClassVar[str] = "event"
    at: float

    def size(self) -> int:
        """About how many bytes this event holds in memory."""
        return 400

    def as_json(self) -> dict[str, Any]:
        """The event as plain JSON values, `kind` first."""
        values = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        return {"kind": self.kind, **values}


@dataclass(frozen=True, slots=True)
class RequestReceived(Event):
    """A request reached an operation. `body` is what the caller sent, secrets left out."""

    kind: ClassVar[str] = "request-received"
    operation: str
    body: Mapping[str, Any]
    length: int = 0
    path: str = ""

    def size(self) -> int:
        """A parsed body takes about three times its length."""
        return 400 + 3 * self.length


@dataclass(frozen=True, slots=True)
class RuleMatched(Event):
    kind: ClassVar[str] = "rule-matched"
    operation: str
    rule: str


@dataclass(frozen=True, slots=True)
class RuleMissed(Event):
    """There are rules for this operation, and none took the request; `rule` came nearest.

    Attributes:
        met: how many of its `of` conditions hold.
        condition: the first that does not; "" when all hold and the request was refused before any
            rule was asked.
        expected: what that condition wants, in words.
        found: what the request has; None when it has nothing there.
    """

    kind: ClassVar[str] = "rule-missed"
    operation: str
    rule: str
    met: int
    of: int
    condition: str
    expected: str
    found: str | None


@dataclass(frozen=True, slots=True)
class RequestAnswered(Event):
    """The answer was decided. `code` is the errorCode or ResponseCode; `hint` is for developers."""

    kind: ClassVar[str] = "request-answered"
    operation: str
    status: int
    code: str
    message: str
    subject: str | None = None
    hint: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class PromptSent(Event):
    """The customer's phone shows the PIN prompt."""

    kind: ClassVar[str] = "prompt-sent"
    subject: str
    msisdn: str
    text: str


@dataclass(frozen=True, slots=True)
class CustomerActed(Event):
    kind: ClassVar[str] = "customer-acted"
    subject: str
    msisdn: str
    action: str


@dataclass(frozen=True, slots=True)
class MoneyMoved(Event):
    kind: ClassVar[str] = "money-moved"
    receipt: str
    debit: str
    credit: str
    cents: int


@dataclass(frozen=True, slots=True)
class PaymentSettled(Event):
    """The payment is final. `code` is the ResultCode as text."""

    kind: ClassVar[str] = "payment-settled"
    subject: str
    code: str
    text: str
    receipt: str | None


@dataclass(frozen=True, slots=True)
class CallbackWithheld(Event):
    """A callback that will never be sent, and why."""

    kind: ClassVar[str] = "callback-withheld"
    subject: str
    callback: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallbackAttempted(Event):
    """One delivery of one callback.

    Attributes:
        callback: which of Daraja's callbacks it is: stk, result, timeout, validation, ….
        attempt: 1 for the first delivery of this callback.
        status: HTTP status of the merchant's answer, or None when there was none.
        latency: seconds until the answer or the failure.
        answer: the first bytes of the merchant's answer.
        error: why no answer came, or None.
        body: what was sent.
        altered: what a rule made different in it, as a scenario writes that: `wrong_amount: 1`.
    """

    kind: ClassVar[str] = "callback-attempted"
    subject: str
    callback: str
    attempt: int
    url: str
    status: int | None
    latency: float
    answer: str
    error: str | None
    body: str = ""
    altered: tuple[str, ...] = ()

    def size(self) -> int:
        return 600 + len(self.answer) + len(self.body)

    @property
    def delivered(self) -> bool:
        """Whether the merchant answered at all."""
        return self.status is not None

    @property
    def acknowledged(self) -> bool:
        """Whether the merchant answered 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def misleads(self) -> bool:
        """Whether it did not say the truth, or not so that it can be read."""
        return misleads(self.altered)


@dataclass(frozen=True, slots=True)
class TokenIssued(Event):
    """An access token was issued; only its first characters are kept."""

    kind: ClassVar[str] = "token-issued"
    consumer_key: str
    token_head: str
    lifetime: int


@dataclass(frozen=True, slots=True)
class ChaosBegan(Event):
    """Bad hours begin. `changes` are the knobs that are set, `lasts` is in seconds."""

    kind: ClassVar[str] = "chaos-began"
    chaos: str
    changes: str
    lasts: float


@dataclass(frozen=True, slots=True)
class ChaosEnded(Event):
    """They are over."""

    kind: ClassVar[str] = "chaos-ended"
    chaos: str
