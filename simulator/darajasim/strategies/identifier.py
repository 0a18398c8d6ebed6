"""Identifiers as Daraja gives them out, of every era that has been seen."""

from __future__ import annotations

import string
from datetime import datetime, timedelta

from hypothesis import strategies as st

from darajasim.core.clock import NAIROBI

_BEGINNING = datetime(2026, 10, 11, 14, 5, 9, tzinfo=NAIROBI)
_TEN_YEARS = 10 * 365 * 24 * 3600
_BASE_36 = string.digits + string.ascii_uppercase
_DAYS = string.digits[1:] + string.ascii_uppercase


MOMENTS = st.integers(0, _TEN_YEARS).map(lambda second: _BEGINNING + timedelta(seconds=second))
"""Whole seconds of ten years, in Nairobi."""


NUMBERS = st.integers(0, 16**24 - 1)
"""What an identifier is made of; one number may serve several of one callback."""


def receipt(at: datetime, number: int) -> str:
    """Ten characters: year (A is 2006), month, day, a digit, six letters or digits."""
    letters = string.ascii_uppercase
    rest, tail = number % (10 * 36**6), ""
    for _ in range(6):
        rest, digit = divmod(rest, 36)
        tail = _BASE_36[digit] + tail
    return f"{letters[(at.year - 2006) % 26]}{letters[at.month - 1]}{_DAYS[at.day - 1]}{rest}{tail}"


def request_id(number: int) -> str:
    """A MerchantRequestID or OriginatorConversationID: a node and its counter, of either era."""
    node, counter = f"{number % 16**24:024x}", 10_000 + number % 900_001
    if number % 2:
        return f"{5_000 + number % 25_000}-{counter * 37}-1"
    return f"{node[:4]}-{node[4:8]}-{node[8:12]}-{node[12:]}{counter}"


def checkout_request_id(at: datetime, msisdn: str, number: int) -> str:
    """`ws_CO_`, the day-first time, and what the eras since 2017 put around it."""
    stamp, tail, millis = at.strftime("%d%m%Y%H%M%S"), msisdn[-9:], f"{number % 1000:03d}"
    match number % 5:
        case 0:
            return f"ws_CO_{stamp}{number % 10}{tail}"
        case 1:
            return f"ws_CO_{stamp}{millis}{tail}"
        case 2:
            return f"ws_CO_{stamp}{number % 10_000:04d}"
        case 3:
            return f"ws_CO_DMZ_{10**8 + number % 10**9}_{stamp}{millis}"
        case _:
            return f"ws_CO_{stamp}{millis}"


def conversation_id(at: datetime, number: int) -> str:
    """`AG_`, the date, and twenty characters."""
    return f"AG_{at:%Y%m%d}_0000{number % 16**16:016x}"
