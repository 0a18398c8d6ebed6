"""The application's addresses, as data: its routes, what `/info` lists and its OpenAPI document are
all made of this one table.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mpesa_pochi.merchant import answer_models as models
from mpesa_pochi.merchant import bookkeeping, endpoints, parameters, payout_endpoints, requests

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of the query, and its JSON Schema."""

    name: str
    does: str
    schema: Mapping[str, Any]


def _whole(name: str, does: str, *, most: int, least: int = 1) -> Query:
    return Query(name, does, {"type": "integer", "minimum": least, "maximum": most})


LANG = Query("lang", "The language of sentences for customers.", {"enum": ["en", "sw"]})
_STATUS = Query("status", "Only those.", {"enum": ["pending", "success", "failed"]})
_REVIEW = Query(
    "needs_review", "Only those that need a person, or only the others.", {"type": "boolean"}
)
_LIMIT = _whole("limit", "How many at once; 50 unless told.", most=parameters.LARGEST_PAGE)
_BEFORE = _whole("before", "Only those with a smaller id.", most=parameters.LARGEST_ID)
_REFUND = _whole("payment_id", "Only what gives this payment back.", most=parameters.LARGEST_ID)
_WAIT = _whole(
    "wait",
    "Seconds to wait for Daraja's result; 10 unless told.",
    least=0,
    most=payout_endpoints.LONGEST_WAIT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address.

    Attributes:
        name: unique; what `/info` calls it.
        path: after the prefix, as Starlette writes it.
        does: in a sentence.
        asks: the body's model; None when there is none, or when it is Daraja's.
        answers: what it may answer, by HTTP status; besides what `shared_answers` says.
        queries: parameters of the query.
        keyed: whether it takes an Idempotency-Key.
        admin: whether it is for admins.
        daraja: whether Daraja calls it, not the shop.
    """

    name: str
    method: str
    path: str
    handler: Handler
    does: str
    answers: Mapping[int, type[BaseModel] | tuple[type[BaseModel], ...]]
    asks: type[BaseModel] | None = None
    queries: tuple[Query, ...] = ()
    keyed: bool = False
    admin: bool = False
    daraja: bool = False

    @property
    def all_answers(self) -> dict[int, tuple[type[BaseModel], ...]]:
        """Everything that it may answer, by HTTP status."""
        found: dict[int, tuple[type[BaseModel], ...]] = {}
        for status, answers in (*self._shared(), *self.answers.items()):
            more = answers if isinstance(answers, tuple) else (answers,)
            found[status] = (*found.get(status, ()), *more)
        return dict(sorted(found.items()))

    def _shared(self) -> Iterator[tuple[int, type[BaseModel]]]:
        """What every endpoint of a kind may answer."""
        asks = self.asks is not None
        statuses = {500: True, 408: asks, 413: asks, 415: asks, 422: asks, 409: self.keyed}
        statuses |= {400: asks or bool(self.queries)}
        statuses |= {401: self.admin, 429: self.admin, 503: self.admin}
        # Plain http in production; load balancers may use it.
        statuses |= {403: self.name != "health"}
        yield from ((status, models.Refusal) for status, so in statuses.items() if so)


_TO_DARAJA = dict.fromkeys((200, 400, 403, 413), models.Received)

ENDPOINTS = (
    Endpoint(
        name="stk_push",
        method="POST",
        path="/stk-push",
        handler=endpoints.stk_push,
        does="Ask a customer for money: a prompt on the phone.",
        answers={
            200: models.PaymentAnswer,
            202: models.PaymentUnknown,
            429: models.TooOften,
            **dict.fromkeys((409, 422, 502, 503), models.PaymentTrouble),
        },
        queries=(LANG,),
        keyed=True,
        asks=requests.StkPush,
    ),
    Endpoint(
        name="query_stk",
        method="POST",
        path="/query-stk",
        handler=endpoints.query_stk,
        does="Ask Daraja how a payment stands, and settle it if that is final. "
        "Whose it is, is shown to admins alone.",
        answers={
            200: models.PaymentQueried,
            202: models.PaymentUnknown,
            401: models.Refusal,
            404: models.Refusal,
            429: models.TooOften,
            **dict.fromkeys((502, 503), models.PaymentTrouble),
        },
        queries=(LANG,),
        asks=requests.QueryStk,
    ),
    Endpoint(
        name="callback",
        method="POST",
        path="/callback",
        handler=endpoints.callback,
        does="Daraja says how a payment ended, at the address without a token.",
        answers=_TO_DARAJA,
        daraja=True,
    ),
    Endpoint(
        name="callback_token",
        method="POST",
        path="/callback/{token:path}",
        handler=endpoints.callback,
        does="Daraja says how a payment ended, at the payment's own address.",
        answers=_TO_DARAJA,
        daraja=True,
    ),
    Endpoint(
        name="b2c_payment",
        method="POST",
        path="/b2c-payment",
        handler=payout_endpoints.b2c_payment,
        does="Pay a customer's M-PESA or Pochi la Biashara wallet, or give a payment back.",
        answers={
            200: models.PayoutAnswer,
            202: models.PayoutUnknown,
            404: models.Refusal,
            **dict.fromkeys((422, 502, 503), models.PayoutTrouble),
        },
        keyed=True,
        asks=requests.B2cPayment,
        admin=True,
    ),
    Endpoint(
        name="balance",
        method="GET",
        path="/balance",
        handler=payout_endpoints.balance,
        does="What our accounts hold, from Daraja.",
        answers={
            200: models.Balance,
            202: models.Balance,
            **dict.fromkeys((422, 502, 503), models.BalanceTrouble),
        },
        queries=(_WAIT, LANG),
        admin=True,
    ),
    Endpoint(
        name="result",
        method="POST",
        path="/result",
        handler=payout_endpoints.result,
        does="Daraja says how a payout or an inquiry ended, at the address without a token.",
        answers=_TO_DARAJA,
        daraja=True,
    ),
    Endpoint(
        name="result_token",
        method="POST",
        path="/result/{token:path}",
        handler=payout_endpoints.result,
        does="Daraja says how a payout or an inquiry ended, at its own address.",
        answers=_TO_DARAJA,
        daraja=True,
    ),
    Endpoint(
        name="timeout",
        method="POST",
        path="/timeout",
        handler=payout_endpoints.timeout,
        does="Daraja says that one waited too long, at the address without a token.",
        answers=_TO_DARAJA,
        daraja=True,
    ),
    Endpoint(
        name="timeout_token",
        method="POST",
        path="/timeout/{token:path}",
        handler=payout_endpoints.timeout,
        does="Daraja says that one waited too long, at its own address.",
        answers=_TO_DARAJA,
        daraja=True,
    ),
    Endpoint(
        name="info",
        method="GET",
        path="/info",
        handler=endpoints.info,
        does="Who the merchant is and what can be asked. No secrets.",
        answers={200: models.Info},
    ),
    Endpoint(
        name="test",
        method="GET",
        path="/test",
        handler=endpoints.test,
        does="What is configured, what can be reached, what is wrong and how to mend it. No "
        "secrets. Daraja is asked for an access token, at most every 30 seconds.",
        answers={200: models.Readiness},
    ),
    Endpoint(
        name="openapi",
        method="GET",
        path="/openapi.json",
        handler=endpoints.openapi,
        does="This description.",
        answers={200: models.Document},
    ),
    Endpoint(
        name="health",
        method="GET",
        path="/health",
        handler=bookkeeping.health,
        does="Whether it can work, for load balancers.",
        answers={200: models.Health, 503: models.Health},
    ),
    Endpoint(
        name="payments",
        method="GET",
        path="/payments",
        handler=bookkeeping.payments,
        does="Payments, newest first.",
        answers={200: models.PaymentPage},
        queries=(_STATUS, _REVIEW, _LIMIT, _BEFORE, LANG),
        admin=True,
    ),
    Endpoint(
        name="payment",
        method="GET",
        path="/payments/{payment_id:int}",
        handler=bookkeeping.payment,
        does="One payment, and what happened to it.",
        answers={200: models.PaymentSeen, 404: models.Refusal},
        queries=(LANG,),
        admin=True,
    ),
    Endpoint(
        name="payouts",
        method="GET",
        path="/payouts",
        handler=bookkeeping.payouts,
        does="Payouts and refunds, newest first.",
        answers={200: models.PayoutPage},
        queries=(_STATUS, _REVIEW, _REFUND, _LIMIT, _BEFORE, LANG),
        admin=True,
    ),
    Endpoint(
        name="payout",
        method="GET",
        path="/payouts/{payout_id:int}",
        handler=bookkeeping.payout,
        does="One payout, and what happened to it.",
        answers={200: models.PayoutSeen, 404: models.Refusal},
        queries=(LANG,),
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
