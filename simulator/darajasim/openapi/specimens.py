"""What a refusal looks like, found out by asking the operation to refuse: bodies, types, shapes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from darajasim.core.catalogue import Row
from darajasim.core.clock import NAIROBI, Clock
from darajasim.core.courier import NoCourier
from darajasim.core.directory import Directory
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.wire import dumps
from darajasim.operations import Operation
from darajasim.operations.business import BusinessOperation
from darajasim.operations.call import JSON_TYPE, Answer
from darajasim.operations.refusals import from_row

START = datetime(2027, 1, 19, 9, 0, tzinfo=NAIROBI)
TOKEN, SHORTCODE, FIELD = "c9SQxWWhmdVRlyh0zh8gZDTkubVF", "600984", "Amount"  # made up
"""What stands for `{token}` and the like in the texts of examples."""
ENVELOPE = ("requestId", "errorCode", "errorMessage")


class _StandingStill(Clock):
    """No time passes, so that examples are always the same. Nothing waits for it."""

    def __init__(self) -> None:
        """Without a loop."""

    def time(self) -> float:
        return START.timestamp()


@dataclass(frozen=True, slots=True)
class Specimen:
    """One refusal of one operation.

    Attributes:
        body: JSON values, or text when it is not JSON; "" when there is none.
    """

    row: Row
    status: int
    content_type: str
    body: Any

    @property
    def enveloped(self) -> bool:
        """Whether it has the error envelope that products share."""
        return isinstance(self.body, dict) and tuple(self.body) == ENVELOPE


def specimen(operation: Operation, row: Row) -> Specimen:
    """The operation's refusal with this row, in the default profile; always the same."""
    namespace = _namespace(row.key)
    values = {"token": TOKEN, "shortcode": SHORTCODE, "field": _field(operation, row)}
    if isinstance(operation, BusinessOperation):
        answer = operation.refused(namespace, row, "", values)
        if answer.code:
            operation.stamp(namespace, _sent(operation), answer)
    else:
        answer = from_row(namespace, row, "", values)
    return _kept(row, answer)


def usual(row: Row) -> Specimen:
    """What a row of surface `http` looks like, unless a product changes it."""
    values = {"token": TOKEN, "shortcode": SHORTCODE, "field": FIELD}
    return _kept(row, from_row(_namespace(row.key), row, "", values))


def _namespace(seed: str) -> Namespace:
    """A world for one example, so that none changes with those before it."""
    return Namespace(
        "openapi",
        clock=_StandingStill(),
        courier=NoCourier(),
        seed=seed,
        profile=Profile(),
        tokens=Directory().listing("openapi"),
        consumer_keys=Directory().listing("openapi"),
    )


def _kept(row: Row, answer: Answer) -> Specimen:
    body = _read(answer.body, answer.content_type)
    return Specimen(row, answer.status, answer.content_type, body)


def _field(operation: Operation, row: Row) -> str:
    fields = getattr(operation, "fields", ())
    return next((field.name for field in fields if field.refusal == row.key), FIELD)


def _sent(operation: BusinessOperation) -> Mapping[str, Any]:
    return {field.name: field.example for field in operation.fields if field.example is not ...}


def _read(body: Any, content_type: str) -> Any:
    """Plain JSON values, or text."""
    if not isinstance(body, bytes):
        return json.loads(dumps(body))
    if content_type == JSON_TYPE and body:
        return json.loads(body)
    return body.decode()


def shape(value: Any, codes: Collection[str] = ()) -> dict[str, Any]:
    """The JSON Schema of what looks like `value`: the same keys, values of the same types.

    Args:
        codes: where `value` has one of them, any of them may stand, and nothing else.
    """
    match value:
        case dict():
            return {
                "type": "object",
                "properties": {key: shape(part, codes) for key, part in value.items()},
                "required": list(value),
                "additionalProperties": False,
            }
        case list():
            return {"type": "array", **({"items": shape(value[0], codes)} if value else {})}
        case None:
            return {"type": "null"}
        case bool():
            return {"type": "boolean"}
        case int():
            numbers = sorted(int(code) for code in codes if code.isdecimal())
            return {"enum": numbers} if value in numbers else {"type": "integer"}
        case float():
            return {"type": "number"}
        case _:
            return {"enum": sorted(codes)} if value in codes else {"type": "string"}
