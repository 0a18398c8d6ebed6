"""From a stored callback to its judgement, in one transaction with what it changes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from mpesa_pochi.callback import ExpectedPayment, StkCallback, check_callback, parse_callback
from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.merchant.gate import Gate
from mpesa_pochi.merchant.history import Event
from mpesa_pochi.merchant.law import Claim, Judgement, PaymentStatus, PushFate, Source
from mpesa_pochi.merchant.models import Payment, PaymentCallback
from mpesa_pochi.merchant.settlement import LONGEST_TEXT, Ids, change, find, flag, load, settle, tie
from mpesa_pochi.merchant.turns import in_turn
from mpesa_pochi.merchant.views import CallbackView, view_callback

WAITING = (Judgement.RECEIVED, Judgement.KEPT, Judgement.UNCONFIRMED)
"""Judgements that are not the last word."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to write beside a callback."""

    judgement: Judgement
    payment_id: int | None = None
    refusal: str | None = None
    reason: str = ""


def judge(session: Session, callback_id: int, gate: Gate, at: datetime) -> CallbackView:
    """Judge a stored callback, and apply it. One that has been judged is left as it is."""
    row = session.get_one(
        PaymentCallback, callback_id, with_for_update=True, populate_existing=True
    )
    if row.judgement in WAITING:
        said = _read(row)
        verdict = _verdict(session, row, said, gate, at)
        row.checkout_id = said.checkout_request_id if isinstance(said, StkCallback) else None
        row.judgement = verdict.judgement
        row.payment_id = verdict.payment_id
        row.refusal = verdict.refusal
        row.reason = verdict.reason[:LONGEST_TEXT] or None
        row.judged_at = at
        session.flush()
        if verdict.payment_id is not None and verdict.judgement is Judgement.APPLIED:
            judge_unconfirmed(session, verdict.payment_id, gate, at)
    return view_callback(row)


def judge_kept(session: Session, checkout_id: str, gate: Gate, at: datetime) -> None:
    """Judge the callbacks that came before their payment's acknowledgement, in order of arrival."""
    _judge_waiting(session, PaymentCallback.checkout_id == checkout_id, Judgement.KEPT, gate, at)


def judge_unconfirmed(session: Session, payment_id: int, gate: Gate, at: datetime) -> None:
    """Judge the callbacks that waited for a query, now that their payment is settled."""
    of_payment = PaymentCallback.payment_id == payment_id
    _judge_waiting(session, of_payment, Judgement.UNCONFIRMED, gate, at)


def slug(reason: RefusalReason) -> str:
    """The reason's name as the tables and answers write it: `wrong-token`."""
    return reason.name.lower().replace("_", "-")


def _judge_waiting(
    session: Session, which: ColumnElement[bool], judgement: Judgement, gate: Gate, at: datetime
) -> None:
    waiting = (
        select(PaymentCallback.id)
        .where(which, PaymentCallback.judgement == judgement)
        .order_by(PaymentCallback.id)
    )
    for callback_id in session.scalars(waiting).all():
        judge(session, callback_id, gate, at)


def _verdict(
    session: Session,
    row: PaymentCallback,
    said: StkCallback | CallbackRefused,
    gate: Gate,
    at: datetime,
) -> Verdict:
    owner = _owner(session, row.token_digest)
    try:
        gate.check(row.source, row.token_digest, is_payments=owner is not None)
    except CallbackRefused as error:
        return _refused(error, None)
    if isinstance(said, CallbackRefused):
        return _refused(said, None if owner is None else owner.id)
    # The acknowledgement that would tie it may be on its way.
    in_turn(session, said.checkout_request_id)
    payment = owner or find(session, said.checkout_request_id)
    if payment is None:
        return Verdict(Judgement.KEPT, reason="no payment has this checkout id yet")
    return _apply(session, payment, said, gate, at)


def _owner(session: Session, token_digest: str | None) -> Payment | None:
    if token_digest is None:
        return None
    statement = select(Payment).where(Payment.callback_digest == token_digest)
    return session.scalars(statement, execution_options={"populate_existing": True}).first()


def _read(row: PaymentCallback) -> StkCallback | CallbackRefused:
    if row.truncated:
        sentence = f"more than {len(row.callback_data)} bytes"
        return CallbackRefused(sentence, reason=RefusalReason.TOO_LARGE)
    try:
        return parse_callback(row.callback_data)
    except CallbackRefused as error:
        return error


def _refused(error: CallbackRefused, payment_id: int | None) -> Verdict:
    return Verdict(Judgement.REFUSED, payment_id, slug(error.reason), str(error))


def _apply(
    session: Session, payment: Payment, callback: StkCallback, gate: Gate, at: datetime
) -> Verdict:
    try:
        check_callback(callback, _expected(payment))
    except CallbackRefused as error:
        flag(session, Payment, payment.id, str(error), at)
        return Verdict(Judgement.CONFLICT, payment.id, slug(error.reason), str(error))
    ids = Ids(callback.checkout_request_id, callback.merchant_request_id)
    untied = payment.checkout_id is None
    if untied and (problem := tie(session, payment.id, ids, PushFate.ACCEPTED, at)):
        reason = f"a callback names {ids.checkout_id}, but {problem}"
        flag(session, Payment, payment.id, reason, at)
        return Verdict(
            Judgement.CONFLICT, payment.id, slug(RefusalReason.WRONG_CHECKOUT_ID), reason
        )
    if callback.paid and gate.must_confirm(payment.amount) and _is_pending(session, payment.id):
        verdict = _asked_about(session, payment, gate, at)
    else:
        ruling = settle(session, Payment, payment.id, _claim(callback), at)
        verdict = Verdict(ruling.judgement, payment.id, reason=ruling.reason)
    if untied:
        judge_kept(session, ids.checkout_id, gate, at)
    return verdict


def _is_pending(session: Session, payment_id: int) -> bool:
    return load(session, Payment, payment_id, hold=True).status == PaymentStatus.PENDING


def _asked_about(session: Session, payment: Payment, gate: Gate, at: datetime) -> Verdict:
    """The reconciler is to ask at once; its answer settles the payment and judges this again."""
    change(session, Payment, payment.id, true(), event=Event.DOUBTED, at=at, next_ask_at=at)
    reason = f"above {gate.confirm_above} shillings a query must say the same"
    return Verdict(Judgement.UNCONFIRMED, payment.id, reason=reason)


def _expected(payment: Payment) -> ExpectedPayment:
    # What was settled before is left to the law: it knows what a later receipt may add.
    return ExpectedPayment(
        amount=payment.amount,
        phone=payment.phone,
        checkout_request_id=payment.checkout_id,
        merchant_request_id=payment.merchant_request_id,
        asked_at=payment.created_at,
    )


def _claim(callback: StkCallback) -> Claim:
    return Claim(
        source=Source.CALLBACK,
        paid=callback.paid,
        code=callback.code,
        text=callback.text,
        receipt=callback.receipt,
    )
