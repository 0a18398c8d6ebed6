"""What organisations pay for payments, in whole cents."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Purse

_Bands = Sequence[tuple[int, int]]
"""Up to how many shillings, and the charge in shillings."""

_B2C: _Bands = ((100, 0), (1_500, 5), (5_000, 9), (20_000, 11), (250_000, 13))
"""Production (seen: EL)."""
_B2B: _Bands = (
    (49, 2), (100, 3), (500, 8), (1_000, 13), (1_500, 18), (2_500, 25), (3_500, 30), (5_000, 39),
    (7_500, 48), (10_000, 54), (15_000, 63), (20_000, 68), (25_000, 74), (30_000, 79),
    (35_000, 90), (40_000, 106), (45_000, 110), (10**12, 115),
)  # fmt: skip
"""Production, 2025 (seen: EL)."""


def b2c_charge(namespace: Namespace, cents: int) -> tuple[int, Purse]:
    """The charge on a payout, and the account that bears it.

    In the sandbox each KES 10 payment lowered Utility by 43.60 and left Charges Paid alone (seen:
    DB); in production Charges Paid goes below zero (seen: GO1).
    """
    match namespace.profile.b2c_tariff:
        case "sandbox":
            return 33_60, Purse.UTILITY
        case "2018":
            return 22_40, Purse.UTILITY
        case "production":
            return _charge(_B2C, cents), Purse.CHARGES
        case _:
            return 0, Purse.UTILITY


def b2b_charge(namespace: Namespace, cents: int) -> int:
    """The charge on a payment between organisations; the sandbox takes none (seen)."""
    return _charge(_B2B, cents) if namespace.profile.b2b_tariff == "production" else 0


def _charge(bands: _Bands, cents: int) -> int:
    band = bisect_left(bands, -(-cents // 100), key=lambda each: each[0])
    return bands[min(band, len(bands) - 1)][1] * 100
