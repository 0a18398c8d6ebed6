"""What the harness itself adds to the journal: the steps, and what the merchant's side said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from darajasim.core.events import Event


@dataclass(frozen=True, slots=True)
class StepBegan(Event):
    """A step of the scenario. `where` is `file:line`."""

    kind: ClassVar[str] = "step-began"
    step: str
    where: str


@dataclass(frozen=True, slots=True)
class ClientRaised(Event):
    """The client raised one of its errors."""

    kind: ClassVar[str] = "client-raised"
    operation: str
    error: str


@dataclass(frozen=True, slots=True)
class MerchantAnswered(Event):
    """The merchant application answered the scenario. `status` is HTTP's."""

    kind: ClassVar[str] = "merchant-answered"
    payment: str
    status: int
    text: str


@dataclass(frozen=True, slots=True)
class AwaitEnded(Event):
    """The client's `wait_for_payment` came back."""

    kind: ClassVar[str] = "await-ended"
    payment: str
    state: str
    code: str


@dataclass(frozen=True, slots=True)
class CallLost(Event):
    """A call of the scenario got no answer. `fault` is what happened to the connection."""

    kind: ClassVar[str] = "call-lost"
    call: str
    fault: str


@dataclass(frozen=True, slots=True)
class MerchantLost(Event):
    """The merchant application went away before it answered a step."""

    kind: ClassVar[str] = "merchant-lost"
    payment: str


@dataclass(frozen=True, slots=True)
class MerchantSignalled(Event):
    """The merchant application was stopped, killed or started again."""

    kind: ClassVar[str] = "merchant-signalled"
    signal: str
