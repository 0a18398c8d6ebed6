"""The admin's addresses: the payments, and one of them with everything that happened to it."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from mpesa_pochi.merchant.admin import Admin
from mpesa_pochi.merchant.answers import Refused
from mpesa_pochi.merchant.law import PaymentStatus
from mpesa_pochi.merchant.payments import Payments
from mpesa_pochi.merchant.settlement import NoSuchPayment
from mpesa_pochi.merchant.views import CallbackView, PaymentView

USUAL_PAGE, LARGEST_PAGE = 50, 200
LARGEST_ID = 2**63 - 1
_KNOWN = ("status", "needs_review", "limit", "before", "lang")
_WORDS = {"true": True, "false": False}


async def payments(request: Request) -> JSONResponse:
    """`GET /payments`: newest first, so many at once; `before` an id goes on from there."""
    await _admin(request).check(request)
    query = request.query_params
    if unknown := [name for name in query if name not in _KNOWN]:
        raise _wrong(unknown[0], f"is none of {', '.join(_KNOWN)}")
    limit = _whole(request, "limit", USUAL_PAGE, LARGEST_PAGE)
    found = await _payments(request).page(
        status=_status(query.get("status")),
        needs_review=_flag(query.get("needs_review")),
        before=_whole(request, "before", LARGEST_ID, LARGEST_ID),
        limit=limit + 1,
    )
    shown = [view.as_json() for view in found[:limit]]
    return JSONResponse({"payments": shown, "more": len(found) > limit})


async def payment(request: Request) -> JSONResponse:
    """`GET /payments/{payment_id}`: the payment, and what happened to it, oldest first."""
    await _admin(request).check(request)
    service, number = _payments(request), request.path_params["payment_id"]
    try:
        found = await service.get(min(number, LARGEST_ID))
    except NoSuchPayment as error:
        raise Refused(HTTPStatus.NOT_FOUND, str(error)) from None
    callbacks = await service.callbacks(payment_id=found.payment_id)
    return JSONResponse({"payment": found.as_json(), "timeline": timeline(found, callbacks)})


async def health(request: Request) -> JSONResponse:
    """`GET /health`: whether it can work, for load balancers. 503 when its database is away."""
    try:
        await _payments(request).database.ping()
    except (SQLAlchemyError, OSError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": "down", "database": "cannot answer"}, status)
    return JSONResponse({"status": "ok", "database": "answers"})


def timeline(found: PaymentView, callbacks: tuple[CallbackView, ...]) -> list[dict[str, Any]]:
    """What happened to a payment: `{at, what, detail}`, oldest first."""
    happened: list[tuple[datetime, str, str | None]] = [
        (found.created_at, "asked for", f"{found.amount} shillings from {found.phone}")
    ]
    happened += [
        (
            callback.received_at,
            f"callback {callback.judgement.value}",
            callback.reason or (f"from {callback.source}" if callback.source else None),
        )
        for callback in callbacks
    ]
    if found.settled_at is not None and found.settled_by is not None:
        code = " ".join(filter(None, (found.result_code, found.result_text)))
        what = f"{found.status.value}, by {found.settled_by.value}"
        happened.append((found.settled_at, what, code or None))
    happened.sort(key=lambda each: each[0])
    return [{"at": at.isoformat(), "what": what, "detail": detail} for at, what, detail in happened]


def _whole(request: Request, name: str, usual: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and 1 <= int(text) <= most):
        raise _wrong(name, f"is not a whole number from 1 to {most}")
    return int(text)


def _status(text: str | None) -> PaymentStatus | None:
    if text is None:
        return None
    try:
        return PaymentStatus(text)
    except ValueError:
        raise _wrong("status", f"is none of {', '.join(PaymentStatus)}") from None


def _flag(text: str | None) -> bool | None:
    if text is None:
        return None
    if text not in _WORDS:
        raise _wrong("needs_review", "is neither true nor false")
    return _WORDS[text]


def _wrong(field: str, problem: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, f"expected another `{field}`", [(field, problem)])


def _payments(request: Request) -> Payments:
    service: Payments = request.app.state.payments
    return service


def _admin(request: Request) -> Admin:
    admin: Admin = request.app.state.admin
    return admin
