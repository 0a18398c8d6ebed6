import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.chance import Chance
from darajasim.core.rules import (
    Compare,
    Condition,
    Equals,
    Glob,
    OneOf,
    Pattern,
    Plan,
    Rule,
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


def test_a_missing_field_matches_nothing():
    rule = Rule("stk_push", (Condition("amount", Compare("!=", Decimal(5))),))
    assert not rule.matches("stk_push", {})


def test_only_the_named_calls():
    rule = Rule("stk_push", calls=frozenset({2, 4}), plan=Plan(result="cancelled"))
    assert [rule.matches("stk_push", {}) for _ in range(5)] == [False, True, False, True, False]


def test_a_near_miss_names_the_first_condition_that_fails_and_counts_the_others():
    when = (
        Condition("phone", Equals("254722000000")),
        Condition("amount", Compare(">=", Decimal(100))),
        Condition("reference", Glob("INV-*")),
    )
    rule = Rule("stk_push", when)
    miss = rule.missed({"phone": "254722000000", "amount": "10", "reference": "x"}, asked=True)
    assert (miss.rule, miss.met, miss.of) == (rule, 1, 3)
    assert (miss.condition, miss.expected, miss.found) == ("amount", ">= 100", "10")
    assert rule.missed({}, asked=True).found is None
    assert rule.seen == 0


def test_a_call_and_a_chance_are_conditions_too():
    rule = Rule("stk_push", (Condition("amount", Equals("1")),), frozenset({3}), chance=0.5)
    rule.luck = Chance(1)
    assert not rule.matches("stk_push", {"amount": "1"})
    miss = rule.missed({"amount": "1"}, asked=True)
    assert (miss.met, miss.of) == (1, 3)
    assert (miss.condition, miss.expected, miss.found) == ("call", "call 3", "call 1")
    unlucky = Rule("stk_push", chance=0.5).missed({}, asked=True)
    assert (unlucky.met, unlucky.of, unlucky.condition) == (0, 1, "chance")
    assert unlucky.expected == "0.5 of these calls"


def test_a_rule_that_was_not_asked_misses_only_by_its_fields_and_its_call():
    assert Rule("stk_push", chance=0.5).missed({}, asked=False).condition == ""
    second = Rule("stk_push", calls=frozenset({2}))
    assert second.missed({}, asked=False).found == "call 1"


def test_a_rule_with_a_chance_needs_a_book_to_draw_from():
    with pytest.raises(AssertionError, match="in no rule book"):
        Rule("stk_push", chance=0.5, where="a:1").matches("stk_push", {})
