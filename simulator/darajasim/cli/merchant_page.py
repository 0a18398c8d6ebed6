"""docs/merchant.md: the addresses of the merchant application, from its OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

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
            what = f"{each['description']} {_kind(each['schema'])}".strip()
            yield f"| `{each['name']}` | {each['in']} | {what} |"
        yield ""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = body.get("schema", {}).get("$ref", "")
    if reference:
        yield from _fields(schemas[_name(reference)])
    yield "| status | answer |\n| --- | --- |"
    for status, response in operation["responses"].items():
        yield f"| {status} {response['description']} | {_models(response)} |"
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
        said = [each, *each.get("anyOf", ())]  # of what may be null it is said inside
        told = next((one["description"] for one in said if "description" in one), "")
        told = ". ".join(filter(None, (_kind(each), _line(told))))
        yield f"| {shown} | {told} |"
    yield ""


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = _name(schema["$ref"])
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(_kind, schema["anyOf"])))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " or ".join(f"`{json.dumps(value)}`" for value in values)
    kind: str = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(schema['items'])}"
    words = {"null": "null", "integer": "whole number", "object": "object"}
    text = schema.get("format") or words.get(kind, kind)
    return " ".join(filter(None, (text, _limits(schema))))


def _limits(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    most = schema.get("exclusiveMaximum", most) if most is None else most
    found = []
    if least is not None and most is not None and most < 2**62:
        found.append(f"from {least} to {most}")
    elif least is not None:
        found.append(f"from {least}")
    short, long = schema.get("minLength"), schema.get("maxLength")
    if long is not None:
        found.append(
            f"of {short or 0} to {long} characters" if short else f"up to {long} characters"
        )
    return ", ".join(found)


def _models(response: Mapping[str, Any]) -> str:
    schema = response["content"]["application/json"]["schema"]
    return _kind(schema)


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
            name = _name(item["$ref"]) if isinstance(item.get("$ref"), str) else None
            if name is not None and name not in found:
                found.add(name)
                waiting.append(schemas[name])
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return found


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _line(text: str) -> str:
    """The first paragraph, on one line."""
    return " ".join(text.partition("\n\n")[0].split())
