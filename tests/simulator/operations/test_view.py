from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.rules import Condition, Equals
from darajasim.operations.view import MOST_VALUES, viewed

ALIASES = {"billedPhoneNumber": "phone", "Amount": "amount"}


def test_a_flat_body_has_its_names_and_the_shared_ones():
    found = viewed({"Amount": 10, "Note": "a", "Flag": True, "None": None}, ALIASES)
    assert found == {"Amount": "10", "amount": "10", "Note": "a"}


def test_what_lies_within_has_its_path():
    body = {"invoiceItems": [{"amount": 1}, {"amount": 2, "tags": ["x"]}], "to": {"shop": "A"}}
    assert viewed(body, ALIASES) == {
        "invoiceItems.0.amount": "1",
        "invoiceItems.1.amount": "2",
        "invoiceItems.1.tags.0": "x",
        "to.shop": "A",
    }


def test_each_item_of_a_list_has_the_shared_names():
    found = viewed([{"billedPhoneNumber": "0722000000"}, 7, {"Amount": 2}], ALIASES)
    assert found == {
        "0.billedPhoneNumber": "0722000000",
        "0.phone": "0722000000",
        "2.Amount": "2",
        "2.amount": "2",
    }


def test_a_huge_body_is_looked_at_within_bounds():
    assert len(viewed({"a": list(range(10 * MOST_VALUES))}, {})) == MOST_VALUES


def test_any_item_will_do_and_only_items_are_any():
    fields = viewed({"items": [{"name": "a"}, {"name": "b"}], "map": {"x": {"name": "b"}}}, {})
    assert Condition("items.any.name", Equals("b")).holds(fields)
    assert Condition("items.1.name", Equals("b")).holds(fields)
    assert not Condition("items.0.name", Equals("b")).holds(fields)
    assert not Condition("map.any.name", Equals("b")).holds(fields)
    assert Condition("items.any.name", Equals("c")).found(fields) == "a, b"
    assert Condition("items.any.other", Equals("c")).found(fields) is None


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(trees)
def test_any_body_can_be_looked_at(body):
    for name, value in viewed(body, ALIASES).items():
        assert isinstance(name, str)
        assert Condition(name, Equals(value)).holds({name: value})
