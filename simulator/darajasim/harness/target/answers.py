"""What stands in the answers of an application, as far as it can be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx

from darajasim.scenarios.wording import short


def json_of(answer: httpx.Response) -> Any:
    """The JSON of an answer; None when there is none."""
    return parsed(answer.text)


def parsed(text: str) -> Any:
    """The JSON of a text; None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def shown_answer(answer: httpx.Response) -> Mapping[str, Any]:
    """An answer as messages show it."""
    tree = json_of(answer)
    return tree if isinstance(tree, dict) else {"text": brief(answer)}


def brief(answer: httpx.Response) -> str:
    """The beginning of an answer, on one line."""
    return short(answer.text[:200]) or "an empty answer"


def text_of(value: Any) -> str | None:
    """A value as text; None for nothing, and for what is no single value."""
    return None if value is None or value == "" or isinstance(value, dict | list) else str(value)


def shillings_of(value: Any) -> int | None:
    """A value as whole shillings; None when it is no amount."""
    cents = cents_of(value)
    return None if cents is None else cents // 100


def cents_of(value: Any) -> int | None:
    """Shillings as cents; None when it is no amount."""
    try:
        return int(Decimal(str(value)) * 100)
    except (InvalidOperation, ValueError, OverflowError):
        return None


def credits_of(found: list[Any]) -> list[int]:
    """Cents of each credit: of amounts, of lists of them, and of objects with an `amount`."""
    credited: list[int] = []
    for each in found:
        if isinstance(each, list):
            credited += credits_of(each)
            continue
        cents = cents_of(each.get("amount") if isinstance(each, dict) else each)
        if cents is not None:
            credited.append(cents)
    return credited
