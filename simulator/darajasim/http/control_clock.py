"""`/_sim/clock`: what time it is in a namespace, and going ahead in it."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from datetime import datetime
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.routing import Route

from darajasim.core import leap
from darajasim.core.clock import NAIROBI, iso
from darajasim.core.namespace import Namespace
from darajasim.core.simulator import Simulator
from darajasim.http.control_page import (
    NOT_THERE,
    TOO_MANY,
    WRONG_BODY,
    WRONG_QUERY,
    Page,
    Verb,
    routes,
)
from darajasim.http.control_request import (
    ProblemError,
    body_object,
    made,
    seconds,
    used,
)

FARTHEST_SECONDS = 10 * 366 * 86_400.0
"""How far one request goes ahead, in simulated seconds."""
EARLIEST, LATEST = 946_684_800.0, 4_102_444_800.0
"""The years 2000 to 2099, which every identifier of Daraja can name."""
WAYS = "`advance` (seconds ahead), `settle: true` or `set` (a Nairobi time)"


_SHOWN: dict[str, object] = {
    "time": {"type": "string", "description": "ISO 8601, in UTC"},
    "speed": {"type": "number", "description": "simulated seconds per real second"},
    "due": {"type": "integer", "description": "how many things will happen"},
    "next": {"type": ["string", "null"], "description": "when the next of them will"},
}
_SECONDS = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": FARTHEST_SECONDS},
        {"type": "string", "description": "such as 90s, 1m30s, 2h"},
    ]
}
GO = Verb(
    "sim_clock_go",
    "Go ahead in time. Answers when everything that was due has been delivered and answered.",
    {
        "type": "object",
        "properties": {"settled": {"type": "boolean"}, **_SHOWN},
        "required": ["settled", *_SHOWN],
    },
    body={
        "advance": _SECONDS,
        "settle": {"const": True, "description": "until nothing is due any more"},
        "set": {"type": "string", "description": "a Nairobi time such as 2026-03-02 09:00:00"},
        "within": {**_SECONDS, "description": "with settle: for so long at most"},
    },
    example={"advance": 60},
    problems=(WRONG_QUERY, WRONG_BODY, TOO_MANY),
)
PAGES = (
    Page(
        "/_sim/clock",
        {
            "GET": Verb(
                "sim_clock",
                "What time it is, and what is due.",
                {"type": "object", "properties": _SHOWN, "required": list(_SHOWN)},
                problems=(WRONG_QUERY, NOT_THERE),
            ),
            "POST": GO,
        },
    ),
)


def clock_routes(simulator: Simulator) -> list[Route]:
    """The page of the clock."""
    turns: MutableMapping[Namespace, asyncio.Lock] = WeakKeyDictionary()

    async def clock(request: Request) -> object:
        if request.method != "POST":
            return _shown(used(simulator, request))
        asked = await body_object(request, GO.keys)
        namespace = made(simulator, request)
        async with turns.setdefault(namespace, asyncio.Lock()):  # two advances add up
            settled = await _go(namespace, asked)
        return {"settled": settled, **_shown(namespace)}

    return routes(PAGES, {"/_sim/clock": clock})


def _shown(namespace: Namespace) -> dict[str, object]:
    clock = namespace.clock
    due = clock.next_due()
    return {
        "time": iso(clock.time()),
        "speed": clock.speed,
        "due": namespace.timeline.due,
        "next": None if due is None else iso(clock.time() + due - clock.elapsed()),
    }


async def _go(namespace: Namespace, asked: dict[str, object]) -> bool:
    """Go ahead as asked; whether nothing is due any more."""
    ways = asked.keys() - {"within"}
    if len(ways) != 1:
        found = ", ".join(sorted(ways)) or "none"
        raise ProblemError(422, f"expected one of {WAYS}; found {found}")
    if "settle" not in asked and "within" in asked:
        raise ProblemError(422, "expected `within` beside `settle` only; found it without")
    if "advance" in asked:
        ahead = seconds(asked["advance"], "advance", FARTHEST_SECONDS)
        await leap.advance(namespace, ahead)
    elif "set" in asked:
        await _set(namespace, asked["set"])
    else:
        if asked["settle"] is not True:
            raise ProblemError(422, f"expected true for `settle`, found {asked['settle']!r}")
        within = asked.get("within", leap.SETTLE_SECONDS)
        return await leap.settle(namespace, seconds(within, "within", FARTHEST_SECONDS))
    return not namespace.timeline.due


async def _set(namespace: Namespace, text: object) -> None:
    """Any moment while nothing has happened; afterwards only ahead."""
    moment = _moment(text)
    ahead = moment - namespace.clock.time()
    if not len(namespace.journal) and not namespace.timeline.due:
        namespace.clock.set(moment)
    elif not 0 <= ahead <= FARTHEST_SECONDS:
        raise ProblemError(
            422,
            f"expected a time from {iso(namespace.clock.time())} on for `set`, found {text!r}: "
            "something has happened, and time goes only ahead, ten years at most; "
            "POST /_sim/reset begins afresh",
        )
    else:
        await leap.advance(namespace, ahead)


def _moment(text: object) -> float:
    wrong = ProblemError(
        422, f'expected a time such as "2026-03-02 09:00:00" for `set`, found {repr(text)[:60]}'
    )
    if not isinstance(text, str):
        raise wrong
    try:
        found = datetime.fromisoformat(text)
        moment = (found if found.tzinfo else found.replace(tzinfo=NAIROBI)).timestamp()
    except (ValueError, OverflowError):
        raise wrong from None
    if not EARLIEST <= moment <= LATEST:
        raise wrong
    return moment
