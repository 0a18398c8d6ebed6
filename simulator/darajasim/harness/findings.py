"""Findings: expectations that did not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from darajasim.scenarios.expectations import Expected


@dataclass(frozen=True, slots=True)
class Finding:
    """An expectation that did not hold.

    Attributes:
        where: `file:line:column` of the expectation, or `file:line` of a step.
        what: what was expected of: `payment first: status`.
    """

    where: str
    what: str
    expected: str
    found: str


def check(what: str, expected: Expected | None, found: object) -> Iterator[Finding]:
    """The finding, when something is expected and does not hold."""
    if expected is not None and not expected.holds(found):
        nothing = found is None or found == ""
        yield Finding(expected.where, what, str(expected), "none" if nothing else str(found))
