"""Where in an answer a value is: a path through JSON, or a regular expression over the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

EVERY = "*"
_STEP = re.compile(r"[^.\s]+")


class LookupSyntaxError(ValueError):
    """What was written says nowhere where to look."""


class Lookup:
    r"""One place in an answer.

    Args:
        written: `payment.id`; `items.0.id` counts from 0; `credits.*.amount` is all of them;
            `/<b>(.*?)<\/b>/` is the group of a regular expression over the whole text.

    Raises:
        LookupSyntaxError: it is none of these.
    """

    def __init__(self, written: str) -> None:
        self.written = written
        self._pattern: re.Pattern[str] | None = None
        self._steps: tuple[str, ...] = ()
        if len(written) > 2 and written.startswith("/") and written.endswith("/"):
            self._pattern = _compiled(written[1:-1])
        else:
            self._steps = tuple(written.split("."))
            if not all(map(_STEP.fullmatch, self._steps)):
                raise LookupSyntaxError("expected names with single dots between them")

    def __str__(self) -> str:
        return self.written

    @property
    def by_text(self) -> bool:
        """Whether the answer need not be JSON."""
        return self._pattern is not None

    def all(self, text: str, tree: Any) -> list[Any]:
        """Every value at this place; a list that stands there is one value."""
        if self._pattern is not None:
            return [match[1] for match in self._pattern.finditer(text)]
        return list(_walk(tree, self._steps))

    def one(self, text: str, tree: Any) -> Any:
        """The first value at this place; None where there is none."""
        return next(iter(self.all(text, tree)), None)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise LookupSyntaxError(f"no regular expression: {error}") from None
    if found.groups != 1:
        raise LookupSyntaxError(f"expected one group in ( ), found {found.groups}")
    return found


def _walk(tree: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    if not steps:
        yield tree
        return
    step, rest = steps[0], steps[1:]
    if step == EVERY and isinstance(tree, list | dict):
        for item in tree.values() if isinstance(tree, dict) else tree:
            yield from _walk(item, rest)
    elif isinstance(tree, dict) and step in tree:
        yield from _walk(tree[step], rest)
    elif isinstance(tree, list) and step.isdecimal() and int(step) < len(tree):
        yield from _walk(tree[int(step)], rest)
