"""Request bodies as OpenAPI describes them, made of the fields that operations state."""

from __future__ import annotations

from typing import Any

from darajasim.core.profile import Profile
from darajasim.operations.business import BusinessOperation
from darajasim.operations.call import JSON_TYPE
from darajasim.operations.fields import MISSING, Field, FieldProblem


def request_body(operation: BusinessOperation) -> dict[str, Any]:
    """Fields, which of them must be there, and a request that is accepted. Others are ignored."""
    properties = {field.name: _property(field) for field in operation.fields}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "required": [field.name for field in operation.fields if not _optional(field)],
        "additionalProperties": True,
    }
    shown: Any = {
        field.name: field.example for field in operation.fields if field.example is not ...
    }
    if operation.lists:
        schema, shown = {"type": "array", "items": schema, "minItems": 1}, [shown]
    return {"required": True, "content": {JSON_TYPE: {"schema": schema, "example": shown}}}


def _property(field: Field) -> dict[str, Any]:
    described = dict(field.check.schema)
    if field.about:
        described["description"] = field.about
    if field.example is not ...:
        described["examples"] = [field.example]
    return described


def _optional(field: Field) -> bool:
    """Whether the default profile takes a request without it."""
    if field.check.optional:
        return True
    try:
        field.check(MISSING, Profile())
    except FieldProblem:
        return False
    return True
