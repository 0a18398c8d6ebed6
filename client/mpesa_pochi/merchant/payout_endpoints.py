"""The addresses of money that goes out: each reads a request, asks the service, and answers."""

import json
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from mpesa_pochi.accepted import CommandAccepted
from mpesa_pochi.errors import DuplicateRequest, PochiError, Retry, SettingsError, UnknownOutcome
from mpesa_pochi.merchant import bodies, idempotency, parameters, requests
from mpesa_pochi.merchant.admin import Admin
from mpesa_pochi.merchant.answers import Refused, status_of, trouble
from mpesa_pochi.merchant.endpoints import keys_refused, received, token_in
from mpesa_pochi.merchant.law import PaymentStatus
from mpesa_pochi.merchant.payout_orders import NotRefundableError, PayoutOrder
from mpesa_pochi.merchant.payouts import Asked, Ordered, Payouts
from mpesa_pochi.merchant.settlement import NoSuchPayment
from mpesa_pochi.merchant.sources import source_of
from mpesa_pochi.merchant.timeline import of_payout
from mpesa_pochi.merchant.views_out import InquiryView, PayoutView

_KNOWN = ("status", "needs_review", "payment_id", "limit", "before", "lang")
_CRASHED = "the first request with this Idempotency-Key was never answered"
_ADVICE = "Do not pay again: its result, or a status that is asked for by itself, settles it."
USUAL_WAIT, LONGEST_WAIT = 10, 30
"""Seconds that `GET /balance` waits for Daraja's result."""


async def b2c_payment(request: Request) -> JSONResponse:
    """`POST /b2c-payment`: pay a customer, or give a payment back. With an Idempotency-Key: once
    for each key.
    """
    await _admin(request).check(request)
    asked = requests.checked(requests.B2cPayment, await bodies.read_object(request))
    claim = idempotency.claim_of(request, asked)
    order = PayoutOrder(**dict(asked))
    try:
        with keys_refused():
            ordered = await _payouts(request).pay(order, claim=claim)
    except NoSuchPayment as error:
        raise Refused(HTTPStatus.NOT_FOUND, str(error)) from None
    except NotRefundableError as error:
        raise Refused(HTTPStatus.CONFLICT, str(error)) from None
    except SettingsError as error:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
    if isinstance(ordered, idempotency.Earlier):
        return await _replayed(_payouts(request), ordered)
    answer = _ordered(ordered)
    if claim is not None:
        kept = json.loads(bytes(answer.body))
        await _payouts(request).payments.keep_answer(claim.key, answer.status_code, kept)
    return answer


async def balance(request: Request) -> JSONResponse:
    """`GET /balance`: what our accounts hold, from Daraja. `wait`: seconds for its result."""
    await _admin(request).check(request)
    parameters.only(request, ("wait", "lang"))
    wait = parameters.whole(request, "wait", usual=USUAL_WAIT, least=0, most=LONGEST_WAIT)
    try:
        asked = await _payouts(request).balance(wait=wait)
    except SettingsError as error:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
    return _balance(asked)


async def result(request: Request) -> JSONResponse:
    """`POST /result` and `/result/{token}`: Daraja says how a payout or an inquiry ended."""
    return await _receive(request, "result")


async def timeout(request: Request) -> JSONResponse:
    """`POST /timeout` and `/timeout/{token}`: Daraja says that one waited too long."""
    return await _receive(request, "timeout")


async def payouts(request: Request) -> JSONResponse:
    """`GET /payouts`: newest first, so many at once; `before` an id goes on from there."""
    await _admin(request).check(request)
    parameters.only(request, _KNOWN)
    limit = parameters.page_size(request)
    refund_of = request.query_params.get("payment_id")
    found = await _payouts(request).page(
        status=parameters.status(request),
        needs_review=parameters.flag(request, "needs_review"),
        payment_id=None if refund_of is None else parameters.identifier(request, "payment_id"),
        before=parameters.identifier(request, "before"),
        limit=limit + 1,
    )
    shown = [view.as_json() for view in found[:limit]]
    return JSONResponse({"payouts": shown, "more": len(found) > limit})


async def payout(request: Request) -> JSONResponse:
    """`GET /payouts/{payout_id}`: the payout, and what happened to it, oldest first."""
    await _admin(request).check(request)
    service, number = _payouts(request), request.path_params["payout_id"]
    try:
        found = await service.get(min(number, parameters.LARGEST_ID))
    except NoSuchPayment as error:
        raise Refused(HTTPStatus.NOT_FOUND, str(error)) from None
    history = await service.history(found.payout_id)
    results = await service.results(payout_id=found.payout_id)
    return JSONResponse({"payout": found.as_json(), "timeline": of_payout(history, results)})


async def _receive(request: Request, kind: str) -> JSONResponse:
    body = await bodies.read(request, largest=bodies.LARGEST_CALLBACK)
    stored = await _payouts(request).receive(
        body.data,
        kind=kind,
        source=source_of(request),
        token=token_in(request),
        truncated=body.cut,
    )
    return received(stored.judgement, stored.refusal)


def _ordered(ordered: Ordered) -> JSONResponse:
    payout, answer = ordered.payout, ordered.answer
    if isinstance(answer, CommandAccepted) or (payout.final and _is_lost(answer)):
        return JSONResponse({**payout.as_json(), "outcome": "accepted"})
    if _is_lost(answer):
        return _unknown(payout, answer.message, answer.advice or _ADVICE)
    return trouble(answer, payout.as_json(), name="payout")


def _is_lost(answer: PochiError) -> bool:
    return isinstance(answer, UnknownOutcome | DuplicateRequest)


async def _replayed(service: Payouts, earlier: idempotency.Earlier) -> JSONResponse:
    again = {idempotency.REPLAYED: "true"}
    if earlier.answer is not None and earlier.status is not None:
        return JSONResponse(earlier.answer, earlier.status, again)
    found = await service.get(earlier.ordered)
    answer = _unknown(found, _CRASHED, _ADVICE)
    if found.final:
        answer = JSONResponse({**found.as_json(), "outcome": "accepted"})
    answer.headers.update(again)
    return answer


def _unknown(payout: PayoutView, message: str, advice: str) -> JSONResponse:
    answer = {
        **payout.as_json(),
        "outcome": "unknown",
        "message": message,
        "advice": advice,
        "retry": Retry.NEVER.value,
    }
    return JSONResponse(answer, HTTPStatus.ACCEPTED)


def _balance(asked: Asked) -> JSONResponse:
    inquiry, last = asked.inquiry, asked.last
    body: dict[str, Any] = {
        "status": inquiry.status.value,
        "asked_at": inquiry.created_at.isoformat(),
        "result_code": inquiry.result_code,
        "result_text": inquiry.result_text,
        "accounts": inquiry.answer if inquiry.status is PaymentStatus.SUCCESS else None,
        "last_known": None if last is None else _known(last),
    }
    if inquiry.status is PaymentStatus.SUCCESS:
        return JSONResponse(body)
    if inquiry.status is PaymentStatus.PENDING:
        return JSONResponse(body, HTTPStatus.ACCEPTED)
    body["error"] = inquiry.result_text or "Daraja did not say"
    status = HTTPStatus.BAD_GATEWAY if asked.error is None else status_of(asked.error)
    return JSONResponse(body, status)


def _known(inquiry: InquiryView) -> dict[str, Any]:
    answered = inquiry.answered_at
    return {
        "accounts": inquiry.answer,
        "answered_at": None if answered is None else answered.isoformat(),
    }


def _payouts(request: Request) -> Payouts:
    service: Payouts = request.app.state.payouts
    return service


def _admin(request: Request) -> Admin:
    admin: Admin = request.app.state.admin
    return admin
