"""How results print balances: the pipe format, and what looks like a Java map."""

from __future__ import annotations

from darajasim.core.namespace import Namespace
from darajasim.core.organisation import PURSE_NAMES, Organisation, OrganisationKind, Purse
from darajasim.operations.command_result import money

FLOAT_NAME = "Float Account"
"""Listed second until 2020 and in the portal's samples; always empty here."""

_B2C = (Purse.WORKING, Purse.UTILITY, Purse.CHARGES)
_ALL = (Purse.WORKING, Purse.UTILITY, Purse.CHARGES, Purse.MERCHANT, Purse.SETTLEMENT)


def piped(name: str, cents: int) -> str:
    """One account as `Name|KES|total|available|reserved|uncleared`, two decimals each (seen)."""
    total = money(cents)
    return f"{name}|KES|{total}|{total}|0.00|0.00"


def account(namespace: Namespace, organisation: Organisation, purse: Purse) -> str:
    """One account of an organisation in the pipe format."""
    return piped(PURSE_NAMES[purse], namespace.ledger.balance(organisation.purse(purse)))


def all_accounts(namespace: Namespace, organisation: Organisation) -> str:
    """Every account, joined by &, in the order of the captures.

    Production B2C in 2020 had three, a one-account shortcode in 2026 five (seen: GO1); the portal
    and the sandbox until 2020 have Float in place of Merchant.
    """
    if namespace.profile.texts != "observed":
        lines = [account(namespace, organisation, Purse.WORKING), piped(FLOAT_NAME, 0)]
        rest = (Purse.UTILITY, Purse.CHARGES, Purse.SETTLEMENT)
        return "&".join([*lines, *(account(namespace, organisation, purse) for purse in rest)])
    purses = _B2C if organisation.kind is OrganisationKind.B2C else _ALL
    return "&".join(account(namespace, organisation, purse) for purse in purses)


def java_map(cents: int) -> str:
    """A balance as B2B results print it; MinimumAmount is in cents (seen: GO2, B26)."""
    return f"{{Amount={{CurrencyCode=KES, MinimumAmount={cents}, BasicAmount={money(cents)}}}}}"
