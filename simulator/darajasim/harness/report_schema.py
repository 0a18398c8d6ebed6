"""The JSON Schema of the report for programs. Keys may be added; those that are here stay."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from darajasim.core import events
from darajasim.core.events import Event
from darajasim.harness import notes
from darajasim.harness.report_json import VERSION
from darajasim.harness.runner import CallResult, PaymentResult

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Mapping[str, Any] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "str | None": {"type": ["string", "null"]},
    "int | None": {"type": ["integer", "null"]},
    "float | None": {"type": ["number", "null"]},
    "Mapping[str, Any]": {"type": "object"},
    "tuple[str, ...]": {"type": "array", "items": {"type": "string"}},
}
_TEXT, _COUNT = _TYPES["str"], {"type": "integer", "minimum": 0}
_SECONDS = {"type": "number", "minimum": 0}


def report_schema() -> dict[str, Any]:
    """The schema."""
    return {
        "$schema": DIALECT,
        "title": "Report of `darajasim run --json`",
        **_object(
            {
                "version": {"const": VERSION},
                "seed": {"type": "integer", "description": "Of the first round."},
                "passed": _COUNT,
                "failed": _COUNT,
                "skipped": _COUNT,
                "simulated_seconds": _SECONDS,
                "scenarios": {"type": "array", "items": {"$ref": "#/$defs/scenario"}},
            }
        ),
        "$defs": {
            "scenario": _object(_scenario()),
            "event": {"oneOf": [_event(kind) for kind in _kinds(events, notes)]},
        },
    }


def _scenario() -> dict[str, Any]:
    finding = {"where": "file:line:column; empty where there is none", "what": "of what"}
    return {
        "name": {"type": "string", "description": "With the case in brackets: amounts[one]."},
        "about": _TEXT,
        "tags": _list(_TEXT),
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "Of its file."},
        "verdict": {"enum": ["passed", "failed", "skipped"]},
        "skipped": {"type": ["string", "null"], "description": "Why it was not played."},
        "left_out": {
            **_list(_TEXT),
            "description": "Expectations that say nothing of the application under test.",
        },
        "seed": {"type": "integer", "description": "What everything in it was drawn from."},
        "simulated_seconds": _SECONDS,
        "findings": _list(
            _object(
                {name: {**_TEXT, "description": about} for name, about in finding.items()}
                | {"expected": _TEXT, "found": _TEXT}
            )
        ),
        "payments": _list(_record(PaymentResult)),
        "calls": _list(_record(CallResult)),
        "events": _list({"$ref": "#/$defs/event"}),
        "events_dropped": _COUNT,
    }


def _event(kind: type[Event]) -> dict[str, Any]:
    offset = {"type": "number", "description": "Simulated seconds since the scenario began."}
    at = {"type": "number", "description": "Simulated seconds since the epoch."}
    said = _record(kind)["properties"]
    about = " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())
    described = {} if about.startswith(kind.__name__) else {"description": about}
    return described | _object({"kind": {"const": kind.kind}, **said, "at": at, "offset": offset})


def _kinds(*modules: ModuleType) -> Iterator[type[Event]]:
    """Every kind of event that these modules define, in their order."""
    for module in modules:
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, Event) and found is not Event:
                yield found


def _record(kind: type) -> dict[str, Any]:
    """A dataclass as an object, all of whose keys are there."""
    fields = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    return _object({name: _TYPES[said] for name, said in fields.items()})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": dict(properties)}


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(items)}
