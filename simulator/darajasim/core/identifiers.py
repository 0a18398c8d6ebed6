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
_BASE_36 = string.digits + string.ascii_uppercase
_RECEIPT_TAILS = 10 * 36**6
"""What can follow a receipt's date: a digit and six letters or digits."""
_NAMING_THE_SUBSCRIBER = ("2026", "2022")
"""The eras whose CheckoutRequestID ends with the subscriber's number."""
_SPILL = {"2026": 107, "2020": 107}
"""Milliseconds to the next try where an id is taken; 1 in the eras that print milliseconds."""


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
        self._receipt = chance.below(_RECEIPT_TAILS)
        self._receipt_stride = 7 + 30 * chance.between(10**8, 6 * 10**8)
        self._second = 0
        self._taken: dict[int, set[str]] = {}
        self._crowded: dict[str, int] = {}

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
        """`ws_CO_`, the day-first Nairobi time, and the tail of the profile's era.

        Args:
            moment: now, in seconds since the epoch. It never goes back by a second or more: only
                the ids of the present second, and of those that it spilled into, are remembered.
            msisdn: the customer's.
        """
        millis, era, subscriber = int(moment * 1000), self._profile.checkout_request_id, msisdn[-9:]
        if millis // 1000 > self._second:
            self._forget_before(millis // 1000)
        rivals = subscriber if era in _NAMING_THE_SUBSCRIBER else ""
        millis = max(millis, self._crowded.get(rivals, 0))
        while True:
            made = self._checkout_request_id(millis, subscriber)
            taken = self._taken.setdefault(millis // 1000, set())
            if made not in taken:
                taken.add(made)
                return made
            # A crowded second spills into the next; the next rival need not look here again.
            millis += _SPILL.get(era, 1)
            self._crowded[rivals] = millis

    def _forget_before(self, second: int) -> None:
        self._second = second
        self._taken = {at: ids for at, ids in self._taken.items() if at >= second}
        self._crowded = {
            rivals: millis for rivals, millis in self._crowded.items() if millis // 1000 >= second
        }

    def _checkout_request_id(self, moment: int, subscriber: str) -> str:
        second, thousandths = divmod(moment, 1000)
        stamp, millis = written(second, "%d%m%Y%H%M%S"), f"{thousandths:03d}"
        match self._profile.checkout_request_id:
            case "2026":
                return f"ws_CO_{stamp}{self._chance.below(10)}{subscriber}"
            case "2022":
                return f"ws_CO_{stamp}{millis}{subscriber}"
            case "2020":
                return f"ws_CO_{stamp}{self._chance.below(10_000):04d}"
            case "2018":
                return f"ws_CO_DMZ_{self._chance.between(10**8, 10**10 - 1)}_{stamp}{millis}"
            case _:
                return f"ws_CO_{stamp}{millis}"

    def receipt(self, moment: float) -> str:
        """Ten characters: year (A is 2006), month, day, a digit, six letters or digits."""
        # A walk that meets every tail before it meets one again: its stride shares no factor with
        # their number, 2**13 * 3**12 * 5.
        self._receipt = (self._receipt + self._receipt_stride) % _RECEIPT_TAILS
        rest, tail = self._receipt, ""
        for _ in range(6):
            rest, digit = divmod(rest, 36)
            tail = _BASE_36[digit] + tail
        return f"{self.receipt_date(moment)}{rest}{tail}"

    def receipt_date(self, moment: float) -> str:
        """The three characters that a receipt of this Nairobi day begins with."""
        local = nairobi(moment)
        year = string.ascii_uppercase[(local.year - 2006) % 26]
        return f"{year}{string.ascii_uppercase[local.month - 1]}{_DAY[local.day - 1]}"

    def no_receipt(self, moment: float) -> str:
        """What stands for a receipt where no transaction was made: the date and seven zeros."""
        return f"{self.receipt_date(moment)}0000000"

    def conversation_id(self, moment: float) -> str:
        """`AG_`, the Nairobi date, and twenty characters in the manner of the profile's era."""
        stamp = written(int(moment), "%Y%m%d")
        if self._profile.merchant_request_id == "numeric":
            return f"AG_{stamp}_0000{self._chance.hex(16)}"
        tail = "".join(_BASE_36[self._chance.below(36)] for _ in range(16)).lower()
        return f"AG_{stamp}_0100{tail}"

    def uuid(self) -> str:
        """A version-4 UUID, drawn from the namespace's chance."""
        chance = self._chance
        variant = "89ab"[chance.below(4)]
        return (
            f"{chance.hex(8)}-{chance.hex(4)}-4{chance.hex(3)}-{variant}{chance.hex(3)}-"
            f"{chance.hex(12)}"
        )

    def token(self) -> str:
        """An access token: 28 letters and digits (seen: NKAP)."""
        return self._chance.alphanumeric(28)
