"""The addresses of money that goes out: each reads a request, asks the service, and answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from mpesa_pochi.accepted import CommandAccepted
from mpesa_pochi.errors import DuplicateRequest, PochiError, SettingsError, UnknownOutcome
from mpesa_pochi.merchant import bodies, idempotency, parameters, requests, within
from mpesa_pochi.merchant.answers import Refused, missing_refused, status_of, trouble, unknown
from mpesa_pochi.merchant.endpoints import received, token_in
from mpesa_pochi.merchant.law import PaymentStatus
from mpesa_pochi.merchant.payout_orders import NotRefundableError, PayoutOrder
from mpesa_pochi.merchant.payouts import Asked, Ordered, Payouts
from mpesa_pochi.merchant.sources import source_of
from mpesa_pochi.merchant.views_out import InquiryView

_ADVICE = "Do not pay again: its result, or a status that is asked for by itself, settles it."
USUAL_WAIT, LONGEST_WAIT = 10, 30
"""Seconds that `GET /balance` waits for Daraja's result."""


async def b2c_payment(request: Request) -> JSONResponse:
    """`POST /b2c-payment`: pay a customer, or give a payment back. With an Idempotency-Key: once
    for each key.
    """
    await within.admin(request).check(request)
    asked = requests.checked(requests.B2cPayment, await bodies.read_object(request))
    claim = idempotency.claim_of(request, asked)
    order = PayoutOrder(**dict(asked))
    service = within.payouts(request)
    with idempotency.unusable_refused(), missing_refused(), settings_refused():
        try:
            ordered = await service.pay(order, claim=claim)
        except NotRefundableError as error:
            raise Refused(HTTPStatus.CONFLICT, str(error)) from None
    if isinstance(ordered, idempotency.Earlier):
        return await idempotency.replayed(ordered, partial(_as_it_stands, service))
    return await idempotency.remembered(service.payments.keep_answer, claim, _ordered(ordered))


async def balance(request: Request) -> JSONResponse:
    """`GET /balance`: what our accounts hold, from Daraja. `wait`: seconds for its result."""
    await within.admin(request).check(request)
    parameters.only(request, ("wait", "lang"))
    wait = parameters.whole(request, "wait", usual=USUAL_WAIT, least=0, most=LONGEST_WAIT)
    with settings_refused():
        asked = await within.payouts(request).balance(wait=wait)
    return _balance(asked)


@contextmanager
def settings_refused() -> Iterator[None]:
    """Answers 503 where a setting is missing; it is named."""
    try:
        yield
    except SettingsError as error:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None


async def result(request: Request) -> JSONResponse:
    """`POST /result` and `/result/{token}`: Daraja says how a payout or an inquiry ended."""
    return await _receive(request, "result")


async def timeout(request: Request) -> JSONResponse:
    """`POST /timeout` and `/timeout/{token}`: Daraja says that one waited too long."""
    return await _receive(request, "timeout")


async def _receive(request: Request, kind: str) -> JSONResponse:
    body = await bodies.read(request, largest=bodies.LARGEST_CALLBACK)
    stored = await within.payouts(request).receive(
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
        return unknown(payout.as_json(), answer.message, answer.advice or _ADVICE)
    return trouble(answer, payout.as_json(), name="payout")


def _is_lost(answer: PochiError) -> bool:
    return isinstance(answer, UnknownOutcome | DuplicateRequest)


async def _as_it_stands(service: Payouts, payout_id: int) -> JSONResponse:
    """The answer to an order that a crash left without one."""
    found = await service.get(payout_id)
    if found.final:
        return JSONResponse({**found.as_json(), "outcome": "accepted"})
    return unknown(found.as_json(), idempotency.CRASHED, _ADVICE)


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
