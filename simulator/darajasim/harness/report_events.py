"""The run as it happens, for programs: one JSON object a line.

The lines of a scenario stand together, in its order: its beginning, its journal, its findings, its
end. They hold nothing of the machine, as the JSON report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from darajasim.core.wire import dumps
from darajasim.harness.report_json import VERSION, event_json, portably, rounded
from darajasim.harness.report_text import repeat_command
from darajasim.harness.run_events import (
    RunEnded,
    RunEvent,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
)


class EventsReport:
    """Writes lines as soon as they are known.

    Args:
        write: takes whole lines in UTF-8.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def take(self, event: RunEvent) -> None:
        """Take the next event of the run."""
        self._write(b"".join(dumps(line) + b"\n" for line in _lines(event)))


def _lines(event: RunEvent) -> Iterator[dict[str, Any]]:
    match event:
        case RunStarted(seed, repeat, total):
            yield {
                "event": "run-started",
                "version": VERSION,
                "seed": seed,
                "repeat": repeat,
                "scenarios": total,
            }
        case ScenarioStarted(number, title, scenario):
            yield {
                "event": "scenario-started",
                "number": number,
                "title": title,
                "name": scenario.name,
                "about": scenario.about,
                "tags": list(scenario.tags),
            }
        case ScenarioEnded():
            yield from _scenario(event)
        case RunEnded():
            yield {
                "event": "run-ended",
                "passed": event.passed,
                "failed": event.failed,
                "skipped": event.skipped,
                "unplayed": event.unplayed,
                "simulated_seconds": rounded(event.simulated_seconds),
            }


def _scenario(ended: ScenarioEnded) -> Iterator[dict[str, Any]]:
    result, number = ended.result, ended.number
    for happened in result.events:
        values = portably(event_json(happened, result.start), result.scenario)
        yield {"event": "happened", "number": number, **values}
    for finding in result.findings:
        values = portably(finding.told(), result.scenario)
        yield {"event": "finding", "number": number, **values}
    yield {
        "event": "scenario-ended",
        "number": number,
        "title": ended.title,
        "verdict": result.verdict,
        "skipped": result.skipped or None,
        "seed": result.seed,
        "simulated_seconds": rounded(result.simulated_seconds),
        "events_dropped": result.dropped,
        "repeat": repeat_command(result),
    }
