import json
import subprocess
import sys

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
        file.parent.mkdir(exist_ok=True)
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
