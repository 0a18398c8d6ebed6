"""How a call goes: the token, the attempts, the repeats, what the log says. Pure (`steps.py`)."""

import logging
from collections.abc import Callable
from typing import TypeVar

from mpesa_pochi import answers
from mpesa_pochi.answers import IssuedToken, Operation, RawAnswer
from mpesa_pochi.desk import Desk
from mpesa_pochi.errors import PochiError, ServerFault, UnknownOutcome, Unreachable
from mpesa_pochi.redaction import Redactor, mask_numbers
from mpesa_pochi.request import Repeat, Request
from mpesa_pochi.secret import Secret
from mpesa_pochi.steps import Attempt, Silence, Steps, attempt, pause, take_token

TOKEN_PATH = "/oauth/v1/generate?grant_type=client_credentials"  # noqa: S105 - a path

CONNECT_PAUSES = (0.5, 1.0)
"""Seconds before the second and third attempt to connect. Nothing was sent, so all may retry."""

REPEAT_PAUSES = (0.5, 1.0)
"""Seconds before the second and third attempt at what changes nothing: a token, a query."""

logger = logging.getLogger("mpesa_pochi")
logger.addHandler(logging.NullHandler())

T = TypeVar("T")


def call(desk: Desk, request: Request[T]) -> Steps[T]:
    """One call of the public interface, as its request says, and told to the log.

    Raises:
        Unreachable: no answer; nothing happened that matters.
        DarajaError: refused.
        UnknownOutcome: it moves money, was sent, and its fate is unknown.
    """
    try:
        value = yield from _as_often_as_it_may(desk, request)
    except UnknownOutcome as error:
        told = mask_numbers(error.message)
        logger.warning("%s: outcome unknown: %s", request.shown, told)
        raise
    except PochiError as error:
        logger.warning("%s: not accepted: %s", request.shown, mask_numbers(str(error)))
        raise
    logger.info("%s: %s", request.shown, request.told(value))
    return value


def ask(desk: Desk, request: Request[T]) -> Steps[T]:
    """The call made once, under the token; and once more under a new one, if it is refused."""
    token = yield from take_token()
    redact = desk.redactor(token, *request.inside)
    answer = yield from _post(request, token, redact)
    if answers.refuses_token(answer):
        logger.info("%s: access token refused, authenticating again", request.operation.value)
        token = yield from take_token(refused=token)
        redact = desk.redactor(token, *request.inside)
        answer = yield from _post(request, token, redact)
    return request.parse(answer, redact)


def fetch_token(desk: Desk) -> Steps[IssuedToken]:
    """A new token, asked for up to three times while Daraja fails or its answers are lost."""
    basic = desk.basic()
    redact = desk.redactor(basic)

    def once() -> Steps[IssuedToken]:
        authorization = Secret(f"Basic {basic.reveal()}")
        answer = yield from delivered(
            Attempt(
                operation=Operation.OAUTH,
                method="GET",
                path=TOKEN_PATH,
                authorization=authorization,
                redact=redact,
            )
        )
        return answers.parse_token(answer, redact)

    token = yield from _repeated(once, Operation.OAUTH)
    return token


def delivered(step: Attempt) -> Steps[RawAnswer]:
    """The answer. A connection that could not be established is tried again, twice.

    Raises:
        Unreachable: there is none; `sent` says whether the request may have arrived.
    """
    result = yield from attempt(step)
    for seconds in CONNECT_PAUSES:
        if isinstance(result, RawAnswer) or result.sent:
            break
        logger.info("%s: not connected, trying again in %s s", step.operation.value, seconds)
        yield from pause(seconds)
        result = yield from attempt(step)
    if isinstance(result, Silence):
        raise Unreachable(result.why, operation=step.operation.value, sent=result.sent)
    return result


def _post(request: Request[T], token: Secret, redact: Redactor) -> Steps[RawAnswer]:
    answer = yield from delivered(
        Attempt(
            operation=request.operation,
            method="POST",
            path=request.path,
            authorization=Secret(f"Bearer {token.reveal()}"),
            body=request.body,
            redact=redact,
        )
    )
    return answer


def _as_often_as_it_may(desk: Desk, request: Request[T]) -> Steps[T]:
    if request.repeat is Repeat.THROUGH_TROUBLE:
        value = yield from _repeated(lambda: ask(desk, request), request.operation)
        return value
    try:
        value = yield from ask(desk, request)
    except Unreachable as error:
        lost = error.sent and error.operation == request.operation.value
        if lost and request.repeat is Repeat.MOVES_MONEY:
            raise UnknownOutcome(
                error.message,
                operation=request.operation.value,
                originator_conversation_id=request.originator_conversation_id,
            ) from error
        raise
    return value


def _repeated(attempted: Callable[[], Steps[T]], operation: Operation) -> Steps[T]:
    """Up to three attempts at what changes nothing, while Daraja fails or its answers are lost.

    Connections that were never established have been tried again already.
    """
    for seconds in REPEAT_PAUSES:
        try:
            value = yield from attempted()
        except (ServerFault, Unreachable) as error:
            in_vain = isinstance(error, Unreachable) and not error.sent
            if in_vain or error.operation != operation.value:
                raise
            logger.info("%s, trying again in %s s", mask_numbers(str(error)), seconds)
        else:
            return value
        yield from pause(seconds)
    value = yield from attempted()
    return value
