"""The admin's addresses: the payments, and one of them with everything that happened to it."""

from http import HTTPStatus

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from mpesa_pochi.merchant import parameters
from mpesa_pochi.merchant.admin import Admin
from mpesa_pochi.merchant.answers import Refused
from mpesa_pochi.merchant.payments import Payments
from mpesa_pochi.merchant.settlement import NoSuchPayment
from mpesa_pochi.merchant.timeline import of_payment

_KNOWN = ("status", "needs_review", "limit", "before", "lang")


async def payments(request: Request) -> JSONResponse:
    """`GET /payments`: newest first, so many at once; `before` an id goes on from there."""
    await _admin(request).check(request)
    parameters.only(request, _KNOWN)
    limit = parameters.page_size(request)
    found = await _payments(request).page(
        status=parameters.status(request),
        needs_review=parameters.flag(request, "needs_review"),
        before=parameters.identifier(request, "before"),
        limit=limit + 1,
    )
    shown = [view.as_json() for view in found[:limit]]
    return JSONResponse({"payments": shown, "more": len(found) > limit})


async def payment(request: Request) -> JSONResponse:
    """`GET /payments/{payment_id}`: the payment, and what happened to it, oldest first."""
    await _admin(request).check(request)
    service, number = _payments(request), request.path_params["payment_id"]
    try:
        found = await service.get(min(number, parameters.LARGEST_ID))
    except NoSuchPayment as error:
        raise Refused(HTTPStatus.NOT_FOUND, str(error)) from None
    callbacks = await service.callbacks(payment_id=found.payment_id)
    history = await service.history(found.payment_id)
    happened = of_payment(found, callbacks, history)
    return JSONResponse({"payment": found.as_json(), "timeline": happened})


async def health(request: Request) -> JSONResponse:
    """`GET /health`: whether it can work, for load balancers. 503 when its database is away."""
    try:
        await _payments(request).database.ping()
    except (SQLAlchemyError, OSError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": "down", "database": "cannot answer"}, status)
    return JSONResponse({"status": "ok", "database": "answers"})


def _payments(request: Request) -> Payments:
    service: Payments = request.app.state.payments
    return service


def _admin(request: Request) -> Admin:
    admin: Admin = request.app.state.admin
    return admin
