"""The addresses of the application. Each reads a request, asks the service, writes an answer."""

from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse

from mpesa_pochi import weburl
from mpesa_pochi.errors import PochiError, RefusalReason, UnknownOutcome
from mpesa_pochi.merchant import bodies, idempotency, requests, within
from mpesa_pochi.merchant.answers import missing_refused, trouble, unknown
from mpesa_pochi.merchant.judging import slug
from mpesa_pochi.merchant.law import Judgement
from mpesa_pochi.merchant.payments import Payments, Started
from mpesa_pochi.merchant.pushes import Order
from mpesa_pochi.merchant.readiness import Readiness
from mpesa_pochi.merchant.sources import UNHEARD, source_of
from mpesa_pochi.merchant.views import PaymentView
from mpesa_pochi.outcome import PaymentState
from mpesa_pochi.push import PushAccepted

_FORGED = {slug(RefusalReason.WRONG_SOURCE), slug(RefusalReason.WRONG_TOKEN)}
_TOO_LARGE = slug(RefusalReason.TOO_LARGE)


async def stk_push(request: Request) -> JSONResponse:
    """`POST /stk-push`: ask a customer for money. With an Idempotency-Key: once for each key."""
    asked = requests.checked(requests.StkPush, await bodies.read_object(request))
    claim, service = idempotency.claim_of(request, asked), within.payments(request)
    order = Order(
        phone=asked.phone,
        amount=asked.amount,
        reference=asked.reference,
        description=asked.description,
        user_id=asked.user_id,
        metadata=asked.metadata,
    )
    with idempotency.unusable_refused():
        await _limit_push(request, asked.phone, claim)
        started = await service.start(order, claim=claim)
    if isinstance(started, idempotency.Earlier):
        return await idempotency.replayed(started, partial(_as_it_stands, service))
    return await idempotency.remembered(service.keep_answer, claim, _started(started))


async def _limit_push(request: Request, phone: str, claim: idempotency.Claim | None) -> None:
    """Refuses one push too many. What a key has asked for before is no new push."""
    limiter = within.limiter(request)
    if not limiter.limits_pushes or (claim and await within.payments(request).known(claim)):
        return
    await limiter.push(phone=phone, address=source_of(request))


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
    return unknown(payment, answer.message, answer.advice)


async def _as_it_stands(service: Payments, payment_id: int) -> JSONResponse:
    """The answer to a push that a crash left without one."""
    found = await service.get(payment_id)
    if found.final:
        return JSONResponse({**found.as_json(), "outcome": _outcome(found)})
    advice = "Query the payment; do not push again."
    return unknown(found.as_json(), idempotency.CRASHED, advice)


async def query_stk(request: Request) -> JSONResponse:
    """`POST /query-stk`: ask Daraja how a payment stands, and settle it if that is final.

    Ids can be counted up, so who is no admin is not shown whose payment it is.
    """
    asked = requests.checked(requests.QueryStk, await bodies.read_object(request))
    await within.limiter(request).query(source_of(request))
    payments = within.payments(request)
    with missing_refused():
        found = await payments.find(payment_id=asked.payment_id, checkout_id=asked.checkout_id)
    sees_all = await within.admin(request).is_admin(request)
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
    stored = await within.payments(request).receive(
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
    settings = within.payments(request).client.settings
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
    """`GET /test`: what is configured, what can be reached, what is wrong and how to mend it. No
    secrets.
    """
    payments = within.payments(request)
    readiness = Readiness(
        payments,
        request.app.state.guards,
        request.app.state.reach,
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


def _without_id(payment: PaymentView) -> JSONResponse:
    if payment.final:
        return JSONResponse({**payment.as_json(), "outcome": _outcome(payment), "query": None})
    return unknown(
        payment.as_json(),
        "Daraja cannot be asked: the acknowledgement with the checkout id was lost",
        "Do not push again: this payment's own callback settles it, or a person does.",
    )


def _outcome(payment: PaymentView) -> str:
    states = {"success": PaymentState.PAID, "failed": PaymentState.FAILED}
    return states.get(payment.status.value, PaymentState.PENDING).value
