"""Identifiers as Daraja makes them: request ids, checkout ids, receipts, tokens.

Formats are those of captured traffic (fidelity notes, part 1, section 1.4).
"""

from __future__ import annotations

import string

from darajasim.core.chance import Chance
from darajasim.core.clock import nairobi, written
from darajasim.core.profile import Profile

_NODES = 5
_DAY = "123456789" + string.ascii_uppercase


class Identifiers:
    """Draws identifiers that never repeat within one namespace."""

    def __init__(self, chance: Chance, profile: Profile) -> None:
        self._chance = chance
        self._profile = profile
        self._nodes = [
            f"{chance.hex(4)}-{chance.hex(4)}-{chance.hex(4)}-{chance.hex(12)}"
            for _ in range(_NODES)
        ]
        self._counters = [chance.between(10_000, 900_000) for _ in range(_NODES)]
        self._issued: set[str] = set()

    def request_id(self) -> str:
        """A MerchantRequestID, OriginatorCoversationID or error requestId.

        The tail of a gateway node's UUID with the node's counter stuck to it; the counter grows,
        shared by successes and errors of all APIs (seen: DUMP25).
        """
        node = self._chance.below(_NODES)
        self._counters[node] += self._chance.between(1, 5)
        counter = self._counters[node]
        if self._profile.merchant_request_id == "numeric":
            return f"{20_000 + node * 1_117}-{counter * 37}-1"
        return f"{self._nodes[node]}{counter}"

    def checkout_request_id(self, moment: float, msisdn: str) -> str:
        """`ws_CO_`, the day-first Nairobi time, and the tail of the profile's era."""
        while True:
            made = self._checkout_request_id(moment, msisdn)
            if made not in self._issued:
                self._issued.add(made)
                return made
            moment += 0.107  # a crowded second spills into the next

    def _checkout_request_id(self, moment: float, msisdn: str) -> str:
        second, thousandths = divmod(int(moment * 1000), 1000)
        stamp, millis = written(second, "%d%m%Y%H%M%S"), f"{thousandths:03d}"
        match self._profile.checkout_request_id:
            case "2026":
                return f"ws_CO_{stamp}{self._chance.below(10)}{msisdn[-9:]}"
            case "2022":
                return f"ws_CO_{stamp}{millis}{msisdn[-9:]}"
            case "2020":
                return f"ws_CO_{stamp}{self._chance.below(10_000):04d}"
            case "2018":
                return f"ws_CO_DMZ_{self._chance.between(10**8, 10**10 - 1)}_{stamp}{millis}"
            case _:
                return f"ws_CO_{stamp}{millis}"

    def receipt(self, moment: float) -> str:
        """Ten characters: year (A is 2006), month, day, a digit, six letters or digits."""
        local = nairobi(moment)
        year = string.ascii_uppercase[(local.year - 2006) % 26]
        prefix = f"{year}{string.ascii_uppercase[local.month - 1]}{_DAY[local.day - 1]}"
        while True:
            made = f"{prefix}{self._chance.below(10)}{self._chance.upper(6)}"
            if made not in self._issued:
                self._issued.add(made)
                return made

    def token(self) -> str:
        """An access token: 28 letters and digits (seen: NKAP)."""
        return self._chance.alphanumeric(28)
