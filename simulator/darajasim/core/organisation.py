"""Businesses with shortcodes, and the accounts that hold their money."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

SANDBOX_PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
"""The public sandbox's passkey (documented; published by Safaricom)."""
KRA_SHORTCODE = "572572"
"""The Kenya Revenue Authority, to whom tax is remitted (documented)."""

CHARGES_FLOOR_CENTS = -10_000_000_00
"""How far a Charges Paid account may fall below zero (guessed; captures show -2,420.00)."""


class OrganisationKind(StrEnum):
    PAYBILL = "paybill"
    TILL = "till"
    B2C = "b2c"


class Purse(StrEnum):
    """The accounts of an organisation, by what they are for (documented: file 02, section 5.2)."""

    WORKING = "working"
    UTILITY = "utility"
    CHARGES = "charges"
    MERCHANT = "merchant"
    SETTLEMENT = "settlement"


PURSE_NAMES: Mapping[Purse, str] = MappingProxyType(
    {
        Purse.WORKING: "Working Account",
        Purse.UTILITY: "Utility Account",
        Purse.CHARGES: "Charges Paid Account",
        Purse.MERCHANT: "Merchant Account",
        Purse.SETTLEMENT: "Organization Settlement Account",
    }
)
"""As balances and results name them (seen: GO1)."""


@dataclass(slots=True)
class Organisation:
    """A business with a shortcode.

    Attributes:
        passkey: for M-Pesa Express; None: the shortcode is unknown to that product.
        maximum_cents: the most the account that customers pay into may hold; None: no limit.
        buy_goods: whether a push may say CustomerBuyGoodsOnline at all. The sandbox paybill
            refuses it at once (seen: PROBE); others fail later with 2028.
        active: an inactive one can neither pay nor be paid.
        products: what it may take part in (`b2c`, `b2b`, `c2b`, …); None: everything.
        opening: opening balances in cents.
        validates: whether external validation is on for its C2B payments. Safaricom turns it on by
            request (documented); here it is, once a ValidationURL is registered.
    """

    shortcode: str
    name: str
    kind: OrganisationKind = OrganisationKind.PAYBILL
    passkey: str | None = None
    maximum_cents: int | None = None
    buy_goods: bool = True
    active: bool = True
    products: frozenset[str] | None = None
    opening: Mapping[Purse, int] = field(default_factory=dict)
    validates: bool = True

    @property
    def account(self) -> str:
        """The ledger account that customers pay into: Merchant for a till, else Utility."""
        till = self.kind is OrganisationKind.TILL
        return self.purse(Purse.MERCHANT if till else Purse.UTILITY)

    def purse(self, purse: Purse) -> str:
        """The ledger account of one purse."""
        return f"organisation:{self.shortcode}/{purse}"

    @property
    def public_name(self) -> str:
        """As results print a party: `600992 - Safaricom Daraja 992` (seen)."""
        return f"{self.shortcode} - {self.name}"

    def takes_part_in(self, product: str) -> bool:
        """Whether it is enabled for a product."""
        return self.products is None or product in self.products


@dataclass(frozen=True, slots=True)
class OrganisationSpec:
    """An organisation as a scenario describes one.

    Attributes:
        balance_cents: opening balance of the account that customers pay into.
        opening: opening balances of other accounts, in cents.
    """

    shortcode: str
    name: str = "DUKA"
    kind: OrganisationKind = OrganisationKind.PAYBILL
    passkey: str = SANDBOX_PASSKEY
    balance_cents: int = 0
    maximum_cents: int | None = None
    active: bool = True
    products: frozenset[str] | None = None
    opening: Mapping[Purse, int] = field(default_factory=dict)
    validates: bool = True


SANDBOX_FUNDS: Mapping[Purse, int] = MappingProxyType(
    {Purse.UTILITY: 3_020_000_00, Purse.WORKING: 584_459_00, Purse.CHARGES: -2_420_00}
)
"""About what the shared sandbox shortcodes held in July 2026 (seen: DB)."""

_SANDBOX = re.compile(r"600\d{3}|601315|601426|603021")
_SANDBOX_NAMES = {"600000": "saf test org", "600310": "Safaricom333"}


def sandbox_organisation(shortcode: str) -> Organisation | None:
    """The organisation that the public sandbox has under this shortcode, or None.

    Every 600xxx exists, with Working, Utility and Charges Paid accounts (documented, seen); it can
    take part in everything but M-Pesa Express. So does the tax receiver.
    """
    if shortcode == KRA_SHORTCODE:
        return Organisation(shortcode, "Kenya Revenue Authority")
    if not _SANDBOX.fullmatch(shortcode):
        return None
    name = _SANDBOX_NAMES.get(shortcode, f"Safaricom Daraja {shortcode[-3:]}")
    return Organisation(shortcode, name, opening=SANDBOX_FUNDS)
