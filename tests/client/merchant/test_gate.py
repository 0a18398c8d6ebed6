import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.merchant.gate import Gate, address, digest
from mpesa_pochi.secret import Secret


def gate(**changes):
    options = {"callback_token": None, "allowed_sources": None, "require_callback_token": False}
    return Gate.configured(**options | changes)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://shop.example/cb", "https://shop.example/cb/t"),
        ("https://shop.example/cb/", "https://shop.example/cb/t"),
        ("https://shop.example", "https://shop.example/t"),
        ("https://shop.example/cb?shop=1", "https://shop.example/cb/t?shop=1"),
        ("http://127.0.0.1:8000/a/b", "http://127.0.0.1:8000/a/b/t"),
    ],
)
def test_the_token_ends_the_path(base, expected):
    assert address(base, "t") == expected


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_token_is_one_segment(token):
    path = address("https://shop.example/cb", token).removeprefix("https://shop.example/cb/")
    assert path
    assert not set(path) & set("/?# ")


@pytest.mark.parametrize("token", ["shared", Secret("shared")])
def test_a_shared_token_closes_the_address_without_one(token):
    closed = gate(callback_token=token)
    closed.check(None, digest("shared"), is_payments=False)
    closed.check(None, digest("payment's own"), is_payments=True)
    for wrong in (None, digest("other")):
        with pytest.raises(CallbackRefused) as caught:
            closed.check(None, wrong, is_payments=False)
        assert caught.value.reason is RefusalReason.WRONG_TOKEN
        assert "shared" not in str(caught.value)


def test_the_gate_shows_no_token():
    assert "planted" not in repr(gate(callback_token="planted"))


def test_without_configuration_the_address_without_a_token_is_open():
    gate().check(None, None, is_payments=False)
    with pytest.raises(CallbackRefused):
        gate().check(None, digest("guess"), is_payments=False)


def test_sources_are_addresses_or_networks():
    listed = gate(allowed_sources=["196.201.212.0/24", "10.0.0.1"])
    listed.check("196.201.212.69", None, is_payments=False)
    for wrong in ("196.201.213.1", None, "unix:"):
        with pytest.raises(CallbackRefused) as caught:
            listed.check(wrong, None, is_payments=False)
        assert caught.value.reason is RefusalReason.WRONG_SOURCE


@pytest.mark.parametrize(
    "wrong",
    [
        {"callback_token": ""},
        {"callback_token": " "},
        {"callback_token": "a/b"},
        {"allowed_sources": ["shop.example"]},
        {"allowed_sources": "196.201.212.69"},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_at_once(wrong):
    with pytest.raises(ValueError, match=r"token|address|network"):
        gate(**wrong)
