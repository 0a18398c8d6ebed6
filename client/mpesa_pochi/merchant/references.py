"""References for payments that are given none: short enough to read out, and unlike any other."""

from collections.abc import Callable
from secrets import choice

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpesa_pochi.merchant.models import Payment

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without 0, 1, I, O and U: what is read out is not misread, and spells nothing."""
LENGTH = 12
"""Characters that Daraja documents for an AccountReference."""
ATTEMPTS = 10


def new_reference() -> str:
    """`P` and 11 characters by chance: one in 2 * 10^16."""
    return "P" + "".join(choice(ALPHABET) for _ in range(LENGTH - 1))


def unused(session: Session, new: Callable[[], str]) -> str:
    """A reference that no payment has yet.

    Raises:
        AssertionError: `new` gives nothing but references that are in use.
    """
    for _ in range(ATTEMPTS):
        reference = new()
        if (
            session.scalars(select(Payment.id).where(Payment.reference == reference)).first()
            is None
        ):
            return reference
    raise AssertionError(f"{ATTEMPTS} new references in a row were in use; is `new_reference` one?")
