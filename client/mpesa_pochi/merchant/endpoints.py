"""The addresses of the application. Each reads a request, asks the service, writes an answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from mpesa_pochi import weburl
from mpesa_pochi.errors import PochiError, RefusalReason, Retry, UnknownOutcome
from mpesa_pochi.merchant import bodies, idempotency, requests
from mpesa_pochi.merchant.admin import Admin
from mpesa_pochi.merchant.answers import Refused, trouble
from mpesa_pochi.merchant.judging import slug
from mpesa_pochi.merchant.law import Judgement
from mpesa_pochi.merchant.limits import Limiter
from mpesa_pochi.merchant.payments import Payments, Started
from mpesa_pochi.merchant.pushes import Order
from mpesa_pochi.merchant.readiness import Readiness
from mpesa_pochi.merchant.settlement import NoSuchPayment
from mpesa_pochi.merchant.sources import UNHEARD, source_of
from mpesa_pochi.merchant.views import PaymentView
from mpesa_pochi.outcome import PaymentState
from mpesa_pochi.push import PushAccepted

_FORGED = {slug(RefusalReason.WRONG_SOURCE), slug(RefusalReason.WRONG_TOKEN)}
_TOO_LARGE = slug(RefusalReason.TOO_LARGE)
_REUSED = "this Idempotency-Key was sent with another order; make a new key for a new order"
_ANSWERING = "the first request with this Idempotency-Key is being answered; come back"
_CRASHED = "the first request with this Idempotency-Key was never answered"


async def stk_push(request: Request) -> JSONResponse:
    """`POST /stk-push`: ask a customer for money. With an Idempotency-Key: once for each key."""
    asked = requests.checked(requests.StkPush, await bodies.read_object(request))
    claim = idempotency.claim_of(request, asked)
    order = Order(
        phone=asked.phone,
        amount=asked.amount,
        reference=asked.reference,
        description=asked.description,
        user_id=asked.user_id,
        metadata=asked.metadata,
    )
    with keys_refused():
        await _limit_push(request, asked.phone, claim)
        started = await _payments(request).start(order, claim=claim)
    if isinstance(started, idempotency.Earlier):
        return await _replayed(_payments(request), started)
    answer = _started(started)
    if claim is not None:
        kept = json.loads(bytes(answer.body))
        await _payments(request).keep_answer(claim.key, answer.status_code, kept)
    return answer


async def _limit_push(request: Request, phone: str, claim: idempotency.Claim | None) -> None:
    """Refuses one push too many. What a key has asked for before is no new push."""
    limiter: Limiter = request.app.state.limiter
    if not limiter.limits_pushes or (claim and await _payments(request).known(claim)):
        return
    await limiter.push(phone=phone, address=source_of(request))


@contextmanager
def keys_refused() -> Iterator[None]:
    """Answers 409 to an Idempotency-Key that cannot be used now."""
    try:
        yield
    except idempotency.KeyReusedError:
        raise Refused(HTTPStatus.CONFLICT, _REUSED) from None
    except idempotency.UnderWayError:
        come_back = {"Retry-After": str(idempotency.COME_BACK_SECONDS)}
        raise Refused(HTTPStatus.CONFLICT, _ANSWERING, headers=come_back) from None


def _started(started: Started) -> JSONResponse:
    payment = started.payment.as_json()
    answer = started.answer
    if isinstance(answer, PushAccepted):
        return JSONResponse({**payment, "outcome": "accepted"})
    if not isinstance(answer, UnknownOutcome):
        return trouble(answer, payment)
    if started.payment.final:
        # Its callback was quicker than the news that the acknowledgement was lost.
        return JSONResponse({**payment, "outcome": "accepted"})
    return _unknown(payment, answer.message, answer.advice)


async def _replayed(service: Payments, earlier: idempotency.Earlier) -> JSONResponse:
    """The answer to the first request with a key; without one, the payment as it stands."""
    again = {idempotency.REPLAYED: "true"}
    if earlier.answer is not None and earlier.status is not None:
        return JSONResponse(earlier.answer, earlier.status, again)
    found = await service.get(earlier.ordered)
    answer = _unknown(found.as_json(), _CRASHED, "Query the payment; do not push again.")
    if found.final:
        answer = JSONResponse({**found.as_json(), "outcome": _outcome(found)})
    answer.headers.update(again)
    return answer


async def query_stk(request: Request) -> JSONResponse:
    """`POST /query-stk`: ask Daraja how a payment stands, and settle it if that is final.

    Ids can be counted up, so who is no admin is not shown whose payment it is.
    """
    asked = requests.checked(requests.QueryStk, await bodies.read_object(request))
    limiter: Limiter = request.app.state.limiter
    await limiter.query(source_of(request))
    payments = _payments(request)
    try:
        found = await payments.find(payment_id=asked.payment_id, checkout_id=asked.checkout_id)
    except NoSuchPayment as error:
        raise Refused(HTTPStatus.NOT_FOUND, str(error)) from None
    admin: Admin = request.app.state.admin
    sees_all = await admin.is_admin(request)
    queried = await payments.query(found.payment_id)
    seen = queried.payment if sees_all else queried.payment.for_anybody()
    payment, answer = seen.as_json(), queried.answer
    if answer is None:
        return _without_id(seen)
    if isinstance(answer, PochiError):
        return trouble(answer, payment, asking=True)
    said = {"state": answer.state.value, "code": answer.code, "text": answer.text}
    return JSONResponse({**payment, "outcome": _outcome(seen), "query": said})


async def callback(request: Request) -> JSONResponse:
    """`POST /callback` and `/callback/{token}`: Daraja says how a payment ended."""
    body = await bodies.read(request, largest=bodies.LARGEST_CALLBACK)
    stored = await _payments(request).receive(
        body.data,
        source=source_of(request),
        token=token_in(request),
        truncated=body.cut,
    )
    return received(stored.judgement, stored.refusal)


def received(judgement: Judgement, refusal: str | None) -> JSONResponse:
    """What Daraja is answered: that it is safe here, or why it was refused."""
    if judgement is not Judgement.REFUSED:
        return JSONResponse({"ResultCode": 0, "ResultDesc": "Accepted"})
    answer = {"ResultCode": 1, "ResultDesc": f"Rejected: {refusal}"}
    if refusal in _FORGED:
        return JSONResponse(answer, HTTPStatus.FORBIDDEN)
    too_large = refusal == _TOO_LARGE
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST
    return JSONResponse(answer, status)


async def info(request: Request) -> JSONResponse:
    """`GET /info`: who the merchant is and what can be asked. No secrets."""
    settings = _payments(request).client.settings
    return JSONResponse(
        {
            "name": settings.name,
            "environment": settings.environment.value,
            "shortcode": settings.shortcode,
            "daraja": settings.base_url,
            "callback": weburl.shown(settings.callback_url),
            "currency": "KES",
            "amount": {"unit": "whole shillings", "minimum": 1},
            "endpoints": request.app.state.endpoints,
        }
    )


async def test(request: Request) -> JSONResponse:
    """`GET /test`: what is configured, what is wrong and how to mend it. No secrets."""
    payments = _payments(request)
    readiness = Readiness(
        payments,
        request.app.state.guards,
        prefix=request.app.state.prefix,
        unheard=request.scope[UNHEARD],
    )
    return JSONResponse(await readiness.report())


async def openapi(request: Request) -> JSONResponse:
    """`GET /openapi.json`: all of this, described."""
    # Made at the first request: the models' schemas take a while.
    from mpesa_pochi.merchant.openapi import document  # noqa: PLC0415

    return JSONResponse(document(request.app.state.prefix))


def token_in(request: Request) -> str | None:
    """The token in the address that a callback or result came to; None without one."""
    path: str = request.path_params.get("token", "")
    # The last segment, so that an address that was configured with more segments still arrives.
    return path.strip("/").rpartition("/")[2] or None


def _payments(request: Request) -> Payments:
    payments: Payments = request.app.state.payments
    return payments


def _unknown(payment: dict[str, Any], message: str, advice: str) -> JSONResponse:
    answer = {
        **payment,
        "outcome": "unknown",
        "message": message,
        "advice": advice,
        "retry": Retry.NEVER.value,
    }
    return JSONResponse(answer, HTTPStatus.ACCEPTED)


def _without_id(payment: PaymentView) -> JSONResponse:
    if payment.final:
        return JSONResponse({**payment.as_json(), "outcome": _outcome(payment), "query": None})
    return _unknown(
        payment.as_json(),
        "Daraja cannot be asked: the acknowledgement with the checkout id was lost",
        "Do not push again: this payment's own callback settles it, or a person does.",
    )


def _outcome(payment: PaymentView) -> str:
    states = {"success": PaymentState.PAID, "failed": PaymentState.FAILED}
    return states.get(payment.status.value, PaymentState.PENDING).value
