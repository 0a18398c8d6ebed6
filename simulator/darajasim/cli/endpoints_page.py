"""docs/endpoints.md, made from the OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from darajasim.cli.schema_words import cell, meaning
from darajasim.http.description import serialised

Described = Mapping[str, Any]

METHODS = {"get", "post", "put", "delete"}
"""Keys of a path that are methods."""

INTRODUCTION = """\
# Endpoints

<!-- Made by `python -m darajasim.cli.pages` from the OpenAPI description. Edit that, not this. -->

Every path of the fake Daraja, by operation, and every page of `/_sim/`. `darajasim openapi` prints
the same as OpenAPI 3.1, with the schemas of all answers; `GET /_sim/openapi.json` serves it.

The names of operations are those of [scenarios](scenarios.md). Which codes each of them answers and
how to get them is in [codes](codes.md), what the bundled scenarios show of each in
[coverage](coverage.md). Every operation but `oauth` wants `Authorization: Bearer` and a token of
`oauth`. A field in *italics* may be left out."""

CONTROL = """\
## The simulator's own pages

Not part of Daraja. Each is about one namespace where it takes `?namespace=` or the header
`x-darajasim-namespace`. What is wrong with a request is said in `error`."""


def page() -> str:
    """The whole page, in Markdown."""
    described: Described = json.loads(serialised())
    paths = [
        (path, method.upper(), operation)
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    daraja = [each for each in paths if not each[0].startswith("/_sim")]
    control = [each for each in paths if each[0].startswith("/_sim")]
    parts = [INTRODUCTION, "## Daraja"]
    by_name = sorted(daraja, key=lambda each: each[2]["tags"][0])
    for name, group in groupby(by_name, key=lambda each: each[2]["tags"][0]):
        parts.append("\n".join(_operation(name, list(group))))
    parts.append(CONTROL)
    parts += ["\n".join(_page(*each)) for each in control]
    return "\n\n".join(parts) + "\n"


def _operation(name: str, calls: list[tuple[str, str, Described]]) -> Iterator[str]:
    newest = calls[-1][2]
    yield f"### `{name}`"
    yield f"\n{newest['summary']}\n"
    yield from (f"- `{method} {path}`" for path, method, _ in calls)
    yield ""
    yield from _fields(_schema(newest), "field")
    if callbacks := newest.get("callbacks"):
        yield f"\nCallbacks: {', '.join(f'`{each}`' for each in callbacks)}."


def _page(path: str, method: str, operation: Described) -> Iterator[str]:
    yield f"### `{method} {path}`"
    yield f"\n{operation['summary']}"
    parameters = [each for each in operation.get("parameters", ()) if "name" in each]
    if parameters:
        yield "\n| query | what it is |\n| --- | --- |"
        yield from (f"| `{each['name']}` | {cell(each['description'])} |" for each in parameters)
    schema = _schema(operation)
    if schema.get("properties"):
        yield ""
        yield from _fields(schema, "key of the body", required=schema["properties"])


def _schema(operation: Described) -> Described:
    """What a request carries: the schema of its JSON body, or of its query."""
    content = operation.get("requestBody", {}).get("content", {})
    schema: Described = content.get("application/json", {}).get("schema", {})
    if "properties" in schema or "requestBody" in operation:
        return schema
    query = [each for each in operation.get("parameters", ()) if each.get("in") == "query"]
    names = [each["name"] for each in query if each.get("required")]
    return {"properties": {each["name"]: each["schema"] for each in query}, "required": names}


def _fields(schema: Described, head: str, required: Any = None) -> Iterator[str]:
    properties: Described = schema.get("properties", {})
    if not properties:
        yield "The body is an array; see the OpenAPI description." if schema else "No fields."
        return
    needed = schema.get("required", ()) if required is None else required
    yield f"| {head} | what it may be | example |"
    yield "| --- | --- | --- |"
    for name, field in properties.items():
        shown = f"`{name}`" if name in needed else f"*`{name}`*"
        yield f"| {shown} | {cell(meaning(field))} | {_example(field)} |"


def _example(field: Described) -> str:
    examples = field.get("examples")
    if not examples:
        return ""
    text = json.dumps(examples[0])
    return f"`{cell(text if len(text) <= 40 else text[:37] + '…')}`"
