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
        event: the number of the event in the scenario's journal where it belongs, if that is known.
    """

    where: str
    what: str
    expected: str
    found: str
    event: int | None = None

    def told(self) -> dict[str, str]:
        """What reports for programs say of it."""
        return {
            "where": self.where,
            "what": self.what,
            "expected": self.expected,
            "found": self.found,
        }


def check(what: str, expected: Expected | None, found: object) -> Iterator[Finding]:
    """The finding, when something is expected and does not hold."""
    if expected is not None and not expected.holds(found):
        nothing = found is None or found == ""
        yield Finding(expected.where, what, str(expected), "none" if nothing else str(found))
