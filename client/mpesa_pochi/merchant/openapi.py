"""The OpenAPI 3.1 document of the application, made of `interface.ENDPOINTS`."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic.json_schema import models_json_schema

from mpesa_pochi.merchant.idempotency import HEADER, LONGEST, REPLAYED
from mpesa_pochi.merchant.interface import ENDPOINTS, Endpoint

VERSION = "1.0.0"
"""Of the interface, not of the package."""
_REFERENCE = "#/components/schemas/{model}"
_DARAJAS = {
    "description": "What Daraja sends; whatever it is, it is stored before it is judged.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


@cache
def document(prefix: str) -> dict[str, Any]:
    """The document of an application with this prefix."""
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        path, parameters = _path(prefix + endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, parameters)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pochi la Biashara merchant",
            "version": VERSION,
            "description": "Payments, payouts and their callbacks. Amounts are whole shillings.",
        },
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"admin": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: Endpoint, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.does,
        "tags": [_tag(endpoint)],
        "responses": {
            str(status): _response(endpoint, status, [model.__name__ for model in models])
            for status, models in endpoint.all_answers.items()
        },
    }
    parameters = [*parameters, *_queries(endpoint)]
    if parameters:
        found["parameters"] = parameters
    if endpoint.asks is not None:
        content = {"application/json": {"schema": {"$ref": _ref(endpoint.asks.__name__)}}}
        found["requestBody"] = {"required": True, "content": content}
    elif endpoint.daraja:
        found["requestBody"] = _DARAJAS
    if endpoint.admin:
        found["security"] = [{"admin": []}]
    return found


def _response(endpoint: Endpoint, status: int, models: list[str]) -> dict[str, Any]:
    schemas = [{"$ref": _ref(model)} for model in models]
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    found: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": {"schema": schema}},
    }
    if endpoint.keyed and status < 300:
        found["headers"] = {
            REPLAYED: {
                "description": "`true` when this is the answer to an earlier request.",
                "schema": {"type": "string", "const": "true"},
            }
        }
    return found


def _queries(endpoint: Endpoint) -> list[dict[str, Any]]:
    found = [
        {"name": each.name, "in": "query", "description": each.does, "schema": dict(each.schema)}
        for each in endpoint.queries
    ]
    if endpoint.keyed:
        key = {"type": "string", "minLength": 1, "maxLength": LONGEST}
        does = "The same key and order: the same answer, and nothing is sent twice."
        found.append({"name": HEADER, "in": "header", "description": does, "schema": key})
    return found


def _path(path: str) -> tuple[str, list[dict[str, Any]]]:
    """`/payments/{payment_id:int}` as OpenAPI writes it, and its parameters."""
    parameters = []
    for name, kind in re.findall(r"\{(\w+):(\w+)\}", path):
        schema = {"type": "integer", "minimum": 0} if kind == "int" else {"type": "string"}
        parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
    return re.sub(r":\w+\}", "}", path), parameters


def _schemas() -> dict[str, Any]:
    models = {
        model
        for endpoint in ENDPOINTS
        for group in (*endpoint.all_answers.values(), (endpoint.asks,))
        for model in group
        if model is not None
    }
    ordered = sorted(models, key=lambda model: model.__name__)
    made = models_json_schema(
        [(model, "validation") for model in ordered], ref_template=_REFERENCE
    )[1]
    found: dict[str, Any] = made["$defs"]
    return found


def _tag(endpoint: Endpoint) -> str:
    return "daraja" if endpoint.daraja else "admin" if endpoint.admin else "shop"


def _ref(model: str) -> str:
    return _REFERENCE.format(model=model)
