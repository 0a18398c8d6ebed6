"""Turns: two transactions about the same thing, one after the other.

Conditional updates and unique columns decide who wins a race on one row. What they cannot decide is
whether a row that is not there yet will come: a callback looks for its payment while the
acknowledgement looks for waiting callbacks, and neither sees what the other has not committed. So
both take a turn on the id that they speak of.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def in_turn(session: Session, name: str) -> None:
    """Wait until no other transaction has its turn on this name; ours ends with the transaction.

    SQLite's writers have the whole database to themselves anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = func.hashtextextended(name, 0)
        session.execute(select(func.pg_advisory_xact_lock(key)))
