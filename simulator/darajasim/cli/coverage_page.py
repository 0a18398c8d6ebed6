"""docs/coverage.md: which endpoint does what, as the bundled scenarios show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from darajasim.core.events import (
    CallbackAttempted,
    Event,
    PaymentSettled,
    RequestAnswered,
    RequestReceived,
)
from darajasim.harness.runner import ScenarioResult, run_scenarios
from darajasim.operations import Operation, operations
from darajasim.operations.business import BusinessOperation
from darajasim.scenarios import bundled_names, load_paths

SHOWN = 3
"""How many scenarios are named; more are counted."""
YES, NO, NONE = "yes", "**no**", "n/a"
ONE_WAY = frozenset({"bill"})
"""Callbacks that only ever tell of a success."""
COMMAND = "CommandID"
SPLIT = "/mpesa/b2b/v1/paymentrequest"
"""The path that serves several products, told apart by CommandID."""

HEAD = """\
# Coverage

Made by `python -m darajasim.cli.pages` from what the bundled scenarios do: do not edit it. A cell
says `yes` when some scenario shows it and passes; `n/a` where the product has no such thing.

"""
COLUMNS = (
    "endpoint",
    "operation",
    "acknowledged",
    "refused as specified",
    "callback success",
    "callback failure",
    "timeout",
    "scenarios",
)


@dataclass(slots=True)
class Cells:
    """What has been seen of one endpoint."""

    acknowledged: bool = False
    refused: bool = False
    succeeded: bool = False
    failed: bool = False
    timed_out: bool = False
    scenarios: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row: a path, and a CommandID where the path serves several products."""

    operation: Operation
    command: str = ""

    @property
    def shown(self) -> str:
        suffix = f" {self.command}" if self.command else ""
        return f"{self.operation.method} `{self.operation.path}`{suffix}"


@lru_cache(maxsize=1)
def page() -> str:
    """The page as Markdown. Playing every scenario takes seconds, and always shows the same."""
    return of(run_scenarios(load_paths(bundled_names())))


def of(results: Iterable[ScenarioResult]) -> str:
    """The page that these results of the bundled scenarios make."""
    found = {endpoint: Cells() for endpoint in _endpoints()}
    for result in results:
        _look(result, found)
    rule = "| --- " * len(COLUMNS) + "|"
    rows = "".join(_row(endpoint, cells) for endpoint, cells in found.items())
    return f"{HEAD}| {' | '.join(COLUMNS)} |\n{rule}\n{rows}"


def _endpoints() -> Iterator[Endpoint]:
    for path in sorted(operations()):
        operation = operations()[path]
        if path == SPLIT and isinstance(operation, BusinessOperation):
            for command in _commands(operation):
                yield Endpoint(operation, command)
        else:
            yield Endpoint(operation)


def _commands(operation: BusinessOperation) -> Iterable[str]:
    (command,) = (each for each in operation.fields if each.name == COMMAND)
    enum: list[str] = command.check.schema["enum"]
    return enum


def _look(result: ScenarioResult, found: dict[Endpoint, Cells]) -> None:
    """Add what one scenario shows, if it passes."""
    if result.findings:
        return
    asked: list[Endpoint] = []
    subjects: dict[str, Endpoint] = {}
    for event in result.events:
        if isinstance(event, RequestReceived):
            asked.append(_endpoint(event, found))
        elif isinstance(event, RequestAnswered) and asked:
            _answered(event, asked[-1], found, subjects)
    for endpoint in dict.fromkeys(asked):
        if endpoint in found:
            found[endpoint].scenarios.append(result.scenario.name)
            _ended(result.events, endpoint, subjects, found[endpoint])


def _endpoint(event: RequestReceived, found: dict[Endpoint, Cells]) -> Endpoint:
    operation = operations()[event.path]
    split = Endpoint(operation, str(event.body.get(COMMAND, "")))
    if event.path != SPLIT or split in found:
        return split if event.path == SPLIT else Endpoint(operation)
    return next(each for each in found if each.operation is operation)


def _answered(
    event: RequestAnswered,
    endpoint: Endpoint,
    found: dict[Endpoint, Cells],
    subjects: dict[str, Endpoint],
) -> None:
    cells = found[endpoint]
    refused = event.status != 200 or event.hint is not None
    cells.refused |= refused
    cells.acknowledged |= not refused
    if event.subject:
        subjects[event.subject] = endpoint


def _ended(
    events: Iterable[Event], endpoint: Endpoint, subjects: dict[str, Endpoint], cells: Cells
) -> None:
    """What the callbacks of one endpoint told. Those that registered URLs tell of payments that
    others began, so they are known by their kind alone.
    """
    events = tuple(events)
    kinds = _kinds(endpoint.operation)
    ours = {subject for subject, of in subjects.items() if of == endpoint}
    told = [
        event
        for event in events
        if isinstance(event, CallbackAttempted)
        and event.callback in kinds
        and (event.subject in ours or not kinds.isdisjoint(REGISTERED))
    ]
    about = {event.subject for event in told if event.callback != "timeout"}
    codes = {
        event.code
        for event in events
        if isinstance(event, PaymentSettled) and event.subject in about
    }
    cells.succeeded |= "0" in codes or any(event.callback in TELLING for event in told)
    cells.failed |= bool(codes - {"0"})
    cells.timed_out |= any(event.callback == "timeout" for event in told)


REGISTERED = frozenset({"validation", "confirmation", "bill"})
TELLING = frozenset({"confirmation", "bill"})
"""Callbacks that are themselves the news of a payment."""


def _kinds(operation: Operation) -> frozenset[str]:
    return frozenset(getattr(operation, "callbacks", {}))


def _row(endpoint: Endpoint, cells: Cells) -> str:
    kinds = _kinds(endpoint.operation)
    marks = (
        _mark(cells.acknowledged, has=True),
        _mark(cells.refused, has=True),
        _mark(cells.succeeded, has=bool(kinds)),
        _mark(cells.failed, has=bool(kinds - ONE_WAY)),
        _mark(cells.timed_out, has="timeout" in kinds),
        _named(cells.scenarios),
    )
    return f"| {endpoint.shown} | `{endpoint.operation.name}` | {' | '.join(marks)} |\n"


def _mark(seen: bool, *, has: bool) -> str:  # noqa: FBT001  # what is marked
    return NONE if not has else YES if seen else NO


def _named(scenarios: list[str]) -> str:
    """A few of them by name, one of each file first."""
    files = list(dict.fromkeys(name.partition("[")[0] for name in scenarios))
    if not files:
        return NO
    more = len(files) - SHOWN
    return ", ".join(files[:SHOWN]) + (f" and {more} more" if more > 0 else "")
