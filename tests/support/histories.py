"""Whole histories of payments, as a careful merchant makes them, or one with a planted bug.

A `Script` says what befalls one payment; `history` plays the scripts side by side.
"""

from dataclasses import dataclass, replace
from enum import Enum

from hypothesis import strategies as st

from darajasim.harness.laws.facts import (
    FAILED,
    PAID,
    PENDING,
    SUCCESS,
    Accepted,
    CalledBack,
    Credited,
    Ended,
    History,
    Linked,
    Moved,
    Ordered,
    Queried,
    Stood,
    Stored,
)

NO_RESPONSE, CANCELLED = "1037", "1032"


class Bug(Enum):
    """What merchants get wrong."""

    TWICE_ON_A_DUPLICATE = "credits twice on a duplicate"
    TWICE_AT_ONCE = "credits twice on two at once"
    NO_RESPONSE_IS_SUCCESS = "treats 1037 as success"
    ANY_AMOUNT = "ignores the amount"
    LOSES_THE_EARLY = "loses a callback that beats the acknowledgement"
    CHARGES_AGAIN = "treats a lost acknowledgement as failure and charges again"
    FORGETS = "answers 500 and forgets"
    TRUSTS_ANY_ID = "trusts an unknown id"


class Ack(Enum):
    """What becomes of the answer to a push."""

    ARRIVES = 1
    LATE = 2  # after the first callback
    LOST = 3
    REFUSAL = 4


class Way(Enum):
    """How one callback travels."""

    DELIVERED = 1
    LOST = 2
    WRONG_AMOUNT = 3
    WRONG_PHONE = 4


@dataclass(frozen=True)
class Script:
    """What befalls one payment.

    Attributes:
        code: how Daraja ends it; None: it never does.
        query: what a query after the callbacks says; None: nobody asks.
        misleading: what a query before them says, whatever is true.
        apart: seconds between callbacks.
    """

    cents: int = 10_000
    phone: str = "254722000000"
    reference: str = "INV-1"
    ack: Ack = Ack.ARRIVES
    code: str | None = PAID
    ways: tuple[Way, ...] = (Way.DELIVERED,)
    query: bool = False
    misleading: str | None = None
    apart: float = 1.0
    begins: float = 0.0
    bug: Bug | None = None


scripts = st.builds(
    Script,
    cents=st.sampled_from([100, 10_000]),
    phone=st.sampled_from(["254722000000", "254711000000"]),
    reference=st.sampled_from(["INV-1", "INV-2", ""]),
    ack=st.sampled_from(Ack),
    code=st.sampled_from([PAID, PAID, CANCELLED, NO_RESPONSE, None]),
    ways=st.lists(st.sampled_from(Way), max_size=3).map(tuple),
    query=st.booleans(),
    misleading=st.sampled_from([None, None, None, CANCELLED, PAID]),
    apart=st.sampled_from([0.0, 1.0]),
    begins=st.sampled_from([0.0, 0.5, 3.0]),
)
good_histories = st.lists(scripts, max_size=5).map(lambda made: history(*made))


def history(*made: Script, over: bool = True) -> History:
    """The history of these payments, played side by side."""
    facts = []
    for number, script in enumerate(made):
        facts += _Played(f"payment {number}", f"ws_{number}", f"RCPT{number}", script).facts
    return History(tuple(sorted(facts, key=lambda fact: fact.at)), over=over)


class _Played:
    """One payment at a merchant who does everything right, but for the planted bug."""

    def __init__(self, name, subject, receipt, script):
        self.name, self.subject, self.receipt, self.script = name, subject, receipt, script
        self.facts = []
        self.at = script.begins
        self.status = PENDING
        self.linked = False
        self.kept = []
        self._play()

    def add(self, kind, *values, **named):
        self.facts.append(kind(self.at, *values, **named))

    def _play(self):
        script = self.script
        self.add(Ordered, self.name, script.phone, script.cents, script.reference)
        self.add(Stood, self.name, PENDING)
        if script.ack is Ack.REFUSAL:
            self.stand(FAILED)
            return
        self.add(Accepted, self.subject, script.phone, script.cents, script.reference)
        if script.ack is Ack.ARRIVES:
            self.link()
        if script.bug is Bug.CHARGES_AGAIN:
            self.charge_again()
        if script.bug is Bug.TRUSTS_ANY_ID:
            self.believe_a_forgery()
        self.at += 10
        if script.code is not None:
            self.end()
            self.hear()

    def hear(self):
        """What the merchant is told, and asks."""
        script = self.script
        if script.misleading is not None and self.linked:
            self.add(Queried, self.subject, script.misleading)
            self.apply(script.misleading)
        for number, way in enumerate(script.ways):
            self.at += script.apart if number else 2
            self.call_back(way)
        if script.ack is Ack.LATE:
            self.link()
        if script.query and self.linked:
            self.at += 5
            self.add(Queried, self.subject, script.code)
            self.apply(script.code)

    def end(self):
        paid = self.script.code == PAID
        self.add(Ended, self.subject, self.script.code, self.receipt if paid else None)
        if paid:
            self.add(Moved, self.receipt, self.script.cents)

    def link(self):
        self.linked = True
        self.add(Linked, self.name, self.subject)
        for code, fits in self.kept:
            if fits:
                self.apply(code)
        self.kept = []

    def call_back(self, way):
        script = self.script
        paid = script.code == PAID
        fits = not paid or way in (Way.DELIVERED, Way.LOST)
        status = None if way is Way.LOST else 500 if script.bug is Bug.FORGETS else 200
        body = f"{self.subject} {script.code} {way}"
        self.add(
            CalledBack,
            self.subject,
            "stk",
            script.code,
            cents=(script.cents + 100 * (way is Way.WRONG_AMOUNT)) if paid else None,
            phone=("254799000000" if way is Way.WRONG_PHONE else script.phone) if paid else None,
            receipt=self.receipt if paid else None,
            status=status,
            body=body,
        )
        early = not self.linked and script.ack is Ack.LATE
        if status != 200 or (early and script.bug is Bug.LOSES_THE_EARLY):
            return
        self.add(Stored, body)
        if early:
            self.kept.append((script.code, fits))
        elif self.linked or (fits and script.bug is not Bug.CHARGES_AGAIN):
            if not self.linked:  # the address is the payment's own
                self.link()
            if fits or script.bug is Bug.ANY_AMOUNT:
                self.apply(script.code)

    def apply(self, code):
        bug = self.script.bug
        paid = code == PAID or (code == NO_RESPONSE and bug is Bug.NO_RESPONSE_IS_SUCCESS)
        again = bug in (Bug.TWICE_ON_A_DUPLICATE, Bug.TWICE_AT_ONCE)
        if self.status == PENDING:
            self.stand(SUCCESS if paid else FAILED)
        elif not (again and paid):
            return
        if paid:
            self.add(Credited, self.name, self.script.cents)

    def stand(self, status):
        self.status = status
        self.add(Stood, self.name, status)

    def charge_again(self):
        """The answer to the first push was lost; the second is answered."""
        other = replace(self.script, ack=Ack.ARRIVES, bug=None, begins=self.at + 1)
        second = _Played(self.name, f"{self.subject}-again", f"{self.receipt}2", other)
        self.facts += [fact for fact in second.facts if not isinstance(fact, Ordered)]
        self.status = second.status

    def believe_a_forgery(self):
        self.add(Stored, "forged")
        self.add(Linked, self.name, "ws_CO_forged")
        self.stand(SUCCESS)
        self.add(Credited, self.name, self.script.cents)
