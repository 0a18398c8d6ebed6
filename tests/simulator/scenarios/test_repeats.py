"""`repeat` is nothing but its steps written out."""

import re
from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.scenarios.repeats import MAX_STEPS
from darajasim.scenarios.steps import InSequence, Pay, Together, Wait
from support.scenario_text import HEAD, mistake, mistakes, one

EXPECT = 'expect: {callbacks: {sent: ">= 0"}}\n'


def steps(text: str):
    """The steps of a text, without their places."""
    return tuple(map(nowhere, one(f"{HEAD}steps:\n{text}{EXPECT}").steps))


def nowhere(step):
    changes = {"where": ""} if "where" in {item.name for item in fields(step)} else {}
    if is_dataclass(step) and hasattr(step, "steps"):
        changes["steps"] = tuple(map(nowhere, step.steps))
    return replace(step, **changes)


VERBS = st.sampled_from(
    [
        'pay: {phone: "072200000${n}", amount: 100, reference: "INV-${n}"}',
        "pay_out: {phone: 0722000000, amount: 10}",
        "wait: 5s",
        "settle: 60s",
        "pay_from_phone: {phone: 0722000000, shortcode: 600998, amount: 10}",
        "together: [{balance: {}}, {sequence: [{wait: 1s}, kill]}]",
    ]
)


def written(verbs: list[str], indent: str) -> str:
    return "".join(f"{indent}- {verb}\n" for verb in verbs)


@given(
    st.lists(VERBS.filter(lambda verb: "together" not in verb), min_size=1, max_size=4),
    st.integers(1, 5),
    st.sampled_from([None, "10s", "1m30s"]),
)
def test_a_repeat_is_its_steps_written_out(verbs, times, every):
    pause = f"      every: {every}\n" if every else ""
    repeated = f"  - repeat:\n      times: {times}\n{pause}      steps:\n"
    repeated += written(verbs, "        ")
    rounds = [
        written([verb.replace("${n}", str(number)) for verb in verbs], "  ")
        for number in range(1, times + 1)
    ]
    between = written([f"wait: {every}"], "  ") if every else ""
    assert steps(repeated) == steps(between.join(rounds))


def test_of_nested_ones_the_inner_round_counts():
    found = steps(
        "  - repeat: {times: 2, steps: [{repeat: {times: 2, steps: "
        '[{pay: {phone: 0722000000, amount: 1, reference: "R-${n}"}}]}}]}\n'
    )
    assert [step.reference for step in found] == ["R-1", "R-2", "R-1", "R-2"]


def test_within_together_rounds_follow_one_another():
    (found,) = steps(
        "  - together:\n"
        "      - pay: {phone: 0722000000, amount: 1, as: beside}\n"
        "      - repeat: {times: 2, every: 3s, steps: [{pay: {phone: 0722000001, amount: 1}}]}\n"
    )
    assert isinstance(found, Together)
    pay, rounds = found.steps
    assert isinstance(pay, Pay)
    assert isinstance(rounds, InSequence)
    assert [type(step) for step in rounds.steps] == [Pay, Wait, Pay]


def test_the_round_is_a_number_where_it_stands_alone():
    first, second = steps(
        '  - repeat: {times: 2, steps: [{pay: {phone: 0722000000, amount: "${n}"}}]}\n'
    )
    assert (first.amount, second.amount) == (1, 2)


def test_what_cases_fill_in_and_the_round_go_together():
    (scenario,) = [
        one(
            f"{HEAD}cases: [{{case: a, size: 5}}]\nsteps:\n"
            '  - repeat: {times: "${size}", steps: '
            '[{pay: {phone: 0722000000, amount: "${size}", reference: "${size}-${n}"}}]}\n'
            f"{EXPECT}"
        )
    ]
    assert [step.reference for step in scenario.steps] == [f"5-{n}" for n in range(1, 6)]


def test_a_mistake_in_a_round_is_told_once():
    text = (
        f"{HEAD}steps:\n  - repeat: {{times: 9, steps: "
        '[{pay: {phone: "07220${n}", amount: 1}}]}\nexpect: {payment: {}}\n'
    )
    assert mistake(text).message == "this is not a Kenyan mobile number"


def test_names_that_collide_are_told_with_the_way_out():
    text = f"{HEAD}steps:\n  - repeat: {{times: 9, steps: [{{balance: {{as: now}}}}]}}\n{EXPECT}"
    assert "now-${n}" in mistake(text).advice


def test_too_many_steps_are_refused():
    inner = f"{{repeat: {{times: {MAX_STEPS // 10}, steps: [{{wait: 1s}}]}}}}"
    text = f"{HEAD}steps:\n  - repeat: {{times: 11, steps: [{inner}]}}\n{EXPECT}"
    assert mistake(text).message == "the steps of all rounds together grow out of bounds"


@pytest.mark.parametrize(
    "repeat",
    [
        "3",
        "[settle]",
        "{times: 2}",
        "{times: x, steps: [settle]}",
        "{times: 2, steps: settle}",
        "{times: 2, steps: [sttle]}",
        "{times: 2, every: soon, steps: [settle]}",
        "{times: 2, often: 3, steps: [settle]}",
        "{times: 2, steps: [{together: [settle]}]}",
    ],
)
def test_nonsense_is_refused_with_a_place(repeat):
    found = mistakes(f"{HEAD}steps:\n  - repeat: {repeat}\n{EXPECT}")
    assert found
    assert all(re.fullmatch(r"shown\.yaml:\d+:\d+", each.where) for each in found)
