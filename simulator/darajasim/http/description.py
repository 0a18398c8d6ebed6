"""The OpenAPI description of everything a simulator answers: Daraja's face, and `/_sim/`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from darajasim.http.control_index import PAGES
from darajasim.http.control_page import PROBLEM, REASONS, Page, Parameter, Verb
from darajasim.http.control_request import NAMESPACE
from darajasim.openapi import document as face

TAG = "simulator"
ABOUT_TAG = "The simulator itself. Not part of Daraja."
_IN_PATH = re.compile(r"\{(\w+)(:\w+)?\}")
_SHARED = "SimulatorNamespace"


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole description as plain JSON values. Do not change what is returned."""
    daraja = face()
    components = daraja["components"]
    namespace = {
        "name": NAMESPACE,
        "in": "query",
        "description": "which world; the header x-darajasim-namespace says the same (default)",
        "schema": {"type": "string"},
    }
    return {
        **daraja,
        "tags": [{"name": TAG, "description": ABOUT_TAG}],
        "paths": {**daraja["paths"], **{_path(page): _item(page) for page in PAGES}},
        "components": {
            **components,
            "schemas": {**components["schemas"], "Problem": PROBLEM},
            "parameters": {_SHARED: namespace},
        },
    }


@lru_cache(maxsize=1)
def serialised() -> bytes:
    """The document as JSON, indented, with a newline at its end."""
    return json.dumps(document(), indent=2, ensure_ascii=False).encode() + b"\n"


def _path(page: Page) -> str:
    return _IN_PATH.sub(r"{\1}", page.path)


def _item(page: Page) -> dict[str, Any]:
    item: dict[str, Any] = {method.lower(): _described(verb) for method, verb in page.verbs.items()}
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name, _kind in _IN_PATH.findall(page.path)
    ]
    return {"parameters": in_path, **item} if in_path else item


def _described(verb: Verb) -> dict[str, Any]:
    schema = {} if verb.answer is None else {"schema": verb.answer}
    described: dict[str, Any] = {
        "operationId": verb.name,
        "summary": verb.about,
        "tags": [TAG],
        "security": [],
        "parameters": [_parameter(each) for each in verb.parameters],
        "responses": {
            "200": {"description": "Done.", "content": {verb.media: schema}},
            **{str(status): _problem(status) for status in verb.problems},
        },
    }
    if verb.namespaced:
        described["parameters"].append({"$ref": f"#/components/parameters/{_SHARED}"})
    if (content := _body(verb)) is not None:
        described["requestBody"] = {"required": False, "content": content}
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: Mapping[str, Any] = parameter.schema
    if parameter.many:
        schema = {"type": "array", "items": schema}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.about,
        "schema": schema,
    }


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": REASONS[status], "content": {"application/json": {"schema": schema}}}


def _body(verb: Verb) -> dict[str, Any] | None:
    if verb.body is not None:
        schema = {
            "type": "object",
            "properties": dict(verb.body),
            "additionalProperties": False,
        }
        return {"application/json": {"schema": schema, "example": verb.example}}
    if verb.raw is None:
        return None
    return {
        media: {"schema": {"type": "string"} if isinstance(shown, str) else {}, "example": shown}
        for media, shown in verb.raw.items()
    }
