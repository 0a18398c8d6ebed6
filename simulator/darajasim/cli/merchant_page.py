"""docs/merchant.md: the addresses of the merchant application, from its OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from darajasim.cli.schema_words import cell, meaning, model_of
from mpesa_pochi.merchant.openapi import document

PREFIX = "/api/pochi"
_HEAD = """\
# The merchant application

<!-- Made by `python -m darajasim.cli.pages` from the OpenAPI description. Edit that, not this. -->

Every address of `mpesa_pochi.merchant`, under its usual prefix. `GET /api/pochi/openapi.json`
serves the same as OpenAPI 3.1. How to mount the application is in the
[integration guide](integration.md#the-merchant-application); its pages are described in
[checkout and payments pages](checkout.md).

Bodies are JSON objects of at most 1 MiB, with nothing in them that is not said here; a field in
*italics* may be left out. Moments are ISO 8601 in UTC, amounts whole shillings. Who asks for an
admin's address brings the admin token as `Authorization: Bearer`, or is let in by the application's
`admin_allows`.
"""
_WHOSE = {
    "shop": "",
    "admin": "For admins.",
    "daraja": "Daraja calls it. Whatever comes is stored before it is judged.",
}


def page() -> str:
    """The page."""
    described = document(PREFIX)
    schemas = described["components"]["schemas"]
    lines = [_HEAD]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            lines += _endpoint(f"{method.upper()} {path}", operation, schemas)
    lines.append("## What answers hold\n")
    used = sorted(_answers(described))
    for name in used:
        lines += _model(name, schemas[name])
    return "\n".join(lines).rstrip() + "\n"


def _endpoint(
    title: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Iterator[str]:
    yield f"## `{title}`\n"
    yield " ".join(filter(None, (operation["summary"], _WHOSE[operation["tags"][0]]))) + "\n"
    parameters = [each for each in operation.get("parameters", ()) if each["in"] != "path"]
    if parameters:
        yield "| parameter | in | what it is |\n| --- | --- | --- |"
        for each in parameters:
            what = f"{each['description']} {meaning(each['schema'])}"
            yield f"| `{each['name']}` | {each['in']} | {cell(what)} |"
        yield ""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "$ref" in body.get("schema", {}):
        yield from _fields(schemas[model_of(body["schema"])])
    yield "| status | answer |\n| --- | --- |"
    for status, response in operation["responses"].items():
        yield f"| {status} {response['description']} | {_model_of(response)} |"
    yield ""


def _model(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    yield _line(schema.get("description", "")) + "\n"
    if schema.get("properties"):
        yield from _fields(schema)


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    needed = schema.get("required", ())
    yield "| field | what it may be |\n| --- | --- |"
    for name, each in schema["properties"].items():
        shown = f"`{name}`" if name in needed else f"*`{name}`*"
        yield f"| {shown} | {cell(meaning(each))} |"
    yield ""


def _model_of(response: Mapping[str, Any]) -> str:
    return meaning(response["content"]["application/json"]["schema"])


def _answers(described: Mapping[str, Any]) -> set[str]:
    """The models of answers, and those inside them."""
    schemas = described["components"]["schemas"]
    found: set[str] = set()
    waiting = [
        response["content"]
        for methods in described["paths"].values()
        for operation in methods.values()
        for response in operation["responses"].values()
    ]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            name = model_of(item) if isinstance(item.get("$ref"), str) else None
            if name is not None and name not in found:
                found.add(name)
                waiting.append(schemas[name])
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return found


def _line(text: str) -> str:
    """The first paragraph, on one line."""
    return " ".join(text.partition("\n\n")[0].split())
