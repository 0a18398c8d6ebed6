"""`/_sim/namespaces` and `/_sim/reset`: the worlds of a simulator, and beginning one afresh."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from darajasim.core.clock import iso
from darajasim.core.simulator import Simulator
from darajasim.http.control_request import check_names, page, wanted_name


def namespace_routes(simulator: Simulator) -> list[Route]:
    """The pages about namespaces."""

    async def namespaces(request: Request) -> object:
        check_names(request, ())
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
        check_names(request, ())
        name = wanted_name(request)
        existed = name in simulator.namespaces
        await simulator.reset(name)
        return {"namespace": name, "existed": existed}

    return [
        Route("/_sim/namespaces", page(namespaces)),
        Route("/_sim/reset", page(reset), methods=["POST"]),
    ]
