import pytest
from click.testing import CliRunner

from darajasim.cli.check import check
from support.scenario_text import HEAD, PAY


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shown.yaml").write_text(HEAD + PAY)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(check, arguments)


def test_files_that_are_right():
    result = run("shown.yaml")
    assert result.exit_code == 0
    assert result.stdout == (
        "ok  shown.yaml  0 rules, 1 step, 0 expectations\n1 file, 1 scenario, no mistakes\n"
    )
    assert result.stderr == ""


def test_cases_are_counted(folder):
    rules = "rules: [{on: any, reply: lost}]\ncases: [{case: a}, {case: b}]\n"
    (folder / "shown.yaml").write_text(HEAD + rules)
    assert run("shown.yaml").stdout == (
        "ok  shown.yaml  2 cases, 1 rule, 0 steps, 0 expectations\n"
        "1 file, 2 scenarios, no mistakes\n"
    )


def test_all_mistakes_of_all_files(folder):
    (folder / "bad.yaml").write_text("scenario: bad\nabout: x\nseed: y\nrule: []\n" + PAY)
    result = run(".", "missing.yaml")
    assert result.exit_code == 2
    assert result.stdout == "ok  shown.yaml  0 rules, 1 step, 0 expectations\n"
    assert result.stderr == (
        "bad.yaml:3:7: this is not a whole number\n"
        "    3 | seed: y\n"
        "      |       ^\n"
        "  expected: a whole number, such as 7\n"
        "  found:    `y`\n"
        "\n"
        "bad.yaml:4:1: a scenario has no key `rule`\n"
        "    4 | rule: []\n"
        "      | ^^^^\n"
        "  expected: scenario, about, tags, seed, include, profile, chaos, world, rules, answers, "
        "steps,\n            expect or cases\n"
        "  found:    `rule`\n"
        "  help:     did you mean `rules`?\n"
        "\n"
        "missing.yaml: there is no such file or folder\n"
        "  expected: a scenario file, a folder, or the name of a bundled scenario\n"
        "\n"
        "3 mistakes in 2 of 3 files\n"
    )


def test_no_files_is_a_wrong_use():
    assert run().exit_code == 2
