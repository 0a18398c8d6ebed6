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
        "failed": len(results) - passed,
        "simulated_seconds": _rounded(sum(result.simulated_seconds for result in results)),
        "scenarios": [_scenario(result) for result in results],
    }
    return dumps(document) + b"\n"


def _scenario(result: ScenarioResult) -> dict[str, Any]:
    scenario = result.scenario
    return {
        "name": scenario.name,
        "about": scenario.about,
        "tags": list(scenario.tags),
        "sha256": scenario.source_text_hash,
        "verdict": "passed" if result.passed else "failed",
        "seed": result.seed,
        "simulated_seconds": _rounded(result.simulated_seconds),
        "findings": [_placed(dataclasses.asdict(finding), scenario) for finding in result.findings],
        "payments": [dataclasses.asdict(payment) for payment in result.payments],
        "calls": [dataclasses.asdict(call) for call in result.calls],
        "events": [_placed(_event(event, result.start), scenario) for event in result.events],
        "events_dropped": result.dropped,
    }


def _event(event: Event, start: float) -> dict[str, Any]:
    values = {**event.as_json(), "at": _rounded(event.at)}
    return {"offset": _rounded(event.at - start), **values}


def _placed(values: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """The same values, with places in the scenario's file as they are on every machine."""
    file, _, _line = scenario.where.rpartition(":")
    if not PurePath(file).is_absolute():
        return dict(values)
    return {
        name: value.replace(file, PurePath(file).name, 1)
        if isinstance(value, str) and value.startswith(f"{file}:")
        else value
        for name, value in values.items()
    }


def _rounded(seconds: float) -> float:
    return round(seconds, 6)
