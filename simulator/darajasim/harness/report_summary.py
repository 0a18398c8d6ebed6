"""The step summary of a CI job: a page of Markdown, shorter than what GitHub takes."""

from __future__ import annotations

from collections import Counter
from html import escape

from darajasim.harness.report_escape import one_line, visible
from darajasim.harness.report_json import portable_text
from darajasim.harness.report_junit import explained
from darajasim.harness.report_text import counts, duration, heading
from darajasim.harness.run_events import RunEnded, RunEvent, ScenarioEnded

MOST_BYTES = 900_000
"""GitHub refuses a summary of more than 1 MiB as a whole."""
MOST_DETAIL = 60_000
"""Characters of one failure."""
_MARKS = frozenset("\\`*_{}[]()#+-.!|~@:<>&\"'")


class SummaryReport:
    """What failed and why, and how many passed. What does not fit is counted."""

    def __init__(self) -> None:
        self._failures: list[str] = []
        self._bytes = 0
        self._left_out = 0
        self._head = ""
        self._skipped: Counter[str] = Counter()

    def take(self, event: RunEvent) -> None:
        """Take the next event of the run."""
        if isinstance(event, RunEnded):
            mark = "❌" if event.failed else "✅" if event.passed else "⚠️"
            simulated = duration(event.simulated_seconds)
            self._head = f"{mark} {counts(event)}: {simulated} simulated, seed {event.seed}"
        elif isinstance(event, ScenarioEnded) and event.failed:
            self._fail(event)
        elif isinstance(event, ScenarioEnded) and event.result.skipped:
            self._skipped[event.result.skipped] += 1

    def _fail(self, event: ScenarioEnded) -> None:
        text = _failure(event)
        size = len(text.encode())
        if self._bytes + size > MOST_BYTES:
            self._left_out += 1
            return
        self._bytes += size
        self._failures.append(text)

    def document(self) -> bytes:
        """The page, which may follow on another."""
        parts = [f"## darajasim\n\n{self._head}\n", *self._failures]
        if self._skipped:
            rows = [f"| {count} | {_cell(why)} |\n" for why, count in self._skipped.most_common()]
            parts.append(f"| skipped | because |\n| --- | --- |\n{''.join(rows)}")
        if self._left_out:
            parts.append(f"{self._left_out} more failures had no room here.\n")
        return ("\n".join(parts) + "\n").encode()


def _failure(event: ScenarioEnded) -> str:
    rows = ""
    for finding in event.findings:
        what = portable_text(heading(finding), event.result.scenario)
        rows += f"| {_cell(what)} | {_cell(finding.expected)} | {_cell(finding.found)} |\n"
    detail = visible(explained(event.result))
    if len(detail) > MOST_DETAIL:
        detail = f"{detail[:MOST_DETAIL]}\n… cut here"
    return (
        f"### {_cell(event.title)}\n\n"
        f"{_cell(event.result.scenario.about)}\n\n"
        f"| what | expected | found |\n| --- | --- | --- |\n{rows}\n"
        "<details><summary>What happened</summary>\n\n"
        f"<pre>{escape(detail)}</pre>\n\n</details>\n"
    )


def _cell(text: str) -> str:
    """A text that Markdown shows as it is, in a table too."""
    shown = one_line(text[:500].strip())
    return "".join(f"&#{ord(char)};" if char in _MARKS else char for char in shown)
