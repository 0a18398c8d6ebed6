"""A request as rules see it: its values as text, by their names and by the paths to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from darajasim.operations.fields import scalar

MOST_VALUES = 20_000
"""Of one request; further ones no rule looks at. Bill Manager takes 1,000 invoices at once."""


def viewed(body: Any, aliases: Mapping[str, str]) -> dict[str, str]:
    """The values by name. What lies in a mapping or a list has the path as its name, with points:
    `invoiceItems.0.amount`, or `0.amount` where the body itself is a list.

    Args:
        aliases: the names that all products share, by names on the wire; values have both.
    """
    parts = enumerate(body) if isinstance(body, list) else [("", body)]
    found = (
        pair
        for index, part in parts
        if isinstance(part, dict)
        for pair in _named(f"{index}." if index != "" else "", part, aliases)
    )
    return dict(islice(found, MOST_VALUES))


def _named(
    prefix: str, part: Mapping[str, Any], aliases: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for key, value in part.items():
        for name in dict.fromkeys((key, aliases.get(key, key))):
            yield from _values(prefix + name, value)


def _values(path: str, value: Any) -> Iterator[tuple[str, str]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    elif (found := scalar(value)) is not None:
        yield path, found
    for step, inner in items:
        yield from _values(f"{path}.{step}", inner)
