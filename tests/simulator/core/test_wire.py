from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.wire import MalformedJson, dumps, loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_money_keeps_its_digits():
    assert dumps({"Amount": Decimal("1.00"), "Other": Decimal("100.50")}) == (
        b'{"Amount":1.00,"Other":100.50}'
    )


@given(VALUES)
def test_round_trip(value):
    assert loads(dumps(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_named(raw):
    try:
        loads(raw)
    except MalformedJson as error:
        assert str(error)


@pytest.mark.parametrize(
    "raw",
    [b"", b"NaN", b'{"a":Infinity}', b"[" * 100_000, b"9" * 5000, b"\xff\xfe", b'{"a":1}x'],
)
def test_awkward_bytes(raw):
    with pytest.raises(MalformedJson):
        loads(raw)
