"""The published JSON Schema of the scenario language, for editors: completion, hover, red lines.

It says what can be said of one value or one mapping. What must agree between sections, and what is
wrong with which code, is said by `darajasim check`.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from darajasim.scenarios.model import marks
from darajasim.scenarios.model.expect import CallbacksPart, RequestsPart
from darajasim.scenarios.model.file import ScenarioFile
from darajasim.scenarios.model.part import Part
from darajasim.scenarios.model.rules import WhenPart
from darajasim.scenarios.model.steps import ConcurrentPart, SequencePart, StepPart
from darajasim.scenarios.model.world import ProfilePart
from darajasim.scenarios.products import kinds, products
from darajasim.scenarios.shape import all_parts
from darajasim.scenarios.vocabulary import (
    ANY,
    ENDINGS,
    EVERYWHERE,
    REFUSALS,
    Knob,
    Vocabulary,
    default_vocabulary,
)

_NUMBER = re.compile(r"0|[1-9][0-9]*")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLACEHOLDER = {
    "description": "A value that a row of `cases:` fills in.",
    "type": "string",
    "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_-]*\}",
}
_PATH = {"type": "string", "pattern": r"^[^.]+(\.[^.]+)+$"}
"""The path to a value within a list or a mapping of a request."""
_REFERENCE = {"$ref": "#/$defs/placeholder"}
_OTHER_KEYS: Mapping[type[Part], str] = {
    WhenPart: "text-test",
    CallbacksPart: "count-test",
    RequestsPart: "count-test",
}
"""Parts whose further keys the operations decide, and what their values are."""
_WITHOUT_PLACEHOLDER = (ScenarioFile, ProfilePart)


def json_schema(
    *, knobs: Mapping[str, Knob] | None = None, vocabulary: Vocabulary | None = None
) -> dict[str, Any]:
    """The language as a JSON Schema, with the catalogue's keys and the profile's knobs."""
    return _Publisher(vocabulary or default_vocabulary(knobs)).published()


class _Publisher:
    """Rewrites what pydantic says of the models into a schema that is good to edit with."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self._definitions: dict[str, Any] = {
            "placeholder": _PLACEHOLDER,
            "errors": {"enum": self._codes(REFUSALS, ambiguous=("inline",))},
            "results": {"enum": self._codes(ENDINGS, ambiguous=ENDINGS)},
            "codes": {"enum": self._codes(EVERYWHERE, ambiguous=EVERYWHERE)},
            "operations": {"enum": [*products(), ANY]},
            "operation-names": {"enum": list(products())},
            "products": {"enum": [each.name for each in products().values() if each.versions]},
            "kinds": {"enum": [*kinds(), ANY]},
        }

    def published(self) -> dict[str, Any]:
        raw = ScenarioFile.model_json_schema(by_alias=True)
        models: dict[str, Any] = {**raw.pop("$defs"), ScenarioFile.__name__: raw}
        parts = {part: self._part(part, models[part.__name__]) for part in all_parts(ScenarioFile)}
        root = parts.pop(ScenarioFile)
        listed = root["properties"]["chaos"]
        about = listed.pop("description")
        root["properties"]["chaos"] = {
            "description": about,
            "anyOf": [{"$ref": "#/$defs/chaos"}, listed],
        }
        self._definitions |= {_slug(part.__name__): schema for part, schema in parts.items()}
        return {
            "$schema": DIALECT,
            "title": "darajasim scenario",
            "description": "One behaviour of Daraja: world, rules, steps, expectations.",
            **root,
            "$defs": dict(sorted(self._definitions.items())),
        }

    def _part(self, part: type[Part], raw: dict[str, Any]) -> dict[str, Any]:
        """A part's schema with what pydantic does not know of it."""
        schema = self._tidied({**raw, "type": "object", "additionalProperties": False})
        schema.pop("description", None)
        if part is ProfilePart:
            knobs = {name: _knob(knob) for name, knob in self._words.knobs.items()}
            schema["properties"] = {**schema["properties"], **knobs}
        if part in _OTHER_KEYS:
            names = {"enum": list(part.keys(self._words))}
            schema["propertyNames"] = {"anyOf": [names, _PATH]} if part is WhenPart else names
            schema["additionalProperties"] = {"$ref": f"#/$defs/{_OTHER_KEYS[part]}"}
        for name in part.one_or_more:
            several = schema["properties"][name]
            about = {key: several.pop(key) for key in ("description", "examples") if key in several}
            schema["properties"][name] = {**about, "anyOf": [several["items"], several]}
        if part in (StepPart, ConcurrentPart, SequencePart):
            schema |= {"minProperties": 1, "maxProperties": 1}
        short = [self._tidied(part.short_form)] if part.short_form else []
        if part not in _WITHOUT_PLACEHOLDER:
            short.append(_REFERENCE)
        return {"anyOf": [*short, schema]} if short else schema

    def _tidied(self, node: Any) -> Any:
        """Without titles, defaults and null branches; single values by reference."""
        if isinstance(node, list):
            return [self._tidied(item) for item in node]
        if not isinstance(node, dict):
            return node
        for mark in marks.MARKS:
            if mark in node:
                return {"$ref": f"#/$defs/{mark.removeprefix('x-')}"}
        found: dict[str, Any] = {}
        for name, value in node.items():
            if name in ("title", "default") and not isinstance(value, dict):
                continue
            if name == "$ref":
                found[name] = f"#/$defs/{_slug(value.rpartition('/')[2])}"
            elif name == "examples":
                found |= _examples(value)
            else:
                found[name] = self._tidied(value)
        return self._lifted(_without_null(found))

    def _lifted(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A single value's schema moved to the definitions, unless it is none."""
        name = schema.pop(marks.LEAF, None)
        if name is None:
            return schema
        beside: dict[str, Any] = {
            key: schema.pop(key) for key in ("description", "examples") if key in schema
        }
        branches = schema["anyOf"] if list(schema) == ["anyOf"] else [schema]
        self._definitions[name] = {"anyOf": [*branches, _REFERENCE]}
        beside["$ref"] = f"#/$defs/{name}"
        return beside

    def _codes(
        self, surfaces: Collection[str], *, ambiguous: Collection[str] = ()
    ) -> list[str | int]:
        """Keys and codes. Unquoted, 1032 is a number to an editor.

        Args:
            ambiguous: the surfaces whose codes are listed even if several rows have them, because
                the operation tells them apart.
        """
        rows = [row for row in self._words.rows if row.surface in surfaces]
        codes = [row.code for row in rows]
        usable = dict.fromkeys(
            row.code
            for row in rows
            if row.code and (row.surface in ambiguous or codes.count(row.code) == 1)
        )
        numbers = [int(code) for code in usable if _NUMBER.fullmatch(code)]
        return [*(row.key for row in rows), *usable, *numbers]


def _knob(knob: Knob) -> dict[str, Any]:
    about = getattr(knob, "about", "")
    described = {"description": about} if about else {}
    if knob.choices is not None:
        options: list[object] = list(knob.choices)
        options += [int(each) for each in options if isinstance(each, str) and each.isdecimal()]
        return {**described, "enum": options}
    kind = {int: "integer", float: "number"}.get(knob.kind, "string")
    bounds = {"minimum": getattr(knob, "low", None), "maximum": getattr(knob, "high", None)}
    known = {name: bound for name, bound in bounds.items() if bound is not None}
    return {**described, "type": kind, **known}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An optional key may be missing; that it is null inside the model is nobody's concern."""
    branches = schema.get("anyOf")
    if branches is None or marks.LEAF in schema or {"type": "null"} not in branches:
        return schema
    kept = [branch for branch in branches if branch != {"type": "null"}]
    beside = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**kept[0], **beside} if len(kept) == 1 else {**beside, "anyOf": kept}


def _examples(values: list[Any]) -> dict[str, Any]:
    """Examples of the documentation as an editor would insert them."""
    shown = [str(value).strip('"') for value in values if value != "…" and value[:1] not in "[{"]
    return (
        {"examples": [int(text) if _NUMBER.fullmatch(text) else text for text in shown]}
        if shown
        else {}
    )


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[A-Z][a-z]*", name.removesuffix("Part"))).lower()
