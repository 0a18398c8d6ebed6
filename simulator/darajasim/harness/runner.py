"""Running scenarios: each on a stage and a virtual loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from darajasim.core.events import Event
from darajasim.harness.called import Trail
from darajasim.harness.exchanges import Exchange
from darajasim.harness.findings import Finding
from darajasim.harness.judge import judge
from darajasim.harness.player import Player
from darajasim.harness.stage import START, Stage, set_stage
from darajasim.harness.virtual_loop import StalledError, VirtualLoop
from darajasim.scenarios.scenario import Scenario

DEFAULT_SEED = 1
GONE = "gone"
"""What is said of a payment that the merchant had, and has no more."""
WORTH_A_PROCESS = 15
"""Scenarios that one more process must have to do."""
CANCELLATIONS = 10
"""How often a task is told to end."""
CHUNK = 4
"""Scenarios that a process takes at once."""
Play = tuple[Scenario, int]
"""A scenario, and the seed to run it with."""


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """A payment as the merchant has it at the end."""

    name: str
    status: str
    code: str | None
    receipt: str | None
    checkout_request_id: str | None


@dataclass(frozen=True, slots=True)
class CallResult:
    """What came of a call of the scenario's own, or of a payment from a phone.

    Attributes:
        operation: "" for a payment from a phone.
        status: HTTP's; None when no answer came.
        result: the code that it ended with, if it did.
    """

    name: str
    operation: str
    status: int | None
    code: str
    subject: str | None
    result: str | None
    receipt: str | None


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """How one scenario ended.

    Attributes:
        seed: what everything was drawn from.
        simulated_seconds: on the scenario's own clock.
        real_seconds: on ours; no part of a report that must repeat.
        events: the journal.
        dropped: how many events the journal had to forget.
        exchanges: what went over the wires.
        skipped: why it was not played; "" when it was.
        left_out: the expectations that say nothing of the application under test.
        target: the file of the application under test; "" for the bundled merchant.
        hopeless: whether no other scenario can be played either.
    """

    scenario: Scenario
    seed: int
    findings: tuple[Finding, ...]
    payments: tuple[PaymentResult, ...]
    calls: tuple[CallResult, ...]
    simulated_seconds: float
    real_seconds: float
    start: float
    events: tuple[Event, ...]
    dropped: int
    exchanges: tuple[Exchange, ...] = ()
    skipped: str = ""
    hopeless: bool = False
    left_out: tuple[str, ...] = ()
    target: str = ""

    @property
    def passed(self) -> bool:
        """Whether it was played, and every expectation held."""
        return not (self.findings or self.skipped)

    @property
    def failed(self) -> bool:
        """Whether an expectation did not hold."""
        return bool(self.findings)

    @property
    def verdict(self) -> str:
        """`passed`, `failed` or `skipped`."""
        return "failed" if self.failed else "skipped" if self.skipped else "passed"


def run_scenario(scenario: Scenario, seed: int = DEFAULT_SEED) -> ScenarioResult:
    """Play and judge one scenario. A seed in its file is stronger than `seed`."""
    run = Run(scenario, seed if scenario.seed is None else scenario.seed)
    setting = set_stage(scenario, f"{run.seed}/{scenario.name}")
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        try:
            runner.run(run.play(setting))
        except StalledError as error:
            _end_tasks(runner.get_loop())
            run.findings = [
                Finding(scenario.where, "steps", "steps that come to an end", str(error))
            ]
    return run.result()


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what waits for ever, again for what waits for something else when it is cancelled."""
    for _ in range(CANCELLATIONS):
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(StalledError):
            loop.run_until_complete(asyncio.wait(tasks))
            return


def run_scenarios(
    scenarios: Sequence[Scenario], seed: int = DEFAULT_SEED, *, jobs: int = 1
) -> Iterator[ScenarioResult]:
    """Run scenarios on `jobs` processes; results come in the scenarios' order, as they are ready.

    The number of processes changes nothing but the time: every scenario has chance of its own.
    """
    return run_plays([(scenario, seed) for scenario in scenarios], jobs=jobs)


def run_plays(plays: Sequence[Play], *, jobs: int = 1) -> Generator[ScenarioResult, None, None]:
    """As `run_scenarios`, each with a seed of its own. Closing it leaves the rest unplayed."""
    if jobs == 1 or len(plays) < jobs * WORTH_A_PROCESS:
        yield from map(_play, plays)
        return
    # A forked process has everything imported already, which is most of what starting costs.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(jobs, context) as pool:
        try:
            yield from pool.map(_play, plays, chunksize=CHUNK)
        finally:
            pool.shutdown(cancel_futures=True)


def _play(play: Play) -> ScenarioResult:
    return run_scenario(*play)


@dataclass(slots=True, eq=False)
class Run:
    """One scenario being played; keeps what is known even when it comes to no end."""

    scenario: Scenario
    seed: int
    stage: Stage | None = None
    findings: list[Finding] = field(default_factory=list)
    payments: list[PaymentResult] = field(default_factory=list)
    start: float = 0.0
    end: float = 0.0
    began: float = field(default_factory=time.perf_counter)
    hopeless: bool = False
    left_out: tuple[str, ...] = ()
    target: str = ""

    async def play(self, setting: AbstractAsyncContextManager[Stage]) -> None:
        """Perform the steps on the stage that `setting` builds, and judge what came of them."""
        async with setting as stage:
            self.stage = stage
            self.start = self.end = stage.namespace.clock.time()
            asyncio.get_running_loop().set_exception_handler(partial(_crashed, stage))
            player = Player(stage)
            try:
                await player.play(self.scenario.steps)
            finally:
                self.end = stage.namespace.clock.time()
            self.findings += await judge(self.scenario.expect, player)
            self.payments += [await _payment(stage, name) for name in stage.payments]

    def skipped(self, reason: str) -> ScenarioResult:
        """The result of a scenario that is not played."""
        start = self.scenario.world.start or START.timestamp()
        return replace(self.result(), start=start, skipped=reason)

    def result(self) -> ScenarioResult:
        """What is known of it now."""
        events = tuple(self.stage.namespace.journal) if self.stage else ()
        return ScenarioResult(
            scenario=self.scenario,
            seed=self.seed,
            findings=tuple(self.findings),
            payments=tuple(self.payments),
            calls=tuple(_calls(self.stage)) if self.stage else (),
            simulated_seconds=self.end - self.start,
            real_seconds=time.perf_counter() - self.began,
            start=self.start,
            events=events,
            dropped=self.stage.namespace.journal.dropped if self.stage else 0,
            exchanges=tuple(self.stage.exchanges.kept) if self.stage else (),
            hopeless=self.hopeless,
            left_out=self.left_out,
            target=self.target,
        )


def _crashed(stage: Stage, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    stage.crashes.append(f"{context.get('message')}: {error!r}")


def _calls(stage: Stage) -> Iterator[CallResult]:
    for name, called in stage.calls.items():
        ending = Trail(stage.namespace.journal, called.subject).ending
        yield CallResult(
            name=name,
            operation=called.operation,
            status=called.status,
            code=called.code,
            subject=called.subject,
            result=ending.code if ending else None,
            receipt=ending.receipt if ending else None,
        )


async def _payment(stage: Stage, name: str) -> PaymentResult:
    view = await stage.payment(name)
    if view is None:  # an application that forgot it: what was expected of it has failed
        return PaymentResult(name, GONE, None, None, None)
    return PaymentResult(name, view.status, view.code, view.receipt, view.checkout_request_id)
