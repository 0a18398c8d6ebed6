"""The published JSON Schema of target files, for editors."""

from __future__ import annotations

from typing import Any

from darajasim.harness.target.model import TargetFile
from darajasim.scenarios.model.marks import LEAF
from darajasim.scenarios.schema import DIALECT


def target_schema() -> dict[str, Any]:
    """The schema."""
    raw = TargetFile.model_json_schema(by_alias=True)
    definitions = {_slug(name): _part(part) for name, part in raw.pop("$defs").items()}
    return {
        "$schema": DIALECT,
        "title": "darajasim target",
        "description": "An application under test: how it is started, asked and read.",
        **_part(raw),
        "$defs": dict(sorted(definitions.items())),
    }


def _part(raw: dict[str, Any]) -> dict[str, Any]:
    tidied: dict[str, Any] = _tidied({**raw, "type": "object", "additionalProperties": False})
    tidied.pop("description", None)
    return tidied


def _tidied(node: Any) -> Any:
    """Without titles, defaults, examples and null branches."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for name, value in node.items():
        if name in ("title", "default", "examples", LEAF) and not isinstance(value, dict):
            continue
        if name == "$ref":
            found[name] = f"#/$defs/{_slug(value.rpartition('/')[2])}"
        else:
            found[name] = _tidied(value)
    branches = [each for each in found.get("anyOf", ()) if each != {"type": "null"}]
    if len(branches) == 1:
        del found["anyOf"]
        return {**branches[0], **found}
    return {**found, "anyOf": branches} if branches else found


def _slug(name: str) -> str:
    return name.removesuffix("Part").lower()
