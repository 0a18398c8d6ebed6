"""What a history is made of: what Daraja did, and what the merchant recorded, as frozen facts.

`at` is in seconds since the epoch, amounts are whole cents. `subject` is the id that Daraja gave (a
checkout request id), `payment` the name of one of the merchant's payments.
"""

from __future__ import annotations

from dataclasses import dataclass

PENDING, SUCCESS, FAILED = "pending", "success", "failed"
"""How a payment may stand at the merchant; the last two are final."""
PAID = "0"
"""The code of a success, in results and callbacks."""


def kes(cents: int) -> str:
    """An amount as a developer reads it: `KES 100.00`."""
    return f"KES {cents / 100:.2f}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, or that the merchant wrote down."""

    at: float

    def told(self) -> str:
        """What happened, in a few words."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Accepted(Fact):
    """Daraja accepted a push of the merchant's own."""

    subject: str
    phone: str
    cents: int
    reference: str

    def told(self) -> str:
        asked = f"{kes(self.cents)} of {self.phone} for {self.reference}"
        return f"Daraja accepted {self.subject}: {asked}"


@dataclass(frozen=True, slots=True)
class Ended(Fact):
    """Daraja's own end of a push or payment; `receipt` when money moved."""

    subject: str
    code: str
    receipt: str | None = None

    def told(self) -> str:
        receipt = f", receipt {self.receipt}" if self.receipt else ""
        return f"Daraja ended {self.subject} with {self.code}{receipt}"


@dataclass(frozen=True, slots=True)
class Moved(Fact):
    """An entry of Daraja's ledger."""

    receipt: str
    cents: int

    def told(self) -> str:
        return f"Daraja's ledger moved {kes(self.cents)} as {self.receipt}"


@dataclass(frozen=True, slots=True)
class CalledBack(Fact):
    """One delivery of a callback to the merchant.

    Attributes:
        kind: stk, result, confirmation, ….
        code: the ResultCode that it carried; None when it carried none that can be read.
        cents, phone, receipt: what it said of the money; None where it said nothing.
        status: the merchant's HTTP status; None when no answer came.
        body: what was sent, to find it in what the merchant stored.
        misleads: it was altered on purpose, so that it does not say how the payment ended: what the
            merchant was told, but by nobody who knows.
    """

    subject: str
    kind: str
    code: str | None
    cents: int | None = None
    phone: str | None = None
    receipt: str | None = None
    status: int | None = 200
    body: str = ""
    misleads: bool = False

    @property
    def acknowledged(self) -> bool:
        """Whether the merchant answered 2xx: it says that the callback is safe with it."""
        return self.status is not None and 200 <= self.status < 300

    def told(self) -> str:
        said = f"code {self.code}" if self.code is not None else "nothing that can be read"
        money = f", {kes(self.cents)}" if self.cents is not None else ""
        answer = "no answer" if self.status is None else f"HTTP {self.status}"
        kind = f"altered {self.kind}" if self.misleads else self.kind
        return f"the {kind} callback about {self.subject} said {said}{money}: {answer}"


@dataclass(frozen=True, slots=True)
class Queried(Fact):
    """Daraja's final answer to a query of the merchant's. Whether it arrived is not known."""

    subject: str
    code: str

    def told(self) -> str:
        return f"Daraja answered a query about {self.subject} with {self.code}"


@dataclass(frozen=True, slots=True)
class Ordered(Fact):
    """The merchant wants to be paid; `reference` is "" where the merchant's is not known."""

    payment: str
    phone: str
    cents: int
    reference: str

    def told(self) -> str:
        wanted = f"{kes(self.cents)} of {self.phone} for {self.reference or 'no reference'}"
        return f"the merchant ordered {self.payment}: {wanted}"


@dataclass(frozen=True, slots=True)
class Linked(Fact):
    """The merchant holds that this payment is what Daraja calls `subject`."""

    payment: str
    subject: str

    def told(self) -> str:
        return f"the merchant holds that {self.payment} is {self.subject}"


@dataclass(frozen=True, slots=True)
class Stood(Fact):
    """The merchant's record of a payment got this status."""

    payment: str
    status: str

    def told(self) -> str:
        return f"{self.payment} stood as {self.status}"


@dataclass(frozen=True, slots=True)
class Credited(Fact):
    """The merchant gave value for a payment."""

    payment: str
    cents: int

    def told(self) -> str:
        return f"{self.payment} was credited {kes(self.cents)}"


@dataclass(frozen=True, slots=True)
class Stored(Fact):
    """The merchant has stored a callback, to the byte."""

    body: str

    def told(self) -> str:
        return f"the merchant stored a callback of {len(self.body)} characters"


@dataclass(frozen=True, slots=True)
class History:
    """What happened, in order.

    Attributes:
        over: nothing is due any more and the merchant works on nothing: only then may a law say
            that something never came.
        stores: whether the merchant's stored callbacks are known.
    """

    facts: tuple[Fact, ...]
    over: bool = True
    stores: bool = True
