import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.origin import SAFARICOM_SOURCES, check_source, check_token
from mpesa_pochi.secret import Secret


@pytest.mark.parametrize(
    "address", ["196.201.212.69", " 196.201.214.200 ", "::ffff:196.201.212.69"]
)
def test_listed_senders_pass(address):
    check_source(address, SAFARICOM_SOURCES)


@pytest.mark.parametrize("address", [None, "", "10.0.0.1", "::1", "nonsense", "196.201.212"])
def test_others_are_refused(address):
    with pytest.raises(CallbackRefused) as caught:
        check_source(address, SAFARICOM_SOURCES)
    assert caught.value.reason is RefusalReason.WRONG_SOURCE


def test_networks_of_both_kinds_can_be_listed():
    check_source("196.201.212.77", ["2001:db8::/32", "196.201.212.0/24"])
    check_source("2001:db8::7", ["2001:db8::/32", "196.201.212.0/24"])
    with pytest.raises(CallbackRefused):
        check_source("196.201.213.1", ["196.201.212.0/24"])
    with pytest.raises(CallbackRefused):
        check_source("196.201.212.69", [])


def test_a_wrong_list_is_the_merchants_mistake():
    with pytest.raises(ValueError, match="nonsense"):
        check_source("196.201.212.69", ["nonsense"])


def test_the_right_token_passes():
    check_token("planted-token", Secret("planted-token"))


@given(st.none() | st.text())
def test_any_other_token_is_refused_and_none_is_quoted(given_token):
    with pytest.raises(CallbackRefused) as caught:
        check_token(given_token, Secret("planted-token"))
    assert caught.value.reason is RefusalReason.WRONG_TOKEN
    assert "planted" not in str(caught.value)


def test_an_empty_expected_token_would_let_everyone_in():
    with pytest.raises(ValueError, match="unguessable"):
        check_token("", Secret(""))


@given(st.text())
def test_any_address_passes_or_is_refused(address):
    with pytest.raises(CallbackRefused):
        check_source(address, ["196.201.212.69"])
