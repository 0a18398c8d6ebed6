"""The report for people: a table that grows as scenarios end, and every failure explained."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from darajasim.harness.findings import Finding
from darajasim.harness.runner import ScenarioResult
from darajasim.harness.story import story
from darajasim.scenarios import bundled

Style = Callable[[str, str], str]
"""Colours a text; gives it back as it is where there are no colours."""


def plain(text: str, _colour: str) -> str:
    """No colours."""
    return text


class TextReport:
    """Writes rows and failures.

    Args:
        write: takes one line.
        style: colours a text.
        width: of the name column.
    """

    def __init__(self, write: Callable[[str], None], *, width: int, style: Style = plain) -> None:
        self._write = write
        self._style = style
        self._width = max(width, len("scenario"))
        self._count = {True: 0, False: 0}
        self._simulated = 0.0

    def begin(self) -> None:
        """The head of the table."""
        self._write(f"{'scenario':<{self._width}}  verdict  {'simulated':>10}  {'real':>8}")

    def scenario(self, result: ScenarioResult) -> None:
        """One row, and what failed below it."""
        self._count[result.passed] += 1
        self._simulated += result.simulated_seconds
        word, colour = ("passed ", "green") if result.passed else ("FAILED ", "red")
        self._write(
            f"{result.scenario.name:<{self._width}}  {self._style(word, colour)}  "
            f"{duration(result.simulated_seconds):>10}  {result.real_seconds * 1000:>5.0f} ms"
        )
        if not result.passed:
            self._failure(result)

    def end(self, real_seconds: float, seed: int) -> None:
        """The summary."""
        self._write("")
        self._write(f"{duration(self._simulated)} simulated in {real_seconds:.1f} s, seed {seed}")
        colour = "red" if self._count[False] else "green"
        self._write(self._style(f"{self._count[True]} passed, {self._count[False]} failed", colour))

    def _failure(self, result: ScenarioResult) -> None:
        for finding in result.findings:
            self._finding(finding)
        self._write("    what happened:")
        if result.dropped:
            self._write(f"      ({result.dropped} earlier events were dropped)")
        for line in story(result.events, result.start):
            self._write(f"      {line}")
        self._write(f"    repeat with: darajasim run {repeat(result)} --seed {result.seed}")

    def _finding(self, finding: Finding) -> None:
        place = f"{finding.where}: " if finding.where else ""
        self._write(f"    {place}{finding.what}")
        self._write(f"      expected {self._style(finding.expected, 'green')}")
        self._write(f"      found    {self._style(finding.found, 'red')}")


def repeat(result: ScenarioResult) -> str:
    """What names the scenario on the command line, quoted for a shell."""
    scenario = result.scenario
    base, bracket, case = scenario.name.partition("[")
    named = base if bundled.files().get(base) == scenario.path else str(scenario.path)
    return shlex.quote(f"{named}{bracket}{case}")


def duration(seconds: float) -> str:
    """Seconds as a person says them: `26.0 s`, `3 m 05 s`, `1 h 02 m`."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} m"
