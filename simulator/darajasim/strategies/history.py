"""A payment history: what a merchant asks for, what customers and Daraja do, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPush:
    """The merchant asks a customer for money; the words are those of docs/scenarios.md.

    Attributes:
        name: `p1`, `p2` …
        phone: 2547XXXXXXXX.
        amount: whole shillings.
        reference: unlike that of every other push.
        customer: what the customer does; None: what the world has it do, which is to pay.
        acts_after: seconds from the prompt, or None for as long as people take.
        reply: `lost`, an error's key, or None for a plain acknowledgement.
        callbacks: how many are sent.
        callback_after: seconds from the result to the first, or None for the usual.
        callback_apart: seconds between them.
        callback_first: whether it arrives before the push is answered.
    """

    name: str
    phone: str
    amount: int
    reference: str
    customer: str | None = None
    acts_after: int | None = None
    reply: str | None = None
    callbacks: int = 1
    callback_after: int | None = None
    callback_apart: int = 0
    callback_first: bool = False

    LOST: ClassVar[str] = "lost"

    @property
    def accepted(self) -> bool:
        """Whether Daraja takes it up, so that something follows."""
        return self.reply in (None, self.LOST)

    @property
    def ordinary(self) -> bool:
        """Whether nothing is said of it that needs a rule."""
        return self == HistoryPush(
            name=self.name, phone=self.phone, amount=self.amount, reference=self.reference
        )


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing happens for so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Ask:
    """The merchant asks Daraja how a payment stands; `payment` is a push's name."""

    payment: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Everything that is due happens."""


Move = HistoryPush | Pause | Ask | Rest


@dataclass(frozen=True, slots=True)
class History:
    """Moves in order; when they are over, everything that is still due happens.

    Attributes:
        balances: shillings of each customer at the beginning, by phone.
    """

    moves: tuple[Move, ...]
    balances: tuple[tuple[str, int], ...]

    @property
    def pushes(self) -> tuple[HistoryPush, ...]:
        return tuple(move for move in self.moves if isinstance(move, HistoryPush))
