import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.rules import (
    Compare,
    Condition,
    Equals,
    Glob,
    OneOf,
    Pattern,
    Plan,
    Rule,
    RuleBook,
)


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        (Equals("100"), "100", "1000"),
        (Compare(">=", Decimal(100)), "100", "99"),
        (Compare("<", Decimal(100)), "99.5", "100"),
        (Compare(">", Decimal(1)), "2", "1"),
        (Compare("<=", Decimal(1)), "1", "2"),
        (Compare("!=", Decimal(5)), "6", "5"),
        (Compare("==", Decimal(5)), "5.0", "6"),
        (OneOf(("a", "b")), "b", "c"),
        (Glob("INV-*"), "INV-7", "inv-7"),
        (Pattern(re.compile(r"^\d+$")), "12", "1x"),
    ],
)
def test_tests(test, yes, no):
    assert test(yes)
    assert not test(no)
    assert str(test)


@given(st.text(), st.sampled_from([">=", "<=", ">", "<", "==", "!="]))
def test_a_comparison_never_fails_on_text(text, operator):
    assert Compare(operator, Decimal(5))(text) in (True, False)


def test_the_first_rule_that_matches_wins():
    phone = Condition("phone", Equals("254722000000"))
    first = Rule("stk_push", (phone,), where="a:1")
    second = Rule("any", where="a:2")
    book = RuleBook([first, second])
    assert book.first_match("stk_push", {"phone": "254722000000"}) is first
    assert book.first_match("stk_push", {"phone": "254711111111"}) is second
    assert book.first_match("oauth", {}) is second
    assert RuleBook([first]).first_match("stk_query", {"phone": "254722000000"}) is None


def test_a_missing_field_matches_nothing():
    rule = Rule("stk_push", (Condition("amount", Compare("!=", Decimal(5))),))
    assert not rule.matches("stk_push", {})


def test_only_the_named_calls():
    rule = Rule("stk_push", calls=frozenset({2, 4}), plan=Plan(result="cancelled"))
    assert [rule.matches("stk_push", {}) for _ in range(5)] == [False, True, False, True, False]
