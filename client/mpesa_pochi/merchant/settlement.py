"""Steps of a transaction on one payment or payout. Each takes a session and commits nothing.

Every change of a status is one conditional UPDATE, so it happens at most once whatever runs beside
it, on any isolation level; who loses the race reads again and is judged by what it finds. Every
change is written to the audit log with it, and the end of each to the outbox.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from mpesa_pochi.merchant import history, outbox
from mpesa_pochi.merchant.history import Event
from mpesa_pochi.merchant.law import (
    Claim,
    PaymentStatus,
    PushFate,
    Ruling,
    Source,
    Standing,
    Step,
    decide,
)
from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.models_out import Payout, Subject
from mpesa_pochi.merchant.updates import updated

LONGEST_TEXT = 500
"""Characters kept of a text that came from outside; the callback itself is kept whole."""

Row = TypeVar("Row", Payment, Payout)


@dataclass(frozen=True, slots=True)
class Ids:
    """What Daraja calls a push: CheckoutRequestID and MerchantRequestID."""

    checkout_id: str
    merchant_request_id: str


class NoSuchPayment(LookupError):  # noqa: N818 - the name says what happened
    """No payment, or no payout, has this id."""


def load(session: Session, subject: type[Row], row_id: int, *, hold: bool = False) -> Row:
    """The payment or payout as it is in the database now.

    Args:
        hold: nobody else changes it until this transaction ends.

    Raises:
        NoSuchPayment: there is none.
    """
    row = session.get(subject, row_id, populate_existing=True, with_for_update=hold or None)
    if row is None:
        what = subject.__name__.lower()
        raise NoSuchPayment(f"expected a {what} with id {row_id}, found none")
    return row


def find(session: Session, checkout_id: str) -> Payment | None:
    """The payment that was acknowledged with this CheckoutRequestID."""
    statement = select(Payment).where(Payment.checkout_id == checkout_id)
    return session.scalars(statement, execution_options={"populate_existing": True}).first()


def change(
    session: Session,
    subject: Subject,
    row_id: int,
    only_if: ColumnElement[bool],
    *,
    event: Event,
    at: datetime,
    source: Source | None = None,
    **values: Any,
) -> bool:
    """Change a payment or payout on a condition, and write that down. Says whether it held."""
    statement = update(subject).where(subject.id == row_id, only_if)
    if not updated(session, statement.values(updated_at=at, **values)):
        return False
    history.record(session, subject, row_id, event, at=at, source=source, changes=values)
    return True


def settle(
    session: Session, subject: Subject, row_id: int, claim: Claim, at: datetime, **more: Any
) -> Ruling:
    """Apply `claim` to the payment or payout as the law has it; contradictions flag it for review.

    Args:
        more: columns to change with the status.
    """
    case = _Case(session, subject, row_id, claim, at, more)
    # A lost race leads to a final status, a second to a known receipt: neither changes again.
    for _ in range(3):
        ruling = case.ruling()
        if case.carry_out(ruling):
            return ruling
    raise AssertionError("a payment was settled three times")


def flag(session: Session, subject: Subject, row_id: int, reason: str, at: datetime) -> None:
    """Mark it for review. The first reason stays; nothing clears it but a person."""
    change(
        session,
        subject,
        row_id,
        subject.needs_review.is_(False),
        event=Event.FLAGGED,
        at=at,
        needs_review=True,
        review_reason=reason,
    )


def tie(session: Session, payment_id: int, ids: Ids, fate: PushFate, at: datetime) -> str:
    """Give the payment its ids from Daraja. Answers why that is impossible, or nothing."""
    owner = find(session, ids.checkout_id)
    if owner is not None:
        return "" if owner.id == payment_id else f"that is payment {owner.id}'s already"
    tied = change(
        session,
        Payment,
        payment_id,
        Payment.checkout_id.is_(None),
        event=Event.TIED,
        at=at,
        checkout_id=ids.checkout_id,
        merchant_request_id=ids.merchant_request_id or None,
        push=fate,
    )
    return "" if tied else f"this payment's is {load(session, Payment, payment_id).checkout_id}"


@dataclass(frozen=True, slots=True)
class _Case:
    """One claim about one payment or payout."""

    session: Session
    subject: Subject
    row_id: int
    claim: Claim
    at: datetime
    more: dict[str, Any]

    def ruling(self) -> Ruling:
        """What the law says of it as it stands now."""
        claim = self.claim
        ruling = decide(_standing(_loaded(self.session, self.subject, self.row_id)), claim)
        if claim.receipt is None or ruling.step not in (Step.SETTLE, Step.COMPLETE):
            return ruling
        owner = self._owner()
        if owner in (None, self.row_id):
            return ruling
        what = self.subject.__name__.lower()
        return Ruling(Step.REVIEW, f"receipt {claim.receipt} has paid for {what} {owner} already")

    def carry_out(self, ruling: Ruling) -> bool:
        """Do it; false when somebody else was quicker."""
        match ruling.step:
            case Step.SETTLE:
                return self._settle()
            case Step.COMPLETE:
                unknown = self.subject.mpesa_receipt.is_(None)
                return self._change(
                    unknown, Event.COMPLETED, mpesa_receipt=self.claim.receipt, **self.more
                )
            case Step.REVIEW:
                flag(self.session, self.subject, self.row_id, ruling.reason, self.at)
                return True
            case Step.NOTHING:
                return True

    def _settle(self) -> bool:
        claim = self.claim
        settled = self._change(
            self.subject.status == PaymentStatus.PENDING,
            Event.SETTLED,
            status=claim.status,
            mpesa_receipt=claim.receipt if claim.paid else None,
            result_code=claim.code[:32],
            result_text=claim.text[:LONGEST_TEXT],
            settled_by=claim.source,
            settled_at=self.at,
            next_ask_at=None,
            **self.more,
        )
        if settled:
            outbox.put(self.session, self.subject, self.row_id, paid=claim.paid, at=self.at)
        return settled

    def _change(self, only_if: ColumnElement[bool], event: Event, **values: Any) -> bool:
        return change(
            self.session,
            self.subject,
            self.row_id,
            only_if,
            event=event,
            at=self.at,
            source=self.claim.source,
            **values,
        )

    def _owner(self) -> int | None:
        """Whose receipt it is already."""
        receipt = self.subject.mpesa_receipt
        chosen = select(self.subject.id).where(receipt == self.claim.receipt)
        return self.session.scalars(chosen).first()


def _loaded(session: Session, subject: Subject, row_id: int) -> Payment | Payout:
    if subject is Payment:
        return load(session, Payment, row_id)
    return load(session, Payout, row_id)


def _standing(row: Payment | Payout) -> Standing:
    return Standing(
        status=PaymentStatus(row.status),
        result_code=row.result_code,
        receipt=row.mpesa_receipt,
        settled_by=Source(row.settled_by) if row.settled_by else None,
    )
