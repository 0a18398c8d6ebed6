"""Whether doing the same again makes sense."""

from enum import StrEnum


class Retry(StrEnum):
    NEVER = "never"
    NOW = "now"
    LATER = "later"
    ASK = "ask"
    """Ask the customer first, then push again."""
