from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.rate import Pace, Rate
from darajasim.core.rule_book import RuleBook
from darajasim.core.rules import Condition, Equals, Rule

gaps = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0, 2.0]), max_size=40)


@given(gaps, st.integers(0, 5), st.sampled_from("sm"))
def test_it_counts_as_looking_at_every_call_would(between, most, unit):
    pace, now, moments = Pace(Rate(most, unit)), 1000.0, []
    for gap in between:
        now += gap
        moments.append(now)
        within = sum(moment > now - (1 if unit == "s" else 60) for moment in moments)
        assert pace.counts(now) == (within > most)
        assert pace.within(now) == min(within, most + 1)


def test_only_the_calls_that_meet_the_other_conditions_are_counted():
    clock = [100.0]
    phone = Condition("phone", Equals("1"))
    limited = Rule("stk_push", (phone,), rate=Rate(2), where="r:1")
    rules = RuleBook([limited], now=lambda: clock[0])

    def taken(number="1"):
        return rules.first_match("stk_push", {"phone": number}) is limited

    assert [taken(), taken("2"), taken("2"), taken(), taken(), taken()] == [False] * 4 + [True] * 2
    clock[0] += 0.99
    assert taken()
    clock[0] += 1.0
    assert [taken(), taken(), taken()] == [False, False, True]


def test_a_call_above_the_rate_is_counted_by_call():
    rules = RuleBook([Rule("oauth", calls=frozenset({2}), rate=Rate(1))])
    found = [rules.first_match("oauth", {}) is not None for _ in range(4)]
    assert found == [False, False, True, False]


def test_what_the_nearest_rule_says_of_its_rate():
    rules = RuleBook([Rule("oauth", rate=Rate(3, "m"), where="r:1")])
    before = rules.nearest("oauth", {}, asked=False)
    assert (before.condition, before.expected, before.found) == ("rate", "> 3/m", "1/m")
    rules.first_match("oauth", {})
    rules.first_match("oauth", {})
    near = rules.nearest("oauth", {})
    assert (near.met, near.of, near.condition) == (0, 1, "rate")
    assert (near.expected, near.found) == ("> 3/m", "2/m")
