import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from darajasim.core.ledger import OUTSIDE, Ledger, LedgerError

CENTS = st.integers(min_value=-5, max_value=10_000_00)


class LedgerMachine(RuleBasedStateMachine):
    """Any sequence of openings and transfers: money is conserved and nobody goes below zero."""

    accounts = Bundle("accounts")

    def __init__(self):
        super().__init__()
        self.ledger = Ledger()
        self.expected = {}

    @rule(target=accounts, name=st.text(max_size=5), cents=CENTS)
    def open(self, name, cents):
        account = f"customer:{name}"
        known = account in self.expected
        if cents < 0 and not known:
            with pytest.raises(LedgerError, match="opening balance"):
                self.ledger.open(account, cents)
            return account
        self.ledger.open(account, cents)
        self.expected.setdefault(account, cents)
        return account

    @rule(debit=accounts, credit=accounts, cents=CENTS)
    def transfer(self, debit, credit, cents):
        before = self.ledger.balances()
        funded = self.expected.get(debit, -1) >= cents and credit in self.expected
        if cents > 0 and debit != credit and debit in self.expected and funded:
            entry = self.ledger.transfer(debit, credit, cents, reference="R", at=1.0)
            assert (entry.debit, entry.credit, entry.cents) == (debit, credit, cents)
            self.expected[debit] -= cents
            self.expected[credit] += cents
        else:
            with pytest.raises(LedgerError):
                self.ledger.transfer(debit, credit, cents, reference="R", at=1.0)
            assert self.ledger.balances() == before

    @invariant()
    def money_is_conserved(self):
        assert self.ledger.total() == 0

    @invariant()
    def balances_are_what_the_entries_say(self):
        sums = {}
        for entry in self.ledger.entries:
            sums[entry.debit] = sums.get(entry.debit, 0) - entry.cents
            sums[entry.credit] = sums.get(entry.credit, 0) + entry.cents
        for account, cents in self.expected.items():
            assert self.ledger.balance(account) == cents == sums.get(account, 0)
            assert cents >= 0


TestLedgerMachine = LedgerMachine.TestCase


@given(st.lists(st.integers(1, 1_000_00), max_size=20))
def test_everything_comes_from_outside(openings):
    ledger = Ledger()
    for number, cents in enumerate(openings):
        ledger.open(f"customer:{number}", cents)
    assert ledger.balance(OUTSIDE) == -sum(openings)


def test_opening_twice_changes_nothing():
    ledger = Ledger()
    ledger.open("customer:a", 500)
    ledger.open("customer:a", 900)
    assert ledger.balance("customer:a") == 500
