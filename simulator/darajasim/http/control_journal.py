"""`/_sim/journal`: what happened, counted, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from darajasim.core import leap
from darajasim.core.clock import iso
from darajasim.core.events import Event
from darajasim.core.namespace import Namespace
from darajasim.core.simulator import Simulator
from darajasim.http.control_request import (
    ProblemError,
    check_names,
    made,
    page,
    seconds,
    used,
    whole,
)

MAX_PAGE = 10_000
WAIT_SECONDS = 10.0
"""How long a wait lasts, in real seconds, unless it is asked for another."""
LONGEST_WAIT_SECONDS = 300.0
FILTERS = ("kind", "subject", "operation")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are meant. Several values of one parameter mean any of them; none means all."""

    after: int
    wanted: tuple[tuple[str, frozenset[str]], ...]

    @classmethod
    def of(cls, request: Request, *others: str) -> Filter:
        """The filter in a query.

        Raises:
            ProblemError: 400, for a parameter that is wrong or that nobody reads.
        """
        check_names(request, {"after", *FILTERS, *others})
        after = whole(request, "after", 0, 0)
        given = ((name, frozenset(request.query_params.getlist(name))) for name in FILTERS)
        return cls(after, tuple((name, values) for name, values in given if values))

    def __call__(self, event: Event) -> bool:
        return all(getattr(event, name, None) in values for name, values in self.wanted)

    def found(self, namespace: Namespace) -> Iterator[tuple[int, Event]]:
        """The events that are meant, with their numbers."""
        return (
            (number, event)
            for number, event in namespace.journal.numbered(self.after)
            if self(event)
        )


def shown(number: int, event: Event) -> dict[str, Any]:
    """An event as JSON."""
    return {"number": number, "time": iso(event.at), **event.as_json()}


def journal_routes(simulator: Simulator) -> list[Route]:
    """The pages of the journal."""

    async def journal(request: Request) -> object:
        namespace = used(simulator, request)
        which = Filter.of(request, "limit")
        limit = whole(request, "limit", 1000, 1, MAX_PAGE)
        found = which.found(namespace)
        events = [shown(*each) for each in islice(found, limit)]
        more = next(found, None) is not None
        return {"events": events, "more": more, "dropped": namespace.journal.dropped}

    async def count(request: Request) -> object:
        namespace = used(simulator, request)
        which = Filter.of(request)
        return {
            "count": sum(1 for _ in which.found(namespace)),
            "last": namespace.journal.dropped + len(namespace.journal),
            "dropped": namespace.journal.dropped,
        }

    async def wait(request: Request) -> object:
        which = Filter.of(request, "count", "timeout", "advance")
        wanted = whole(request, "count", 1, 1, MAX_PAGE)
        timeout = request.query_params.get("timeout", WAIT_SECONDS)
        patience = seconds(timeout, "timeout", LONGEST_WAIT_SECONDS, status=400)
        advance = _flag(request, "advance")
        namespace = made(simulator, request)
        complete = await _happened(namespace, which, wanted, patience, advance=advance)
        events = [shown(*each) for each in islice(which.found(namespace), MAX_PAGE)]
        return {"complete": complete, "events": events, "dropped": namespace.journal.dropped}

    return [
        Route("/_sim/journal", page(journal)),
        Route("/_sim/journal/count", page(count)),
        Route("/_sim/journal/wait", page(wait)),
    ]


def _flag(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "false")
    if text not in {"true", "false"}:
        raise ProblemError(400, f"expected true or false for `{name}`, found {text[:60]!r}")
    return text == "true"


async def _happened(
    namespace: Namespace, which: Filter, wanted: int, patience: float, *, advance: bool
) -> bool:
    """Whether so many events came within `patience` real seconds."""
    found = sum(1 for _ in which.found(namespace))
    news = asyncio.Event()

    def hear(event: Event) -> None:
        nonlocal found
        found += which(event)
        news.set()

    stop = namespace.journal.listen(hear)
    try:
        async with asyncio.timeout(patience):
            while found < wanted:
                news.clear()
                if not (advance and namespace.timeline.due and await _step(namespace)):
                    await news.wait()
    except TimeoutError:
        pass
    finally:
        stop()
    return found >= wanted


async def _step(namespace: Namespace) -> bool:
    until = namespace.clock.elapsed() + leap.SETTLE_SECONDS
    return await leap.step(namespace, until)
