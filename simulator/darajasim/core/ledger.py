"""Double entry in whole cents: every shilling that leaves an account enters another."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

OUTSIDE = "outside"
"""The account that opening balances come from; the only one that may go below zero."""


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

    def open(self, account: str, cents: int, *, at: float = 0.0) -> None:
        """Open `account` with an opening balance. Opening it again changes nothing.

        Raises:
            LedgerError: a negative opening balance.
        """
        if account in self._balances:
            return
        if cents < 0:
            raise LedgerError(
                f"expected an opening balance of 0 or more for {account}, found {cents}"
            )
        self._balances[account] = 0
        if cents:
            self.transfer(OUTSIDE, account, cents, reference="opening", at=at)

    def has(self, account: str) -> bool:
        """Whether `account` is open."""
        return account in self._balances

    def balance(self, account: str) -> int:
        """The balance of `account` in cents; 0 for one that was never opened."""
        return self._balances.get(account, 0)

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
        if debit != OUTSIDE and balances[debit] < cents:
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
