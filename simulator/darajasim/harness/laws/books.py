"""What a merchant records, over time: each look at its books is compared with the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from darajasim.harness.laws.facts import SUCCESS, Credited, Fact, Linked, Ordered, Stood, Stored


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """A payment as the merchant has it now.

    Attributes:
        payment: the merchant's own id.
        phone: as 2547XXXXXXXX or 2541XXXXXXXX.
        reference: "" where the merchant's is not known.
        status: pending, success or failed.
        subject: what the merchant knows as Daraja's id; None before it knows.
        credits: cents of each credit given for it; None for a merchant who keeps no such list: for
            that one becoming a success is the credit.
    """

    payment: str
    phone: str
    cents: int
    reference: str
    status: str
    subject: str | None = None
    credits: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """All that a merchant has written down. `callbacks` is None for one that shows none."""

    payments: tuple[BookedPayment, ...] = ()
    callbacks: Collection[str] | None = ()


@dataclass(slots=True, eq=False)
class Record:
    """The facts that looks at one merchant's books have brought.

    Attributes:
        stores: whether the merchant shows what it stored.
    """

    facts: list[Fact] = field(default_factory=list)
    stores: bool = True
    _known: dict[str, BookedPayment] = field(default_factory=dict)
    _stored: set[str] = field(default_factory=set)

    def look(self, at: float, books: Books) -> None:
        """Write down what is new in the books, at this moment."""
        for payment in books.payments:
            before = self._known.get(payment.payment)
            if payment != before:
                self.facts += _changes(at, before, payment)
                self._known[payment.payment] = payment
        self.stores = books.callbacks is not None
        for body in books.callbacks or ():
            if body not in self._stored:
                self._stored.add(body)
                self.facts.append(Stored(at, body))

    def named(self, names: Mapping[str, str]) -> list[Fact]:
        """The facts, with the scenario's names for the merchant's ids."""
        return [_named(fact, names) for fact in self.facts]


def _named(fact: Fact, names: Mapping[str, str]) -> Fact:
    if isinstance(fact, Ordered | Linked | Stood | Credited):
        known = names.get(fact.payment, fact.payment)
        named = known if known.startswith("payment") else f"payment {known}"
        return replace(fact, payment=named)
    return fact


def _changes(at: float, before: BookedPayment | None, now: BookedPayment) -> Iterable[Fact]:
    if before is None:
        yield Ordered(at, now.payment, now.phone, now.cents, now.reference)
    if now.subject is not None and (before is None or before.subject != now.subject):
        yield Linked(at, now.payment, now.subject)
    if before is None or before.status != now.status:
        yield Stood(at, now.payment, now.status)
        if now.status == SUCCESS and now.credits is None:
            yield Credited(at, now.payment, now.cents)
    seen = len(before.credits or ()) if before is not None else 0
    for cents in (now.credits or ())[seen:]:
        yield Credited(at, now.payment, cents)
