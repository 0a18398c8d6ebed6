"""The order of events against a reference that tries every choice."""

from itertools import product
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from darajasim.harness.event_order import Step, longest

MOMENTS = st.lists(st.integers(0, 12), min_size=1, max_size=7).map(sorted)


@st.composite
def questions(draw):
    moments = draw(MOMENTS)
    numbers = st.lists(st.sampled_from(range(len(moments))), max_size=4, unique=True).map(sorted)
    step = st.builds(Step, numbers, st.sampled_from([0, 0, 2]), st.sampled_from([inf, inf, 0, 3]))
    return draw(st.lists(step, max_size=4)), [float(moment) for moment in moments]


def is_way(steps, moments, chosen) -> bool:
    """Whether these events are in this order, each in its time."""
    last, then = -1, 0.0
    for step, number in zip(steps, chosen, strict=False):
        gap = moments[number] - then
        if number <= last or not step.after <= gap <= step.within:
            return False
        last, then = number, moments[number]
    return True


def reference(steps, moments) -> int:
    """How many steps, from the first, can be had: every choice is tried."""
    for count in range(len(steps), 0, -1):
        candidates = [step.candidates for step in steps[:count]]
        if any(is_way(steps, moments, chosen) for chosen in product(*candidates)):
            return count
    return 0


@given(questions())
def test_it_finds_an_order_when_and_only_when_there_is_one(question):
    steps, moments = question
    found = longest(steps, moments, 0.0)
    assert len(found) == reference(steps, moments)
    assert is_way(steps, moments, found)


def test_an_early_event_that_leads_nowhere_is_not_taken():
    """The first prompt is too far from the callback; the second is near enough."""
    steps = [Step([0, 1]), Step([2], within=5.0)]
    assert longest(steps, [0.0, 10.0, 12.0], 0.0) == [1, 2]
