"""Running scenarios as a stream of events."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from darajasim.harness.run_events import (
    RunEnded,
    RunEvent,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
)
from darajasim.harness.runner import Play, ScenarioResult, run_plays
from darajasim.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from darajasim.harness.target.loading import Target


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is to be run, and how.

    Attributes:
        seed: of the first round.
        repeat: rounds; each has the seed after that of the one before. A scenario whose file pins
            its seed is the same in every round, so it is in the first only.
        jobs: processes; the stream is the same with any number.
        exitfirst: whether the first failure ends the run.
        target: the application under test; None: the bundled merchant in memory.
    """

    scenarios: tuple[Scenario, ...]
    seed: int = 1
    repeat: int = 1
    jobs: int = 1
    exitfirst: bool = False
    target: Target | None = None

    @property
    def plays(self) -> list[Play]:
        """Every scenario of every round."""
        return [
            (scenario, self.seed + number)
            for number in range(self.repeat)
            for scenario in self.scenarios
            if number == 0 or scenario.seed is None
        ]

    def title(self, play: Play) -> str:
        """What a play is called in this run; no two share a title that have different seeds."""
        scenario, seed = play
        if self.repeat == 1:
            return scenario.name
        return f"{scenario.name} seed {seed if scenario.seed is None else scenario.seed}"


def stream(plan: RunPlan, stopwatch: Callable[[], float]) -> Iterator[RunEvent]:
    """Run everything; the events as they happen.

    Args:
        stopwatch: real seconds since the run was asked for.
    """
    plays = plan.plays
    titles = tuple(map(plan.title, plays))
    yield RunStarted(plan.seed, plan.repeat, len(plays), titles)
    passed, failed, skipped, simulated = 0, 0, 0, 0.0
    with closing(_results(plan, plays)) as results:
        for number, ((scenario, _seed), title) in enumerate(zip(plays, titles, strict=True), 1):
            yield ScenarioStarted(number, title, scenario)
            result = next(results)
            passed, failed = passed + result.passed, failed + result.failed
            skipped += result.verdict == "skipped"
            simulated += result.simulated_seconds
            yield ScenarioEnded(number, title, result)
            if result.hopeless or (failed and plan.exitfirst):
                break
    unplayed = len(plays) - passed - failed - skipped
    yield RunEnded(plan.seed, passed, failed, unplayed, simulated, stopwatch(), skipped)


def _results(plan: RunPlan, plays: list[Play]) -> Generator[ScenarioResult, None, None]:
    if plan.target is None:
        return run_plays(plays, jobs=plan.jobs)
    # Sockets, processes and an HTTP client, which a run in memory has no use for.
    from darajasim.harness.target.session import run_on_target  # noqa: PLC0415

    return run_on_target(plays, plan.target)
