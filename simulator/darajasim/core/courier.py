"""The seam between what the core wants delivered and the edge that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

JSON_HEADERS: Mapping[str, str] = MappingProxyType(
    {"Content-Type": "application/json;charset=UTF-8"}
)
"""What callbacks carry (seen on M-Pesa Express: NKAP; taken for all)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One callback, ready to send: a POST of `body` to `url`.

    Attributes:
        promised: another Content-Length than the body has, and a greater one; None: its own.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    promised: int | None = None


UNFINISHED_SECONDS = 5.0
"""How long a sender waits for an answer to less than it promised (guessed)."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of one delivery.

    Attributes:
        status: HTTP status of the merchant's answer, or None when there was none.
        answer: the first 4 kB of the answer's body, decoded.
        error: why no answer came, or None.
    """

    status: int | None
    answer: str = ""
    error: str | None = None


class Courier(Protocol):
    """Carries callbacks to the merchant. Never raises for what the merchant does."""

    async def send(self, letter: Letter, *, within: float | None = None) -> Receipt:
        """POST a letter once, and wait `within` seconds for the answer (None: as long as usual)."""


class NoCourier:
    """Delivers nothing; for a core that is used without an edge."""

    async def send(self, letter: Letter, *, within: float | None = None) -> Receipt:
        return Receipt(None, error=f"no courier: {letter.url} was not called")
