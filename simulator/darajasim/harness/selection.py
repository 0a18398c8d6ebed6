"""Choosing scenarios: by words in their names (`cancel and not (late or busy)`), and by tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from darajasim.scenarios.scenario import Scenario

Matcher = Callable[[str], bool]
"""Whether a name, in lower case, is meant."""

_TOKEN = re.compile(r"\s*(?:([()])|([^\s()]+))")
_OPERATORS = frozenset({"and", "or", "not"})
MOST_CHARACTERS = 2_000
MOST_DEPTH = 50


class SelectionError(ValueError):
    """An expression that cannot be read: what was expected, what was found, and where."""


def select(
    scenarios: Sequence[Scenario], *, words: Matcher | None, tags: Sequence[str]
) -> list[Scenario]:
    """Those whose name matches, and that have one of the tags, where any are asked for."""
    return [
        scenario
        for scenario in scenarios
        if (words is None or words(scenario.name.lower()))
        and (not tags or not set(tags).isdisjoint(scenario.tags))
    ]


def matcher(expression: str) -> Matcher:
    """What an expression of substrings, `and`, `or`, `not` and parentheses means.

    Raises:
        SelectionError: it is no such expression.
    """
    if len(expression) > MOST_CHARACTERS:
        raise SelectionError(f"expected at most {MOST_CHARACTERS} characters")
    return _Reader(expression).whole()


class _Reader:
    """Reads an expression from left to right; `or` binds loosest, `not` tightest."""

    def __init__(self, expression: str) -> None:
        self._tokens = [(found[1] or found[2], found.end()) for found in _tokens(expression)]
        self._next = 0
        self._depth = 0

    def whole(self) -> Matcher:
        found = self._either()
        if self._next < len(self._tokens):
            raise self._wrong("and, or, or the end")
        return found

    def _either(self) -> Matcher:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda name: any(part(name) for part in parts)

    def _both(self) -> Matcher:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda name: all(part(name) for part in parts)

    def _one(self) -> Matcher:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise SelectionError(f"expected at most {MOST_DEPTH} levels of not and parentheses")
        try:
            return self._operand()
        finally:
            self._depth -= 1

    def _operand(self) -> Matcher:
        if self._take("not"):
            refused = self._one()
            return lambda name: not refused(name)
        if self._take("("):
            found = self._either()
            if not self._take(")"):
                raise self._wrong("and, or, or a closing parenthesis")
            return found
        word = self._word()
        if word is None:
            raise self._wrong("part of a name")
        return lambda name: word in name

    def _word(self) -> str | None:
        if self._next == len(self._tokens):
            return None
        word = self._tokens[self._next][0]
        if word in _OPERATORS or word in "()":
            return None
        self._next += 1
        return word.lower()

    def _take(self, token: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next][0] == token:
            self._next += 1
            return True
        return False

    def _wrong(self, expected: str) -> SelectionError:
        if self._next == len(self._tokens):
            return SelectionError(f"expected {expected}, found the end")
        found, end = self._tokens[self._next]
        column = end - len(found) + 1
        return SelectionError(f"expected {expected}, found {found!r} at column {column}")


def _tokens(expression: str) -> list[re.Match[str]]:
    return list(_TOKEN.finditer(expression))
