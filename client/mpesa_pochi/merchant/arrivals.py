"""What Daraja sends, stored before it is judged: callbacks, and results and queue timeouts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from mpesa_pochi.merchant.gate import digest
from mpesa_pochi.merchant.law import Judgement
from mpesa_pochi.merchant.models import Base, PaymentCallback
from mpesa_pochi.merchant.models_out import CommandResult

Table = type[PaymentCallback] | type[CommandResult]


def store(
    session: Session,
    table: Table,
    *,
    at: datetime,
    source: str | None,
    token: str | None,
    **columns: Any,
) -> int:
    """Write what has arrived, whatever it is; its id.

    Args:
        source: the sender's address.
        token: from the address it came to; only its digest is kept.
        columns: what the table has of its own.
    """
    arrived = {
        "received_at": at,
        "source": source[:64] if source else None,
        "token_digest": None if token is None else digest(token),
        "judgement": Judgement.RECEIVED,
        **columns,
    }
    written: Any = session.execute(insert(Base.metadata.tables[table.__tablename__]), arrived)
    return int(written.inserted_primary_key.id)


def unjudged(table: Table) -> Select[int]:
    """The ids of what was stored and, after a crash, never judged, in order of arrival."""
    return select(table.id).where(table.judgement == Judgement.RECEIVED).order_by(table.id)
