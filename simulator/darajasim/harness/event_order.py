"""Whether things happened in an order, with the times between them. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of an order.

    Attributes:
        candidates: the numbers of the events that it may be, ascending.
        after: seconds, at least, since the event before it.
        within: seconds, at most.
    """

    candidates: Sequence[int]
    after: float = 0.0
    within: float = inf


def longest(steps: Sequence[Step], moments: Sequence[float], start: float) -> list[int]:
    """The numbers of the events of as many steps, from the first, as can be had in this order.

    Args:
        moments: of all events, never falling.
        start: what the times of the first step are counted from.

    All steps can be had if and only if the answer is as long as `steps`.
    """
    chains: list[list[int]] = []
    before, times = [-1], [start]
    for step in steps:
        reached = [n for n in step.candidates if _reachable(n, step, moments, before, times)]
        if not reached:
            break
        chains.append(reached)
        before, times = reached, [moments[number] for number in reached]
    return _chosen(chains, steps, moments)


def _reachable(
    number: int, step: Step, moments: Sequence[float], before: list[int], times: list[float]
) -> bool:
    """Whether one of the events `before`, which happened at `times`, is early enough and not too
    early.
    """
    moment = moments[number]
    first = bisect_left(times, moment - step.within - _TOLERANCE)
    last = bisect_right(times, moment - step.after + _TOLERANCE)
    return first < last and before[first] < number


_TOLERANCE = 1e-6
"""Seconds: the sum of two times is not exact."""


def _chosen(chains: list[list[int]], steps: Sequence[Step], moments: Sequence[float]) -> list[int]:
    """One event of each chain that follow one another, from the last one back."""
    if not chains:
        return []
    found = [chains[-1][0]]
    for index in range(len(chains) - 1, 0, -1):
        step, number = steps[index], found[-1]
        found.append(
            next(
                earlier
                for earlier in chains[index - 1]
                if earlier < number
                and step.after - _TOLERANCE
                <= moments[number] - moments[earlier]
                <= step.within + _TOLERANCE
            )
        )
    return found[::-1]
