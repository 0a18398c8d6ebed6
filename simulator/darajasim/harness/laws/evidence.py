"""A history, ordered by what the laws ask of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar

from darajasim.harness.laws.facts import (
    PAID,
    Accepted,
    CalledBack,
    Credited,
    Ended,
    Fact,
    History,
    Linked,
    Moved,
    Ordered,
    Queried,
    Stood,
    Stored,
)

F = TypeVar("F", bound=Fact)


class Evidence:
    """The facts of one history by payment, subject and receipt, each list in order.

    Where a thing can be so only once (an order, an acceptance, an end, an entry of the ledger), the
    first fact of it counts.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.orders: dict[str, Ordered] = {}
        self.accepted: dict[str, Accepted] = {}
        self.ended: dict[str, Ended] = {}
        self.moved: dict[str, Moved] = {}
        self.callbacks: dict[str, list[CalledBack]] = defaultdict(list)
        self.queries: dict[str, list[Queried]] = defaultdict(list)
        self.links: dict[str, list[Linked]] = defaultdict(list)
        self.payments: dict[str, list[Linked]] = defaultdict(list)
        self.standing: dict[str, list[Stood]] = defaultdict(list)
        self.credits: dict[str, list[Credited]] = defaultdict(list)
        self.stored: set[str] = set()
        for fact in history.facts:
            self._darajas(fact)
            self._merchants(fact)

    def _darajas(self, fact: Fact) -> None:
        match fact:
            case Accepted():
                self.accepted.setdefault(fact.subject, fact)
            case Ended():
                self.ended.setdefault(fact.subject, fact)
            case Moved():
                self.moved.setdefault(fact.receipt, fact)
            case CalledBack():
                self.callbacks[fact.subject].append(fact)
            case Queried():
                self.queries[fact.subject].append(fact)

    def _merchants(self, fact: Fact) -> None:
        match fact:
            case Ordered():
                self.orders.setdefault(fact.payment, fact)
            case Linked():
                self.links[fact.payment].append(fact)
                self.payments[fact.subject].append(fact)
            case Stood():
                self.standing[fact.payment].append(fact)
            case Credited():
                self.credits[fact.payment].append(fact)
            case Stored():
                self.stored.add(fact.body)

    def money(self, subject: str) -> tuple[Ended, Moved] | None:
        """That Daraja's ledger knows of a success: its end and its entry; None when it does not."""
        ended = self.ended.get(subject)
        if ended is None or ended.receipt is None:
            return None
        moved = self.moved.get(ended.receipt)
        return None if moved is None else (ended, moved)

    def confirmed(self, subject: str) -> bool:
        """Whether Daraja answered a query that it was paid: the best word there is."""
        return any(query.code == PAID for query in self.queries.get(subject, ()))

    def told(self, subject: str) -> tuple[Fact, ...] | None:
        """That the merchant was told the true end: what makes it true, and the callback.

        Told is what the merchant's application answered, whatever it answered: Daraja does not send
        a callback twice (seen). A callback that says what Daraja's own books do not say tells
        nothing; and where Daraja said two different things, nobody can be blamed.
        """
        ended = self.ended.get(subject)
        if ended is None or self.contradicted(subject):
            return None
        for callback in self.callbacks.get(subject, ()):
            if callback.misleads:
                continue
            if callback.status is not None and callback.code == ended.code:
                if ended.code != PAID:
                    return (ended, callback)
                money = self.money(subject)
                if money is not None and self._true(callback, *money):
                    return (*money, callback)
        return None

    def contradicted(self, subject: str) -> bool:
        """Whether Daraja said anything of it that is another end than the one in its books. What
        was altered on its way, Daraja has not said.
        """
        ended = self.ended.get(subject)
        callbacks = self.callbacks.get(subject, ())
        said = [callback.code for callback in callbacks if not callback.misleads]
        said += [query.code for query in self.queries.get(subject, ())]
        return ended is not None and any(code not in (None, ended.code) for code in said)

    def _true(self, callback: CalledBack, ended: Ended, moved: Moved) -> bool:
        asked = self.accepted.get(callback.subject)
        return (
            callback.cents == moved.cents
            and callback.receipt == ended.receipt
            and (asked is None or same_phone(callback.phone, asked.phone))
        )


def same_phone(said: str | None, phone: str) -> bool:
    """Whether a callback's phone may be this one; masked and hashed numbers say little."""
    return said is None or not said.isdecimal() or said == phone
