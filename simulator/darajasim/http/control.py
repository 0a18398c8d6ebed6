"""`/_sim/`: what the developer may ask of the simulator itself. Not part of Daraja."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from darajasim.core.simulator import Simulator
from darajasim.http.control_callbacks import callback_routes
from darajasim.http.control_clock import clock_routes
from darajasim.http.control_inbox import inbox_routes
from darajasim.http.control_index import DESCRIPTION, listed
from darajasim.http.control_journal import journal_routes
from darajasim.http.control_namespaces import namespace_routes
from darajasim.http.control_page import routes
from darajasim.http.control_request import json_answer
from darajasim.http.control_scenarios import scenario_routes
from darajasim.http.control_self import self_routes
from darajasim.http.description import serialised


def control_app(simulator: Simulator) -> Starlette:
    """The control application of one simulator."""
    return Starlette(
        routes=[
            *self_routes(simulator),
            *inbox_routes(simulator),
            *routes([DESCRIPTION], {DESCRIPTION.path: _description}),
            *journal_routes(simulator),
            *scenario_routes(simulator),
            *clock_routes(simulator),
            *callback_routes(simulator),
            *namespace_routes(simulator),
        ],
        exception_handlers={404: _not_found, 405: _wrong_method},
    )


async def _description(_request: Request) -> Response:
    return Response(serialised(), media_type="application/json")


async def _not_found(_request: Request, _error: Exception) -> Response:
    return json_answer({"error": f"expected one of {listed()}"}, 404)


async def _wrong_method(request: Request, _error: Exception) -> Response:
    return json_answer({"error": f"found {request.method}; expected one of {listed()}"}, 405)
