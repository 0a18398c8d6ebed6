import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from darajasim.core.catalogue import magic_refusal
from darajasim.strategies import amounts, references
from support.smallest import smallest


@given(st.data(), st.integers(1, 10**6), st.integers(1, 10**6))
def test_amounts_lie_within_both_ends(data, one, other):
    low, high = sorted((one, other))
    assert low <= data.draw(amounts(min_value=low, max_value=high)) <= high


def test_amounts_shrink_to_the_least_and_reach_the_ceiling():
    assert smallest(amounts()) == 1
    assert smallest(amounts(min_value=70)) == 70
    assert smallest(amounts(), lambda amount: amount > 249_999) == 250_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"min_value": 0}, "from 1"),
        ({"min_value": 1.5}, "whole number"),
        ({"max_value": True}, "whole number"),
        ({"max_value": "9"}, "whole number"),
        ({"max_value": 10**9}, "999999999"),
        ({"min_value": 9, "max_value": 8}, "above"),
    ],
)
def test_wrong_ends_are_refused_at_once(arguments, says):
    with pytest.raises(InvalidArgument, match=says):
        amounts(**arguments)


def test_they_take_no_positional_arguments():
    with pytest.raises(TypeError):
        amounts(1, 2)


@given(st.data(), st.integers(1, 30), st.integers(1, 30))
def test_references_are_printable_and_as_long_as_they_may_be(data, one, other):
    low, high = sorted((one, other))
    text = data.draw(references(min_size=low, max_size=high))
    assert low <= len(text) <= high
    assert text == text.strip()
    assert text.isprintable()
    assert magic_refusal(text) is None


def test_references_shrink_to_one_character():
    assert smallest(references()) == "0"
    assert smallest(references(), lambda text: " " in text) == "0 0"


@pytest.mark.parametrize(
    "arguments", [{"min_size": 0}, {"max_size": 1001}, {"min_size": 5, "max_size": 4}]
)
def test_wrong_sizes_are_refused_at_once(arguments):
    with pytest.raises(InvalidArgument):
        references(**arguments)
