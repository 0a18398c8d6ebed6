"""What an operation may be refused with: rows of the catalogue, gathered by HTTP status."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from darajasim.core.catalogue import REFUSALS, Row, catalogue
from darajasim.core.profile import KNOBS
from darajasim.openapi.specimens import Specimen, shape, specimen, usual
from darajasim.operations import Operation, named
from darajasim.operations.business import BusinessOperation
from darajasim.operations.call import JSON_TYPE
from darajasim.operations.command_operation import CommandOperation

OK = 200
MALFORMED = "invalid-payload"
FIREWALL = "waf-blocked"
GATEWAY = {"spike-arrest", "quota", *map(str, KNOBS["gateway"].choices or ())} - {"up"}
"""What the layers before every operation but the token's may answer."""
SYSTEM = 500
"""From this status on, it is no mistake of the caller's, and a product's operations share it."""

_TEXT = {"type": "string"}
ERROR: dict[str, Any] = {
    "type": "object",
    "description": "The error envelope: exactly three strings.",
    "properties": {"requestId": _TEXT, "errorCode": _TEXT, "errorMessage": _TEXT},
    "required": ["requestId", "errorCode", "errorMessage"],
    "additionalProperties": False,
}


def possible(operation: Operation) -> tuple[Row, ...]:
    """The rows that this operation answers with, in the order of the catalogue.

    Those that its fields, its token, the method and the gateway name; those that the catalogue
    says are its own; of its sister operations those that are not about one field. Any other row
    comes only when a rule or `ERR-<key>` asks for it.
    """
    keys = {FIREWALL, operation.method_refusal}
    if isinstance(operation, BusinessOperation):
        keys |= GATEWAY | {MALFORMED, operation.token_refusal, operation.product_refusal}
        keys |= {operation.path_refusal, *_about_fields(operation)}
    return tuple(
        row
        for row in catalogue().rows
        if row.surface in REFUSALS and (row.key in keys or _is_own(row, operation))
    )


def _is_own(row: Row, operation: Operation) -> bool:
    if row.operation == operation.name:
        return True
    sister = named()[row.operation][-1]
    shared = row.surface == "inline" or row.http_status >= SYSTEM
    return shared and _family(sister) == _family(operation) and row.key not in _about_fields(sister)


def _family(operation: Operation) -> str:
    """Products whose operations fail alike: all commands, or those with one first word."""
    return "command" if isinstance(operation, CommandOperation) else operation.name.split("_")[0]


def _about_fields(operation: Operation) -> frozenset[str]:
    return frozenset(field.refusal for field in getattr(operation, "fields", ()))


def refusals(operation: Operation) -> dict[str, dict[str, Any]]:
    """The OpenAPI responses of one operation that say no, by HTTP status.

    Of status 200 are those that a product tells in its own envelope.
    """
    found = [specimen(operation, row) for row in possible(operation) if not _says_yes(row)]
    found.sort(key=lambda one: one.status)
    groups = groupby(found, key=lambda one: one.status)
    return {str(status): _response(tuple(some)) for status, some in groups}


def _says_yes(row: Row) -> bool:
    """Whether it is an acceptance, which nobody needs to ask for."""
    return row.surface == "inline" and row.http_status == OK and not row.reproduce


def _response(some: Sequence[Specimen]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for kind in sorted({one.content_type for one in some if one.body != ""}):
        of_kind = [one for one in some if one.content_type == kind and one.body != ""]
        content[kind] = {
            "schema": _schema(of_kind) if kind == JSON_TYPE else _TEXT,
            "examples": {one.row.key: _example(one) for one in of_kind},
        }
    described = {"description": _description(some)}
    return {**described, "content": content} if content else described


def _description(some: Sequence[Specimen]) -> str:
    codes = sorted({one.row.code for one in some if one.row.code})
    said = [f"Refused with {', '.join(codes)}." if codes else ""]
    said += ["A layer in front of Daraja answers." if any(not one.row.code for one in some) else ""]
    said += ["The body may be empty." if any(one.body == "" for one in some) else ""]
    return " ".join(filter(None, said))


def _schema(some: Sequence[Specimen]) -> dict[str, Any]:
    """The shapes that these have; a code can only be one of theirs."""
    codes = sorted({one.row.code for one in some if one.enveloped})
    shapes: list[dict[str, Any]] = []
    if codes:
        narrowed = {"properties": {"errorCode": {"enum": codes}}}
        shapes.append({"allOf": [{"$ref": "#/components/schemas/Error"}, narrowed]})
    others = [one for one in some if not one.enveloped]
    own = {one.row.code for one in others if one.row.code}
    for one in others:
        found = shape(one.body, own)
        if found not in shapes:
            shapes.append(found)
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


@lru_cache(maxsize=1)
def examples() -> dict[str, Any]:
    """Refusals that look the same wherever they come from, by the catalogue's keys."""
    rows = (row for row in catalogue().rows if row.surface == "http")
    return {row.key: _shown(one) for row in rows if (one := usual(row)).body != ""}


def _example(one: Specimen) -> dict[str, Any]:
    shown = _shown(one)
    if examples().get(one.row.key) == shown:
        return {"$ref": f"#/components/examples/{one.row.key}"}
    return shown


def _shown(one: Specimen) -> dict[str, Any]:
    return {"summary": one.row.meaning, "value": one.body}
