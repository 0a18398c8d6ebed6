"""Asks Daraja about payments and payouts that nobody has told how they ended.

A payment is asked about by query, a payout by transaction status, first after `Schedule.first`,
then at twice the distance each time. What Daraja does not know stays as it is: unknown. After
`Schedule.give_up` it is asked no more and flagged, for a person to look into the statement; after a
longer outage of ours, once more first.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mpesa_pochi.errors import Blocked, PochiError, SettingsError, Throttled, Unreachable
from mpesa_pochi.merchant.history import Event
from mpesa_pochi.merchant.law import PaymentStatus
from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.models_out import Payout, Subject
from mpesa_pochi.merchant.payments import Payments
from mpesa_pochi.merchant.payouts import Payouts
from mpesa_pochi.merchant.schedule import Schedule
from mpesa_pochi.merchant.settlement import change
from mpesa_pochi.merchant.updates import updated
from mpesa_pochi.redaction import mask_numbers

REST = timedelta(seconds=30)
"""How long nothing is asked after Daraja could not be reached, or would not answer."""
ROUND = 20
"""How many are asked about before other work has its turn: hooks must not wait for a backlog."""
_SUBJECTS: tuple[Subject, ...] = (Payment, Payout)
_AWAY = (Unreachable, Throttled, Blocked, SettingsError)

logger = logging.getLogger("mpesa_pochi.merchant")


@dataclass(frozen=True, slots=True)
class _Due:
    subject: Subject
    row_id: int
    given_up: bool


class Reconciler:
    """Settles what can be settled by asking.

    Args:
        payments: the service whose payments these are.
        payouts: the service whose payouts these are.
        now: the wall clock; must give aware datetimes.
    """

    def __init__(
        self, payments: Payments, payouts: Payouts, *, now: Callable[[], datetime]
    ) -> None:
        self._payments, self._payouts = payments, payouts
        self._database = payments.database
        self._schedule = payments.schedule
        self._now = now
        self._rests_until: datetime | None = None

    async def ask_due(self) -> int:
        """Ask about what is due, a `ROUND` at most. Says how many were asked about."""
        asked = 0
        while asked < ROUND and not self._resting() and (due := await self._take()) is not None:
            asked += 1
            if due.given_up:
                continue
            error = await self._ask(due)
            if isinstance(error, _AWAY):
                told = mask_numbers(str(error))
                logger.warning("nothing is asked for %s: %s", REST, told)
                self._rests_until = self._at() + REST
        return asked

    async def next_due(self) -> datetime | None:
        """When something is due to be asked about; None when nothing is."""
        found = await self._database.run(_next_due, reads=True)
        if found is None or self._rests_until is None:
            return found
        return max(found, self._rests_until)

    async def _ask(self, due: _Due) -> PochiError | None:
        if due.subject is Payment:
            queried = await self._payments.query(due.row_id)
            return queried.answer if isinstance(queried.answer, PochiError) else None
        try:
            return await self._payouts.ask_status(due.row_id)
        except SettingsError as error:
            return error

    async def _take(self) -> _Due | None:
        due = await self._database.run(_next_due, reads=True)
        at = self._at()
        if due is None or due > at:
            return None
        return await self._database.run(lambda session: _take(session, self._schedule, at))

    def _resting(self) -> bool:
        return self._rests_until is not None and self._at() < self._rests_until

    def _at(self) -> datetime:
        return self._now().astimezone(UTC)


def _next_due(session: Session) -> datetime | None:
    found: list[datetime | None] = []
    for subject in _SUBJECTS:
        chosen = (
            select(subject.next_ask_at)
            .where(subject.next_ask_at.is_not(None))
            .order_by(subject.next_ask_at)
            .limit(1)
        )
        found += session.scalars(chosen).all()
    return min((at for at in found if at is not None), default=None)


def _take(session: Session, schedule: Schedule, at: datetime) -> _Due | None:
    """Take what is longest due, so that no other process does; None when another was quicker."""
    for subject in _SUBJECTS:
        chosen = (
            select(subject)
            .where(subject.next_ask_at <= at)
            .order_by(subject.next_ask_at, subject.id)
            .limit(1)
        )
        fresh = {"populate_existing": True}
        row: Any = session.scalars(chosen, execution_options=fresh).first()
        if row is None:
            continue
        return _taken(session, subject, row, schedule, at)
    return None


def _overslept(row: Payment | Payout, schedule: Schedule, at: datetime) -> bool:
    """Whether nobody was there when it was due, after an outage: then it is worth one question."""
    return row.next_ask_at is not None and at - row.next_ask_at > schedule.longest


def _taken(
    session: Session, subject: Subject, row: Payment | Payout, schedule: Schedule, at: datetime
) -> _Due | None:
    unchanged = subject.next_ask_at == row.next_ask_at
    if row.status != PaymentStatus.PENDING:
        # Settled meanwhile: nothing is left to ask.
        updated(session, update(subject).where(subject.id == row.id).values(next_ask_at=None))
        return _Due(subject, row.id, given_up=True)
    if row.asks and schedule.is_over(row.created_at, at) and not _overslept(row, schedule, at):
        change(
            session,
            subject,
            row.id,
            unchanged,
            event=Event.GIVEN_UP,
            at=at,
            next_ask_at=None,
            needs_review=True,
            review_reason=row.review_reason
            or f"unknown after {row.asks} questions to Daraja: look into the statement",
        )
        return _Due(subject, row.id, given_up=True)
    statement = update(subject).where(
        subject.id == row.id, unchanged, subject.status == PaymentStatus.PENDING
    )
    next_ask_at = at + schedule.pause(row.asks)
    taken = updated(session, statement.values(asks=row.asks + 1, next_ask_at=next_ask_at))
    return _Due(subject, row.id, given_up=False) if taken else None
