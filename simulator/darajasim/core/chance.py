"""The one source of chance. Everything drawn here repeats with the seed."""

from __future__ import annotations

import hashlib
import random
import secrets
import string

_ALPHANUMERIC = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits


def fresh_seed() -> int:
    """A seed nobody asked for, small enough to be read aloud and typed again."""
    return secrets.randbelow(1_000_000_000)


class Chance:
    """A seeded stream of draws. `fork` gives independent streams, so that one more draw in one
    place never changes what another place draws.
    """

    def __init__(self, seed: int | str) -> None:
        self.seed = seed
        self._random = random.Random(_digest(str(seed)))

    def fork(self, *names: object) -> Chance:
        """An independent stream that depends on this one's seed and on `names` only."""
        return Chance("/".join([str(self.seed), *map(_escaped, names)]))

    def chance(self, probability: float) -> bool:
        """True with `probability`. Draws nothing when the answer is certain."""
        if probability <= 0:
            return False
        return probability >= 1 or self._random.random() < probability

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, not including, `limit`; beyond 2**53 not all come up."""
        return int(self._random.random() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def normal(self) -> float:
        """A draw from the standard normal distribution."""
        return self._random.normalvariate(0.0, 1.0)

    def hex(self, digits: int) -> str:
        """`digits` lower-case hexadecimal digits."""
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def upper(self, length: int) -> str:
        """`length` upper-case letters and digits."""
        return "".join(self._random.choices(_UPPER, k=length))

    def alphanumeric(self, length: int) -> str:
        """`length` letters and digits."""
        return "".join(self._random.choices(_ALPHANUMERIC, k=length))


def _escaped(name: object) -> str:
    """A name that no slash takes apart: `a/b` is another stream than `a`, then `b`."""
    return str(name).replace("\\", "\\\\").replace("/", "\\/")


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
