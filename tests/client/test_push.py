from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.errors import InvalidRequest, PhoneNumberError
from mpesa_pochi.push import Push, checkout_id, whole_shillings
from mpesa_pochi.secret import Secret

GOOD = {
    "phone": "0722 000000",
    "amount": 100,
    "reference": "INV-1",
    "description": "Shoes",
    "callback_url": "https://shop.example/cb",
    "transaction_type": "CustomerPayBillOnline",
    "party_b": "174379",
    "https_only": False,
}


def refused(**changes):
    with pytest.raises(InvalidRequest) as caught:
        Push.checked(**(GOOD | changes))
    return str(caught.value)


def test_the_body_is_the_one_daraja_documents():
    body = Push.checked(**GOOD).body(
        shortcode="174379", password=Secret("cGFzcw=="), timestamp="20261011140509"
    )
    assert body == {
        "BusinessShortCode": "174379",
        "Password": "cGFzcw==",
        "Timestamp": "20261011140509",
        "TransactionType": "CustomerPayBillOnline",
        "Amount": "100",
        "PartyA": "254722000000",
        "PartyB": "174379",
        "PhoneNumber": "254722000000",
        "CallBackURL": "https://shop.example/cb",
        "AccountReference": "INV-1",
        "TransactionDesc": "Shoes",
    }


def test_a_till_is_named_as_party_b():
    push = Push.checked(
        **(GOOD | {"transaction_type": "CustomerBuyGoodsOnline", "party_b": "600100"})
    )
    assert (push.transaction_type, push.party_b) == ("CustomerBuyGoodsOnline", "600100")


@pytest.mark.parametrize("amount", [1, 250_000, Decimal(7), Decimal("7.00"), Decimal("1E+2")])
def test_whole_shillings(amount):
    assert whole_shillings(amount) == int(amount)
    assert type(whole_shillings(amount)) is int


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        (0, "at least 1"),
        (-1, "at least 1"),
        (Decimal("0.5"), "at least 1"),
        (Decimal("1.5"), "no cents"),
        (Decimal("NaN"), "NaN"),
        (Decimal("Infinity"), "Infinity"),
        (Decimal("1E+999999"), "at most"),
        (10**9, "at most"),
        (True, "bool"),
        (1.5, "float"),
        (100.0, "float"),
        ("100", "str"),
        (None, "NoneType"),
    ],
)
def test_every_other_amount_is_refused(amount, says):
    assert says in refused(amount=amount)


@given(st.integers() | st.decimals() | st.floats() | st.text() | st.booleans() | st.none())
def test_an_amount_is_itself_or_refused(amount):
    try:
        whole = whole_shillings(amount)
    except InvalidRequest:
        return
    assert whole == amount
    assert 1 <= whole < 10**9


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reference": ""}, "reference is empty"),
        ({"reference": "  "}, "reference is empty"),
        ({"reference": None}, "reference is text, not NoneType"),
        ({"reference": 7}, "reference is text, not int"),
        ({"description": ""}, "description is empty"),
        ({"description": "two\nlines"}, "one line"),
        ({"description": "half \ud800"}, "one line"),
        ({"callback_url": ""}, "callback_url is empty"),
        ({"callback_url": "shop.example"}, "callback_url must begin with"),
        ({"transaction_type": "customerpaybillonline"}, "CustomerPayBillOnline or"),
        ({"party_b": "shop"}, "party_b is the 5 to 9 digits"),
        ({"party_b": 174379}, "party_b is the 5 to 9 digits"),
    ],
)
def test_each_argument_is_checked_before_the_wire(changes, says):
    assert says in refused(**changes)


def test_the_phone_has_its_own_error():
    with pytest.raises(PhoneNumberError):
        Push.checked(**(GOOD | {"phone": "020 2222222"}))


def test_production_wants_https():
    plain = {"callback_url": "http://shop.example/cb"}
    assert Push.checked(**(GOOD | plain))
    assert "https" in refused(**plain, https_only=True)


@pytest.mark.parametrize("given_id", ["", " ", "a b", "ws_CO_é", "a" * 101, None, 7, b"ws_CO_1"])
def test_ids_that_cannot_be_asked_about(given_id):
    with pytest.raises(InvalidRequest, match="checkout_request_id"):
        checkout_id(given_id)


def test_ids_are_opaque():
    assert checkout_id("ERR-being-processed") == "ERR-being-processed"
