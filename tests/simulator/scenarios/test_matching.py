from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.rules import Compare, Equals, Glob, OneOf, Pattern
from darajasim.scenarios import matching
from darajasim.scenarios.complaint import Unfit
from darajasim.scenarios.nodes import Scalar, resolve
from darajasim.scenarios.source import Place


def leaf(text):
    return Scalar(text, resolve(text), Place(1, 1))


def complaint(reader, raw):
    with pytest.raises(Unfit) as caught:
        reader(raw if isinstance(raw, list) else leaf(raw))
    (found,) = caught.value.complaints
    return found


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("INV-1", Equals("INV-1")),
        ("1001", Equals("1001")),
        ("INV-*", Glob("INV-*")),
        ("INV-?", Glob("INV-?")),
        (">= 100", Compare(">=", Decimal(100))),
        ("!=5", Compare("!=", Decimal(5))),
        ("< -2.5", Compare("<", Decimal("-2.5"))),
        ("/", Equals("/")),
    ],
)
def test_conditions_on_text(text, test):
    assert matching.text_test(leaf(text)) == test


def test_a_regular_expression_searches():
    test = matching.text_test(leaf("/^INV-[0-9]+$/"))
    assert isinstance(test, Pattern)
    assert test("INV-77")
    assert not test("inv-77")


def test_a_list_is_one_of():
    assert matching.text_test([leaf("a"), leaf("b")]) == OneOf(("a", "b"))


def test_a_list_may_mix():
    test = matching.amount_test([leaf("100"), leaf(">= 1000")])
    assert [test(value) for value in ("100", "100.00", "500", "2000")] == [True, True, False, True]
    assert str(test) == "== 100 or >= 1000"


@pytest.mark.parametrize("value", ["100", "100.0", "100.00"])
def test_amounts_are_compared_as_numbers(value):
    assert matching.amount_test(leaf("100"))(value)


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("0722000000", Equals("254722000000")),
        ("+254110000000", Equals("254110000000")),
        ("0722*", Glob("254722*")),
        ("07*", Glob("2547*")),
        ("+2547*", Glob("2547*")),
        ("2547*", Glob("2547*")),
        ("*000", Glob("*000")),
    ],
)
def test_phones_are_brought_to_one_form(text, test):
    assert matching.phone_test(leaf(text)) == test


@given(st.from_regex(r"0[17][0-9]{8}", fullmatch=True), st.integers(2, 10))
def test_a_glob_of_a_phones_beginning_matches_the_phone(phone, length):
    assert matching.phone_test(leaf(f"{phone[:length]}*"))(f"254{phone[1:]}")


@pytest.mark.parametrize(
    ("reader", "raw", "message"),
    [
        (matching.phone_test, "> 0722", "phone numbers cannot be compared"),
        (matching.phone_test, "0722", "this is not a Kenyan mobile number"),
        (matching.amount_test, "much", "this is not an amount"),
        (matching.text_test, ">= much", ">= compares with a number"),
        (matching.text_test, "/(/", "this regular expression does not compile"),
        (matching.text_test, "//", "an empty regular expression matches everything"),
        (matching.text_test, [], "the list is empty, so that nothing would match"),
        (matching.text_test, "", "a value is missing"),
        (matching.count_test, "1.5", "this is not a whole number"),
        (matching.count_test, "*", "this is not a whole number"),
        (matching.count_test, "-1", "this number is too small"),
    ],
)
def test_what_is_no_condition(reader, raw, message):
    assert complaint(reader, raw).message == message


def test_a_complaint_about_an_item_says_which():
    assert complaint(matching.phone_test, [leaf("0722000000"), leaf("0722")]).at == (1,)


def test_counts():
    assert matching.count_test(leaf("3")) == Compare("==", Decimal(3))
    assert matching.count_test(leaf(">= 2")) == Compare(">=", Decimal(2))


@given(st.text(max_size=30))
def test_any_regular_expression_compiles_or_is_refused(text):
    """Without a warning, too: warnings are errors here."""
    try:
        matching.text_test(leaf(f"/{text}/"))
    except Unfit as unfit:
        assert unfit.complaints
