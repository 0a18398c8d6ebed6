"""The package's only clocks. Everything else is handed a reading, or a callable."""

from datetime import datetime, timedelta, timezone
from time import monotonic, sleep

__all__ = ["NAIROBI", "monotonic", "now", "sleep"]

NAIROBI = timezone(timedelta(hours=3), "EAT")
"""East Africa Time: every timestamp Daraja generates or expects, with no daylight saving."""


def now() -> datetime:
    """The time in Nairobi, aware."""
    return datetime.now(NAIROBI)
