import contextlib
import json
import os
import pty
import subprocess
import sys
import warnings

import pytest
from click.testing import CliRunner

from darajasim.cli.main import main
from darajasim.scenarios import bundled_names
from support.played import PAY
from support.scenario_text import HEAD

PASSES = f"{HEAD}steps:\n{PAY}\nexpect: {{payment: {{status: success}}}}\n"
FAILS = PASSES.replace("status: success", "status: failed")
CASES = (
    f"{HEAD}steps:\n- pay: {{phone: 0722000000, amount: '${{kes}}'}}\n"
    "expect: {payment: {amount: '${kes}'}}\n"
    "cases: [{case: one, kes: 1}, {case: two, kes: 2}]\n"
)
BROKEN = PASSES.replace("steps:", "stpes:")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shown(folder):
    """Writes shown.yaml."""

    def write(text, path="shown.yaml"):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    return write


def run(*arguments):
    return CliRunner().invoke(main, ["run", "--jobs", "1", *arguments])


class TestExitCodes:
    def test_0_when_all_passed(self, shown):
        shown(PASSES)
        result = run("shown.yaml")
        assert result.exit_code == 0
        assert result.stdout.splitlines()[1].startswith("shown     passed ")
        assert result.stdout.endswith("\n1 passed, 0 failed\n")
        assert result.stderr == ""

    def test_1_when_one_failed(self, shown):
        shown(PASSES, "a/shown.yaml")
        shown(FAILS, "b/shown.yaml")
        result = run(".")
        assert result.exit_code == 1
        assert "b/shown.yaml:5:28: payment payment-1: status" in result.stdout.replace(
            "payment first", "payment payment-1"
        )
        assert result.stdout.endswith("\n1 passed, 1 failed\n")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["nosuch"], "nosuch: no file, folder or bundled scenario has this name"),
            (["missing/shown.yaml"], "missing/shown.yaml: there is no such file or folder"),
            (["customer-cancel"], "customer-cancels"),
            (["empty"], "empty: there is no scenario in this folder"),
            (["cases.yaml"], "cases.yaml:1:11: "),
            (["--seed", "x"], "Invalid value for '--seed': 'x' is not a valid integer"),
            (["--jobs", "0"], "Invalid value for '--jobs': 0 is not in the range 1<=x<=64"),
            (["--sed", "1"], "No such option '--sed'"),
            (["customer-cancels[x]"], "customer-cancels has no case x; there are customer-cancels"),
        ],
    )
    def test_2_when_a_file_or_an_option_is_wrong(self, folder, shown, arguments, message):
        (folder / "empty").mkdir()
        shown(CASES, "cases.yaml")
        result = run(*arguments)
        assert result.exit_code == 2
        assert message in result.stderr
        assert result.stdout == ""

    def test_2_with_every_mistake_of_a_broken_file_and_nothing_is_run(self, shown):
        shown(BROKEN)
        result = run("shown.yaml", "nosuch", "customer-cancels")
        assert result.exit_code == 2
        assert "shown.yaml:3:1: " in result.stderr
        assert "stpes" in result.stderr
        assert "Traceback" not in result.stderr
        assert result.stdout == ""

    def test_2_when_nothing_is_bundled_and_nothing_named(self, monkeypatch):
        monkeypatch.setattr("darajasim.scenarios.bundled.folder", lambda: None)
        result = run()
        assert result.exit_code == 2
        assert "no scenario: none is bundled" in result.stderr


class TestWhatIsRun:
    def names(self, *arguments):
        result = run(*arguments, "--json", "-")
        assert result.exit_code == 0, result.stderr
        return [found["name"] for found in json.loads(result.stdout)["scenarios"]]

    def test_a_bundled_scenario_by_its_name(self):
        assert self.names("customer-cancels") == ["customer-cancels"]

    def test_all_cases_of_a_file_or_one(self, shown):
        shown(CASES)
        assert self.names("shown.yaml") == ["shown[one]", "shown[two]"]
        assert self.names("shown.yaml[two]") == ["shown[two]"]

    def test_a_folder_whose_name_looks_like_a_case(self, shown):
        shown(PASSES, "shop[1]/shown.yaml")
        assert self.names("shop[1]") == ["shown"]
        assert self.names("shop[1]/shown.yaml") == ["shown"]

    def test_a_case_that_is_not_there(self, shown):
        shown(CASES)
        result = run("shown.yaml[three]")
        assert result.exit_code == 2
        assert "there are shown[one], shown[two]" in result.stderr

    def test_a_folder_in_alphabetical_order(self, shown):
        for name in ("b", "a"):
            shown(PASSES.replace("shown", name), f"all/{name}.yaml")
        assert self.names("all") == ["a", "b"]

    def test_without_a_name_all_that_are_bundled(self, shown, folder, monkeypatch):
        shown(PASSES, "home/shown.yaml")
        monkeypatch.setattr("darajasim.scenarios.bundled.folder", lambda: folder / "home")
        assert bundled_names() == ["shown"]
        assert self.names() == ["shown"]

    def test_the_seed(self, shown):
        shown(PASSES)
        assert run("shown.yaml", "--seed", "5").stdout.splitlines()[3].endswith(", seed 5")
        assert run("shown.yaml").stdout.splitlines()[3].endswith(", seed 1")


class TestJson:
    def test_to_a_file(self, shown, folder):
        shown(PASSES)
        result = run("shown.yaml", "--json", "report.json")
        assert result.exit_code == 0
        report = json.loads((folder / "report.json").read_bytes())
        assert (report["passed"], report["failed"], report["seed"]) == (1, 0, 1)
        assert result.stdout.endswith("1 passed, 0 failed\n")

    def test_to_standard_output_and_the_table_to_standard_error(self, shown):
        shown(FAILS)
        result = run("shown.yaml", "--json", "-")
        assert result.exit_code == 1
        assert json.loads(result.stdout)["failed"] == 1
        assert result.stderr.startswith("scenario")
        assert result.stderr.endswith("0 passed, 1 failed\n")

    def test_one_seed_one_report_byte_for_byte_and_another_for_another(self, shown, folder):
        shown(CASES)
        reports = []
        for number, seed in enumerate((3, 3, 4)):
            run("shown.yaml", "--seed", str(seed), "--json", f"{number}.json")
            reports.append((folder / f"{number}.json").read_bytes())
        assert reports[0] == reports[1] != reports[2]

    @pytest.mark.parametrize("target", ["missing/report.json", "shown.yaml/report.json"])
    def test_where_it_cannot_be_written(self, shown, target):
        shown(PASSES)
        result = run("shown.yaml", "--json", target)
        assert result.exit_code == 2
        assert f"cannot write {target}: " in result.stderr

    def test_a_folder_is_no_file(self, shown, folder):
        shown(PASSES)
        result = run("shown.yaml", "--json", str(folder))
        assert result.exit_code == 2
        assert "is a directory" in result.stderr


REPORTS = ("--json", "--junit", "--events", "--html")


class TestReports:
    def test_all_at_once_and_with_any_number_of_processes_the_same(
        self, shown, folder, monkeypatch
    ):
        monkeypatch.setattr("darajasim.harness.runner.WORTH_A_PROCESS", 1)
        shown(CASES)
        made = []
        for jobs in ("1", "2"):
            arguments = [part for name in REPORTS for part in (name, f"{jobs}{name}")]
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", ".*multi-threaded, use of fork")
                assert run("shown.yaml", "--jobs", jobs, *arguments).exit_code == 0
            made.append([(folder / f"{jobs}{name}").read_bytes() for name in REPORTS])
        assert made[0] == made[1]
        assert all(made[0])

    @pytest.mark.parametrize("name", REPORTS)
    def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(self, shown, name):
        shown(PASSES)
        result = run("shown.yaml", name, "missing/report")
        assert result.exit_code == 2
        assert "cannot write missing/report: there is no folder missing; make it first" in (
            result.stderr
        )
        assert result.stdout == ""

    @pytest.mark.parametrize("name", REPORTS)
    def test_on_standard_output(self, shown, name):
        shown(PASSES)
        result = run("shown.yaml", name, "-")
        assert result.exit_code == 0
        assert result.stdout[0] in "<{"
        assert result.stderr.endswith("1 passed, 0 failed\n")

    @pytest.mark.parametrize("target", ["-", "report"])
    def test_two_reports_in_one_place(self, shown, folder, target):
        shown(PASSES)
        other = target if target == "-" else str(folder / target)
        result = run("shown.yaml", "--json", target, "--html", other)
        assert result.exit_code == 2
        assert f"--json and --html would both write {other}" in result.stderr

    def test_what_nobody_wants_to_read(self, shown):
        shown(PASSES)
        assert run("shown.yaml", "--json", "/dev/null", "--html", "/dev/null").exit_code == 0

    def test_an_old_report_is_replaced_and_stays_when_nothing_runs(self, shown, folder):
        shown(PASSES)
        old = folder / "report"
        old.write_bytes(b"x" * 1_000_000)
        assert run("nosuch", "--junit", "report").exit_code == 2
        assert old.stat().st_size == 1_000_000
        assert run("shown.yaml", "--junit", "report").exit_code == 0
        assert old.read_bytes().startswith(b"<?xml")
        assert old.read_bytes().endswith(b"</testsuites>\n")


class TestSelecting:
    def names(self, *arguments):
        result = run(*arguments, "--json", "-")
        assert result.exit_code == 0, result.stderr
        return [found["name"] for found in json.loads(result.stdout)["scenarios"]]

    def test_by_words_in_names(self, shown):
        shown(CASES)
        assert self.names("shown.yaml", "-k", "two or three") == ["shown[two]"]
        assert self.names("shown.yaml", "-k", "not two") == ["shown[one]"]

    def test_by_tags(self, shown):
        for name, tags in (("a", "x, y"), ("b", "y"), ("c", "z")):
            text = PASSES.replace("shown", name).replace("steps:", f"tags: [{tags}]\nsteps:")
            shown(text, f"all/{name}.yaml")
        assert self.names("all", "--tag", "y") == ["a", "b"]
        assert self.names("all", "--tag", "x", "--tag", "z") == ["a", "c"]
        assert self.names("all", "--tag", "y", "-k", "b") == ["b"]
        nothing = run("all", "--tag", "q")
        assert nothing.exit_code == 2
        assert "none of the 3 scenarios is selected; their tags are x, y, z" in nothing.stderr

    def test_nothing_is_left(self, shown):
        shown(PASSES)
        result = run("shown.yaml", "-k", "other")
        assert result.exit_code == 2
        assert "none of the 1 scenarios is selected" in result.stderr
        assert result.stdout == ""

    def test_an_expression_that_is_none(self, shown):
        shown(PASSES)
        result = run("shown.yaml", "-k", "and")
        assert result.exit_code == 2
        assert "'-k': expected part of a name, found 'and' at column 1" in result.stderr


def test_the_first_failure_ends_it(shown):
    shown(FAILS, "all/a/shown.yaml")
    shown(PASSES, "all/b/shown.yaml")
    result = run("all", "-x")
    assert result.exit_code == 1
    assert result.stdout.endswith("\n0 passed, 1 failed, 1 not run after the first failure\n")
    assert run("all", "--exitfirst").stdout.count("FAILED") == 1


def test_repeated_with_the_next_seeds(shown):
    shown(FAILS)
    result = run("shown.yaml", "--seed", "3", "--repeat", "2")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if "repeat with" in line] == [
        "    repeat with: darajasim run shown.yaml --seed 3",
        "    repeat with: darajasim run shown.yaml --seed 4",
    ]
    assert "\nshown seed 4  FAILED " in result.stdout


class TestGithub:
    @pytest.fixture
    def actions(self, monkeypatch, folder):
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
        return folder

    def test_failures_are_annotated_and_the_summary_is_added(self, shown, actions):
        shown(FAILS)
        (actions / "summary.md").write_text("# Before\n", encoding="utf-8")
        result = run("shown.yaml")
        assert "\n::error file=shown.yaml,line=5,col=28,title=" in result.stdout
        summary = (actions / "summary.md").read_text(encoding="utf-8")
        assert summary.startswith("# Before\n## darajasim\n\n❌ 0 passed, 1 failed")

    def test_nothing_elsewhere(self, shown, monkeypatch):
        for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
            monkeypatch.delenv(name, raising=False)
        shown(FAILS)
        assert "::error" not in run("shown.yaml").stdout

    def test_a_summary_that_cannot_be_written(self, shown, monkeypatch):
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", "missing/summary.md")
        shown(PASSES)
        result = run("shown.yaml")
        assert result.exit_code == 2
        assert "cannot write missing/summary.md: " in result.stderr

    def test_what_a_merchant_answers_is_no_command(self, shown, actions):
        answer = 'body: "x\\n::error::y\\n##[add-mask]z"'
        home = "fields: {CallBackURL: 'http://inbox.test/stk_push/CallBackURL'}"
        shown(
            f"{HEAD}answers: [{{to: any, {answer}}}]\n"
            f"steps: [{{call: {{operation: stk_push, {home}}}}}]\n"
            "expect: {call: {callbacks: 5}}\n"
        )
        commands = [
            line
            for line in run("shown.yaml").stdout.splitlines()
            if line.lstrip().startswith("::") or "##[" in line
        ]
        assert [command.partition(" ")[0] for command in commands] == ["::error"]


def test_on_a_terminal_a_bar_moves_and_the_table_stands_above(shown, folder):
    shown(CASES)
    master, slave = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "darajasim", "run", "shown.yaml", "--jobs", "1"],
        stdout=slave,
        env={**os.environ, "TERM": "xterm", "CI": "", "COLUMNS": "100"},
    )
    os.close(slave)
    seen = b""
    with contextlib.suppress(OSError):  # Linux says so when the other side has closed
        while chunk := os.read(master, 65_536):
            seen += chunk
    os.close(master)
    assert done.wait() == 0
    text = seen.decode()
    assert "\x1b[32mpassed" in text.replace("\x1b[0m", "")
    assert "shown[one]" in text
    assert "/2" in text
    assert text.rstrip().endswith("2 passed, 0 failed\x1b[0m") or "2 passed, 0 failed" in text


def test_a_failure_can_be_repeated_as_it_says(shown):
    shown(CASES.replace("amount: '${kes}'}}", "amount: 1}}"))
    first = run("shown.yaml", "--seed", "3")
    (line,) = [line for line in first.stdout.splitlines() if "repeat with: " in line]
    _, _, words = line.partition("darajasim run ")
    again = run(*[word.strip("'") for word in words.split()])
    assert again.exit_code == 1
    story = first.stdout[first.stdout.index("    what happened:") : first.stdout.index(line)]
    assert story in again.stdout


def test_in_a_process_of_its_own(shown):
    shown(FAILS)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "darajasim", "run", "shown.yaml", "--json", "-"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["failed"] == 1
    assert b"FAILED" in done.stderr
    assert b"\x1b[" not in done.stderr
    assert b"Traceback" not in done.stderr


class TestChaos:
    def test_it_begins_with_every_scenario_and_is_repeated_by_name(self, shown):
        shown(FAILS)
        result = run("shown.yaml", "--chaos", "callback-outage", "--chaos", "double-delivery")
        assert result.exit_code == 1
        assert "callback-outage begins, for 1200 s" in result.stdout
        assert "no callback: the knob callback_loss_rate" in result.stdout
        repeat = "repeat with: darajasim run shown.yaml --seed 1"
        assert f"{repeat} --chaos callback-outage --chaos double-delivery\n" in result.stdout

    def test_a_file_of_ones_own(self, shown):
        shown(PASSES)
        shown(
            "chaos: mine\nabout: Slow.\nwaves: [{for: 1h, profile: {callback_delay: 60}}]\n",
            "mine.yaml",
        )
        result = run("shown.yaml", "--chaos", "mine.yaml", "--json", "-")
        assert json.loads(result.stdout)["simulated_seconds"] > 60

    def test_one_that_is_not_there_is_refused(self, shown):
        shown(PASSES)
        result = run("shown.yaml", "--chaos", "callback-outtage")
        assert result.exit_code == 2
        assert "did you mean `callback-outage`?" in result.stderr
