"""What a conversation with Daraja asks of whoever does its I/O, as values.

A conversation is a generator. It yields a step, is sent what the step gave or thrown what it
raised, and returns its result. It does no I/O and does not know whether it is awaited or blocks:
`line.py` performs the steps in both ways.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from mpesa_pochi.answers import Operation, RawAnswer, Redact
from mpesa_pochi.secret import Secret

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Send this once. Gives a `RawAnswer` or a `Silence`."""

    operation: Operation
    method: str
    path: str
    authorization: Secret
    body: Secret | None = None
    redact: Redact


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer: why, and whether a byte of the request may have reached anyone."""

    why: str
    sent: bool


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class TakeToken:
    """Gives the access token; another than `refused`, if that is given."""

    refused: Secret | None = None


@dataclass(frozen=True, slots=True)
class ReadStopwatch:
    """Gives seconds on a clock that only goes forward."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Have this conversation, but raise TimeoutError if it lasts beyond `until`."""

    steps: "Steps[Any]"
    until: float


Step = Attempt | Pause | TakeToken | ReadStopwatch | Limit
Steps = Generator[Step, Any, T]


def attempt(step: Attempt) -> Steps[RawAnswer | Silence]:
    given: RawAnswer | Silence = yield step
    return given


def pause(seconds: float) -> Steps[None]:
    yield Pause(seconds)


def take_token(refused: Secret | None = None) -> Steps[Secret]:
    given: Secret = yield TakeToken(refused)
    return given


def stopwatch() -> Steps[float]:
    given: float = yield ReadStopwatch()
    return given


def limited(steps: Steps[T], until: float) -> Steps[T]:
    """Raises TimeoutError when it lasts too long."""
    given: T = yield Limit(steps, until)
    return given
