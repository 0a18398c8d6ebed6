import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.customer import (
    DEFAULT_BALANCE_CENTS,
    Customer,
    CustomerSpec,
    CustomerState,
    Limits,
    Paid,
)
from darajasim.core.ledger import OUTSIDE, Ledger
from darajasim.core.organisation import (
    SANDBOX_FUNDS,
    SANDBOX_PASSKEY,
    OrganisationKind,
    OrganisationSpec,
)
from darajasim.core.world import App, World, WorldOverlay

PHONE = "254722000000"
DAY = 86_400.0


def world(seed=1):
    ledger = Ledger()
    return World(ledger, seed), ledger


def test_the_public_sandbox_is_there():
    ours, ledger = world()
    paybill, till, b2c = (ours.organisations[code] for code in ("174379", "600100", "600998"))
    assert (paybill.kind, paybill.passkey, paybill.buy_goods) == (
        OrganisationKind.PAYBILL,
        SANDBOX_PASSKEY,
        False,
    )
    assert (till.kind, till.passkey) == (OrganisationKind.TILL, SANDBOX_PASSKEY)
    assert b2c.passkey is None
    assert all(ledger.has(found.account) for found in ours.organisations.values())
    assert ours.customers == {}


def test_an_unknown_customer_has_a_name_and_money_and_stays():
    ours, ledger = world()
    found = ours.customer(PHONE)
    assert found.name == found.name.upper() != ""
    assert found.state is CustomerState.ACTIVE
    assert ledger.balance(found.account) == DEFAULT_BALANCE_CENTS
    assert ours.customer(PHONE) is found


def test_names_follow_from_seed_and_number():
    numbers = [f"2547220000{number:02d}" for number in range(10)]
    first, again, other = (
        [world(seed)[0].customer(number).name for number in numbers] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_an_overlay_is_laid_over_the_defaults():
    ours, ledger = world()
    ours.lay(
        WorldOverlay(
            customers=(
                CustomerSpec(
                    PHONE,
                    "JANE WANJIKU",
                    1_000_00,
                    "0000",
                    CustomerState.INACTIVE,
                    Limits(2_00, 3_00, 4_00),
                ),
            ),
            organisations=(
                OrganisationSpec("600111", balance_cents=5_00, maximum_cents=9_00),
                OrganisationSpec("174379", "OURS", OrganisationKind.TILL, "ours"),
            ),
        )
    )
    jane = ours.customer(PHONE)
    assert (jane.name, jane.pin, jane.state) == ("JANE WANJIKU", "0000", CustomerState.INACTIVE)
    assert jane.limits == Limits(2_00, 3_00, 4_00)
    assert ledger.balance(jane.account) == 1_000_00
    duka = ours.organisations["600111"]
    assert (duka.name, duka.kind, duka.maximum_cents) == ("DUKA", OrganisationKind.PAYBILL, 9_00)
    assert (duka.passkey, duka.buy_goods) == (SANDBOX_PASSKEY, True)
    assert ledger.balance(duka.account) == 5_00
    replaced = ours.organisations["174379"]
    assert (replaced.name, replaced.passkey) == ("OURS", "ours")
    assert "600100" in ours.organisations


@settings(max_examples=30)
@given(
    st.dictionaries(st.from_regex(r"2547[0-9]{8}", fullmatch=True), st.integers(0, 10**9)),
    st.dictionaries(st.from_regex(r"7[0-9]{5}", fullmatch=True), st.integers(0, 10**9)),
)
def test_all_opening_money_goes_through_the_ledger(customers, organisations):
    ours, ledger = world()
    ours.lay(
        WorldOverlay(
            customers=tuple(
                CustomerSpec(number, balance_cents=cents) for number, cents in customers.items()
            ),
            organisations=tuple(
                OrganisationSpec(code, balance_cents=cents) for code, cents in organisations.items()
            ),
        )
    )
    assert ledger.total() == 0
    laid = sum(customers.values()) + sum(organisations.values())
    assert ledger.balance(OUTSIDE) == -laid - sum(SANDBOX_FUNDS.values())
    assert all(ledger.balance(f"customer:{who}") == cents for who, cents in customers.items())


def test_any_app_may_have_a_token_unless_the_world_names_some():
    ours, _ = world()
    assert ours.knows_app("any", "secret")
    assert not ours.knows_app("any", "")
    assert not ours.knows_app("", "secret")
    ours.lay(WorldOverlay(apps=(App("k", "s"),)))
    assert ours.knows_app("k", "s")
    assert not ours.knows_app("k", "t")
    assert not ours.knows_app("any", "secret")


@pytest.mark.parametrize(("age", "kept"), [(0.0, 2), (2 * DAY, 2), (2 * DAY + 1, 1)])
def test_payments_are_remembered_for_two_days(age, kept):
    customer = Customer(PHONE)
    customer.remember(Paid(1_000.0, "organisation:174379/utility", 100))
    customer.remember(Paid(1_000.0 + age, "organisation:174379/utility", 100))
    assert len(customer.paid) == kept
