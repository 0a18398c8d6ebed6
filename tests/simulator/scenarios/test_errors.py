import pytest

from darajasim.scenarios import (
    Mistake,
    ScenarioError,
    ScenarioErrors,
    ScenarioNotFound,
    ScenarioUnreadable,
)
from darajasim.scenarios.source import Place, Source

SOURCE = Source("shop.yaml", "seed: today\n")


def test_a_mistake_reads_from_top_to_bottom():
    mistake = Mistake("shop.yaml", "wrong", Place(1, 7, 5), SOURCE, "a number", "a word", "count")
    assert str(mistake) == (
        "shop.yaml:1:7: wrong\n"
        "    1 | seed: today\n"
        "      |       ^^^^^\n"
        "  expected: a number\n"
        "  found:    a word\n"
        "  help:     count"
    )


def test_what_is_unknown_is_left_out():
    assert str(Mistake("shop.yaml", "wrong")) == "shop.yaml: wrong"


def test_long_details_are_wrapped_but_code_is_not_broken():
    code = "`reply: {error: spike-arrest}`"
    shown = str(Mistake("f", "wrong", advice=f"{'word ' * 15}{code} {'word ' * 15}"))
    assert len(shown.splitlines()) == 4
    assert all(len(line) <= 100 for line in shown.splitlines())
    assert code in shown


def test_an_error_shows_all_its_mistakes():
    error = ScenarioErrors([Mistake("f", "one"), Mistake("f", "two")])
    assert str(error) == "f: one\n\nf: two"
    assert [mistake.message for mistake in error.mistakes] == ["one", "two"]


@pytest.mark.parametrize("kind", [ScenarioErrors, ScenarioNotFound, ScenarioUnreadable])
def test_one_base_catches_all(kind):
    with pytest.raises(ScenarioError):
        raise kind([Mistake("f", "wrong")])
