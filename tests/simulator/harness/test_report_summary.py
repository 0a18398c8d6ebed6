import re
from dataclasses import replace

import pytest

from darajasim.harness import report_summary
from darajasim.harness.findings import Finding
from darajasim.harness.report_summary import SummaryReport
from support.hostile import HOSTILE
from support.played import PAY, played
from support.run_events import document

PASSES = ("steps:", PAY, "- settle", "expect: {payment: {status: success}}")
FAILS = ("steps:", PAY, "- settle", "expect: {payment: {status: failed}}")


def test_look(snapshot):
    assert document(SummaryReport(), played(*PASSES), played(*FAILS)) == snapshot


def test_when_all_is_well_it_is_short():
    assert document(SummaryReport(), played(*PASSES)) == (
        "## darajasim\n\n✅ 1 passed, 0 failed: 15.0 s simulated, seed 1\n\n"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_it_is_markup(text):
    usual = document(SummaryReport(), played(*FAILS))
    result = replace(played(*FAILS), findings=(Finding("", text, text, text),))
    shown = document(SummaryReport(), result)
    above = [text.partition("<pre>")[0].count("|") for text in (shown, usual)]
    assert above[0] == above[1]
    assert re.findall("<[^>]*>", shown) == re.findall("<[^>]*>", usual)
    table = shown[: shown.index("<pre>")]
    assert "http://" not in table.replace("http&#58;", "")
    assert "@everyone" not in table
    assert "`" not in table
    assert "\x1b" not in shown


def test_github_takes_it_however_much_failed(monkeypatch):
    monkeypatch.setattr(report_summary, "MOST_BYTES", 5_000)
    shown = document(SummaryReport(), *[played(*FAILS)] * 9)
    assert len(shown.encode()) < 6_000
    assert re.search(r"\n[1-8] more failures had no room here\.\n", shown)


def test_a_long_story_is_cut(monkeypatch):
    monkeypatch.setattr(report_summary, "MOST_DETAIL", 100)
    assert "\n… cut here</pre>" in document(SummaryReport(), played(*FAILS))
