"""Bodies of requests: read up to a limit and no further, and understood or refused."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from starlette.requests import ClientDisconnect, Request

from mpesa_pochi import jsontext
from mpesa_pochi.merchant.answers import Refused

LARGEST_REQUEST = 1024 * 1024
"""Bytes of a merchant request."""
LARGEST_CALLBACK = 64 * 1024
"""Bytes kept of a callback. The largest known one has about 700."""


LONGEST_WAIT = 30.0
"""Seconds that a whole body may take. Callers and Daraja send one at once; who sends a byte now and
then only holds a connection."""


@dataclass(frozen=True, slots=True)
class Body:
    """What was read, whether more was sent than the limit lets in, and whether it took too long."""

    data: bytes
    cut: bool
    late: bool = False


async def read(request: Request, *, largest: int) -> Body:
    """Up to `largest` bytes of the body. What a broken or slow connection has brought is kept."""
    data = bytearray()
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            async for chunk in request.stream():
                data += chunk
                if len(data) > largest:
                    return Body(bytes(data[:largest]), cut=True)
    except ClientDisconnect:
        pass
    except TimeoutError:
        return Body(bytes(data), cut=False, late=True)
    return Body(bytes(data), cut=False)


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object that a caller sent.

    Raises:
        Refused: 415 another content type, 413 too large, 408 too slow, 400 not JSON, 422 JSON but
            no object.
    """
    _expect_json(request)
    body = await read(request, largest=LARGEST_REQUEST)
    if body.cut:
        raise Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"expected at most {LARGEST_REQUEST} bytes; send less metadata",
        )
    if body.late:
        sentence = f"expected the whole body within {LONGEST_WAIT:g} s"
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, sentence, headers={"Connection": "close"})
    try:
        value = _plain(jsontext.read(body.data, largest=LARGEST_REQUEST))
    except jsontext.UnreadableJson as error:
        sentence = f"expected a JSON body; this one is refused: {error.fault.value}, {error}"
        raise Refused(HTTPStatus.BAD_REQUEST, sentence) from None
    if not isinstance(value, dict):
        sentence = f"expected a JSON object, found {jsontext.kind(value)}"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
    return value


def _expect_json(request: Request) -> None:
    declared = request.headers.get("content-type", "")
    if declared.partition(";")[0].strip().lower() != "application/json":
        found = repr(declared[:80]) if declared else "none"
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"expected Content-Type: application/json, found {found}",
        )


def _plain(value: object) -> object:
    """Decimals as floats, to be written as JSON again; texts that no database takes are refused."""
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str) and not _storable(value):
        raise jsontext.UnreadableJson(jsontext.Fault.NOT_UTF8, "half a surrogate pair, or NUL")
    return float(value) if isinstance(value, Decimal) else value


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
