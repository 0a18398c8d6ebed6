"""GitHub annotations: each finding at its line of the scenario, as workflow commands in the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from darajasim.harness.findings import Finding
from darajasim.harness.report_escape import one_line, shortened
from darajasim.harness.report_text import repeat_command
from darajasim.harness.run_events import RunEvent, ScenarioEnded
from darajasim.harness.runner import ScenarioResult
from darajasim.scenarios.scenario import Scenario

MOST_CHARACTERS = 4_000
"""Of a message; GitHub shows about so much."""


class GithubReport:
    """Writes a command for each finding.

    Args:
        write: takes one line.
        workspace: the folder of the checkout, which files are named from.
    """

    def __init__(self, write: Callable[[str], None], workspace: Path) -> None:
        self._write = write
        self._workspace = workspace

    def take(self, event: RunEvent) -> None:
        """Take the next event of the run."""
        if isinstance(event, ScenarioEnded):
            for finding in event.findings:
                self._write(self._command(event.title, event.result, finding))

    def _command(self, title: str, result: ScenarioResult, finding: Finding) -> str:
        file, line, column = place(finding, result.scenario)
        properties = {
            "file": self._from_workspace(file),
            "line": line,
            "col": column,
            "title": one_line(f"{title}: {finding.what}"),
        }
        shown = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
        text = f"expected {finding.expected}\nfound {finding.found}\n{repeat_command(result)}"
        message = "\n".join(map(one_line, text.split("\n")))
        return f"::error {shown}::{_data(shortened(message, MOST_CHARACTERS))}"

    def _from_workspace(self, file: str) -> str:
        path = Path(file)
        if not path.is_absolute():
            path = Path.cwd() / path
        root = self._workspace.resolve()
        found = path.resolve()
        return found.relative_to(root).as_posix() if found.is_relative_to(root) else file


def place(finding: Finding, scenario: Scenario) -> tuple[str, str, str]:
    """File, line and column of a finding; of the scenario where the finding has none of its own."""
    file, _, line = scenario.where.rpartition(":")
    if not finding.where.startswith(f"{file}:"):
        return file, line, ""
    line, _, column = finding.where.removeprefix(f"{file}:").partition(":")
    return file, line, column


def harmless(line: str) -> str:
    """A line of the log in which GitHub finds no workflow command, whoever wrote parts of it."""
    line = line.replace("##[", "# #[")
    return line.replace("::", ": :", 1) if line.lstrip().startswith("::") else line


def _data(text: str) -> str:
    """As GitHub wants the message of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As GitHub wants a property of a command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
