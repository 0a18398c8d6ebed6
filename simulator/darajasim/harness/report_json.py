"""The report for programs. It holds nothing of the machine: one seed, one report, byte for byte.

So a place in a file outside the working folder is told without the folders above it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from darajasim.core.events import Event
from darajasim.core.wire import dumps
from darajasim.harness.run_events import RunEvent, RunStarted, ScenarioEnded
from darajasim.harness.runner import ScenarioResult
from darajasim.scenarios.scenario import Scenario

VERSION = 1


def report_json(results: Sequence[ScenarioResult], seed: int) -> bytes:
    """All results as one JSON document in UTF-8, ending with a newline."""
    passed = sum(result.passed for result in results)
    document = {
        "version": VERSION,
        "seed": seed,
        "passed": passed,
        "failed": sum(result.failed for result in results),
        "skipped": sum(result.verdict == "skipped" for result in results),
        "simulated_seconds": rounded(sum(result.simulated_seconds for result in results)),
        "scenarios": [_scenario(result) for result in results],
    }
    return dumps(document) + b"\n"


class JsonReport:
    """Collects a run for `report_json`."""

    def __init__(self) -> None:
        self._seed = 0
        self._scenarios: list[ScenarioResult] = []

    def take(self, event: RunEvent) -> None:
        """Take the next event of the run."""
        if isinstance(event, RunStarted):
            self._seed = event.seed
        elif isinstance(event, ScenarioEnded):
            self._scenarios.append(event.result)

    def document(self) -> bytes:
        """The report."""
        return report_json(self._scenarios, self._seed)


def _scenario(result: ScenarioResult) -> dict[str, Any]:
    scenario = result.scenario
    return {
        "name": scenario.name,
        "about": scenario.about,
        "tags": list(scenario.tags),
        "sha256": scenario.source_text_hash,
        "verdict": result.verdict,
        "skipped": result.skipped or None,
        "left_out": list(result.left_out),
        "seed": result.seed,
        "simulated_seconds": rounded(result.simulated_seconds),
        "findings": [portably(finding.told(), scenario) for finding in result.findings],
        "payments": [dataclasses.asdict(payment) for payment in result.payments],
        "calls": [dataclasses.asdict(call) for call in result.calls],
        "events": [portably(event_json(event, result.start), scenario) for event in result.events],
        "events_dropped": result.dropped,
    }


def event_json(event: Event, start: float) -> dict[str, Any]:
    """An event, and how long after the scenario's beginning it happened."""
    values = {**event.as_json(), "at": rounded(event.at)}
    return {"offset": rounded(event.at - start), **values}


def portable(scenario: Scenario) -> str:
    """The scenario's file as it is named on every machine: by its name alone, unless it is below
    the working folder.
    """
    file, _, _line = scenario.where.rpartition(":")
    return PurePath(file).name if PurePath(file).is_absolute() else file


def portable_text(text: str, scenario: Scenario) -> str:
    """A text, with places in the scenario's file as they are on every machine."""
    file, _, _line = scenario.where.rpartition(":")
    return text.replace(f"{file}:", f"{portable(scenario)}:") if file else text


def portably(values: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """The same values, with places in the scenario's file as they are on every machine."""
    file, _, _line = scenario.where.rpartition(":")
    shown = portable(scenario)
    if shown == file:
        return dict(values)
    return {
        name: value.replace(file, shown, 1)
        if isinstance(value, str) and value.startswith(f"{file}:")
        else value
        for name, value in values.items()
    }


def rounded(seconds: float) -> float:
    """Seconds to the microsecond."""
    return round(seconds, 6)
