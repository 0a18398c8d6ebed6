import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.harness.selection import SelectionError, matcher, select
from support.played import PAY, scenario

NAMES = ("customer-cancels", "wrong-pin", "wrong-pin-then-right", "amounts[one-shilling]", "busy")


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ("pin", "wrong-pin wrong-pin-then-right"),
        ("PIN", "wrong-pin wrong-pin-then-right"),
        ("pin and not then", "wrong-pin"),
        ("not pin", "customer-cancels amounts[one-shilling] busy"),
        ("not not busy", "busy"),
        ("busy or cancels", "customer-cancels busy"),
        ("busy or pin and then", "wrong-pin-then-right busy"),
        ("(busy or pin) and (then)", "wrong-pin-then-right"),
        ("not(busy or pin)", "customer-cancels amounts[one-shilling]"),
        ("amounts[one", "amounts[one-shilling]"),
        ("nothing-like-it", ""),
        ("notbusy", ""),
    ],
)
def test_what_an_expression_means(expression, meant):
    wanted = matcher(expression)
    assert [name for name in NAMES if wanted(name)] == meant.split()


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "expected part of a name, found the end"),
        ("  ", "expected part of a name, found the end"),
        ("and", "expected part of a name, found 'and' at column 1"),
        ("pin and", "expected part of a name, found the end"),
        ("pin  or  or x", "expected part of a name, found 'or' at column 10"),
        ("pin busy", "expected and, or, or the end, found 'busy' at column 5"),
        ("(pin", "expected and, or, or a closing parenthesis, found the end"),
        ("pin)", "expected and, or, or the end, found ')' at column 4"),
        ("()", "expected part of a name, found ')' at column 2"),
        ("not", "expected part of a name, found the end"),
        ("(" * 60, "expected at most 50 levels"),
        ("not " * 60, "expected at most 50 levels"),
        ("x" * 2_001, "expected at most 2000 characters"),
    ],
)
def test_what_is_wrong_with_an_expression(expression, message):
    with pytest.raises(SelectionError) as caught:
        matcher(expression)
    assert message in str(caught.value)


@given(st.text(st.sampled_from("ab ()andornot"), max_size=30))
def test_any_text_is_read_or_refused(expression):
    try:
        wanted = matcher(expression)
    except SelectionError:
        return
    assert wanted("ab") in (True, False)


WORDS = st.sampled_from(["a", "b", "cd", "x"])
TREES = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
    ),
    max_leaves=8,
)


@given(TREES, st.text("abcdx", max_size=4))
def test_it_means_what_python_means(expression, name):
    values = {word: word in name for word in ("a", "b", "cd", "x")}
    assert matcher(expression)(name) == eval(expression, {}, values)  # noqa: S307


def one(tags):
    return scenario(f"tags: [{tags}]", "steps:", PAY, "expect: {payment: {}}")


def test_one_of_the_tags_is_enough_and_the_name_must_match_too():
    given_ = [one("express, failure"), one("network"), one("")]
    assert select(given_, words=None, tags=()) == given_
    assert select(given_, words=None, tags=("failure", "network")) == given_[:2]
    assert select(given_, words=matcher("shown"), tags=("network",)) == given_[1:2]
    assert select(given_, words=matcher("other"), tags=("network",)) == []
