"""From a stored result, or queue timeout, to its judgement, in one transaction with what it does.

    comes to    of a payout                           of an inquiry
    ────────    ───────────────────────────────────   ─────────────────────────────────────
    result      settles it, as the law has it         answers it; a status settles its payout
                                                      when it says how the payout ended
    timeout     is written down and asked about soon  is written down

A result belongs to what its address's token says. One without a token is believed if it names
both conversation ids of a payout or inquiry; if it names only our own, it is kept until the
acknowledgement has brought the other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.merchant.gate import Gate
from mpesa_pochi.merchant.history import Event
from mpesa_pochi.merchant.judging import slug
from mpesa_pochi.merchant.law import Claim, Judgement, PaymentStatus, Source
from mpesa_pochi.merchant.models_out import CommandResult as ResultRow
from mpesa_pochi.merchant.models_out import Inquiry, Payout
from mpesa_pochi.merchant.payout_orders import acknowledge
from mpesa_pochi.merchant.settlement import LONGEST_TEXT, change, flag, settle
from mpesa_pochi.merchant.turns import in_turn
from mpesa_pochi.merchant.views_out import ResultView, view_result
from mpesa_pochi.result import CommandResult, QueueTimeout, parse_result, parse_timeout

WAITING = (Judgement.RECEIVED, Judgement.KEPT)
Said = CommandResult | QueueTimeout | CallbackRefused
"""What a stored body says, or why it says nothing."""
NEVER_MADE = frozenset({"cancelled", "declined", "expired"})
"""Transaction statuses that end a payout without paying it (documented, never seen). Initiated and
Authorized may still be paid; what is not found may have been lost, so it stays unknown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to write beside a result."""

    judgement: Judgement
    payout_id: int | None = None
    inquiry_id: int | None = None
    refusal: str | None = None
    reason: str = ""


def judge_result(session: Session, result_id: int, gate: Gate, at: datetime) -> ResultView:
    """Judge a stored result, and apply it. One that has been judged is left as it is."""
    row = session.get_one(ResultRow, result_id, with_for_update=True, populate_existing=True)
    if row.judgement in WAITING:
        said = _read(row)
        verdict = _verdict(session, row, said, gate, at)
        if not isinstance(said, CallbackRefused):
            row.originator_conversation_id = said.originator_conversation_id
        row.judgement = verdict.judgement
        row.payout_id, row.inquiry_id = verdict.payout_id, verdict.inquiry_id
        row.refusal = verdict.refusal
        row.reason = verdict.reason[:LONGEST_TEXT] or None
        row.judged_at = at
        session.flush()
    return view_result(row)


def judge_kept_results(
    session: Session, originator_conversation_id: str, gate: Gate, at: datetime
) -> None:
    """Judge the results that came before their acknowledgement, in order of arrival."""
    kept = (
        select(ResultRow.id)
        .where(ResultRow.originator_conversation_id == originator_conversation_id)
        .where(ResultRow.judgement == Judgement.KEPT)
        .order_by(ResultRow.id)
    )
    for result_id in session.scalars(kept).all():
        judge_result(session, result_id, gate, at)


def _verdict(session: Session, row: ResultRow, said: Said, gate: Gate, at: datetime) -> Verdict:
    payout = _first(session, Payout, Payout.result_digest == row.token_digest)
    inquiry = _first(session, Inquiry, Inquiry.result_digest == row.token_digest)
    known = payout is not None or inquiry is not None
    try:
        gate.check(row.source, row.token_digest, is_payments=known)
    except CallbackRefused as error:
        return _refused(error)
    if isinstance(said, CallbackRefused):
        return _refused(said, payout, inquiry)
    # The acknowledgement that would bring its ids may be on its way.
    in_turn(session, said.originator_conversation_id)
    if not known:
        payout = _first(session, Payout, *_names(Payout, said))
        inquiry = None if payout else _first(session, Inquiry, *_names(Inquiry, said))
    if payout is not None:
        return _of_payout(session, payout, said, at)
    if inquiry is not None:
        return _of_inquiry(session, inquiry, said, at)
    return Verdict(Judgement.KEPT, reason="nothing was ordered with these conversation ids yet")


def _read(row: ResultRow) -> Said:
    if row.truncated:
        sentence = f"more than {len(row.result_data)} bytes"
        return CallbackRefused(sentence, reason=RefusalReason.TOO_LARGE)
    parse = parse_timeout if row.kind == "timeout" else parse_result
    try:
        return parse(row.result_data)
    except CallbackRefused as error:
        return error


def _refused(
    error: CallbackRefused, payout: Payout | None = None, inquiry: Inquiry | None = None
) -> Verdict:
    return Verdict(
        Judgement.REFUSED,
        None if payout is None else payout.id,
        None if inquiry is None else inquiry.id,
        slug(error.reason),
        str(error),
    )


def _of_payout(
    session: Session, payout: Payout, said: CommandResult | QueueTimeout, at: datetime
) -> Verdict:
    if said.originator_conversation_id not in ("", payout.originator_conversation_id):
        reason = f"it names {said.originator_conversation_id}, which is another's id"
        flag(session, Payout, payout.id, reason, at)
        return Verdict(Judgement.CONFLICT, payout.id, reason=reason)
    if isinstance(said, QueueTimeout):
        return _timed_out(session, payout, at)
    try:
        claim, receiver = _claimed(said, payout)
    except CallbackRefused as error:
        flag(session, Payout, payout.id, str(error), at)
        return Verdict(Judgement.CONFLICT, payout.id, refusal=slug(error.reason), reason=str(error))
    if payout.conversation_id is None:
        acknowledge(session, payout.id, said.conversation_id, at)
    elif payout.conversation_id != said.conversation_id:
        reason = f"it names {said.conversation_id}, the acknowledgement {payout.conversation_id}"
        flag(session, Payout, payout.id, reason, at)
        return Verdict(Judgement.CONFLICT, payout.id, reason=reason)
    ruling = settle(session, Payout, payout.id, claim, at, receiver=receiver)
    return Verdict(ruling.judgement, payout.id, reason=ruling.reason)


def _claimed(said: CommandResult, payout: Payout) -> tuple[Claim, str | None]:
    """What a result claims, and whom it says was paid.

    Raises:
        CallbackRefused: it is a success of another amount, or cannot be read.
    """
    if not said.succeeded:
        return Claim(Source.RESULT, paid=False, code=said.code, text=said.text), None
    report = said.payout()
    if report.amount != payout.amount:
        raise CallbackRefused(
            f"expected {payout.amount} shillings, found {report.amount}",
            reason=RefusalReason.WRONG_AMOUNT,
        )
    paid = report.receiver
    receiver = None if paid is None else f"{paid.number} - {paid.name}".rstrip(" -")[:255]
    claim = Claim(
        Source.RESULT, paid=True, code=said.code, text=said.text, receipt=report.receipt or None
    )
    return claim, receiver


def _timed_out(session: Session, payout: Payout, at: datetime) -> Verdict:
    pending = Payout.status == PaymentStatus.PENDING
    noted = change(
        session,
        Payout,
        payout.id,
        pending & Payout.timed_out_at.is_(None),
        event=Event.TIMED_OUT,
        at=at,
        timed_out_at=at,
        next_ask_at=at,
    )
    judgement = Judgement.APPLIED if noted else Judgement.DUPLICATE
    return Verdict(judgement, payout.id, reason="it waited too long; Daraja is asked about it")


def _of_inquiry(
    session: Session, inquiry: Inquiry, said: CommandResult | QueueTimeout, at: datetime
) -> Verdict:
    if isinstance(said, QueueTimeout):
        return _about(inquiry, Judgement.DUPLICATE, "it waited too long; it can be asked again")
    if inquiry.status != PaymentStatus.PENDING:
        return _about(inquiry, Judgement.DUPLICATE)
    try:
        inquiry.answer = _answer(inquiry, said) if said.succeeded else None
    except CallbackRefused as error:
        return _refused(error, None, inquiry)
    inquiry.status = PaymentStatus.SUCCESS if said.succeeded else PaymentStatus.FAILED
    inquiry.result_code, inquiry.result_text = said.code[:32], said.text[:LONGEST_TEXT]
    inquiry.answered_at = at
    session.flush()
    if inquiry.kind == "status" and inquiry.payout_id is not None and said.succeeded:
        return _by_status(session, inquiry, said, at)
    return _about(inquiry, Judgement.APPLIED)


def _about(inquiry: Inquiry, judgement: Judgement, reason: str = "") -> Verdict:
    return Verdict(judgement, inquiry.payout_id, inquiry.id, reason=reason)


def _answer(inquiry: Inquiry, said: CommandResult) -> Any:
    if inquiry.kind == "status":
        return said.status().status
    return [
        {
            "name": account.name,
            "currency": account.currency,
            "current": str(account.current),
            "available": str(account.available),
            "reserved": str(account.reserved),
            "uncleared": str(account.uncleared),
        }
        for account in said.balances()
    ]


def _by_status(session: Session, inquiry: Inquiry, said: CommandResult, at: datetime) -> Verdict:
    """What a transaction status says became of a payout."""
    payout = session.get_one(Payout, inquiry.payout_id, populate_existing=True)
    report = said.status()
    if report.amount not in (None, payout.amount):
        reason = f"expected {payout.amount} shillings, found {report.amount}"
        flag(session, Payout, payout.id, reason, at)
        return _about(inquiry, Judgement.CONFLICT, reason)
    if not report.completed and report.status.casefold() not in NEVER_MADE:
        return _about(inquiry, Judgement.APPLIED, f"it is {report.status}")
    claim = Claim(
        Source.STATUS,
        paid=report.completed,
        code=said.code if report.completed else report.status,
        text=report.status,
        receipt=report.receipt if report.completed else None,
    )
    ruling = settle(session, Payout, payout.id, claim, at)
    return _about(inquiry, ruling.judgement, ruling.reason)


def _names(
    table: type[Payout] | type[Inquiry], said: CommandResult | QueueTimeout
) -> tuple[ColumnElement[bool], ...]:
    """Both ids: what only Daraja and we know."""
    return (
        table.originator_conversation_id == said.originator_conversation_id,
        table.conversation_id == said.conversation_id,
    )


def _first(session: Session, table: Any, *conditions: ColumnElement[bool]) -> Any:
    chosen = select(table).where(*conditions).limit(1)
    return session.scalars(chosen, execution_options={"populate_existing": True}).first()
