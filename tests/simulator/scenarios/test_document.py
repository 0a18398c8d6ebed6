from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.scenarios.complaint import Unfit
from darajasim.scenarios.document import (
    Credential,
    Reference,
    Template,
    document,
    is_hole,
    references,
    text,
)
from darajasim.scenarios.nodes import Scalar, resolve
from darajasim.scenarios.source import Place
from support.scenario_text import HEAD, mistake, one


def leaf(written, *, quoted=False, escaped=False):
    value = written if quoted else resolve(written)
    return Scalar(written, value, Place(1, 1), quoted=quoted, escaped=escaped)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("10", 10),
        ("-1", -1),
        ("10.50", Decimal("10.50")),
        ("0722000000", "0722000000"),
        ("254722000000", 254722000000),
        ("true", True),
        ("null", None),
        ("", None),
        ("NO", "NO"),
        ("2026-03-02", "2026-03-02"),
    ],
)
def test_values_are_what_a_person_reads(written, value):
    found = document(leaf(written))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("written", ["10", "true", "null", "", "1.50"])
def test_what_is_quoted_is_text(written):
    assert document(leaf(written, quoted=True)) == written


def test_lists_and_mappings_nest():
    tree = {"a": [leaf("1"), {"b": leaf("x")}], "c": []}
    assert document(tree) == {"a": [1, {"b": "x"}], "c": []}


def test_a_placeholder_without_a_value_is_no_second_mistake():
    with pytest.raises(Unfit) as caught:
        document([Scalar("x", "x", Place(1, 1), unknown=True)])
    assert caught.value.complaints == ()


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("${first.Amount}", (Reference("first", "Amount"),)),
        ("<${call-1.Initiator Reference}>", ("<", Reference("call-1", "Initiator Reference"), ">")),
        ("${credential:Safaricom999!*!}", (Credential("Safaricom999!*!"),)),
        ("${credential:}", (Credential(""),)),
        ("${a.b}${c.d}", (Reference("a", "b"), Reference("c", "d"))),
    ],
)
def test_holes(written, parts):
    assert text(leaf(written)) == Template(parts)


@pytest.mark.parametrize("written", ["${first}", "${First.x}", "${first.}", "{first.x}", "$ {a.b}"])
def test_what_is_no_hole(written):
    assert not is_hole(written)
    assert text(leaf(written)) == written


def test_what_was_escaped_is_no_hole():
    assert text(leaf("${first.Amount}", escaped=True)) == "${first.Amount}"


@given(st.lists(st.sampled_from(["a", "${x.y}", "${credential:p}", " ", "$", "{"]), max_size=6))
def test_a_template_can_be_read_as_it_was_written_but_for_passwords(pieces):
    found = text(leaf("".join(pieces), quoted=True))
    assert str(found) == "".join(pieces).replace("${credential:p}", "${credential:***}")


def test_references_in_a_tree():
    tree = {"a": [leaf("${x.y}"), leaf("${credential:p}")], "b": leaf("${x.z} ${w.v}")}
    assert [str(each) for _, each in references(tree)] == ["${x.y}", "${x.z}", "${w.v}"]


STEPS = "steps:\n  - call: {operation: stk_push, as: first}\n"


def test_holes_and_placeholders_live_together():
    text = (
        f"{HEAD}{STEPS}  - call: {{operation: stk_push, fields: "
        '{A: "${amount}-${first.X}", B: "$${first.X}", C: "${what}"}}\n'
        "expect: {call: {status: 200}}\n"
        'cases: [{case: a, amount: 5, what: "${first.Y}"}]\n'
    )
    changes = one(text).steps[1].body.changes
    assert changes == {
        "A": Template(("5-", Reference("first", "X"))),
        "B": "${first.X}",
        "C": Template((Reference("first", "Y"),)),
    }


@pytest.mark.parametrize("section", ["about: '${first.X}'", "rules: [{on: '${first.X}'}]"])
def test_elsewhere_a_hole_is_no_placeholder(section):
    text = f"scenario: shown\n{section}\n"
    text += "" if "about" in section else "about: x\n"
    assert "is no placeholder" in mistake(f"{text}{STEPS}expect: {{call: {{status: 200}}}}").message
