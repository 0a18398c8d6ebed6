"""The whole document: one path item a path of the face."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from darajasim import __version__
from darajasim.openapi.callbacks import callback_schemas, callbacks
from darajasim.openapi.refusals import ERROR, OK, examples, refusals
from darajasim.openapi.requests import request_body
from darajasim.openapi.sharing import shared_responses
from darajasim.operations import Operation, named, operations
from darajasim.operations.business import BusinessOperation
from darajasim.operations.call import JSON_TYPE

OPENAPI = "3.1.0"
ABOUT = (
    "Paths, fields, answers and callbacks of Daraja, as the default profile of darajasim has them: "
    "where captured traffic and documents differ, those of the traffic. A bad token can be HTTP "
    "404, and refused credentials 500: the status is that of the errorCode. A body that is not "
    "sent as application/json has no fields at all. Keys that nobody asked for are ignored. "
    "`ERR-<key>` in the field that `darajasim codes <key>` names brings the refusal of that key."
)
TOKEN_ABOUT = "An access token for a consumer key and secret, good for an hour."  # noqa: S105

_STRING = {"type": "string"}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The API description as plain JSON values. Do not change what is returned."""
    paths = {path: _path_item(operations()[path]) for path in sorted(operations())}
    described = [item[method] for item in paths.values() for method in item]
    responses = shared_responses([(each["operationId"], each["responses"]) for each in described])
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "Safaricom Daraja, as simulated by darajasim",
            "version": __version__,
            "description": ABOUT,
        },
        "servers": [
            {"url": "/", "description": "this simulator"},
            {"url": "https://sandbox.safaricom.co.ke", "description": "Daraja's sandbox"},
            {"url": "https://api.safaricom.co.ke", "description": "Daraja in production"},
        ],
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR, **callback_schemas()},
            "responses": responses,
            "examples": examples(),
            "securitySchemes": _SECURITY,
        },
    }


_SECURITY = {
    "consumer": {
        "type": "http",
        "scheme": "basic",
        "description": "consumer key and secret of an app",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "an access token of GET /oauth/v1/generate",
    },
}


@lru_cache(maxsize=1)
def operation_ids() -> dict[str, str]:
    """A name for every path: the operation's, its version, and a number where both are the same.

    The path that examples use, which is an operation's last, has no number.
    """
    found: dict[str, str] = {}
    for name, versions in named().items():
        for operation in reversed(versions):
            version = re.search(r"/(v\d+)/", operation.path)
            usual = f"{name}_{version[1]}" if version else name
            same = sum(
                re.fullmatch(rf"{usual}(_\d+)?", each) is not None for each in found.values()
            )
            found[operation.path] = f"{usual}_{same + 1}" if same else usual
    return found


def _path_item(operation: Operation) -> dict[str, Any]:
    if not isinstance(operation, BusinessOperation):
        return {operation.method.lower(): _token(operation)}
    methods = (operation.method, *operation.other_methods)
    return {method.lower(): _described(operation, method) for method in methods}


def _token(operation: Operation) -> dict[str, Any]:
    """The token endpoint, the only one that is no product."""
    body = {"access_token": _STRING, "expires_in": {"type": ["string", "integer"]}}
    schema = {
        "type": "object",
        "properties": body,
        "required": list(body),
        "additionalProperties": False,
    }
    grant = {
        "name": "grant_type",
        "in": "query",
        "required": True,
        "schema": {"const": "client_credentials"},
    }
    return {
        "operationId": operation_ids()[operation.path],
        "summary": TOKEN_ABOUT,
        "tags": [operation.name],
        "security": [{"consumer": []}],
        "parameters": [grant],
        "responses": {
            str(OK): {
                "description": "A token. expires_in is a string (seen), a number by the portal.",
                "content": {JSON_TYPE: {"schema": schema}},
            },
            **refusals(operation),
        },
    }


def _described(operation: BusinessOperation, method: str) -> dict[str, Any]:
    usual = operation_ids()[operation.path]
    described: dict[str, Any] = {
        "operationId": usual if method == operation.method else f"{usual}_{method.lower()}",
        "summary": operation.about,
        "tags": [operation.name],
        "security": [{"token": []}],
        "requestBody": request_body(operation),
        "responses": _responses(operation),
    }
    if found := callbacks(operation):
        described["callbacks"] = found
    return described


def _responses(operation: BusinessOperation) -> dict[str, Any]:
    """What is answered when all is well, and every way to say no."""
    said_no = refusals(operation)
    content: dict[str, Any] = {"schema": dict(operation.answer_schema)}
    own = said_no.pop(str(OK), {}).get("content", {}).get(JSON_TYPE)
    if own is not None:
        others = own["schema"].get("anyOf", [own["schema"]])
        content = {
            "schema": {"anyOf": [content["schema"], *others]},
            "examples": own["examples"],
        }
    described = "Accepted." if operation.callbacks else "The answer."
    return {str(OK): {"description": described, "content": {JSON_TYPE: content}}, **said_no}
