"""`/_sim/health`, `/_sim/world` and `/_sim/certificate`: the simulator about itself."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from darajasim import __version__
from darajasim.core.clock import iso
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Purse
from darajasim.core.simulator import Simulator
from darajasim.http.control_page import NOT_THERE, WRONG_QUERY, Page, Verb, routes
from darajasim.http.control_request import used
from darajasim.operations import credentials

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

    async def certificate(_request: Request) -> Response:
        return Response(credentials.certificate(), media_type="application/x-pem-file")

    work = {
        "/_sim/health": health,
        "/_sim/world": world,
        "/_sim/certificate": certificate,
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
