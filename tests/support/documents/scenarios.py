"""The YAML that documents show: scenarios and parts of them, chaos profiles, target files."""

import re
from functools import cache
from pathlib import Path

from darajasim.harness.runner import run_scenario
from darajasim.harness.target.loading import load_target
from darajasim.scenarios import chaos_files, json_schema, load_file
from support.scenario_text import HEAD

_SOMETHING = "world: {customers: [{phone: 0722000001}]}\n"
_EXPECTED = 'expect: {requests: {oauth: ">= 0"}}\n'
_STEPS = """\
steps:
  - pay: {phone: 0722000000, amount: 100, as: first}
  - call: {operation: b2c_payment, as: payout}
"""


@cache
def _sections() -> set[str]:
    return set(json_schema()["properties"])


def is_scenario(text: str) -> bool:
    """Whether a text is a scenario, or sections of one."""
    names = re.findall(r"^([a-z_]+):", text, re.MULTILINE)
    return "scenario" in names or (bool(names) and set(names) <= _sections())


def is_chaos(text: str) -> bool:
    """Whether a text is a chaos profile."""
    return re.search(r"^waves:", text, re.MULTILINE) is not None


def load_chaos(text: str, folder: Path) -> None:
    """Load a chaos profile.

    Raises:
        ScenarioError: with every mistake in it.
    """
    name = re.search(r"^chaos: (\S+)$", text, re.MULTILINE)
    assert name, text
    path = folder / f"{name[1]}.yaml"
    path.write_text(text, encoding="utf-8")
    chaos_files.load(path)


def is_target(text: str) -> bool:
    """Whether a text is a target file."""
    return re.search(r"^target:", text, re.MULTILINE) is not None


def load_as_target(text: str, folder: Path) -> None:
    """Load a target file.

    Raises:
        ScenarioError: with every mistake in it.
    """
    path = folder / "target.yaml"
    path.write_text(text, encoding="utf-8")
    load_target(path)


def play(text: str, folder: Path) -> list[str]:
    """Load a scenario, or sections of one, and play it if the steps are its own; what did not hold.

    Raises:
        ScenarioError: with every mistake in it.
    """
    name = re.search(r"^scenario: (\S+)$", text, re.MULTILINE)
    path = folder / f"{name[1] if name else 'shown'}.yaml"
    path.write_text(text if name else _whole(text), encoding="utf-8")
    return [
        f"{finding.what}: expected {finding.expected}, found {finding.found}"
        for scenario in load_file(path)
        if "steps" in text
        for finding in run_scenario(scenario).findings
    ]


def _whole(text: str) -> str:
    """Sections with the least beside them that makes a scenario."""
    names = set(re.findall(r"^([a-z_]+):", text, re.MULTILINE))
    missing = "" if names & {"world", "rules", "steps"} else _SOMETHING
    missing += _EXPECTED if "steps" in names and "expect" not in names else ""
    missing += _STEPS if "expect" in names and "steps" not in names else ""
    return HEAD + text + missing
