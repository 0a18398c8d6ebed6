"""Subscribers with M-PESA wallets, and perhaps a Pochi la Biashara beside it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from darajasim.core import people

SANDBOX_MSISDN = "254708374149"
"""The public test number; a push to it always ends 1037 (seen)."""
SANDBOX_NAME = "John Doe"
"""Its registered name, in this spelling (seen)."""

DEFAULT_BALANCE_CENTS = 50_000_00
"""What an unknown customer has on first use."""
PIN_ATTEMPTS = 3
"""Wrong PINs in a row that lock the PIN."""

DAY_SECONDS = 86_400
EAT_SECONDS = 3 * 3_600


class CustomerState(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    PIN_LOCKED = "pin-locked"
    UNREGISTERED = "unregistered"


@dataclass(frozen=True, slots=True)
class Limits:
    """Cents. Defaults: at least KES 1, at most 250 000 at once, 500 000 a day, and never more than
    500 000 in the wallet (documented).
    """

    minimum: int = 1_00
    maximum: int = 250_000_00
    daily: int = 500_000_00
    balance: int = 500_000_00


@dataclass(frozen=True, slots=True)
class Paid:
    """One successful payment, remembered for the rules about repeats and days."""

    at: float
    account: str
    cents: int


@dataclass(slots=True)
class Customer:
    """A subscriber with an M-PESA wallet.

    Attributes:
        wrong_pins: wrong PINs in a row.
        open_push: checkout request id of the push that has the phone's attention, if any.
        pochi: whether there is a Pochi la Biashara, a business wallet on the same number.
        paid: what this customer paid of late; `received`: what organisations paid out to them.
    """

    msisdn: str
    seed: int | str = 0
    given_name: str | None = None
    pin: str = "1234"
    state: CustomerState = CustomerState.ACTIVE
    limits: Limits = Limits()
    pochi: bool = False
    wrong_pins: int = 0
    open_push: str | None = None
    paid: deque[Paid] = field(default_factory=deque)
    received: deque[Paid] = field(default_factory=deque)

    @property
    def name(self) -> str:
        """The registered name, in capitals."""
        return self.given_name or people.name_for(self.msisdn, self.seed)

    @property
    def account(self) -> str:
        """The ledger account of the wallet."""
        return f"customer:{self.msisdn}"

    @property
    def pochi_account(self) -> str:
        """The ledger account of the Pochi la Biashara."""
        return f"pochi:{self.msisdn}"

    @property
    def public_name(self) -> str:
        """As results print a party: `254708374149 - John Doe` (seen)."""
        return f"{self.msisdn} - {self.name}"

    def enter_pin(self, *, right: bool) -> bool:
        """Whether a PIN was right. PIN_ATTEMPTS wrong ones in a row lock it."""
        self.wrong_pins = 0 if right else self.wrong_pins + 1
        if self.wrong_pins >= PIN_ATTEMPTS:
            self.state = CustomerState.PIN_LOCKED
        return right

    def remember(self, paid: Paid) -> None:
        """Keep a successful payment; forget those older than two days."""
        _keep(self.paid, paid)

    def remember_received(self, received: Paid) -> None:
        """Keep a payout to this customer; forget those older than two days."""
        _keep(self.received, received)


def _keep(kept: deque[Paid], new: Paid) -> None:
    kept.append(new)
    while kept and kept[0].at < new.at - 2 * DAY_SECONDS:
        kept.popleft()


def cents_today(payments: deque[Paid], now: float) -> int:
    """The sum of the payments of the Nairobi day of `now`, in cents."""
    today = (now + EAT_SECONDS) // DAY_SECONDS
    return sum(paid.cents for paid in payments if (paid.at + EAT_SECONDS) // DAY_SECONDS == today)


@dataclass(frozen=True, slots=True)
class CustomerSpec:
    """A customer as a scenario describes one."""

    msisdn: str
    name: str | None = None
    balance_cents: int = DEFAULT_BALANCE_CENTS
    pin: str = "1234"
    state: CustomerState = CustomerState.ACTIVE
    limits: Limits = Limits()
    pochi: bool = False
    pochi_cents: int = 0
