"""`/_sim/`: what the developer may ask of the simulator itself. Not part of Daraja."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from darajasim import __version__
from darajasim.core.clock import iso
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Purse
from darajasim.core.simulator import Simulator
from darajasim.core.wire import MalformedJson, loads
from darajasim.http.control_callbacks import callback_routes
from darajasim.http.control_clock import clock_routes
from darajasim.http.control_journal import journal_routes
from darajasim.http.control_namespaces import namespace_routes
from darajasim.http.control_request import body_bytes, json_answer, page, used
from darajasim.http.control_scenarios import scenario_routes
from darajasim.openapi import serialised
from darajasim.operations import credentials
from darajasim.operations.c2b_validation import rejection

PAGES = (
    "GET /_sim/health, /_sim/journal, /_sim/journal/count, /_sim/journal/wait, /_sim/world, "
    "/_sim/namespaces, /_sim/openapi.json, /_sim/certificate; GET and POST /_sim/clock; "
    "GET, POST and DELETE /_sim/scenarios; "
    "POST /_sim/callbacks/resend, /_sim/pay, /_sim/reset, /_sim/inbox"
)


def control_app(simulator: Simulator) -> Starlette:
    """The control application of one simulator."""

    async def health(_request: Request) -> object:
        default = simulator.default
        return {
            "status": "ok",
            "version": __version__,
            "seed": simulator.seed,
            "time": iso(default.clock.time()),
            "namespaces": len(simulator.namespaces),
            "due": default.timeline.due,
        }

    async def world(request: Request) -> object:
        return _world(used(simulator, request))

    async def inbox(request: Request) -> object:
        return _reply(await body_bytes(request) or b"")

    return Starlette(
        routes=[
            Route("/_sim/health", page(health)),
            Route("/_sim/world", page(world)),
            Route("/_sim/openapi.json", _openapi),
            Route("/_sim/certificate", _certificate),
            Route("/_sim/inbox", page(inbox), methods=["POST"]),
            Route("/_sim/inbox/{rest:path}", page(inbox), methods=["POST"]),
            *journal_routes(simulator),
            *scenario_routes(simulator),
            *clock_routes(simulator),
            *callback_routes(simulator),
            *namespace_routes(simulator),
        ],
        exception_handlers={404: _not_found, 405: _wrong_method},
    )


async def _openapi(_request: Request) -> Response:
    return Response(serialised(), media_type="application/json")


async def _certificate(_request: Request) -> Response:
    return Response(credentials.certificate(), media_type="application/x-pem-file")


def _world(namespace: Namespace) -> dict[str, object]:
    ledger = namespace.ledger
    return {
        "ledger_total_cents": ledger.total(),
        "customers": [
            {
                "phone": customer.msisdn,
                "name": customer.name,
                "state": customer.state,
                "balance_cents": ledger.balance(customer.account),
                "pochi_balance_cents": (
                    ledger.balance(customer.pochi_account) if customer.pochi else None
                ),
            }
            for customer in namespace.world.customers.values()
        ],
        "organisations": [
            {
                "shortcode": organisation.shortcode,
                "name": organisation.name,
                "kind": organisation.kind,
                "balance_cents": ledger.balance(organisation.account),
                "accounts_cents": {
                    str(purse): ledger.balance(organisation.purse(purse)) for purse in Purse
                },
            }
            for organisation in namespace.world.organisations.values()
        ],
    }


def _reply(raw: bytes) -> dict[str, object]:
    """What the simulator's own inbox answers to a callback: it accepts everything, but a C2B
    validation whose BillRefNumber is one of the codes C2B00011 to C2B00016 is rejected with it.
    """
    try:
        body = loads(raw)
    except MalformedJson:
        body = None
    if isinstance(body, dict) and "TransID" in body and body.get("OrgAccountBalance") == "":
        row = rejection(str(body.get("BillRefNumber")))
        if row is not None:
            return {"ResultCode": row.code, "ResultDesc": row.text}
    return {"ResultCode": 0, "ResultDesc": "Accepted"}


async def _not_found(_request: Request, _error: Exception) -> Response:
    return json_answer({"error": f"expected one of {PAGES}"}, 404)


async def _wrong_method(request: Request, _error: Exception) -> Response:
    return json_answer({"error": f"found {request.method}; expected one of {PAGES}"}, 405)
