"""The application's addresses, as data: its routes, what `/info` lists and its OpenAPI document are
all made of this one table.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mpesa_pochi.merchant import bookkeeping, endpoints, payout_endpoints, requests

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address.

    Attributes:
        name: unique; what `/info` calls it.
        path: after the prefix, as Starlette writes it.
        does: in a sentence.
        asks: the body's model; None when there is none, or when it is Daraja's.
        admin: whether it is for admins.
        daraja: whether Daraja calls it, not the shop.
    """

    name: str
    method: str
    path: str
    handler: Handler
    does: str
    asks: type[BaseModel] | None = None
    admin: bool = False
    daraja: bool = False


ENDPOINTS = (
    Endpoint(
        name="stk_push",
        method="POST",
        path="/stk-push",
        handler=endpoints.stk_push,
        does="Ask a customer for money: a prompt on the phone.",
        asks=requests.StkPush,
    ),
    Endpoint(
        name="query_stk",
        method="POST",
        path="/query-stk",
        handler=endpoints.query_stk,
        does="Ask Daraja how a payment stands, and settle it if that is final.",
        asks=requests.QueryStk,
    ),
    Endpoint(
        name="callback",
        method="POST",
        path="/callback",
        handler=endpoints.callback,
        does="Daraja says how a payment ended, at the address without a token.",
        daraja=True,
    ),
    Endpoint(
        name="callback_token",
        method="POST",
        path="/callback/{token:path}",
        handler=endpoints.callback,
        does="Daraja says how a payment ended, at the payment's own address.",
        daraja=True,
    ),
    Endpoint(
        name="b2c_payment",
        method="POST",
        path="/b2c-payment",
        handler=payout_endpoints.b2c_payment,
        does="Pay a customer's M-PESA or Pochi la Biashara wallet, or give a payment back.",
        asks=requests.B2cPayment,
        admin=True,
    ),
    Endpoint(
        name="balance",
        method="GET",
        path="/balance",
        handler=payout_endpoints.balance,
        does="What our accounts hold, from Daraja.",
        admin=True,
    ),
    Endpoint(
        name="result",
        method="POST",
        path="/result",
        handler=payout_endpoints.result,
        does="Daraja says how a payout or an inquiry ended, at the address without a token.",
        daraja=True,
    ),
    Endpoint(
        name="result_token",
        method="POST",
        path="/result/{token:path}",
        handler=payout_endpoints.result,
        does="Daraja says how a payout or an inquiry ended, at its own address.",
        daraja=True,
    ),
    Endpoint(
        name="timeout",
        method="POST",
        path="/timeout",
        handler=payout_endpoints.timeout,
        does="Daraja says that one waited too long, at the address without a token.",
        daraja=True,
    ),
    Endpoint(
        name="timeout_token",
        method="POST",
        path="/timeout/{token:path}",
        handler=payout_endpoints.timeout,
        does="Daraja says that one waited too long, at its own address.",
        daraja=True,
    ),
    Endpoint(
        name="info",
        method="GET",
        path="/info",
        handler=endpoints.info,
        does="Who the merchant is and what can be asked. No secrets.",
    ),
    Endpoint(
        name="test",
        method="GET",
        path="/test",
        handler=endpoints.test,
        does="What is configured, what is wrong and how to mend it. No secrets.",
    ),
    Endpoint(
        name="health",
        method="GET",
        path="/health",
        handler=bookkeeping.health,
        does="Whether it can work, for load balancers.",
    ),
    Endpoint(
        name="payments",
        method="GET",
        path="/payments",
        handler=bookkeeping.payments,
        does="Payments, newest first.",
        admin=True,
    ),
    Endpoint(
        name="payment",
        method="GET",
        path="/payments/{payment_id:int}",
        handler=bookkeeping.payment,
        does="One payment, and what happened to it.",
        admin=True,
    ),
    Endpoint(
        name="payouts",
        method="GET",
        path="/payouts",
        handler=payout_endpoints.payouts,
        does="Payouts and refunds, newest first.",
        admin=True,
    ),
    Endpoint(
        name="payout",
        method="GET",
        path="/payouts/{payout_id:int}",
        handler=payout_endpoints.payout,
        does="One payout, and what happened to it.",
        admin=True,
    ),
)


def routes(prefix: str) -> list[Route]:
    """The addresses, under `prefix`."""
    return [
        Route(f"{prefix}{endpoint.path}", endpoint.handler, methods=[endpoint.method])
        for endpoint in ENDPOINTS
    ]


def listed(prefix: str) -> dict[str, str]:
    """What can be asked, by name: `POST /api/pochi/stk-push`."""
    return {
        endpoint.name: f"{endpoint.method} {prefix}{endpoint.path}"
        for endpoint in ENDPOINTS
        if "{" not in endpoint.path
    }
