"""What is written before a payout is ordered, and when its answer has come or has not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from mpesa_pochi.errors import PochiError
from mpesa_pochi.merchant import history
from mpesa_pochi.merchant.history import Event
from mpesa_pochi.merchant.law import PaymentStatus, PushFate
from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.models_out import Payout
from mpesa_pochi.merchant.pushes import said_no
from mpesa_pochi.merchant.settlement import change, flag, load, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutOrder:
    """Whom to pay.

    Attributes:
        phone: as 2547XXXXXXXX or 2541XXXXXXXX; of a refund None, for it goes to who paid.
        amount: whole shillings; of a refund None for all that is left to refund.
        payment_id: the payment to refund; None for any other payout.
        destination: `mpesa` or `pochi`.
        command: `BusinessPayment`, `SalaryPayment` or `PromotionPayment`; of `pochi` its own.
    """

    phone: str | None = None
    amount: int | None = None
    payment_id: int | None = None
    destination: str = "mpesa"
    command: str = "BusinessPayment"
    remarks: str = "Payout"
    occasion: str = ""
    user_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


class NotRefundableError(Exception):
    """A refund that may not be made; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a new payout is known by: our id, and the digest of its result's token."""

    originator_conversation_id: str
    result_digest: str


def open_payout(
    session: Session,
    order: PayoutOrder,
    names: Names,
    at: datetime,
    *,
    next_ask_at: datetime | None = None,
) -> Payout:
    """Write the payout that is about to be ordered.

    Raises:
        NotRefundableError: it is a refund of what was not paid, or of more than that.
        NoSuchPayment: the payment to refund does not exist.
    """
    phone, amount = order.phone, order.amount
    if order.payment_id is not None:
        phone, amount = _refund(session, order.payment_id, phone, amount)
    row = Payout(
        payment_id=order.payment_id,
        user_id=order.user_id,
        destination=order.destination,
        command=order.command,
        phone=phone,
        amount=amount,
        remarks=order.remarks,
        occasion=order.occasion,
        status=PaymentStatus.PENDING,
        order_fate=PushFate.SENDING,
        originator_conversation_id=names.originator_conversation_id,
        result_digest=names.result_digest,
        needs_review=False,
        asks=0,
        next_ask_at=next_ask_at,
        metadata_=dict(order.metadata),
        created_at=at,
        updated_at=at,
    )
    session.add(row)
    session.flush()
    opened = {"status": row.status, "amount": row.amount, "payment_id": row.payment_id}
    history.record(session, Payout, row.id, Event.OPENED, at=at, changes=opened)
    return row


def acknowledge(session: Session, payout_id: int, conversation_id: str, at: datetime) -> None:
    """Record Daraja's id of the payout."""
    owner = session.scalars(
        select(Payout.id).where(Payout.conversation_id == conversation_id)
    ).first()
    if owner == payout_id:
        return
    if owner is not None:
        reason = f"the acknowledgement names {conversation_id}, but that is payout {owner}'s"
        flag(session, Payout, payout_id, reason, at)
        return
    change(
        session,
        Payout,
        payout_id,
        Payout.conversation_id.is_(None),
        event=Event.TIED,
        at=at,
        conversation_id=conversation_id,
        order_fate=PushFate.ACCEPTED,
    )


def refuse(session: Session, payout_id: int, error: PochiError, at: datetime) -> None:
    """Record that nothing was paid, and why."""
    fate, claim = said_no(error)
    change(session, Payout, payout_id, true(), event=Event.SENT, at=at, order_fate=fate)
    settle(session, Payout, payout_id, claim, at)


def lose(session: Session, payout_id: int, at: datetime) -> None:
    """Record that no answer came; its result tells, or the reconciler asks."""
    untied = Payout.conversation_id.is_(None)
    change(session, Payout, payout_id, untied, event=Event.SENT, at=at, order_fate=PushFate.UNKNOWN)


def refunded(session: Session, payment_id: int) -> int:
    """Whole shillings of a payment that were given back, or are on their way."""
    chosen = select(func.coalesce(func.sum(Payout.amount), 0)).where(
        Payout.payment_id == payment_id, Payout.status != PaymentStatus.FAILED
    )
    return int(session.scalars(chosen).one())


def _refund(
    session: Session, payment_id: int, phone: str | None, amount: int | None
) -> tuple[str, int]:
    # One refund of a payment after the other, so that both count what is left.
    payment = load(session, Payment, payment_id, hold=True)
    if payment.status != PaymentStatus.SUCCESS:
        raise NotRefundableError(f"payment {payment_id} is {payment.status}, so nothing was paid")
    if phone not in (None, payment.phone):
        raise NotRefundableError(f"a refund goes to who paid payment {payment_id}; leave out phone")
    left = payment.amount - refunded(session, payment_id)
    wanted = left if amount is None else amount
    if not 0 < wanted <= left:
        raise NotRefundableError(
            f"{left} of the {payment.amount} shillings of payment {payment_id} are left to refund"
            + ("" if amount is None else f", and this asks for {amount}")
        )
    return payment.phone, wanted
