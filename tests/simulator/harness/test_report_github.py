from dataclasses import replace
from pathlib import Path

import pytest

from darajasim.harness.findings import Finding
from darajasim.harness.report_github import GithubReport, harmless
from support.hostile import HOSTILE
from support.played import PAY, played
from support.run_events import events

FAILS = ("steps:", PAY, "- settle", "expect: {payment: {status: failed}}")


def annotations(*results, workspace=None):
    lines = []
    report = GithubReport(lines.append, workspace or Path.cwd())
    for event in events(*results):
        report.take(event)
    return lines


def test_a_finding_at_its_line():
    (line,) = annotations(played(*FAILS))
    assert line == (
        "::error file=shown.yaml,line=6,col=28,title=shown%3A payment first%3A status::"
        "expected failed%0Afound success%0Adarajasim run shown.yaml --seed 1"
    )


def test_what_passes_is_not_annotated():
    assert annotations(played(*FAILS[:-1], "expect: {payment: {}}")) == []


def test_a_finding_without_a_place_is_at_the_scenario():
    result = replace(played(*FAILS), findings=(Finding("", "no crash", "a", "b"),))
    assert annotations(result)[0].startswith("::error file=shown.yaml,line=1,title=shown%3A no")


def test_files_are_named_from_the_checkout():
    (line,) = annotations(played(*FAILS), workspace=Path.cwd().parent)
    assert line.startswith(f"::error file={Path.cwd().name}/shown.yaml,line=6,")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_finding_is_one_command_whatever_is_in_it(text):
    result = replace(played(*FAILS), findings=(Finding(text, text, text, text),))
    (line,) = annotations(result)
    assert line.startswith("::error file=shown.yaml,line=1,title=shown%3A ")
    assert len(line.splitlines()) == 1
    head, _, message = line.removeprefix("::").partition("::")
    assert head.count(",") == 2
    assert message.startswith("expected ")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("shown  passed", "shown  passed"),
        ("  ::error::x", "  : :error::x"),
        ("a ::error::x", "a ::error::x"),
        ("a ##[add-mask]x ##[error]", "a # #[add-mask]x # #[error]"),
    ],
)
def test_no_other_line_is_a_command(line, shown):
    assert harmless(line) == shown
