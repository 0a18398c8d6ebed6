"""The application under test, as the player, the laws and the judge see it.

Whoever can start a payment and say how it stands can be played against: the bundled merchant in
memory (`pochi.py`), or any application over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from darajasim.harness.laws.books import Books
from darajasim.harness.laws.facts import PENDING
from darajasim.scenarios.steps import Signal


class MerchantSilentError(Exception):
    """The merchant application did not answer a step."""


class MerchantGoneError(Exception):
    """The merchant application went away while it had a request in hand."""


class CannotError(Exception):
    """The application under test has no such ability. The text says what it cannot do."""


class Ability(StrEnum):
    """What an application under test may be able to do beside being paid."""

    PAY_OUT = "pay_out"
    BALANCE = "balance"
    REVERSE = "reverse"
    RESTART = "restart"
    """It can be stopped, killed and started again."""
    CLIENT = "client"
    """What its Daraja client raises can be seen, and the client can be awaited."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the merchant answered to a step.

    Attributes:
        status: HTTP's.
        text: the answer in a word, for the journal.
        answer: the whole of it, for messages.
        payment: the merchant's own id of the payment or payout; None when the answer names none.
    """

    status: int
    text: str
    answer: Mapping[str, Any] = field(default_factory=dict)
    payment: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment or payout as the merchant has it.

    Attributes:
        status: pending, success or failed.
        code: M-PESA's result code as text; None before it is known, or where it is not told.
        receipt: None before it is known, or where it is not told.
        amount: whole shillings; None where it is not told.
        checkout_request_id: Daraja's id of a payment; None before it is known.
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


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """Money that the merchant is to send.

    Attributes:
        phone: MSISDN; None for who paid.
        amount: whole shillings; None for all that is left of the payment.
        payment: the merchant's id of the payment that is refunded; None when none is.
        pochi: into the Pochi la Biashara, in place of the wallet.
    """

    phone: str | None
    amount: int | None
    remarks: str
    payment: str | None = None
    pochi: bool = False


class Merchant(Protocol):
    """What a scenario asks of the application under test. Ids are the merchant's own, as text.

    Attributes:
        abilities: what it can do beside; a scenario that asks for more is not for it.
    """

    abilities: frozenset[Ability]

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

    async def pay_out(self, order: PayoutOrder) -> Said:
        """Pay a customer, or give a payment back. `Said.payment` is the payout's id.

        Raises:
            MerchantSilentError: no answer came.
            CannotError: without `Ability.PAY_OUT`. The others likewise.
        """

    async def payout(self, payout: str) -> PaymentRecord | None:
        """How the merchant says that a payout stands; None when it has no such payout."""

    async def balance(self) -> Said:
        """Ask Daraja what its accounts hold."""

    async def reverse(self, *, receipt: str, amount: int, remarks: str) -> Said:
        """Give a customer's payment back."""

    async def signal(self, signal: Signal) -> None:
        """Stop, kill or restart the process.

        While it is down, connections to it are refused. `kill` ends the requests in flight at
        once and takes its memory; its database stays. `restart` returns when it is ready.
        """


class Unable:
    """An application that can do nothing beside: a base for those that can do some of it."""

    abilities: frozenset[Ability] = frozenset()

    async def pay_out(self, order: PayoutOrder) -> Said:
        """As of `Merchant`."""
        raise CannotError("this application cannot be asked to pay a customer")

    async def payout(self, payout: str) -> PaymentRecord | None:
        """As of `Merchant`."""
        raise CannotError("this application cannot be asked how a payout stands")

    async def balance(self) -> Said:
        """As of `Merchant`."""
        raise CannotError("this application cannot be asked for its balance")

    async def reverse(self, *, receipt: str, amount: int, remarks: str) -> Said:
        """As of `Merchant`."""
        raise CannotError("this application cannot be asked to give a payment back")

    async def signal(self, signal: Signal) -> None:
        """As of `Merchant`."""
        raise CannotError(f"this application cannot be told to {signal}")
