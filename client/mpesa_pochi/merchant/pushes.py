"""What is written before a push leaves, and when its answer has come or has not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import true
from sqlalchemy.orm import Session

from mpesa_pochi.errors import DarajaError, InvalidRequest, PochiError, SettingsError, Unreachable
from mpesa_pochi.merchant import history
from mpesa_pochi.merchant.gate import Gate
from mpesa_pochi.merchant.history import Event
from mpesa_pochi.merchant.judging import judge_kept
from mpesa_pochi.merchant.law import Claim, PaymentStatus, PushFate, Source
from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.settlement import Ids, change, flag, load, settle, tie
from mpesa_pochi.merchant.turns import in_turn
from mpesa_pochi.merchant.views import PaymentView, view_payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a caller wants to be paid.

    Attributes:
        phone: as 2547XXXXXXXX or 2541XXXXXXXX.
        amount: whole shillings.
        reference: what the customer sees as the account; made by the service when it is None.
    """

    phone: str
    amount: int
    reference: str | None = None
    description: str = "Payment"
    user_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def open_payment(
    session: Session,
    order: Order,
    callback_digest: str,
    at: datetime,
    *,
    reference: str = "",
    next_ask_at: datetime | None = None,
) -> PaymentView:
    """Write the payment that is about to be asked for.

    Args:
        reference: instead of one that the order leaves out.
        next_ask_at: when the reconciler asks about it first; None when it never does.
    """
    row = Payment(
        phone=order.phone,
        amount=order.amount,
        reference=order.reference or reference,
        description=order.description,
        user_id=order.user_id,
        metadata_=dict(order.metadata),
        status=PaymentStatus.PENDING,
        push=PushFate.SENDING,
        callback_digest=callback_digest,
        needs_review=False,
        asks=0,
        next_ask_at=next_ask_at,
        created_at=at,
        updated_at=at,
    )
    session.add(row)
    session.flush()
    opened = {"status": row.status, "amount": row.amount, "reference": row.reference}
    history.record(session, Payment, row.id, Event.OPENED, at=at, changes=opened)
    return view_payment(row)


def acknowledge(
    session: Session, payment_id: int, ids: Ids, *, fate: PushFate, gate: Gate, at: datetime
) -> PaymentView:
    """Record Daraja's ids, and apply what callbacks have brought for them already.

    `fate` is UNKNOWN when the answer that held the ids was no acknowledgement.
    """
    in_turn(session, ids.checkout_id)
    problem = tie(session, payment_id, ids, fate, at)
    if problem:
        change(session, Payment, payment_id, true(), event=Event.SENT, at=at, push=fate)
        reason = f"the acknowledgement names {ids.checkout_id}, but {problem}"
        flag(session, Payment, payment_id, reason, at)
    else:
        judge_kept(session, ids.checkout_id, gate, at)
    return view_payment(load(session, Payment, payment_id))


def refuse(session: Session, payment_id: int, error: PochiError, at: datetime) -> PaymentView:
    """Record that nothing was asked of the customer, and why."""
    fate, claim = said_no(error)
    change(session, Payment, payment_id, true(), event=Event.SENT, at=at, push=fate)
    settle(session, Payment, payment_id, claim, at)
    return view_payment(load(session, Payment, payment_id))


def lose(session: Session, payment_id: int, at: datetime) -> PaymentView:
    """Record that no answer came. A callback that came meanwhile knows better."""
    unknown, fate = Payment.checkout_id.is_(None), PushFate.UNKNOWN
    change(session, Payment, payment_id, unknown, event=Event.SENT, at=at, push=fate)
    return view_payment(load(session, Payment, payment_id))


def said_no(error: PochiError) -> tuple[PushFate, Claim]:
    """What is known of a request that was not done, and what that says of its payment or payout."""
    fate = PushFate.REFUSED if isinstance(error, DarajaError) else PushFate.UNSENT
    return fate, Claim(Source.PUSH, paid=False, code=code_of(error), text=error.message)


def code_of(error: PochiError) -> str:
    """Daraja's error code; for an answer without one the catalogue's name of it, or what it was."""
    if isinstance(error, DarajaError):
        return error.code or error.key or f"http-{error.http_status}"
    if isinstance(error, InvalidRequest):
        return "invalid-request"
    if isinstance(error, SettingsError):
        return "not-configured"
    return "unreachable" if isinstance(error, Unreachable) else ""
