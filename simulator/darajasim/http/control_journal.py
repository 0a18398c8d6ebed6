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
from darajasim.http.control_page import (
    NOT_THERE,
    TOO_MANY,
    WRONG_QUERY,
    Page,
    Parameter,
    Verb,
    routes,
)
from darajasim.http.control_request import (
    ProblemError,
    made,
    seconds,
    used,
    whole,
)

MAX_PAGE = 10_000
WAIT_SECONDS = 10.0
"""How long a wait lasts, in real seconds, unless it is asked for another."""
LONGEST_WAIT_SECONDS = 300.0
FILTERS = ("kind", "subject", "operation")

EVENT = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "minimum": 1},
        "time": {"type": "string", "description": "ISO 8601, in UTC"},
        "kind": {"type": "string"},
        "at": {"type": "number", "description": "seconds since the epoch"},
    },
    "required": ["number", "time", "kind", "at"],
    "additionalProperties": True,
}
_EVENTS = {"type": "array", "items": EVENT}
_DROPPED = {"type": "integer", "description": "events that the bounded journal has forgotten"}
_FILTERED = (
    Parameter("kind", "events of this kind, such as callback-attempted", many=True),
    Parameter("subject", "events about this id", many=True),
    Parameter("operation", "events of this operation, such as stk_push", many=True),
    Parameter("after", "events with a greater number", {"type": "integer", "minimum": 0}),
)
_MANY = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}


def _answer(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties)}


PAGES = (
    Page(
        "/_sim/journal",
        {
            "GET": Verb(
                "sim_journal",
                "What happened, in order. Several values of one parameter mean any of them.",
                _answer(events=_EVENTS, more={"type": "boolean"}, dropped=_DROPPED),
                parameters=(*_FILTERED, Parameter("limit", "at most so many (1000)", _MANY)),
                problems=(WRONG_QUERY, NOT_THERE),
            )
        },
    ),
    Page(
        "/_sim/journal/count",
        {
            "GET": Verb(
                "sim_journal_count",
                "How many events match; `last` is the number of the newest of all.",
                _answer(count={"type": "integer"}, last={"type": "integer"}, dropped=_DROPPED),
                parameters=_FILTERED,
                problems=(WRONG_QUERY, NOT_THERE),
            )
        },
    ),
    Page(
        "/_sim/journal/wait",
        {
            "GET": Verb(
                "sim_journal_wait",
                "Answers once so many events match, or when the time is up.",
                _answer(complete={"type": "boolean"}, events=_EVENTS, dropped=_DROPPED),
                parameters=(
                    *_FILTERED,
                    Parameter("count", "so many (1)", _MANY),
                    Parameter(
                        "timeout",
                        f"real seconds, as 5 or 5s; at most {LONGEST_WAIT_SECONDS:g} "
                        f"({WAIT_SECONDS:g})",
                    ),
                    Parameter(
                        "advance",
                        "whether simulated time goes ahead meanwhile (false)",
                        {"enum": ["true", "false"]},
                    ),
                ),
                problems=(WRONG_QUERY, TOO_MANY),
            )
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are meant. Several values of one parameter mean any of them; none means all."""

    after: int
    wanted: tuple[tuple[str, frozenset[str]], ...]

    @classmethod
    def of(cls, request: Request) -> Filter:
        """The filter in a query.

        Raises:
            ProblemError: 400, for a number that is none.
        """
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
        which = Filter.of(request)
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
        which = Filter.of(request)
        wanted = whole(request, "count", 1, 1, MAX_PAGE)
        timeout = request.query_params.get("timeout", WAIT_SECONDS)
        patience = seconds(timeout, "timeout", LONGEST_WAIT_SECONDS, status=400)
        advance = _flag(request, "advance")
        namespace = made(simulator, request)
        complete = await _happened(namespace, which, wanted, patience, advance=advance)
        events = [shown(*each) for each in islice(which.found(namespace), MAX_PAGE)]
        return {"complete": complete, "events": events, "dropped": namespace.journal.dropped}

    return routes(
        PAGES,
        {"/_sim/journal": journal, "/_sim/journal/count": count, "/_sim/journal/wait": wait},
    )


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
