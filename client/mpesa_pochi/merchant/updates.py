"""Conditional UPDATEs: whoever's condition still holds has won, whatever ran beside it."""

from typing import Any, cast

from sqlalchemy import CursorResult, Update
from sqlalchemy.orm import Session


def updated(session: Session, statement: Update) -> bool:
    """Whether the statement changed its one row; what the session has loaded is left as it was."""
    unsynchronised = statement.execution_options(synchronize_session=False)
    return cast("CursorResult[Any]", session.execute(unsynchronised)).rowcount == 1
