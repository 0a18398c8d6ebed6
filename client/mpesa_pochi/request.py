"""One call to Daraja as a value: what to send, how to read the answer, whether to repeat it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Generic, TypeVar

from mpesa_pochi.answers import Operation, RawAnswer, Redact
from mpesa_pochi.secret import Secret

T = TypeVar("T")


class Repeat(Enum):
    """Whether a call is made again when Daraja fails or its answer is lost."""

    THROUGH_TROUBLE = auto()
    """Twice more: it changes nothing."""
    NEVER = auto()
    """Asking twice is not the same as asking once. A lost answer is `Unreachable`."""
    MOVES_MONEY = auto()
    """Never, and a lost answer is `UnknownOutcome`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Generic[T]):
    """One call to Daraja.

    Attributes:
        body: the JSON, sealed, because it can hold passwords.
        inside: the secrets in the body, to be cut out of whatever comes back.
        parse: makes the answer a value, or raises what it means.
        shown: what a log may say of it: `b2c_payment 2547*****149 KES 100`.
        told: what a log may say of the value.
        originator_conversation_id: of a payout.
    """

    operation: Operation
    path: str
    body: Secret
    inside: tuple[Secret, ...] = ()
    parse: Callable[[RawAnswer, Redact], T] = field(repr=False)
    repeat: Repeat
    shown: str
    told: Callable[[T], str] = field(repr=False)
    originator_conversation_id: str | None = None


def sealed(fields: Mapping[str, str | int | None]) -> Secret:
    """A JSON body as a secret, because tracebacks can show local variables."""
    return Secret(json.dumps(dict(fields)))
