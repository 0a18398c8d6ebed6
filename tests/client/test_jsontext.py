import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.jsontext import DEEPEST, Fault, UnreadableJson, kind, read

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30).filter(
        lambda number: not 0 < abs(number) < 1e-20
    )
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def fault(raw, largest=10**6):
    with pytest.raises(UnreadableJson) as caught:
        read(raw, largest=largest)
    return caught.value.fault


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", Fault.NOT_JSON),
        (b"{", Fault.NOT_JSON),
        (b"<html>", Fault.NOT_JSON),
        (b"{} {}", Fault.NOT_JSON),
        (b"{'a': 1}", Fault.NOT_JSON),
        ("\ufeff{}".encode(), Fault.NOT_JSON),
        (b'{"a": "\xff"}', Fault.NOT_UTF8),
        ("{}".encode("utf-16"), Fault.NOT_UTF8),
        (b"[" * 100_000, Fault.TOO_DEEP),
        (b'{"a":' * 40 + b"1" + b"}" * 40, Fault.TOO_DEEP),
        (b'{"a": 1, "a": 1}', Fault.DUPLICATE_KEY),
        (b'{"b": {"a": 1, "a": 2}}', Fault.DUPLICATE_KEY),
        (b"NaN", Fault.BAD_NUMBER),
        (b"-Infinity", Fault.BAD_NUMBER),
        (b"9" * 5000, Fault.BAD_NUMBER),
        (b"1e999999999999999999999", Fault.BAD_NUMBER),
        (b"1e-41", Fault.BAD_NUMBER),
        (b"0." + b"1" * 100, Fault.BAD_NUMBER),
    ],
)
def test_each_fault_has_its_name(raw, expected):
    assert fault(raw) is expected


def test_size_is_judged_before_anything():
    assert fault(b"[" * 11, largest=10) is Fault.TOO_LARGE


def test_depth_counts_brackets_and_not_text():
    assert read(b'["' + b"[" * 100 + b'\\"{{"]', largest=1000) == ["[" * 100 + '"{{']
    assert read(b"[" * DEEPEST + b"]" * DEEPEST, largest=1000)
    assert read(b"[" + b"{}," * 50 + b"{}]", largest=1000)


def test_fractions_are_decimal_to_the_last_zero():
    assert str(read(b"1.00", largest=10)) == "1.00"
    assert read(b"60", largest=10) == 60
    assert read(b"1e2", largest=10) == Decimal(100)


@given(VALUES)
def test_what_json_writes_is_read(value):
    assert read(json.dumps(value).encode(), largest=10**6) == json.loads(
        json.dumps(value), parse_float=Decimal
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_the_one_error(raw):
    with suppress(UnreadableJson):
        read(raw, largest=10**6)


@given(st.text(alphabet='{}[]",:\\0123456789.eE-+ntfalsru ', max_size=60))
def test_almost_json_is_a_value_or_the_one_error(text):
    with suppress(UnreadableJson):
        read(text.encode(), largest=10**6)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "a number"),
        (Decimal(1), "a number"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_kinds_are_called_as_json_calls_them(value, name):
    assert kind(value) == name
