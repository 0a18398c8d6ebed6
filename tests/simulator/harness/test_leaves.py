from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.wire import dumps, loads
from darajasim.harness.leaves import leaves, text

PARAMETERS = {
    "ResultParameter": [
        {"Key": "TransactionAmount", "Value": 10},
        {"Key": "ReceiverPartyPublicName", "Value": "254708374149 - John Doe"},
        {"Key": "B2CUtilityAccountAvailableFunds"},
    ]
}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"ResponseCode": "0"}, {"ResponseCode": ["0"]}),
        ({"Body": {"stkCallback": {"ResultCode": 1032}}}, {"ResultCode": [1032]}),
        (
            {"Item": [{"Name": "Amount", "Value": 1}, {"Name": "Balance"}]},
            {"Amount": [1], "Balance": [None]},
        ),
        (
            {"Result": {"ResultParameters": PARAMETERS}},
            {
                "TransactionAmount": [10],
                "ReceiverPartyPublicName": ["254708374149 - John Doe"],
                "B2CUtilityAccountAvailableFunds": [None],
            },
        ),
        ({"Result": {"Key": "BOCompletedTime", "Value": 2026}}, {"BOCompletedTime": [2026]}),
        ({"responseData": [{"name": "OrderID", "value": "x"}]}, {"OrderID": ["x"]}),
        ({"ReferenceItem": {"Value": "only a value"}}, {"Value": ["only a value"]}),
        ({"user": {"name": "JANE", "phone": "1"}}, {"name": ["JANE"], "phone": ["1"]}),
        ({"Item": {"Name": "Parts", "Value": {"a": 1, "b": [2]}}}, {"a": [1], "b": [2]}),
        ({"Response": [[{"a": 1}], [{"a": 2}]]}, {"a": [1, 2]}),
        ({"No": [], "Empty": {}, "Null": None}, {"No": [None], "Empty": [None], "Null": [None]}),
        ([1, 2], {"": [1, 2]}),
        ({"Key": 5}, {"Key": [5]}),
    ],
)  # fmt: skip
def test_values_by_the_nearest_key(document, found):
    assert leaves(document) == found


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (False, "false"),
        (10, "10"),
        (Decimal("10.00"), "10.00"),
        (Decimal("1E+2"), "100"),
        ("0722", "0722"),
    ],
)
def test_values_as_they_are_compared(value, shown):
    assert text(value) == shown


PLAIN = st.text(alphabet="abc", min_size=1, max_size=3)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(PLAIN, inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)


def count(tree):
    """How many values of a tree have no parts."""
    if isinstance(tree, dict):
        return sum(map(count, tree.values()))
    return sum(map(count, tree)) if isinstance(tree, list) else 1


@given(TREES)
def test_no_value_is_lost_or_made_up(tree):
    assert sum(map(len, leaves(loads(dumps(tree))).values())) == count(tree)


@given(st.dictionaries(PLAIN, st.integers() | st.none(), min_size=1, max_size=5))
def test_pairs_mean_what_a_mapping_means(values):
    pairs = [{"Name": name, "Value": value} for name, value in values.items()]
    assert leaves({"Item": pairs}) == leaves(values)
