"""Judging what a scenario expects of the course of events, on the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from darajasim.core.events import Event
from darajasim.harness.called import Trail
from darajasim.harness.event_order import Step, longest
from darajasim.harness.findings import Finding
from darajasim.harness.stage import Stage
from darajasim.scenarios.expected_events import EventPattern, EventsExpectation
from darajasim.scenarios.wording import plural

MOST_TOLD = 5
"""Moments that a message lists."""


def judge_events(stage: Stage, expect: EventsExpectation, start: float) -> Iterator[Finding]:
    """Every expectation of the course of events that does not hold.

    Args:
        start: when the scenario began; times are told from there.
    """
    course = _Course(stage, list(stage.namespace.journal), start)
    yield from _order(course, expect.order)
    for pattern in expect.never:
        if found := course.of(pattern):
            told = course.told(found)
            yield Finding(pattern.where, f"events: never {pattern}", "never", told, found[0])
    for pattern in expect.at_most_once:
        if len(found := course.of(pattern)) > 1:
            what = f"events: at most once {pattern}"
            yield Finding(pattern.where, what, "at most once", course.told(found), found[1])
    for pattern, wanted in expect.times:
        found = course.of(pattern)
        if not wanted.holds(len(found)):
            last = found[-1] if found else None
            what, expected = f"events: times {pattern}", str(wanted)
            yield Finding(wanted.where, what, expected, course.told(found), last)


@dataclass(slots=True)
class _Course:
    stage: Stage
    events: list[Event]
    start: float

    def of(self, pattern: EventPattern) -> list[int]:
        """The numbers of the events that are meant."""
        about = self._about(pattern.of) if pattern.of else None
        return [
            number
            for number, event in enumerate(self.events)
            if event.kind == pattern.kind
            and all(test.holds(_value(event, name)) for name, test in pattern.tests.items())
            and (about is None or _names(event) & about)
        ]

    def _about(self, name: str) -> set[str]:
        """What events about a step of the scenario have: its ids, its receipt, its name."""
        called = self.stage.calls.get(name)
        subject = called.subject if called else self.stage.checkout_ids.get(name)
        receipt = Trail(self.stage.namespace.journal, subject).receipt
        return {each for each in (name, subject, receipt) if each}

    def moment(self, number: int) -> str:
        """When an event was."""
        return f"{self.events[number].at - self.start:.3f} s"

    def told(self, found: Sequence[int]) -> str:
        """How often, and when."""
        if not found:
            return "never"
        moments = [self.moment(number) for number in found[:MOST_TOLD]]
        more = ", …" if len(found) > MOST_TOLD else ""
        return f"{plural(len(found), 'time')}, at {', '.join(moments)}{more}"


def _value(event: Event, name: str) -> object:
    value = getattr(event, name, None)
    return str(value).lower() if isinstance(value, bool) else value


def _names(event: Event) -> set[str]:
    fields = ("subject", "receipt", "payment", "call")
    return {value for name in fields if isinstance(value := getattr(event, name, None), str)}


def _order(course: _Course, order: Sequence[EventPattern]) -> Iterator[Finding]:
    found = [course.of(pattern) for pattern in order]
    steps = [
        Step(numbers, pattern.after, inf if pattern.within is None else pattern.within)
        for pattern, numbers in zip(order, found, strict=True)
    ]
    moments = [event.at for event in course.events]
    had = longest(steps, moments, course.start)
    if len(had) == len(order):
        return
    missing, candidates = order[len(had)], found[len(had)]
    last = had[-1] if had else None
    yield Finding(
        missing.where,
        f"events: order {missing}",
        _wanted(course, order, len(had), last),
        _instead(course, candidates, -1 if last is None else last),
        last,
    )


def _wanted(course: _Course, order: Sequence[EventPattern], index: int, last: int | None) -> str:
    missing, words = order[index], ["it happens"]
    if missing.after:
        words.append(f"at least {missing.after:g} s")
    if missing.within is not None:
        words.append(f"within {missing.within:g} s")
    if last is None:
        return " ".join(words) if len(words) == 1 else " ".join([*words, "after the beginning"])
    return " ".join([*words, f"after {order[index - 1]} at {course.moment(last)}"])


def _instead(course: _Course, candidates: Sequence[int], last: int) -> str:
    later = [number for number in candidates if number > last]
    if later:
        return f"it happened at {course.moment(later[0])}"
    if candidates:
        return f"it happened before, at {course.moment(candidates[-1])}, and not again"
    return "it never happened"
