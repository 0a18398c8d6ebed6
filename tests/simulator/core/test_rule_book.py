from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.chance import Chance
from darajasim.core.rate import Rate
from darajasim.core.rule_book import MOST_LOOKED_AT, RuleBook, Rules
from darajasim.core.rules import ANY, Compare, Condition, Equals, Glob, OneOf, Rule

FIELDS = ("phone", "amount", "reference")
VALUES = ("1", "2", "3")


def condition(name, test):
    return Condition(name, test)


tests = st.one_of(
    st.builds(Equals, st.sampled_from(VALUES)),
    st.builds(OneOf, st.lists(st.sampled_from(VALUES), min_size=1).map(tuple)),
    st.builds(Compare, st.sampled_from(["<", ">="]), st.sampled_from([Decimal(2), Decimal(3)])),
    st.just(Glob("*")),
)
conditions = st.builds(condition, st.sampled_from(FIELDS), tests)
specifications = st.tuples(
    st.sampled_from(["stk_push", "oauth", ANY]),
    st.lists(conditions, max_size=3).map(tuple),
    st.frozensets(st.integers(1, 3), max_size=2),
    st.sampled_from([1.0, 1.0, 0.5]),
    st.sampled_from([None, None, Rate(0), Rate(2)]),
)
requests = st.tuples(
    st.sampled_from(["stk_push", "oauth"]),
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from([*VALUES, "x"])),
)


def rules_of(given_rules):
    return [
        Rule(on, when, calls, where=f"r.yaml:{number}", chance=chance, rate=rate)
        for number, (on, when, calls, chance, rate) in enumerate(given_rules)
    ]


def test_the_first_rule_that_matches_wins():
    phone = Condition("phone", Equals("254722000000"))
    first = Rule("stk_push", (phone,), where="a:1")
    second = Rule("any", where="a:2")
    book = RuleBook([first, second])
    assert book.first_match("stk_push", {"phone": "254722000000"}) is first
    assert book.first_match("stk_push", {"phone": "254711111111"}) is second
    assert book.first_match("oauth", {}) is second
    assert RuleBook([first]).first_match("stk_query", {"phone": "254722000000"}) is None


@given(st.lists(specifications, max_size=8), st.lists(requests, max_size=8))
def test_the_index_changes_nothing(given_rules, asked):
    """Every request gets the rule that asking all rules in turn would give it, every time."""
    book, plain = RuleBook(rules_of(given_rules), Chance(7)), rules_of(given_rules)
    for place, rule in enumerate(plain):
        rule.luck = Chance(7).fork(place)
    for operation, fields in asked:
        wanted = next((rule for rule in plain if rule.matches(operation, fields)), None)
        found = book.first_match(operation, fields)
        assert (found and found.where) == (wanted and wanted.where)
        assert [rule.seen for rule in book.rules] == [rule.seen for rule in plain]


@given(st.lists(specifications, max_size=8), requests, st.booleans())
def test_no_rule_came_nearer_than_the_nearest(given_rules, request_, asked):
    operation, fields = request_
    book = RuleBook(rules_of(given_rules), Chance(7))
    if asked and book.first_match(operation, fields) is not None:
        return
    nearest = book.nearest(operation, fields, asked=asked)
    speaking = [rule for rule in book.rules if rule.on in (operation, ANY)]
    assert (nearest is None) == (not speaking)
    for rule in speaking:
        miss = rule.missed(fields, asked=asked)
        assert miss.of - miss.met >= nearest.of - nearest.met


def test_the_list_may_be_changed_at_any_time():
    book = RuleBook([Rule("stk_push", where="old")])
    assert book.first_match("stk_push", {}).where == "old"
    book.rules[:] = [Rule("stk_push", where="new")]
    assert book.first_match("stk_push", {}).where == "new"
    book.rules.clear()
    assert book.first_match("stk_push", {}) is None


CHANGES = {
    "append": lambda rules: rules.append(OTHER),
    "clear": lambda rules: rules.clear(),
    "delete": lambda rules: rules.__delitem__(0),
    "extend": lambda rules: rules.extend([OTHER]),
    "insert": lambda rules: rules.insert(0, OTHER),
    "pop": lambda rules: rules.pop(),
    "remove": lambda rules: rules.remove(rules[0]),
    "replace": lambda rules: rules.__setitem__(0, OTHER),
    "reverse": lambda rules: rules.reverse(),
    "slice": lambda rules: rules.__setitem__(slice(None), [OTHER]),
    "sort": lambda rules: rules.sort(key=lambda rule: rule.where, reverse=True),
    "add": lambda rules: rules.__iadd__([OTHER]),
    "repeat": lambda rules: rules.__imul__(0),
}
OTHER = Rule("oauth", where="other")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("given", [list, Rules])
def test_no_change_of_the_list_is_missed(change, given):
    book = RuleBook(given([Rule("stk_push", where="a"), Rule("stk_push", where="b")]))
    assert book.first_match("stk_push", {}).where == "a"
    CHANGES[change](book.rules)
    for operation in ("stk_push", "oauth"):
        wanted = next((rule.where for rule in book.rules if rule.on == operation), None)
        found = book.first_match(operation, {})
        assert (found and found.where) == wanted
    book.rules = [OTHER]
    assert book.first_match("oauth", {}) is OTHER


def test_of_two_that_lack_one_condition_the_one_that_met_more_is_nearest():
    phone, amount = Condition("phone", Equals("1")), Condition("amount", Equals("5"))
    book = RuleBook([Rule("stk_push", (amount,), where="a"), Rule("stk_push", (phone, amount))])
    assert book.nearest("stk_push", {"phone": "1", "amount": "4"}).met == 1


def test_a_chance_takes_about_its_share_and_repeats_with_the_seed():
    def taken(seed):
        book = RuleBook([Rule("stk_push", chance=0.3), Rule(ANY, where="rest")], Chance(seed))
        return [book.first_match("stk_push", {}).where != "rest" for _ in range(2000)]

    assert 500 < sum(taken(1)) < 700
    assert taken(1) == taken(1)
    assert taken(1) != taken(2)


def test_a_thousand_rules_compare_no_more_than_ten(monkeypatch):
    """Rules for a thousand phones: what is compared does not grow with their number."""
    compared = []
    plain = Equals.__call__
    monkeypatch.setattr(
        Equals, "__call__", lambda test, value: compared.append(1) or plain(test, value)
    )

    def cost(number, phone):
        rules = [
            Rule(
                "stk_push",
                (Condition("phone", Equals(str(each))), Condition("amount", Equals("1"))),
            )
            for each in range(number)
        ]
        book = RuleBook(rules)
        compared.clear()
        book.first_match("stk_push", {"phone": phone, "amount": "1"})
        return len(compared)

    assert cost(1000, "7") == cost(10, "7") == 2
    assert cost(1000, "none") == 0


@pytest.mark.parametrize("number", [10, 1000])
def test_a_miss_looks_at_a_bounded_number_of_rules(number, monkeypatch):
    looked_at = []
    plain = Rule.missed
    monkeypatch.setattr(
        Rule, "missed", lambda rule, *a, **k: looked_at.append(rule) or plain(rule, *a, **k)
    )
    rules = [Rule("stk_push", (Condition("phone", Equals(str(n))),)) for n in range(number)]
    RuleBook(rules).nearest("stk_push", {"phone": "none"})
    assert len(looked_at) == min(number, MOST_LOOKED_AT)
