"""Runs against an application that is started, in real time: what it does wrong is told."""

import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from compat.prepare import CHECKOUT
from darajasim.cli.main import main

APP = CHECKOUT / "tests" / "support" / "small_app.py"
TARGET = f"""\
target: small
url: http://127.0.0.1:${{app.port}}
start:
  command: ["{sys.executable}", "{APP}"]
  environment: {{PORT: "${{app.port}}", CHILD: "CHILD_FILE", MODE: "WRONG"}}
  ready: {{within: READY}}
pay:
  url: /payments
  form: {{phone: "${{phone}}"}}
  find: {{payment: payment.id}}
  failed: 402
status:
  url: /payments/${{payment}}
  find: {{status: state}}
  means: {{pending: waiting, success: paid, failed: gone}}
patience: {{answer: 500ms}}
"""
SCENARIO = """\
scenario: asks
about: The application is asked for a payment.
steps:
  - pay: {phone: 0722000000, amount: 100}
expect:
  payment: {status: STATUS}
"""


class Ran:
    """What a run left behind."""

    def __init__(self, result, report):
        self.code, self.output, self.report = result.exit_code, result.output, report

    @property
    def findings(self):
        return {
            finding["what"]: finding["found"]
            for scenario in self.report["scenarios"]
            for finding in scenario["findings"]
        }


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def ran(mode="", *names, status="pending", ready="20s", options=(), command=None):
        text = TARGET.replace("WRONG", mode).replace("READY", ready)
        text = text.replace("CHILD_FILE", str(tmp_path / "child"))
        if command:
            text = text.replace(sys.executable, command)
        (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "asks.yaml").write_text(SCENARIO.replace("STATUS", status), encoding="utf-8")
        asked = ["run", *(names or ("asks.yaml",)), "--target", "small.yaml"]
        result = CliRunner().invoke(main, [*asked, "--json", "report.json", *options])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        report = tmp_path / "report.json"
        return Ran(result, json.loads(report.read_text()) if report.is_file() else None)

    return ran


def test_an_application_that_does_what_is_expected(run):
    ran = run()
    assert (ran.code, ran.findings) == (0, {})
    assert ran.report["scenarios"][0]["payments"][0]["status"] == "pending"


def test_a_payment_that_is_refused_at_once_has_failed(run):
    assert run("refuses", status="failed").findings == {}


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("html", "/payments/7 answered no JSON: <b>waiting</b>"),
        ("word", "says 'waitin', and `means` does not say what that is"),
        ("word", "did you mean 'waiting'?"),
        ("empty", "has nothing at `state`: {}"),
        ("broken", "/payments/7 answered 500: oh no"),
        ("hangs", "no answer from the application to GET /payments/7 within 0.5 s"),
    ],
)
def test_an_answer_that_the_target_does_not_describe_is_a_finding(run, mode, told):
    ran = run(mode)
    assert ran.code == 1
    assert told in ran.findings["application"]


def test_an_application_that_dies_is_told_with_what_it_printed(run):
    ran = run("dies")
    found = next(text for what, text in ran.findings.items() if what.startswith("pay "))
    assert "it ended with exit code 9; the last that it printed:\n  out of memory" in found


@pytest.mark.parametrize(
    ("mode", "ready", "told"),
    [
        ("crashes", "20s", "ended with exit code 3 before it was ready"),
        ("crashes", "20s", "the database is not there"),
        ("sleeps", "700ms", "was not ready within 0.7 s: nothing listens at http://127.0.0.1:"),
        ("sleeps", "700ms", "the last that it printed:\n  warming up"),
    ],
)
def test_an_application_that_does_not_start_ends_the_run(run, mode, ready, told):
    ran = run(mode, "asks.yaml", "paid", ready=ready)
    assert ran.code == 1
    assert told in ran.findings["application"]
    assert "1 failed, 1 not run" in ran.output


def test_a_command_that_is_not_there(run):
    assert "cannot be started" in run(command="/no/such/thing").findings["application"]


def test_what_the_application_forked_is_ended_with_it(run, tmp_path):
    assert run("forks").code == 0
    child = int((tmp_path / "child").read_text())
    status = Path(f"/proc/{child}/status")
    if status.parent.parent.is_dir():
        # Ended, and perhaps not yet collected by whoever inherited it.
        assert not status.is_file() or "State:\tZ" in status.read_text()
    else:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_a_run_in_which_nothing_was_judged_says_so(run, tmp_path):
    options = ("--junit", "junit.xml", "--html", "page.html", "--events", "events.jsonl")
    ran = run("", "c2b-paid", options=options)
    assert ran.code == 3
    assert "skipped" in ran.output
    assert "0 passed, 0 failed, 1 skipped: nothing was judged" in ran.output
    (scenario,) = ran.report["scenarios"]
    assert (ran.report["skipped"], scenario["verdict"]) == (1, "skipped")
    assert "no `pay` step" in scenario["skipped"]
    suite = ET.parse(tmp_path / "junit.xml").getroot()[0]  # noqa: S314  # our own
    assert suite.get("tests") == "1"
    assert "no `pay` step" in suite.find("testcase/skipped").get("message")
    assert "Not played: no `pay` step" in (tmp_path / "page.html").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [line["verdict"] for line in lines if "verdict" in line] == ["skipped"]
    assert lines[-1]["skipped"] == 1


def test_one_application_plays_one_scenario_at_a_time(run):
    ran = run(options=("--jobs", "2"))
    assert ran.code == 2
    assert "--jobs means nothing with --target" in ran.output


def test_a_target_file_with_mistakes_ends_with_2(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text("targt: x\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["run", "paid", "--target", str(path)])
    assert result.exit_code == 2
    assert "did you mean `target`?" in result.output
