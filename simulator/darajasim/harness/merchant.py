"""The application under test, as the player, the laws and the judge see it.

Whoever can start a payment and say how it stands can be played against: the bundled merchant in
memory (`pochi.py`), or any application over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from darajasim.harness.laws.books import Books
from darajasim.harness.laws.facts import PENDING


class MerchantSilentError(Exception):
    """The merchant application did not answer a step."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the merchant answered to a step.

    Attributes:
        status: HTTP's.
        text: the answer in a word, for the journal.
        answer: the whole of it, for messages.
        payment: the merchant's own id of the payment; None when the answer names none.
    """

    status: int
    text: str
    answer: Mapping[str, Any] = field(default_factory=dict)
    payment: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment as the merchant has it.

    Attributes:
        status: pending, success or failed.
        code: M-PESA's result code as text; None before it is known, or where it is not told.
        receipt: None before it is known, or where it is not told.
        amount: whole shillings; None where it is not told.
        checkout_request_id: Daraja's id; None before it is known.
    """

    status: str
    code: str | None = None
    receipt: str | None = None
    amount: int | None = None
    checkout_request_id: str | None = None

    @property
    def final(self) -> bool:
        """Whether the status can no longer change."""
        return self.status != PENDING


class Merchant(Protocol):
    """What a scenario asks of the application under test. Ids are the merchant's own, as text."""

    async def pay(self, *, phone: str, amount: int, reference: str, description: str) -> Said:
        """Start a payment: `phone` an MSISDN, `amount` in whole shillings.

        Raises:
            MerchantSilentError: no answer came.
        """

    async def query(self, payment: str | None) -> Said:
        """Let the merchant ask Daraja how a payment stands; None: of a payment that never began.

        Raises:
            MerchantSilentError: no answer came.
        """

    async def payment(self, payment: str) -> PaymentRecord | None:
        """How the merchant says that a payment stands; None when it has no such payment."""

    def books(self) -> Books:
        """All that is written down now, for the money laws."""

    def owns(self, url: str) -> bool:
        """Whether callbacks to this URL go to the merchant."""

    @property
    def open(self) -> int:
        """How many requests to it are being worked on."""

    async def idle(self) -> None:
        """Return when no request to it is being worked on."""
