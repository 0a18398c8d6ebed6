"""The single values of a JSON document, by the names of their keys, at whatever depth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_NAMES = ("Key", "Name", "key", "name")
_VALUES = ("Value", "value")

Leaves = Mapping[str, list[object]]


def leaves(document: Any) -> Leaves:
    """Every value that has no parts, by the name of the nearest key above it.

    Daraja's pairs of Name and Value, or Key and Value, count as a key and its value; a pair
    without a value, like an empty list or mapping, counts as None. In order of the document.
    """
    found: dict[str, list[object]] = {}
    _collect("", document, found)
    return found


def _collect(name: str, node: Any, found: dict[str, list[object]]) -> None:
    if isinstance(node, list) and node:
        for item in node:
            _collect(name, item, found)
    elif isinstance(node, dict) and node:
        pair = _pair(node)
        for key, value in (pair,) if pair else node.items():
            _collect(key, value, found)
    else:
        found.setdefault(name, []).append(node if not isinstance(node, list | dict) else None)


def _pair(node: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The key and value that a mapping of Name and Value stands for, or None."""
    key = next((name for name in _NAMES if isinstance(node.get(name), str)), None)
    if key is None:
        return None
    others = node.keys() - {key}
    if not others:
        return node[key], None
    value = next((name for name in _VALUES if name in others), None)
    return (node[key], node[value]) if value is not None and len(others) == 1 else None


def text(value: object) -> str:
    """A value as expectations compare it: digits as they came, `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
