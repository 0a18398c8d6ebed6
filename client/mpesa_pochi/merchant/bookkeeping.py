"""The admin's books: payments and payouts, and one of them with everything that happened to it."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from mpesa_pochi.merchant import parameters, within
from mpesa_pochi.merchant.answers import missing_refused
from mpesa_pochi.merchant.timeline import of_payment, of_payout
from mpesa_pochi.merchant.views import PaymentView
from mpesa_pochi.merchant.views_out import PayoutView

View = PaymentView | PayoutView
Found = TypeVar("Found", PaymentView, PayoutView)

_KNOWN = ("status", "needs_review", "limit", "before", "lang")


async def payments(request: Request) -> JSONResponse:
    """`GET /payments`: newest first, so many at once; `before` an id goes on from there."""
    return await listed(request, "payments", within.payments(request).page)


async def payment(request: Request) -> JSONResponse:
    """`GET /payments/{payment_id}`: the payment, and what happened to it, oldest first."""
    service = within.payments(request)
    found = await seen(request, "payment_id", service.get)
    callbacks = await service.callbacks(payment_id=found.payment_id)
    history = await service.history(found.payment_id)
    happened = of_payment(found, callbacks, history)
    return JSONResponse({"payment": found.as_json(), "timeline": happened})


async def payouts(request: Request) -> JSONResponse:
    """`GET /payouts`: newest first, so many at once; `before` an id goes on from there, and
    `payment_id` shows the refunds of one payment.
    """

    async def page(**chosen: Any) -> tuple[PayoutView, ...]:
        if "payment_id" in request.query_params:
            chosen["payment_id"] = parameters.identifier(request, "payment_id")
        return await within.payouts(request).page(**chosen)

    return await listed(request, "payouts", page, "payment_id")


async def payout(request: Request) -> JSONResponse:
    """`GET /payouts/{payout_id}`: the payout, and what happened to it, oldest first."""
    service = within.payouts(request)
    found = await seen(request, "payout_id", service.get)
    history = await service.history(found.payout_id)
    results = await service.results(payout_id=found.payout_id)
    return JSONResponse({"payout": found.as_json(), "timeline": of_payout(history, results)})


async def health(request: Request) -> JSONResponse:
    """`GET /health`: whether it can work, for load balancers. 503 when its database is away."""
    try:
        await within.payments(request).database.ping()
    except (SQLAlchemyError, OSError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": "down", "database": "cannot answer"}, status)
    return JSONResponse({"status": "ok", "database": "answers"})


async def listed(
    request: Request, name: str, page: Callable[..., Awaitable[Sequence[View]]], *more: str
) -> JSONResponse:
    """One page of a list, for admins; `more` names parameters of this list's own."""
    await within.admin(request).check(request)
    parameters.only(request, (*_KNOWN, *more))
    limit = parameters.page_size(request)
    found = await page(
        status=parameters.status(request),
        needs_review=parameters.flag(request, "needs_review"),
        before=parameters.identifier(request, "before"),
        limit=limit + 1,
    )
    shown = [view.as_json() for view in found[:limit]]
    return JSONResponse({name: shown, "more": len(found) > limit})


async def seen(request: Request, name: str, get: Callable[[int], Awaitable[Found]]) -> Found:
    """The one thing that the path names, for admins."""
    await within.admin(request).check(request)
    with missing_refused():
        return await get(min(request.path_params[name], parameters.LARGEST_ID))
