import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.scenarios.case_table import MAX_CASES
from support.scenario_text import HEAD, load, mistake, mistakes, one

TABLE = """\
scenario: shown
about: The customer is asked for ${amount} shillings.
steps:
  - pay: {phone: 0722000000, amount: "${amount}", reference: "INV-${amount}-$${x}"}
expect:
  payment: {code: "${code}"}
  balance: {"${who}": 5}
"""


def table(*rows):
    return TABLE + "cases:\n" + "".join(f"  - {row}\n" for row in rows)


def test_each_row_is_a_scenario_of_its_own():
    first, second = load(
        table(
            "{case: one-shilling, amount: 1, code: 0, who: 0722000000}",
            "{case: too-much, amount: 900, code: insufficient-funds, who: 174379}",
        )
    )
    assert first.name == "shown[one-shilling]"
    assert second.name == "shown[too-much]"
    assert second.about == "The customer is asked for 900 shillings."
    assert second.steps[0].amount == 900
    assert second.steps[0].reference == "INV-900-${x}"
    assert str(second.expect.payments[0].code) == "1"
    assert [each.expect.balances[0].owner for each in (first, second)] == ["254722000000", "174379"]


def test_a_case_keeps_the_places_of_the_text_and_of_its_row():
    first, second = load(
        table(
            "{case: a, amount: 1, code: 0, who: 174379}",
            "{case: b, amount: 2, code: 1, who: 174379}",
        )
    )
    assert [each.where for each in (first, second)] == ["shown.yaml:9", "shown.yaml:10"]
    assert first.expect.payments[0].code.where == second.expect.payments[0].code.where
    assert first.expect.payments[0].code.where == "shown.yaml:6:19"


def test_a_case_without_a_name_is_named_by_its_values():
    (scenario,) = load(table("{amount: 1, code: '0', who: +254722000000}"))
    assert scenario.name == "shown[1-0-254722000000]"


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="ascii", categories=("L", "N", "P", "S", "Z"))),
        min_size=1,
        max_size=4,
    )
)
def test_names_from_values_are_plain(values):
    row = ", ".join(
        f"v{index}: '{value.replace(chr(39), chr(39) * 2)}'" for index, value in enumerate(values)
    )
    (scenario,) = load(f"{HEAD}rules: [{{on: any, reply: lost}}]\ncases: [{{{row}}}]\n")
    name = scenario.name.removeprefix("shown[").removesuffix("]")
    assert name
    assert len(name) <= 60
    assert not set(name) & set(" []\n/")


def test_a_whole_placeholder_keeps_the_type():
    text = (
        f"{HEAD}rules:\n  - {{on: stk_push, result: '${{result}}', when: {{call: '${{calls}}'}}}}\n"
    )
    scenario = one(
        f"{text}cases:\n  - {{case: a, calls: [1, 2], result: {{code: 1032, text: Gone}}}}\n"
    )
    assert scenario.rules[0].calls == {1, 2}
    assert scenario.rules[0].plan.result == "cancelled"
    assert scenario.rules[0].plan.text == "Gone"


def test_a_null_in_a_row_is_nothing():
    text = "steps: [{pay: {phone: 0722000000, amount: 1}}]\nexpect: {payment: {receipt: '${r}'}}\n"
    scenario = one(f"{HEAD}{text}cases: [{{case: a, r: null}}]\n")
    assert str(scenario.expect.payments[0].receipt) == "none"


def test_a_value_is_not_looked_at_again():
    text = f"{HEAD}rules: [{{on: any, reply: {{http: 500, body: '${{b}}'}}}}]\n"
    scenario = one(f"{text}cases: [{{case: a, b: '${{b}}', c: 1}}]\n")
    assert scenario.rules[0].plan.reply.body == "${b}"


def test_a_wrong_value_is_shown_with_its_row():
    found = mistake(table("{case: a, amount: 1, code: 0, who: 174379}",
                          "{case: b, amount: many, code: 0, who: 174379}"))  # fmt: skip
    assert found.where == "shown.yaml:4:38"
    assert found.found == "`many`, from `amount` of case `b` on line 10"


def test_a_mistake_outside_the_cases_is_shown_once():
    text = table(
        "{case: a, amount: 1, code: 0, who: 174379}", "{case: b, amount: 2, code: 0, who: 174379}"
    )
    assert len(mistakes(text.replace("phone: 0722000000", "phone: 0722"))) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${}", "`${}` is no placeholder"),
        ("${a b}", "`${a b}` is no placeholder"),
        ("${name", "`${name` is no placeholder"),
        ("x ${list} y", "`${list}` stands within a text, but its value has parts"),
        ("${nmae}", "`${nmae}` has no value in any case"),
    ],
)
def test_placeholders_that_cannot_be_filled(text, message):
    found = mistake(
        f'{HEAD}rules:\n  - {{on: any, reply: {{http: 500, body: "{text}"}}}}\n'
        "cases: [{case: a, name: x, list: [1]}]\n"
    )
    assert found.message == message
    assert found.place.line == 4


def test_the_caret_stands_below_the_placeholder():
    found = mistake(f'{HEAD}rules: [{{on: any, reply: {{http: 500, body: "a ${{x}}"}}}}]\n')
    line = found.source.line(found.place.line)
    assert line[found.place.column - 1 :].startswith("${x}")
    assert found.place.length == 4


@pytest.mark.parametrize(
    ("cases", "message"),
    [
        ("cases: []", "`cases` is a list of rows"),
        ("cases: {a: 1}", "`cases` is a list of rows"),
        ("cases: [1]", "a case is a mapping"),
        ("cases: [{}]", "a case is a mapping"),
        ("cases: [{case: A B}]", "this is not a valid name"),
        ("cases: [{case: a, 'b c': 1}]", "`b c` cannot be the name of a placeholder"),
        ("cases: [{a: 1}, {a: 1}]", "two cases are named `1`"),
        (f"cases: [{', '.join(['{a: 1}'] * (MAX_CASES + 1))}]", "there are too many cases"),
    ],
)
def test_tables_that_are_none(cases, message):
    found = mistake(f"{HEAD}rules: [{{on: any, reply: '${{unknown}}'}}]\n{cases}\n")
    assert found.message == message, "and no word about the placeholder"


def test_cases_that_grow_out_of_bounds_are_refused():
    text = f"{HEAD}rules: [{{on: any, reply: {{http: 500, body: '{'${x}' * 3000}'}}}}]\n"
    found = mistake(f"{text}cases: [{{case: a, x: '{'y' * 30_000}'}}]\n")
    assert "out of bounds" in found.message


@pytest.mark.parametrize("section", ["seed: ${x}", "tags: ['${x}']", "profile: ${x}"])
def test_placeholders_stand_where_they_may(section):
    rules = "rules: [{on: any, reply: lost}]\ncases: [{case: a, x: 1}]\n"
    assert "cannot have placeholders" in mistake(f"{HEAD}{section}\n{rules}").message
