import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.ledger import Ledger
from darajasim.core.organisation import (
    SANDBOX_FUNDS,
    Organisation,
    OrganisationKind,
    OrganisationSpec,
    Purse,
    sandbox_organisation,
)
from darajasim.core.world import World, WorldOverlay


def world():
    ledger = Ledger()
    return World(ledger, seed=1), ledger


@pytest.mark.parametrize("shortcode", ["600000", "600978", "600999", "600123", "601315", "601426"])
def test_a_shortcode_of_the_public_sandbox_appears_with_its_accounts(shortcode):
    ours, ledger = world()
    found = ours.organisation(shortcode)
    assert found is not None
    assert found is ours.organisation(shortcode)
    assert found.passkey is None
    for purse in (Purse.WORKING, Purse.UTILITY, Purse.CHARGES):
        assert ledger.balance(found.purse(purse)) == SANDBOX_FUNDS[purse]
    assert ledger.total() == 0


@pytest.mark.parametrize("shortcode", ["601427", "599999", "60000", "6000000", "", "600a00"])
def test_other_shortcodes_do_not_exist(shortcode):
    ours, ledger = world()
    before = ledger.balances()
    assert ours.organisation(shortcode) is None
    assert ledger.balances() == before


def test_names_are_those_of_captures_where_there_are_any():
    assert sandbox_organisation("600992").public_name == "600992 - Safaricom Daraja 992"
    assert sandbox_organisation("600000").public_name == "600000 - saf test org"
    assert sandbox_organisation("572572").opening == {}


@pytest.mark.parametrize(
    ("kind", "purse"),
    [
        (OrganisationKind.PAYBILL, "utility"),
        (OrganisationKind.B2C, "utility"),
        (OrganisationKind.TILL, "merchant"),
    ],
)
def test_customers_pay_into(kind, purse):
    assert Organisation("1", "N", kind).account == f"organisation:1/{purse}"


def test_without_a_list_every_product_is_open():
    assert Organisation("1", "N").takes_part_in("b2c_payment")
    few = Organisation("1", "N", products=frozenset({"b2b_payment"}))
    assert few.takes_part_in("b2b_payment")
    assert not few.takes_part_in("b2c_payment")


@given(
    st.integers(0, 10**9),
    st.dictionaries(st.sampled_from(list(Purse)), st.integers(0, 10**9)),
    st.sampled_from(["600998", "600001", "777777"]),
)
def test_what_a_scenario_lays_replaces_what_was_there(receives, opening, shortcode):
    ours, ledger = world()
    opening.pop(Purse.UTILITY, None)
    spec = OrganisationSpec(shortcode, balance_cents=receives, opening=opening)
    ours.lay(WorldOverlay(organisations=(spec,)))
    found = ours.organisation(shortcode)
    for purse, cents in opening.items():
        assert ledger.balance(found.purse(purse)) == cents
    if receives:
        assert ledger.balance(found.account) == receives
    assert ledger.total() == 0
