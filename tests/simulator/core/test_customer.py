import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.customer import (
    PIN_ATTEMPTS,
    Customer,
    CustomerSpec,
    CustomerState,
    Paid,
    cents_today,
)
from darajasim.core.ledger import Ledger
from darajasim.core.world import World, WorldOverlay

MIDNIGHT = 1_767_214_800.0
"""2026-01-01 00:00 in Nairobi."""


@pytest.mark.parametrize(
    ("now", "counted"),
    [(MIDNIGHT - 1, 100), (MIDNIGHT, 20), (MIDNIGHT + 86_399, 20), (MIDNIGHT + 86_400, 0)],
)
def test_a_day_begins_at_midnight_in_nairobi(now, counted):
    customer = Customer("254722000000", given_name="A")
    customer.remember(Paid(MIDNIGHT - 1, "x", 100))
    customer.remember(Paid(MIDNIGHT, "x", 20))
    assert cents_today(customer.paid, now) == counted


def test_what_was_paid_and_what_was_received_are_counted_apart():
    customer = Customer("254722000000", given_name="A")
    customer.remember(Paid(MIDNIGHT, "x", 1))
    customer.remember_received(Paid(MIDNIGHT, "x", 2))
    assert cents_today(customer.paid, MIDNIGHT) == 1
    assert cents_today(customer.received, MIDNIGHT) == 2


@given(st.integers(0, 10**9))
def test_a_pochi_is_a_wallet_of_its_own(cents):
    ledger = Ledger()
    world = World(ledger, seed=1)
    world.lay(
        WorldOverlay(customers=(CustomerSpec("254722000000", pochi=True, pochi_cents=cents),))
    )
    customer = world.customer("254722000000")
    assert customer.pochi
    assert ledger.balance(customer.pochi_account) == cents
    assert ledger.balance(customer.account) == 50_000_00


def test_a_pochi_can_be_opened_later_and_only_once():
    ledger = Ledger()
    world = World(ledger, seed=1)
    customer = world.customer("254722000000")
    assert not customer.pochi
    world.open_pochi(customer)
    world.open_pochi(customer)
    assert (customer.pochi, ledger.balance(customer.pochi_account)) == (True, 0)


def test_the_public_test_number_is_john_doe_with_a_pochi():
    john = World(Ledger(), seed=1).customer("254708374149")
    assert (john.public_name, john.pochi) == ("254708374149 - John Doe", True)


@given(st.lists(st.booleans(), max_size=12))
def test_only_wrong_pins_in_a_row_lock_the_pin(attempts):
    customer = Customer("254722000000", given_name="A")
    assert [customer.enter_pin(right=right) for right in attempts] == attempts
    marks = "".join("+" if right else "-" for right in attempts)
    assert (customer.state is CustomerState.PIN_LOCKED) == ("-" * PIN_ATTEMPTS in marks)
