"""The arguments of a call, checked before anything leaves; each check gives what will be sent."""

from decimal import Decimal

from mpesa_pochi import weburl
from mpesa_pochi.errors import InvalidRequest
from mpesa_pochi.push import HIGHEST

LONGEST_REMARKS = 100
"""Characters of Remarks and Occasion (documented)."""


def one_of(name: str, value: object, known: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in known:
        raise InvalidRequest(f"{name} is {' or '.join(known)}, not {str(value)[:40]!a}")
    return value


def line(name: str, value: object, *, shortest: int = 0, longest: int) -> str:
    """One line of printable text."""
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} is text, not {type(value).__name__}")
    if not value.isprintable():
        raise InvalidRequest(f"{name} is one line of printable text, without control characters")
    if not shortest <= len(value) <= longest or (shortest and not value.strip()):
        raise InvalidRequest(
            f"{name} is {shortest} to {longest} characters and not blank, not {len(value)}"
        )
    return value


def remarks(value: object) -> str:
    """Remarks: 2 to 100 characters, not blank (documented)."""
    return line("remarks", value, shortest=2, longest=LONGEST_REMARKS)


def occasion(value: object) -> str:
    """Occasion: at most 100 characters, may be empty (documented)."""
    return line("occasion", value, longest=LONGEST_REMARKS)


def identifier(name: str, value: object) -> str:
    """A receipt or a conversation id: one word of 1 to 100 printable ASCII characters."""
    good = isinstance(value, str) and 1 <= len(value) <= 100 and value.isascii()
    if not (good and isinstance(value, str) and value.isprintable() and " " not in value):
        raise InvalidRequest(f"{name} is 1 to 100 printable ASCII characters without spaces")
    return value


def organisation(name: str, value: object) -> str:
    """A shortcode, till, store or head office number."""
    good = isinstance(value, str) and value.isascii() and value.isdigit() and 5 <= len(value) <= 9
    if not (good and isinstance(value, str)):
        raise InvalidRequest(f"{name} is the 5 to 9 digits of a shortcode or till, as text")
    return value


def cents(value: object) -> str:
    """Shillings with at most two decimals, as text.

    Floats are refused, whole or not, because the sum that made one may already have gone wrong.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        kind = type(value).__name__
        raise InvalidRequest(f"amount is shillings as an int or a Decimal, not {kind}")
    if isinstance(value, Decimal) and not value.is_finite():
        raise InvalidRequest(f"amount is a number of shillings, not {value}")
    if not 0 < value <= HIGHEST:
        raise InvalidRequest(f"amount is above 0 and at most {HIGHEST} shillings")
    if value != round(Decimal(value), 2):
        raise InvalidRequest(f"amount has at most two decimals, and this is {value}")
    return str(int(value)) if value == int(value) else f"{value:.2f}"


def url(name: str, value: object, *, https_only: bool) -> str:
    complaint = weburl.complaint(value, https_only=https_only)
    if complaint or not isinstance(value, str):
        raise InvalidRequest(f"{name} {complaint}")
    return value
