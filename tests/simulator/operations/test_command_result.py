import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.operations.command_result import Result, letter, money, typed, whole

RESULT = {
    "code": "0",
    "text": "done",
    "originator_conversation_id": "o",
    "conversation_id": "c",
    "transaction_id": "R",
}


def body(*, documented=False, **changes):
    sent = letter("http://shop/r", Result(**RESULT | changes), documented=documented)
    assert sent.url == "http://shop/r"
    return sent.body


def test_bytes_of_a_success():
    raw = body(
        parameters=(("TransactionAmount", 10), ("Funds", money(-242_000)), ("Charges", None)),
        references=(("QueueTimeoutURL", "https://x/y"),),
    )
    assert raw == (
        rb'{"Result":{"ResultType":0,"ResultCode":0,"ResultDesc":"done",'
        rb'"OriginatorConversationID":"o","ConversationID":"c","TransactionID":"R",'
        rb'"ResultParameters":{"ResultParameter":[{"Key":"TransactionAmount","Value":10},'
        rb'{"Key":"Funds","Value":-2420.00},{"Key":"Charges"}]},'
        rb'"ReferenceData":{"ReferenceItem":{"Key":"QueueTimeoutURL","Value":"https:\/\/x\/y"}}}}'
    )


def test_bytes_of_a_failure_with_a_code_that_is_no_number():
    assert body(code="R000002") == (
        b'{"Result":{"ResultType":0,"ResultCode":"R000002","ResultDesc":"done",'
        b'"OriginatorConversationID":"o","ConversationID":"c","TransactionID":"R"}}'
    )


def test_the_portal_prints_strings():
    raw = body(documented=True, parameters=(("Time", "20260714091542"), ("Charges", None)))
    found = json.loads(raw)["Result"]
    assert (found["ResultType"], found["ResultCode"]) == ("0", "0")
    assert found["ResultParameters"]["ResultParameter"] == [
        {"Key": "Time", "Value": "20260714091542"},
        {"Key": "Charges", "Value": ""},
    ]


def test_one_is_an_object_and_two_are_a_list():
    one = json.loads(body(references=(("Occasion", "x"),)))["Result"]["ReferenceData"]
    assert one["ReferenceItem"] == {"Key": "Occasion", "Value": "x"}
    two = json.loads(body(references=(("A", "x"), ("B", ""))))["Result"]["ReferenceData"]
    assert two["ReferenceItem"] == [{"Key": "A", "Value": "x"}, {"Key": "B"}]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("353353", 353353),
        ("20261006093245", 20261006093245),
        ("-15.00", Decimal("-15.00")),
        ("PRN1234XN", "PRN1234XN"),
        ("1e5", "1e5"),
        ("١٢", "١٢"),
        ("1.", "1."),
        ("9" * 40, "9" * 40),
        (7, 7),
        (None, None),
    ],
)
def test_a_text_is_typed_by_its_look(value, expected):
    found = typed(value)
    assert found == expected
    assert type(found) is type(expected)


@given(st.integers(-(10**12), 10**12))
def test_money_keeps_two_decimals(cents):
    assert (
        str(money(cents)) == f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    )
    assert whole(cents) * 100 == cents


@given(st.text(), st.text(max_size=5))
def test_whatever_is_told_is_json(text, value):
    raw = body(text=text, parameters=(("K", value), ("L", 1)))
    found = json.loads(raw, parse_float=Decimal)["Result"]
    assert found["ResultDesc"] == text
    items = found["ResultParameters"]["ResultParameter"]
    assert items[0].get("Value", "") == typed(value)
