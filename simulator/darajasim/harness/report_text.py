"""The report for people: a table that grows as scenarios end, and every failure explained."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable

from darajasim.harness.findings import Finding
from darajasim.harness.report_escape import one_line
from darajasim.harness.run_events import RunEnded, RunEvent, RunStarted, ScenarioEnded
from darajasim.harness.runner import ScenarioResult
from darajasim.harness.story import story
from darajasim.scenarios import bundled

_WORDS = {
    "passed": ("passed ", "green"),
    "failed": ("FAILED ", "red"),
    "skipped": ("skipped", "yellow"),
}
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
    """

    def __init__(self, write: Callable[[str], None], *, style: Style = plain) -> None:
        self._write = write
        self._style = style
        self._width = 0
        self._left_out: Counter[str] = Counter()

    def take(self, event: RunEvent) -> None:
        """Take the next event of the run."""
        match event:
            case RunStarted():
                self._begin(event)
            case ScenarioEnded():
                self._scenario(event)
            case RunEnded():
                self._end(event)

    def _begin(self, event: RunStarted) -> None:
        self._width = max(map(len, ("scenario", *map(one_line, event.titles))))
        self._write(f"{'scenario':<{self._width}}  verdict  {'simulated':>10}  {'real':>8}")

    def _scenario(self, event: ScenarioEnded) -> None:
        """One row, and what failed below it."""
        result = event.result
        self._left_out.update(result.left_out)
        word, colour = _WORDS[result.verdict]
        self._write(
            f"{one_line(event.title):<{self._width}}  {self._style(word, colour)}  "
            f"{duration(result.simulated_seconds):>10}  {result.real_seconds * 1000:>5.0f} ms"
        )
        if result.skipped:
            self._write(f"    {one_line(result.skipped)}")
        if result.failed:
            self._failure(result)

    def _end(self, event: RunEnded) -> None:
        self._write("")
        if self._left_out:
            left = ", ".join(f"{name} ({count})" for name, count in self._left_out.most_common())
            self._write(f"not judged, for they say nothing of this application: {left}")
        simulated = duration(event.simulated_seconds)
        self._write(f"{simulated} simulated in {event.real_seconds:.1f} s, seed {event.seed}")
        colour = "red" if event.failed else "green" if event.passed else "yellow"
        self._write(self._style(counts(event), colour))

    def _failure(self, result: ScenarioResult) -> None:
        for finding in result.findings:
            self._finding(finding)
        self._write("    what happened:")
        for line in told(result):
            self._write(f"      {line}")
        self._write(f"    repeat with: {repeat_command(result)}")

    def _finding(self, finding: Finding) -> None:
        found, *more = map(one_line, finding.found.split("\n"))
        self._write(f"    {heading(finding)}")
        self._write(f"      expected {self._style(one_line(finding.expected), 'green')}")
        self._write(f"      found    {self._style(found, 'red')}")
        for line in more:
            self._write(f"               {line}")


def counts(event: RunEnded) -> str:
    """The last line of a run."""
    skipped = f", {event.skipped} skipped" if event.skipped else ""
    left = f", {event.unplayed} not run after the first failure" if event.unplayed else ""
    nothing = "" if event.passed or event.failed else ": nothing was judged"
    return f"{event.passed} passed, {event.failed} failed{skipped}{left}{nothing}"


def heading(finding: Finding) -> str:
    """Where a finding is, and what it is about, on one line."""
    return one_line(f"{finding.where}: {finding.what}" if finding.where else finding.what)


def told(result: ScenarioResult) -> list[str]:
    """What happened in a scenario, one line an event."""
    lines = [one_line(line) for line in story(result.events, result.start)]
    if result.dropped:
        lines.insert(0, f"({result.dropped} earlier events were dropped)")
    return lines


def repeat_command(result: ScenarioResult) -> str:
    """The one command that plays the scenario again, as it was."""
    chaos = [each.given for each in result.scenario.chaos if each.given]
    given = "".join(f" --chaos {shlex.quote(each)}" for each in chaos)
    target = f" --target {shlex.quote(one_line(result.target))}" if result.target else ""
    return f"darajasim run {repeat(result)} --seed {result.seed}{given}{target}"


def repeat(result: ScenarioResult) -> str:
    """What names the scenario on the command line, quoted for a shell."""
    scenario = result.scenario
    base, bracket, case = scenario.name.partition("[")
    named = base if bundled.files().get(base) == scenario.path else str(scenario.path)
    return shlex.quote(one_line(f"{named}{bracket}{case}"))


def duration(seconds: float) -> str:
    """Seconds as a person says them: `26.0 s`, `3 m 05 s`, `1 h 02 m`."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} m"
