"""`/_sim/namespaces` and `/_sim/reset`: the worlds of a simulator, and beginning one afresh."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from darajasim.core.clock import iso
from darajasim.core.simulator import Simulator
from darajasim.http.control_page import TOO_MANY, WRONG_QUERY, Page, Verb, routes
from darajasim.http.control_request import wanted_name

_NAMESPACE = {
    "name": {"type": "string"},
    "time": {"type": "string"},
    "due": {"type": "integer", "description": "how many things will happen"},
    "events": {"type": "integer", "description": "how many have happened"},
    "rules": {"type": "integer"},
}
PAGES = (
    Page(
        "/_sim/namespaces",
        {
            "GET": Verb(
                "sim_namespaces",
                "The worlds that have been used; they share nothing.",
                {
                    "type": "object",
                    "properties": {
                        "namespaces": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": _NAMESPACE,
                                "required": list(_NAMESPACE),
                            },
                        }
                    },
                    "required": ["namespaces"],
                },
                problems=(WRONG_QUERY,),
                namespaced=False,
            )
        },
    ),
    Page(
        "/_sim/reset",
        {
            "POST": Verb(
                "sim_reset",
                "Begin a namespace afresh: its world, its journal, its rules, its clock.",
                {
                    "type": "object",
                    "properties": {
                        "namespace": {"type": "string"},
                        "existed": {"type": "boolean"},
                    },
                    "required": ["namespace", "existed"],
                },
                problems=(WRONG_QUERY, TOO_MANY),
            )
        },
    ),
)


def namespace_routes(simulator: Simulator) -> list[Route]:
    """The pages about namespaces."""

    async def namespaces(_request: Request) -> object:
        return {
            "namespaces": [
                {
                    "name": name,
                    "time": iso(namespace.clock.time()),
                    "due": namespace.timeline.due,
                    "events": namespace.journal.dropped + len(namespace.journal),
                    "rules": len(namespace.rules.rules),
                }
                for name, namespace in simulator.namespaces.items()
            ]
        }

    async def reset(request: Request) -> object:
        name = wanted_name(request)
        existed = name in simulator.namespaces
        await simulator.reset(name)
        return {"namespace": name, "existed": existed}

    return routes(PAGES, {"/_sim/namespaces": namespaces, "/_sim/reset": reset})
