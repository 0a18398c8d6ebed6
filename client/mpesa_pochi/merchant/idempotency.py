"""`Idempotency-Key`: the same order sent again is the same payment or payout, and never a second.

A key is claimed in the transaction that writes what was ordered, so that a crash leaves both or
neither. While the first request is being answered, the others are told to come back. What a crash
left without an answer is answered with the payment or payout as it stands.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse

from mpesa_pochi.merchant.answers import Refused
from mpesa_pochi.merchant.models_history import IdempotentRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 255
UNDER_WAY = timedelta(seconds=120)
"""For how long a request without an answer counts as being answered: the client gives up after 30
seconds, and a token and a retry may come before."""
COME_BACK_SECONDS = 2
"""What `Retry-After` says of one that is being answered."""


CRASHED = "the first request with this Idempotency-Key was never answered"
_REUSED = "this Idempotency-Key was sent with another order; make a new key for a new order"
_ANSWERING = "the first request with this Idempotency-Key is being answered; come back"


@dataclass(frozen=True, slots=True)
class Claim:
    """A caller's key, and what it was sent with.

    Attributes:
        digest: SHA-256 of the order.
    """

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What became of the request that had the key first. `answer` is None until it is answered.

    Attributes:
        ordered: the id of what it ordered: a payment or a payout, as the order says.
    """

    ordered: int
    status: int | None
    answer: dict[str, Any] | None


class KeyReusedError(Exception):
    """The key was sent with another order."""


class UnderWayError(Exception):
    """The request that had the key first is being answered."""


def claim_of(request: Request, order: BaseModel) -> Claim | None:
    """The claim of a request; None without a key.

    Raises:
        Refused: 400, for a key that is none.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not (1 <= len(key) <= LONGEST and key.isascii() and key.isprintable() and key.strip()):
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            f"expected 1 to {LONGEST} printable ASCII characters in {HEADER}, found {key[:40]!a}",
        )
    # With its kind, for a push and a payout may look the same.
    said = f"{type(order).__name__} {order.model_dump_json()}"
    return Claim(key, sha256(said.encode()).hexdigest())


def earlier(session: Session, claim: Claim, at: datetime) -> Earlier | None:
    """What became of the key; None when it is new.

    Raises:
        KeyReusedError: it was sent with another order.
        UnderWayError: its first request is being answered.
    """
    row = session.get(IdempotentRequest, claim.key)
    if row is None:
        return None
    if row.digest != claim.digest:
        raise KeyReusedError
    if row.status is None and at - row.created_at < UNDER_WAY:
        raise UnderWayError
    return Earlier(row.payment_id or row.payout_id or 0, row.status, row.answer)


def claim_key(
    session: Session,
    claim: Claim,
    at: datetime,
    *,
    payment_id: int | None = None,
    payout_id: int | None = None,
) -> None:
    """Write the key beside the payment or payout that it is for."""
    row = IdempotentRequest(
        key=claim.key,
        digest=claim.digest,
        payment_id=payment_id,
        payout_id=payout_id,
        created_at=at,
    )
    session.add(row)
    session.flush()


def keep_answer(session: Session, key: str, status: int, answer: dict[str, Any]) -> None:
    """Remember what was answered, for those who ask again."""
    row = session.get_one(IdempotentRequest, key)
    row.status, row.answer = status, answer


@contextmanager
def unusable_refused() -> Iterator[None]:
    """Answers 409 to a key that cannot be used now."""
    try:
        yield
    except KeyReusedError:
        raise Refused(HTTPStatus.CONFLICT, _REUSED) from None
    except UnderWayError:
        come_back = {"Retry-After": str(COME_BACK_SECONDS)}
        raise Refused(HTTPStatus.CONFLICT, _ANSWERING, headers=come_back) from None


async def remembered(
    keep: Callable[[str, int, dict[str, Any]], Awaitable[None]],
    claim: Claim | None,
    answer: JSONResponse,
) -> JSONResponse:
    """The answer, kept under the claim's key for who asks again."""
    if claim is not None:
        await keep(claim.key, answer.status_code, json.loads(bytes(answer.body)))
    return answer


async def replayed(
    earlier: Earlier, as_it_stands: Callable[[int], Awaitable[JSONResponse]]
) -> JSONResponse:
    """The answer to the first request with the key; without one, how what it ordered stands."""
    if earlier.answer is not None and earlier.status is not None:
        answer = JSONResponse(earlier.answer, earlier.status)
    else:
        answer = await as_it_stands(earlier.ordered)
    answer.headers[REPLAYED] = "true"
    return answer
