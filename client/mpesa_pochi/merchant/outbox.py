"""What the host application is still to be told: how payments and payouts ended.

An entry is written in the transaction that ends its subject. Whoever delivers it leases it first,
by one conditional UPDATE, so that two processes do not tell the same thing at once; a crash in the
middle lets the lease run out, and it is told again. So it is told at least once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.models_history import OUTBOX, OutboxEntry
from mpesa_pochi.merchant.models_out import Payout, Subject
from mpesa_pochi.merchant.updates import updated

LEASE = timedelta(seconds=60)
"""For how long an entry belongs to who took it: longer than a hook may take."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(hours=1)
"""Before the second attempt at an entry; then twice as long each time, up to an hour."""
LONGEST_ERROR = 500
SUCCESS, FAILURE = "success", "failure"
"""The events."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One entry that was taken to be delivered.

    Attributes:
        subject: whether `row_id` is a payment's or a payout's.
        event: `success` or `failure`.
        attempt: counts from 1.
    """

    letter_id: int
    subject: Subject
    row_id: int
    event: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How the outbox stands: entries not delivered, and what went wrong with one of them last."""

    count: int
    last_error: str | None


def put(session: Session, subject: Subject, row_id: int, *, paid: bool, at: datetime) -> None:
    """Write that a payment or payout ended."""
    entry = {
        of(subject).key: row_id,
        "event": SUCCESS if paid else FAILURE,
        "created_at": at,
        "due_at": at,
    }
    session.execute(insert(OUTBOX), entry)


def of(subject: Subject) -> InstrumentedAttribute[int | None]:
    """The column of entries about payments, or about payouts."""
    return OutboxEntry.payment_id if subject is Payment else OutboxEntry.payout_id


def take(session: Session, at: datetime) -> Letter | None:
    """Lease the entry that is longest due; None when none is."""
    due = (
        select(OutboxEntry)
        .where(OutboxEntry.delivered_at.is_(None), OutboxEntry.due_at <= at)
        .order_by(OutboxEntry.due_at, OutboxEntry.id)
        .limit(1)
    )
    row = session.scalars(due, execution_options={"populate_existing": True}).first()
    if row is None or not _change(
        session, row.id, row.due_at, due_at=at + LEASE, attempts=row.attempts + 1
    ):
        return None
    subject: Subject = Payment if row.payout_id is None else Payout
    row_id: int = getattr(row, of(subject).key)
    return Letter(row.id, subject, row_id, row.event, row.attempts + 1)


def delivered(session: Session, letter: Letter, at: datetime) -> None:
    """Write that the hook returned."""
    _change(session, letter.letter_id, None, delivered_at=at, last_error=None)


def failed(session: Session, letter: Letter, error: str, at: datetime) -> None:
    """Write that the hook raised; it is due again later."""
    pause = min(FIRST_PAUSE * (1 << min(letter.attempt - 1, 20)), LONGEST_PAUSE)
    _change(session, letter.letter_id, None, due_at=at + pause, last_error=error[:LONGEST_ERROR])


def write_off(session: Session, subject: Subject, events: Collection[str], at: datetime) -> None:
    """Let all entries of these events be delivered: there is no hook for them."""
    statement = update(OutboxEntry).where(
        of(subject).is_not(None),
        OutboxEntry.event.in_(events),
        OutboxEntry.delivered_at.is_(None),
    )
    session.execute(statement.values(delivered_at=at).execution_options(synchronize_session=False))


def next_due(session: Session) -> datetime | None:
    """When the next entry is due; None when all are delivered."""
    chosen = (
        select(OutboxEntry.due_at)
        .where(OutboxEntry.delivered_at.is_(None))
        .order_by(OutboxEntry.due_at)
        .limit(1)
    )
    return session.scalars(chosen).first()


def waiting(session: Session) -> Waiting:
    """How the outbox stands."""
    open_ones = OutboxEntry.delivered_at.is_(None)
    count = session.scalars(select(func.count()).where(open_ones)).one()
    said = select(OutboxEntry.last_error).where(open_ones, OutboxEntry.last_error.is_not(None))
    return Waiting(count, session.scalars(said.order_by(OutboxEntry.id).limit(1)).first())


def _change(session: Session, letter_id: int, unchanged: datetime | None, **values: Any) -> bool:
    """Change an entry that is not delivered; with `unchanged`, only if that is when it is due."""
    statement = update(OutboxEntry).where(
        OutboxEntry.id == letter_id, OutboxEntry.delivered_at.is_(None)
    )
    if unchanged is not None:
        statement = statement.where(OutboxEntry.due_at == unchanged)
    return updated(session, statement.values(**values))
