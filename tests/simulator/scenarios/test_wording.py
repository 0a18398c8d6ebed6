import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.scenarios.wording import did_you_mean, listing, nearest, plural, quoted

NAMES = ("phone", "amount", "transaction_type", "wrong-pin", "expect", "as")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("phoen", "phone"),
        ("Phone", "phone"),
        ("transaction-type", "transaction_type"),
        ("wrong_pin", "wrong-pin"),
        ("phone_number", "phone"),
        ("my_amount", "amount"),
        ("expects", "expect"),
        ("xyz", None),
        ("", None),
        ("1033", None),
        ("is", None),
    ],
)
def test_nearest(name, meant):
    assert nearest(name, NAMES) == meant


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=20)))
def test_nearest_is_one_of_the_names(name, names):
    assert nearest(name, names) in (None, *names)


def test_sentences():
    assert did_you_mean("phoen", NAMES) == "did you mean `phone`?"
    assert did_you_mean("xyz", NAMES) == ""
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b or c"
    assert listing(["a", "b"], "and") == "a and b"
    assert (plural(1, "step"), plural(0, "step")) == ("1 step", "0 steps")


@given(st.text())
def test_what_is_quoted_fits_into_a_message(text):
    shown = quoted(text)
    assert len(shown) <= 62
    assert shown.isprintable() or "\N{REPLACEMENT CHARACTER}" in shown
    assert "\n" not in shown
