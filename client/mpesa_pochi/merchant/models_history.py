"""The tables of what happened, what is still to be told, and which requests were made before."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    String,
    Text,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column

from mpesa_pochi.merchant.models import Base, Id, UtcDateTime
from mpesa_pochi.merchant.models_out import Payout

__all__ = ["AuditEntry", "IdempotentRequest", "OutboxEntry", "Payout"]


class AuditEntry(Base):
    """One change of a payment or payout, written in the transaction that made it.

    Append-only: the database itself refuses to change or delete a row (`APPEND_ONLY`).

    Attributes:
        event: what happened (`history.Event`).
        source: who said so (`Source`); null when it was the application itself.
        changes: the columns that changed, with their new values.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        CheckConstraint(
            "(payment_id IS NULL) <> (payout_id IS NULL)", name="audit_log_of_one_thing"
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    payment_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payments.id"), index=True)
    payout_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payouts.id"), index=True)
    event: Mapped[str] = mapped_column(String(16))
    source: Mapped[str | None] = mapped_column(String(8))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


class OutboxEntry(Base):
    """One thing that the host application is to be told: a payment or payout ended. Written in the
    transaction that ended it, so that it is told if and only if it is so.

    Attributes:
        payment_id, payout_id: which: one of the two, and the hook's key for idempotence.
        event: `success` or `failure`.
        due_at: when to tell it, or tell it again; while it is being told, when that is given up.
        attempts: how often it was tried; `last_error` says what went wrong last.
        delivered_at: when the hook returned; null until then.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("event IN ('success', 'failure')", name="outbox_event_known"),
        CheckConstraint("(payment_id IS NULL) <> (payout_id IS NULL)", name="outbox_of_one_thing"),
        Index("outbox_waiting", "delivered_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    payment_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payments.id"), unique=True)
    payout_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payouts.id"), unique=True)
    event: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class IdempotentRequest(Base):
    """A caller's `Idempotency-Key`, written with what it was first sent for.

    Attributes:
        digest: SHA-256 of the order; the same key with another is refused.
        payment_id, payout_id: what was ordered: one of the two.
        status, answer: what was answered; null until then, and for ever when a crash came between.
    """

    __tablename__ = "idempotent_requests"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    payment_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payments.id"), index=True)
    payout_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payouts.id"), index=True)
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


_SQLITE = """\
CREATE TRIGGER audit_log_{verb} BEFORE {verb} ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END"""
_POSTGRESQL_FUNCTION = """\
CREATE OR REPLACE FUNCTION audit_log_is_append_only() RETURNS trigger AS
$$ BEGIN RAISE EXCEPTION 'audit_log is append-only'; END $$ LANGUAGE plpgsql"""
_POSTGRESQL = """\
CREATE TRIGGER audit_log_{verb} BEFORE {verb} ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only()"""

APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "sqlite": (_SQLITE,),
    "postgresql": (_POSTGRESQL_FUNCTION, _POSTGRESQL),
}
"""Statements that make the log append-only, by dialect; each for UPDATE and for DELETE. TRUNCATE
stays open to who owns the table: a database that is set up anew needs it."""

AUDIT_LOG = Base.metadata.tables["audit_log"]
OUTBOX = Base.metadata.tables["outbox"]
"""The tables themselves, for rows that nobody reads in the transaction that adds them: the session
takes three times as long.
"""


def guard_audit_log(connection: Connection) -> None:
    """Let the database refuse to change or delete a row of the audit log."""
    for verb in ("update", "delete"):
        for statement in APPEND_ONLY.get(connection.dialect.name, ()):
            connection.exec_driver_sql(statement.format(verb=verb))


@event.listens_for(AUDIT_LOG, "after_create")
def _guarded(_: object, connection: Connection, **__: Any) -> None:
    guard_audit_log(connection)
