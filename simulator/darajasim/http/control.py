"""`/_sim/`: what the developer may ask of the simulator itself. Not part of Daraja."""

from __future__ import annotations

import contextlib
from itertools import islice

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from darajasim import __version__
from darajasim.core.clock import iso
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Purse
from darajasim.core.simulator import DEFAULT_NAMESPACE, Simulator
from darajasim.core.wire import MAX_BODY_BYTES, MalformedJson, dumps, loads
from darajasim.openapi import serialised
from darajasim.operations import credentials
from darajasim.operations.c2b_validation import rejection

MAX_PAGE = 10_000


def control_app(simulator: Simulator) -> Starlette:
    """The control application of one simulator."""

    async def health(_request: Request) -> Response:
        default = simulator.default
        return _json(
            {
                "status": "ok",
                "version": __version__,
                "seed": simulator.seed,
                "time": iso(simulator.clock.time()),
                "namespaces": len(simulator.namespaces),
                "due": default.timeline.due,
            }
        )

    async def journal(request: Request) -> Response:
        namespace = _namespace(simulator, request)
        if namespace is None:
            return _problem(404, "no namespace of this name has been used")
        try:
            after = int(request.query_params.get("after", "0"))
            limit = int(request.query_params.get("limit", "1000"))
        except ValueError:
            return _problem(400, "expected whole numbers for `after` and `limit`")
        if after < 0 or not 1 <= limit <= MAX_PAGE:
            return _problem(400, f"expected after >= 0 and limit from 1 to {MAX_PAGE}")
        kind = request.query_params.get("kind")
        wanted = (
            {"number": number, "time": iso(event.at), **event.as_json()}
            for number, event in namespace.journal.numbered(after)
            if kind is None or event.kind == kind
        )
        events = list(islice(wanted, limit))
        return _json(
            {
                "events": events,
                "more": next(wanted, None) is not None,
                "dropped": namespace.journal.dropped,
            }
        )

    async def world(request: Request) -> Response:
        namespace = _namespace(simulator, request)
        if namespace is None:
            return _problem(404, "no namespace of this name has been used")
        return _json(_world(namespace))

    return Starlette(
        routes=[
            Route("/_sim/health", health),
            Route("/_sim/journal", journal),
            Route("/_sim/world", world),
            Route("/_sim/openapi.json", _openapi),
            Route("/_sim/certificate", _certificate),
            Route("/_sim/inbox", _inbox, methods=["POST"]),
            Route("/_sim/inbox/{rest:path}", _inbox, methods=["POST"]),
        ],
        exception_handlers={404: _not_found, 405: _wrong_method},
    )


async def _inbox(request: Request) -> Response:
    return _json(_reply(await _body(request)))


async def _openapi(_request: Request) -> Response:
    return Response(serialised(), media_type="application/json")


async def _certificate(_request: Request) -> Response:
    return Response(credentials.certificate(), media_type="application/x-pem-file")


def _namespace(simulator: Simulator, request: Request) -> Namespace | None:
    name = request.query_params.get("namespace") or request.headers.get("x-darajasim-namespace")
    return simulator.namespaces.get(name or DEFAULT_NAMESPACE)


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


async def _body(request: Request) -> bytes:
    """The body; one that is too long is not read to its end."""
    read = bytearray()
    with contextlib.suppress(ClientDisconnect):
        async for chunk in request.stream():
            read += chunk
            if len(read) > MAX_BODY_BYTES:
                return b""
    return bytes(read)


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
    return _problem(
        404,
        "there are GET /_sim/health, /_sim/journal, /_sim/world, /_sim/openapi.json, "
        "/_sim/certificate and POST /_sim/inbox",
    )


async def _wrong_method(_request: Request, _error: Exception) -> Response:
    return _problem(405, "expected GET, and POST for /_sim/inbox")


def _json(value: object, status: int = 200) -> Response:
    return Response(dumps(value), status, media_type="application/json")


def _problem(status: int, message: str) -> Response:
    return _json({"error": message}, status)
