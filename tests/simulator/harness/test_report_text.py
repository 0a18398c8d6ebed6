import re
from dataclasses import replace
from pathlib import Path

import pytest

from darajasim.harness.findings import Finding
from darajasim.harness.report_text import TextReport, duration, repeat
from darajasim.scenarios import load_paths
from support.played import PAY, played
from support.run_events import events

PASSES = ("steps:", PAY, "- settle", "- wait: 1h", "expect: {payment: {status: success}}")
FAILS = (
    "rules: [{on: stk_push, customer: {does: cancel, after: 5s}, callback: {times: 2}}]",
    "steps:",
    PAY,
    "- settle",
    "expect: {payment: {status: success, receipt: present}, callbacks: {sent: 1}}",
)


def report(*results, seed=1, **options):
    """The whole report; what is real time in it is replaced."""
    lines = []
    text = TextReport(lines.append, **options)
    for event in events(*results, seed=seed):
        text.take(event)
    return "\n".join(lines)


def test_look(snapshot):
    assert report(played(*PASSES), played(*FAILS)) == snapshot


def test_a_pass_is_one_line():
    head, row, blank, *rest = report(played(*PASSES)).splitlines()
    assert head == "scenario  verdict   simulated      real"
    assert row == "shown     passed     1 h 00 m     12 ms"
    assert blank == ""
    assert rest == ["1 h 00 m simulated in 2.3 s, seed 1", "1 passed, 0 failed"]


def test_columns_stand_below_each_other():
    lines = report(played(*PASSES), played(*FAILS)).splitlines()
    rows = [line for line in lines if line.startswith(("scenario", "shown"))]
    assert len(rows) == 3
    assert len({len(row) for row in rows}) == 1


def test_a_failure_says_what_where_and_how_to_repeat_it():
    text = report(played(*FAILS, seed=7))
    assert (
        "    shown.yaml:7:28: payment first: status\n"
        "      expected success\n"
        "      found    failed\n" in text
    )
    assert "      found    none\n" in text
    assert "    what happened:\n           0.000s  scenario   pay first: " in text
    assert "    repeat with: darajasim run shown.yaml --seed 7\n" in text
    assert text.endswith("0 passed, 1 failed")


def test_a_seed_in_the_file_is_the_one_to_repeat_with():
    assert "--seed 5\n" in report(played("seed: 5", *FAILS), seed=1)


def test_a_finding_without_a_place():
    result = replace(played(*PASSES), findings=(Finding("", "no crash", "none", "one"),))
    assert "    no crash\n      expected none\n      found    one\n" in report(result)


def test_a_journal_that_dropped_events_says_so():
    assert "      (3 earlier events were dropped)\n" in report(replace(played(*FAILS), dropped=3))
    assert "dropped" not in report(played(*FAILS))


def test_colours_are_the_caller_s():
    text = report(
        played(*PASSES), played(*FAILS), style=lambda shown, colour: f"<{colour} {shown}>"
    )
    assert "<green passed >" in text
    assert "<red FAILED >" in text
    assert "found    <red failed>" in text
    assert "expected <green success>" in text
    assert text.endswith("<red 1 passed, 1 failed>")
    assert report(played(*PASSES), style=lambda shown, colour: f"<{colour} {shown}>").endswith(
        "<green 1 passed, 0 failed>"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (26.04, "26.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 m 00 s"),
        (60, "1 m 00 s"),
        (185, "3 m 05 s"),
        (3_599.4, "59 m 59 s"),
        (3_599.6, "1 h 00 m"),
        (3_725, "1 h 02 m"),
        (90_000, "25 h 00 m"),
    ],
)
def test_durations_in_words(seconds, words):
    assert duration(seconds) == words


class TestRepeat:
    def result(self, path, text):
        path.write_text(text, encoding="utf-8")
        *_, scenario = load_paths([path])
        return replace(played(*PASSES), scenario=scenario)

    def test_a_file_by_its_path_quoted_for_a_shell(self, tmp_path):
        folder = tmp_path / "my scenarios"
        folder.mkdir()
        path = folder / "shown.yaml"
        head = "scenario: shown\nabout: x.\n"
        assert repeat(self.result(path, head + "\n".join(PASSES))) == f"'{path}'"

    def test_a_case_by_its_name(self, tmp_path):
        path = tmp_path / "shown.yaml"
        cases = "scenario: shown\nabout: x.\n" + "\n".join(PASSES).replace("100", "'${kes}'")
        text = cases + "\ncases: [{case: one, kes: 1}, {case: two, kes: 2}]\n"
        assert repeat(self.result(path, text)) == f"'{path}[two]'"

    def test_a_bundled_one_by_its_name(self):
        (scenario,) = load_paths(["customer-cancels"])
        assert repeat(replace(played(*PASSES), scenario=scenario)) == "customer-cancels"

    def test_one_that_only_looks_bundled_by_its_path(self, tmp_path):
        path = tmp_path / "customer-cancels.yaml"
        text = "scenario: customer-cancels\nabout: x.\n" + "\n".join(PASSES)
        assert repeat(self.result(path, text)) == str(path)


def test_the_place_of_a_bundled_scenario_can_be_opened():
    (scenario,) = load_paths(["customer-cancels"])
    assert Path(re.sub(r":\d+$", "", scenario.where)).is_file()
