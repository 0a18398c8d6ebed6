"""What happens in a run, as one stream of frozen events. Every report is a consumer of it.

The stream is the same with any number of processes; only `real_seconds` is of this machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from darajasim.core.events import Event
from darajasim.harness.findings import Finding
from darajasim.harness.runner import ScenarioResult
from darajasim.scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Before anything is run.

    Attributes:
        total: how many scenarios are to be run; one that is repeated counts each time.
        titles: what each of them is called, in order.
    """

    seed: int
    repeat: int
    total: int
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScenarioStarted:
    """A scenario is about to run.

    Attributes:
        number: counted from 1.
        title: its name, and where a run repeats scenarios, its seed.
    """

    number: int
    title: str
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class ScenarioEnded:
    """A scenario has run, and what came of it. `number` and `title` are those of its beginning."""

    number: int
    title: str
    result: ScenarioResult

    @property
    def passed(self) -> bool:
        """Whether it was played, and every expectation held."""
        return self.result.passed

    @property
    def failed(self) -> bool:
        """Whether an expectation did not hold."""
        return self.result.failed

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The expectations that did not hold."""
        return self.result.findings

    @property
    def events(self) -> tuple[Event, ...]:
        """The journal of the scenario."""
        return self.result.events


@dataclass(frozen=True, slots=True)
class RunEnded:
    """After the last scenario.

    Attributes:
        unplayed: how many were not run, because the first failure was to end the run, or because
            the application does not start.
        simulated_seconds: of all scenarios together.
        real_seconds: of the whole run; no part of a report that must repeat.
        skipped: how many say nothing of the application under test, and were not played.
    """

    seed: int
    passed: int
    failed: int
    unplayed: int
    simulated_seconds: float
    real_seconds: float
    skipped: int = 0


RunEvent = RunStarted | ScenarioStarted | ScenarioEnded | RunEnded


class Report(Protocol):
    """Something that is made of the events of a run."""

    def take(self, event: RunEvent) -> None:
        """Take the next event."""


class FinishedReport(Report, Protocol):
    """A report that is one document, whole when the run has ended."""

    def document(self) -> bytes:
        """The document, in UTF-8."""
