"""The audit log: every change of a payment or payout, written in the transaction that makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mpesa_pochi.merchant.law import Source
from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.models_history import AUDIT_LOG, AuditEntry
from mpesa_pochi.merchant.models_out import Payout, Subject


class Event(StrEnum):
    """What happened to a payment or payout."""

    OPENED = "opened"
    """Written, before anything was sent."""
    SENT = "sent"
    """What became of the request to Daraja: accepted, refused, unsent or unknown."""
    TIED = "tied"
    """It got its ids from Daraja."""
    DOUBTED = "doubted"
    """A callback says that much money came; Daraja is asked before it is believed."""
    SETTLED = "settled"
    """It ended: the one change of its status."""
    COMPLETED = "completed"
    """Its receipt came after a query had settled it."""
    FLAGGED = "flagged"
    """Something contradicts it; a person must look."""
    TIMED_OUT = "timed-out"
    """Daraja said that the order waited too long."""
    GIVEN_UP = "given-up"
    """The reconciler asks no more; it stays unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    """One entry of the log. `changes` has the columns that changed, with their new values."""

    at: datetime
    event: Event
    source: Source | None
    changes: Mapping[str, Any]


def record(
    session: Session,
    subject: Subject,
    subject_id: int,
    event: Event,
    *,
    at: datetime,
    source: Source | None = None,
    changes: Mapping[str, Any],
) -> None:
    """Write one entry."""
    session.execute(
        insert(AUDIT_LOG),
        {
            "at": at,
            "payment_id": subject_id if subject is Payment else None,
            "payout_id": subject_id if subject is Payout else None,
            "event": event.value,
            "source": None if source is None else source.value,
            "changes": {name: _plain(value) for name, value in changes.items()},
        },
    )


def entries_of(session: Session, subject: Subject, subject_id: int) -> tuple[AuditView, ...]:
    """What is written of one payment or payout, oldest first."""
    column = AuditEntry.payment_id if subject is Payment else AuditEntry.payout_id
    chosen = select(AuditEntry).where(column == subject_id).order_by(AuditEntry.id)
    return tuple(map(_view, session.scalars(chosen)))


def _view(row: AuditEntry) -> AuditView:
    return AuditView(
        at=row.at,
        event=Event(row.event),
        source=Source(row.source) if row.source else None,
        changes=MappingProxyType(dict(row.changes)),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.value if isinstance(value, StrEnum) else value
