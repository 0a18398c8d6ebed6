"""A JSON Schema in words, for the pages that are made of OpenAPI descriptions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_BOUNDS = {
    "minimum": "from",
    "maximum": "to",
    "maxLength": "at most {} characters",
}
_ENDLESS = 2**62
"""A bound that only a database has is none to people."""


def meaning(field: Schema) -> str:
    """What a field may be, then what it is. A model that it refers to is a link to its heading on
    the same page.
    """
    # Of what may be null it is said inside what it else is.
    said = [each["description"] for each in _each(field) if "description" in each]
    kinds = dict.fromkeys(_kind(each) for each in _each(field))
    told = " or ".join(kind for kind in kinds if kind)
    if not said:
        return told
    return f"{told}{'.' if said[0][:1].isupper() else ','} {said[0]}"


def model_of(reference: Schema) -> str:
    """The name of the model that a reference names."""
    name: str = reference["$ref"].rpartition("/")[2]
    return name


def cell(text: str) -> str:
    """The text as it may stand in a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def _each(field: Schema) -> list[Schema]:
    return [field, *field.get("anyOf", ())]


def _kind(field: Schema) -> str:
    if "anyOf" in field:
        return ""
    if "$ref" in field:
        name = model_of(field)
        return f"[{name}](#{name.lower()})"
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return ", ".join(dict.fromkeys(f"`{value}`" for value in field["enum"]))
    if "$ref" in field.get("items", {}):
        return f"list of {_kind(field['items'])}"
    kind = field.get("type", "any value") if field.get("format") != "date-time" else "date-time"
    words = [kind if isinstance(kind, str) else " or ".join(kind)]
    for key, word in _BOUNDS.items():
        if field.get(key, _ENDLESS) < _ENDLESS:
            value = f"{field[key]:.0f}" if isinstance(field[key], float) else str(field[key])
            words.append(word.format(value) if "{}" in word else f"{word} {value}")
    if "pattern" in field:
        words.append(f"`{field['pattern']}`")
    return ", ".join(words)
