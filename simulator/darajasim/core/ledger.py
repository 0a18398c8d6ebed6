"""Double entry in whole cents: every shilling that leaves an account enters another."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

OUTSIDE = "outside"
"""The account that opening balances come from; it may go below zero without end."""
CHARGES = "m-pesa:charges"
"""What M-PESA earns from charges on organisations."""


MAX_ENTRIES = 100_000
"""How many transfers are remembered one by one; balances remember all of them."""


class LedgerError(Exception):
    """A transfer that the ledger will not make."""


class Entry(NamedTuple):
    """One transfer. `cents` leave `debit` and enter `credit`."""

    at: float
    reference: str
    debit: str
    credit: str
    cents: int


@dataclass(slots=True)
class Ledger:
    """Accounts, whose balances always add up to zero, and the newest entries that made them."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=MAX_ENTRIES))
    _balances: dict[str, int] = field(default_factory=dict)
    _floors: dict[str, int] = field(default_factory=dict)

    def open(self, account: str, cents: int, *, at: float = 0.0, floor: int = 0) -> None:
        """Open `account` with an opening balance. Opening it again changes nothing.

        Args:
            floor: the least it may ever hold, in cents; below zero for an account that owes.

        Raises:
            LedgerError: an opening balance below the floor.
        """
        if account in self._balances:
            return
        if cents < floor:
            raise LedgerError(
                f"expected an opening balance of {floor} or more for {account}, found {cents}"
            )
        self._balances[account] = 0
        if floor:
            self._floors[account] = floor
        if cents > 0:
            self.transfer(OUTSIDE, account, cents, reference="opening", at=at)
        elif cents < 0:
            self.transfer(account, OUTSIDE, -cents, reference="opening", at=at)

    def set_opening(self, account: str, cents: int) -> None:
        """Give an open account the balance `cents`, from outside.

        Raises:
            LedgerError: it is not open, or `cents` is below its floor.
        """
        change = cents - self.balance(account)
        if change > 0:
            self.transfer(OUTSIDE, account, change, reference="opening", at=0.0)
        elif change < 0:
            self.transfer(account, OUTSIDE, -change, reference="opening", at=0.0)

    def has(self, account: str) -> bool:
        """Whether `account` is open."""
        return account in self._balances

    def balance(self, account: str) -> int:
        """The balance of `account` in cents; 0 for one that was never opened."""
        return self._balances.get(account, 0)

    def floor(self, account: str) -> int:
        """The least that `account` may hold, in cents."""
        return self._floors.get(account, 0)

    def available(self, account: str) -> int:
        """How many cents may still leave `account`."""
        return self.balance(account) - self.floor(account)

    def transfer(self, debit: str, credit: str, cents: int, *, reference: str, at: float) -> Entry:
        """Move `cents` from `debit` to `credit`.

        Raises:
            LedgerError: nothing to move, an account that is not open, or not enough money. The
                ledger is then as it was.
        """
        if cents <= 0:
            raise LedgerError(f"expected to move at least one cent, found {cents}")
        balances = self._balances
        for account in (debit, credit):
            if account not in balances and account != OUTSIDE:
                raise LedgerError(f"expected an open account, found {account!r}")
        if debit == credit:
            raise LedgerError(f"expected two accounts, found {debit!r} twice")
        if debit != OUTSIDE and balances[debit] - cents < self._floors.get(debit, 0):
            raise LedgerError(f"expected {cents} cents in {debit}, found {balances[debit]}")
        balances[debit] = balances.get(debit, 0) - cents
        balances[credit] = balances.get(credit, 0) + cents
        entry = Entry(at, reference, debit, credit, cents)
        self.entries.append(entry)
        return entry

    def balances(self) -> dict[str, int]:
        """All balances in cents, by account."""
        return dict(self._balances)

    def total(self) -> int:
        """The sum of all balances: zero, whatever happened."""
        return sum(self._balances.values())
