"""`/_sim/health`, `/_sim/world`, `/_sim/certificate`, `/_sim/inbox`: the simulator about itself."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from darajasim import __version__
from darajasim.core.clock import iso
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Purse
from darajasim.core.simulator import Simulator
from darajasim.core.wire import MalformedJson, loads
from darajasim.http.control_page import NOT_THERE, WRONG_QUERY, Page, Verb, routes
from darajasim.http.control_request import body_bytes, used
from darajasim.operations import credentials
from darajasim.operations.c2b_validation import rejection

_MONEY = {"type": "integer", "description": "cents"}
_WORLD = {
    "type": "object",
    "properties": {
        "ledger_total_cents": {"const": 0},
        "customers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "phone": {"type": "string"},
                    "name": {"type": "string"},
                    "state": {"type": "string"},
                    "balance_cents": _MONEY,
                    "pochi_balance_cents": {"type": ["integer", "null"]},
                },
            },
        },
        "organisations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "shortcode": {"type": "string"},
                    "name": {"type": "string"},
                    "kind": {"type": "string"},
                    "balance_cents": _MONEY,
                    "accounts_cents": {"type": "object", "additionalProperties": _MONEY},
                },
            },
        },
    },
    "required": ["ledger_total_cents", "customers", "organisations"],
}
_HEALTH = {
    "status": {"const": "ok"},
    "version": {"type": "string"},
    "seed": {"type": ["string", "integer"]},
    "time": {"type": "string"},
    "namespaces": {"type": "integer"},
    "due": {"type": "integer"},
}
_INBOX = Verb(
    "sim_inbox",
    "Takes any callback, for those who have no handler yet.",
    {
        "type": "object",
        "properties": {
            "ResultCode": {"type": ["integer", "string"]},
            "ResultDesc": {"type": "string"},
        },
        "required": ["ResultCode", "ResultDesc"],
    },
    raw={"application/json": {"TransID": "UC25DVAKZN", "OrgAccountBalance": ""}},
    namespaced=False,
    free=True,
)
PAGES = (
    Page(
        "/_sim/health",
        {
            "GET": Verb(
                "sim_health",
                "Whether it is there, and which it is.",
                {"type": "object", "properties": _HEALTH, "required": list(_HEALTH)},
                namespaced=False,
                free=True,
            )
        },
    ),
    Page(
        "/_sim/world",
        {
            "GET": Verb(
                "sim_world",
                "Customers and organisations with their balances.",
                _WORLD,
                problems=(WRONG_QUERY, NOT_THERE),
            )
        },
    ),
    Page(
        "/_sim/certificate",
        {
            "GET": Verb(
                "sim_certificate",
                "What SecurityCredential is encrypted with (PEM).",
                None,
                media="application/x-pem-file",
                problems=(WRONG_QUERY,),
                namespaced=False,
            )
        },
    ),
    Page("/_sim/inbox", {"POST": _INBOX}),
    Page("/_sim/inbox/{rest:path}", {"POST": replace(_INBOX, name="sim_inbox_below")}),
)


def self_routes(simulator: Simulator) -> list[Route]:
    """The pages about the simulator itself."""

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

    async def certificate(_request: Request) -> Response:
        return Response(credentials.certificate(), media_type="application/x-pem-file")

    work = {
        "/_sim/health": health,
        "/_sim/world": world,
        "/_sim/certificate": certificate,
        "/_sim/inbox": inbox,
        "/_sim/inbox/{rest:path}": inbox,
    }
    return routes(PAGES, work)


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
