"""What the application answers: JSON always, a sentence always, a stack trace never."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from mpesa_pochi import errors
from mpesa_pochi.merchant.pushes import code_of
from mpesa_pochi.merchant.settlement import NoSuchPayment

CUSTOMER_MISTAKES = frozenset(
    {
        "invalid-amount",
        "invalid-party-a",
        "invalid-phone-number",
        "invalid-remarks",
    }
)
"""Keys of the catalogue: fields that came from the caller. The others are the merchant's own."""

_STATUSES: tuple[tuple[type[errors.PochiError], HTTPStatus], ...] = (
    (errors.InvalidRequest, HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.SettingsError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.SubscriberBusy, HTTPStatus.CONFLICT),
    (errors.Throttled, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.Blocked, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.Unreachable, HTTPStatus.SERVICE_UNAVAILABLE),
)


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault of the program
    """A request that is answered with `status` and `{error, details: [{field, problem}]}`.

    `customer_message` is added where a customer would see it.
    """

    def __init__(
        self,
        status: HTTPStatus,
        error: str,
        details: Sequence[tuple[str, str]] = (),
        *,
        headers: Mapping[str, str] | None = None,
        customer_message: str = "",
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.details = tuple(details)
        self.headers = headers
        self.customer_message = customer_message


def status_of(error: errors.PochiError) -> HTTPStatus:
    """The status that tells our caller whose turn it is.

    422 the caller's values, 409 the customer has another prompt open, 503 come back later, 502
    Daraja or our own account with it.
    """
    if isinstance(error, errors.BadRequest) and error.key in CUSTOMER_MISTAKES:
        return HTTPStatus.UNPROCESSABLE_ENTITY
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return status
    return HTTPStatus.BAD_GATEWAY


def trouble(
    error: errors.PochiError,
    payment: dict[str, Any],
    *,
    asking: bool = False,
    name: str = "payment",
) -> JSONResponse:
    """What Daraja (or the way to it) refused, and how the payment stands now.

    `asking` says that it was a query: then no value of the caller's was at fault. `name` is what
    the answer calls it: `payment` or `payout`.
    """
    status = status_of(error)
    if asking and status is not HTTPStatus.SERVICE_UNAVAILABLE:
        status = HTTPStatus.BAD_GATEWAY
    body = {
        "error": error.message,
        "code": code_of(error),
        "message": error.message,
        "advice": error.advice,
        "retry": error.retry.value,
        "customer_message": payment.get("customer_message", ""),
        name: payment,
    }
    return JSONResponse(body, status)


def unknown(subject: dict[str, Any], message: str, advice: str) -> JSONResponse:
    """202: what was ordered was sent, and nothing says what became of it. It is not sent again."""
    body = {
        **subject,
        "outcome": "unknown",
        "message": message,
        "advice": advice,
        "retry": errors.Retry.NEVER.value,
    }
    return JSONResponse(body, HTTPStatus.ACCEPTED)


@contextmanager
def missing_refused() -> Iterator[None]:
    """Answers 404 where there is no such payment or payout."""
    try:
        yield
    except NoSuchPayment as error:
        raise Refused(HTTPStatus.NOT_FOUND, str(error)) from None


async def refused(_: Request, error: Exception) -> JSONResponse:
    """Handler of `Refused`. All are async: Starlette calls what is not in a thread."""
    if not isinstance(error, Refused):
        raise error
    details = [{"field": field, "problem": problem} for field, problem in error.details]
    body = {"error": error.error, "details": details}
    if error.customer_message:
        body["customer_message"] = error.customer_message
    return JSONResponse(body, error.status, error.headers)


async def no_such_thing(request: Request, error: Exception) -> JSONResponse:
    """Handler of Starlette's own 404 and 405."""
    if not isinstance(error, HTTPException):
        raise error
    sentences = {
        404: f"there is nothing at {request.url.path}",
        405: f"{request.method} is not answered at {request.url.path}",
    }
    sentence = sentences.get(error.status_code, error.detail)
    return JSONResponse({"error": sentence, "details": []}, error.status_code, error.headers)


async def broken(_: Request, __: Exception) -> JSONResponse:
    """Handler of what nobody foresaw. Starlette logs it after this has been answered."""
    sentence = "the merchant application failed; its log says why"
    return JSONResponse({"error": sentence, "details": []}, HTTPStatus.INTERNAL_SERVER_ERROR)


HANDLERS = {Refused: refused, HTTPException: no_such_thing, Exception: broken}
"""What answers which exception."""
