"""Steps of a transaction on one payment. Each takes a session and commits nothing.

Every change of a status is one conditional UPDATE, so it happens at most once whatever runs beside
it, on any isolation level; who loses the race reads again and is judged by what it finds.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

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

LONGEST_TEXT = 500
"""Characters kept of a text that came from outside; the callback itself is kept whole."""


@dataclass(frozen=True, slots=True)
class Ids:
    """What Daraja calls a push: CheckoutRequestID and MerchantRequestID."""

    checkout_id: str
    merchant_request_id: str


class NoSuchPayment(LookupError):  # noqa: N818 - the name says what happened
    """No payment has this id."""


def load(session: Session, payment_id: int) -> Payment:
    """The payment as it is in the database now.

    Raises:
        NoSuchPayment: there is none.
    """
    row = session.get(Payment, payment_id, populate_existing=True)
    if row is None:
        raise NoSuchPayment(f"expected a payment with id {payment_id}, found none")
    return row


def find(session: Session, checkout_id: str) -> Payment | None:
    """The payment that was acknowledged with this CheckoutRequestID."""
    statement = select(Payment).where(Payment.checkout_id == checkout_id)
    return session.scalars(statement, execution_options={"populate_existing": True}).first()


def change(session: Session, payment_id: int, only_if: ColumnElement[bool], **values: Any) -> bool:
    """Change a payment on a condition. Says whether it held."""
    statement = (
        update(Payment)
        .where(Payment.id == payment_id, only_if)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1


def settle(session: Session, payment_id: int, claim: Claim, at: datetime) -> Ruling:
    """Apply `claim` to the payment as the law has it; contradictions flag it for review."""
    # A lost race leads to a final status, a second to a known receipt: neither changes again.
    for _ in range(3):
        row = load(session, payment_id)
        ruling = decide(_standing(row), claim)
        if ruling.step in (Step.SETTLE, Step.COMPLETE) and claim.receipt:
            ruling = _guard_receipt(session, payment_id, claim, ruling)
        if _carry_out(session, payment_id, ruling, claim, at):
            return ruling
    raise AssertionError("a payment was settled three times")


def flag(session: Session, payment_id: int, reason: str, at: datetime) -> None:
    """Mark the payment for review. The first reason stays; nothing clears it but a person."""
    change(
        session,
        payment_id,
        Payment.needs_review.is_(False),
        needs_review=True,
        review_reason=reason,
        updated_at=at,
    )


def tie(session: Session, payment_id: int, ids: Ids, fate: PushFate, at: datetime) -> str:
    """Give the payment its ids from Daraja. Answers why that is impossible, or nothing."""
    owner = find(session, ids.checkout_id)
    if owner is not None:
        return "" if owner.id == payment_id else f"that is payment {owner.id}'s already"
    tied = change(
        session,
        payment_id,
        Payment.checkout_id.is_(None),
        checkout_id=ids.checkout_id,
        merchant_request_id=ids.merchant_request_id or None,
        push=fate,
        updated_at=at,
    )
    return "" if tied else f"this payment's is {load(session, payment_id).checkout_id}"


def _standing(row: Payment) -> Standing:
    return Standing(
        status=PaymentStatus(row.status),
        result_code=row.result_code,
        receipt=row.mpesa_receipt,
        settled_by=Source(row.settled_by) if row.settled_by else None,
    )


def _guard_receipt(session: Session, payment_id: int, claim: Claim, ruling: Ruling) -> Ruling:
    statement = select(Payment.id).where(Payment.mpesa_receipt == claim.receipt)
    owner = session.scalars(statement).first()
    if owner is None or owner == payment_id:
        return ruling
    return Ruling(Step.REVIEW, f"receipt {claim.receipt} has paid for payment {owner} already")


def _carry_out(
    session: Session, payment_id: int, ruling: Ruling, claim: Claim, at: datetime
) -> bool:
    match ruling.step:
        case Step.SETTLE:
            return change(
                session,
                payment_id,
                Payment.status == PaymentStatus.PENDING,
                status=claim.status,
                mpesa_receipt=claim.receipt if claim.paid else None,
                result_code=claim.code[:32],
                result_text=claim.text[:LONGEST_TEXT],
                settled_by=claim.source,
                settled_at=at,
                updated_at=at,
            )
        case Step.COMPLETE:
            return change(
                session,
                payment_id,
                Payment.mpesa_receipt.is_(None),
                mpesa_receipt=claim.receipt,
                updated_at=at,
            )
        case Step.REVIEW:
            flag(session, payment_id, ruling.reason, at)
            return True
        case Step.NOTHING:
            return True
