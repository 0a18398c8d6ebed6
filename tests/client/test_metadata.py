from datetime import datetime
from decimal import Decimal

import pytest

from mpesa_pochi.clock import NAIROBI
from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.metadata import parse_metadata

GOOD = {
    "Amount": Decimal("1.00"),
    "MpesaReceiptNumber": "UJB5Q7X2KD",
    "TransactionDate": 20261011140526,
    "PhoneNumber": 254708374149,
}


def listed(**changes):
    return {"Item": [{"Name": name, "Value": value} for name, value in (GOOD | changes).items()]}


def reason(value):
    with pytest.raises(CallbackRefused) as caught:
        parse_metadata(value)
    return caught.value.reason


def test_the_items_of_the_specification():
    found = parse_metadata(listed())
    assert str(found.amount) == "1.00"
    assert found.receipt == "UJB5Q7X2KD"
    assert found.balance is None
    assert found.paid_at == datetime(2026, 10, 11, 14, 5, 26, tzinfo=NAIROBI)
    assert found.phone == "254708374149"


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"Amount": 60}, "amount", Decimal(60)),
        ({"Amount": "100.00"}, "amount", Decimal("100.00")),
        ({"Amount": Decimal("1E+2")}, "amount", Decimal(100)),
        ({"Balance": None}, "balance", None),
        ({"Balance": ""}, "balance", None),
        ({"Balance": Decimal("12.50")}, "balance", Decimal("12.50")),
        ({"Balance": "12.50"}, "balance", Decimal("12.50")),
        ({"Balance": "KES 12.50"}, "balance", None),
        ({"TransactionDate": "20261011140526"}, "receipt", "UJB5Q7X2KD"),
        ({"PhoneNumber": "254110000000"}, "phone", "254110000000"),
        ({"PhoneNumber": "2547 ***** 149"}, "phone", "2547*****149"),
        ({"PhoneNumber": "25470****149"}, "phone", "25470****149"),
        ({"Extra": [1, {"a": 2}]}, "receipt", "UJB5Q7X2KD"),
    ],
)
def test_every_form_that_has_been_seen(changes, field, expected):
    assert getattr(parse_metadata(listed(**changes)), field) == expected


def test_order_does_not_matter_and_balance_needs_no_value():
    items = [{"Name": "Balance"}, *reversed(listed()["Item"]), {"Name": "Other"}, {"Name": "Other"}]
    assert parse_metadata({"Item": items}) == parse_metadata(listed())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, RefusalReason.MISSING_FIELD),
        ({}, RefusalReason.WRONG_SHAPE),
        ([], RefusalReason.WRONG_SHAPE),
        ("x", RefusalReason.WRONG_SHAPE),
        ({"Item": {}}, RefusalReason.WRONG_SHAPE),
        ({"Item": ["Amount"]}, RefusalReason.WRONG_SHAPE),
        ({"Item": [{"Value": 1}]}, RefusalReason.WRONG_SHAPE),
        ({"Item": [{"Name": 1, "Value": 1}]}, RefusalReason.WRONG_SHAPE),
        ({"Item": []}, RefusalReason.MISSING_FIELD),
        (
            {"Item": [*listed()["Item"], {"Name": "Amount", "Value": 1}]},
            RefusalReason.DUPLICATE_ITEM,
        ),
        ({"Item": [*listed()["Item"], {"Name": "Amount"}]}, RefusalReason.DUPLICATE_ITEM),
    ],
)
def test_shapes_that_are_none(value, expected):
    assert reason(value) is expected


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, RefusalReason.MISSING_FIELD),
        (True, RefusalReason.WRONG_TYPE),
        ([1], RefusalReason.WRONG_TYPE),
        ({"a": 1}, RefusalReason.WRONG_TYPE),
        ("", RefusalReason.WRONG_VALUE),
        ("nonsense", RefusalReason.WRONG_VALUE),
        ("١٢٣", RefusalReason.WRONG_VALUE),
        (-1, RefusalReason.WRONG_VALUE),
    ],
)
def test_values_that_no_item_can_have(name, value, expected):
    assert reason(listed(**{name: value})) is expected


@pytest.mark.parametrize(
    "changes",
    [
        {"Amount": 0},
        {"Amount": Decimal("0.001")},
        {"Amount": Decimal("1.001")},
        {"Amount": 10**12},
        {"Amount": "1e2"},
        {"Amount": "1,000"},
        {"MpesaReceiptNumber": "ujb5q7x2kd"},
        {"MpesaReceiptNumber": "UJB5Q7X"},
        {"MpesaReceiptNumber": "UJB5Q7X2KD'--"},
        {"TransactionDate": 20261311140526},
        {"TransactionDate": 2026101114052},
        {"PhoneNumber": 254202222222},
        {"PhoneNumber": "0708374149"},
        {"PhoneNumber": 708374149},
        {"PhoneNumber": "254708*"},
    ],
)
def test_values_that_are_impossible(changes):
    assert reason(listed(**changes)) is RefusalReason.WRONG_VALUE


@pytest.mark.parametrize("name", ["MpesaReceiptNumber", "TransactionDate", "PhoneNumber"])
def test_words_and_whole_numbers_have_no_fraction(name):
    assert reason(listed(**{name: Decimal("1.0")})) is RefusalReason.WRONG_TYPE


@pytest.mark.parametrize("balance", [True, [], {}])
def test_a_balance_of_a_wrong_type_is_refused(balance):
    assert reason(listed(Balance=balance)) is RefusalReason.WRONG_TYPE
