"""One text that says what a scenario and the files that it includes say."""

import pytest

from darajasim.scenarios import ScenarioError, bundled, load_file
from darajasim.scenarios.from_text import load_text
from darajasim.scenarios.one_text import of_file
from support.every import every


def told(scenario):
    """What it tells a simulator, wherever it stands."""
    rules = [(rule.on, rule.when, rule.calls, rule.plan) for rule in scenario.rules]
    return scenario.name, scenario.world, rules, scenario.profile


@every(name for name, path in bundled.files().items() if "include:" in path.read_text())
def test_what_is_included_is_in_it(name):
    path = bundled.files()[name]
    assert b"include" not in of_file(path)
    here = load_file(path)
    assert list(map(told, load_text(of_file(path), name))) == list(map(told, here))


def test_a_world_in_a_file_and_values_that_look_like_others(tmp_path):
    poor = 'customers: [{phone: 0722000000, balance: "7.50", name: "007"}]'
    (tmp_path / "poor.yaml").write_text(poor)
    path = tmp_path / "one.yaml"
    path.write_text("""\
scenario: one
about: "Yes, 12:30 - and no: #1."
world: poor.yaml
rules: [{on: stk_push, when: {call: 1}, customer: cancel}]
steps: [{pay: {phone: 0722000000, amount: 5, reference: "010"}}]
expect: {payment: {code: "1032"}}
""")
    (here,), (sent,) = load_file(path), load_text(of_file(path), "one")
    assert told(sent) == told(here)
    assert (sent.about, sent.steps[0].reference) == (here.about, "010")


def test_what_includes_nothing_is_sent_as_it_is():
    path = bundled.files()["paid"]
    assert of_file(path) == path.read_bytes()


@pytest.mark.parametrize("text", ["- no mapping", "scenario: one\ninclude: none.yaml\n", "a: {"])
def test_what_cannot_be_read_is_refused(tmp_path, text):
    path = tmp_path / "one.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioError):
        of_file(path)
