"""Marks in the schemas of single values, which the published JSON Schema is made from."""

from typing import Any

from pydantic import WithJsonSchema

from darajasim.scenarios.nodes import Scalar

LEAF = "x-leaf"
"""Marks a value's schema with the name under which the published schema lists it."""

ERRORS = "x-errors"
RESULTS = "x-results"
CODES = "x-codes"
OPERATIONS = "x-operations"
KINDS = "x-kinds"
OPERATION_NAMES = "x-operation-names"
PRODUCTS = "x-products"
MARKS = (ERRORS, RESULTS, CODES, OPERATIONS, OPERATION_NAMES, KINDS, PRODUCTS)
"""Stand where the published schema lists keys and codes of the catalogue, or operations."""


def schema(name: str, **rest: Any) -> WithJsonSchema:
    """The schema of a value that is published under a name."""
    return WithJsonSchema({LEAF: name, **rest})


def one_of(name: str, *options: str) -> WithJsonSchema:
    """The same, of one of a few words."""
    return schema(name, enum=list(options))


TEXT = ["string", "number", "boolean"]
NUMERIC = ["integer", "string"]
"""JSON types of what an editor takes for a text, and for digits."""


def one_or_more(*schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """Alternatives, alone or in a list."""
    return [*schemas, {"type": "array", "minItems": 1, "items": {"anyOf": list(schemas)}}]


def is_null(raw: object) -> bool:
    """Whether nothing is written, or `null`."""
    return isinstance(raw, Scalar) and raw.is_null and not raw.unknown
