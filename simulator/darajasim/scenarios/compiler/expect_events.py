"""What is expected of the course of events, from `expect: events:`."""

from collections.abc import Sequence

from darajasim.scenarios.compiler.places import Places
from darajasim.scenarios.expectations import Expected
from darajasim.scenarios.expected_events import EventPattern, EventsExpectation
from darajasim.scenarios.matching import text_test
from darajasim.scenarios.model.expect_events import (
    EventPart,
    EventsPart,
    NextEventPart,
    kind_of,
)
from darajasim.scenarios.nodes import Path, Scalar, at
from darajasim.scenarios.source import Place

_HOME: Path = ("expect", "events")


def events(part: EventsPart, places: Places) -> EventsExpectation:
    """Everything that is expected of the course of events."""
    times = []
    for written, test in (part.times or {}).items():
        where = places.of_key((*_HOME, "times", written))
        exact = places.exact((*_HOME, "times", written))
        times.append((_pattern(written, where), Expected(test, exact)))
    return EventsExpectation(
        where=places.of_key(_HOME),
        order=_patterns("order", part.order or (), places),
        never=_patterns("never", part.never or (), places),
        at_most_once=_patterns("at_most_once", part.at_most_once or (), places),
        times=tuple(times),
    )


def _patterns(section: str, parts: Sequence[EventPart], places: Places) -> tuple[EventPattern, ...]:
    found = []
    for index, part in enumerate(parts):
        path: Path = (*_HOME, section, index)
        pattern = _pattern(part.event, _where(places, path), part.of or "")
        tests = dict(pattern.tests)
        for name, test in (part.with_ or {}).items():
            tests[name] = Expected(test, places.exact((*path, "with", name)))
        timed = part if isinstance(part, NextEventPart) else None
        found.append(
            EventPattern(
                pattern.written,
                pattern.kind,
                pattern.where,
                tests,
                pattern.of,
                timed.after or 0.0 if timed else 0.0,
                timed.within if timed else None,
            )
        )
    return tuple(found)


def _where(places: Places, path: Path) -> str:
    event = (*path, "event")
    return places.exact(path if at(places.root, path) is at(places.root, event) else event)


def _pattern(written: str, where: str, of: str = "") -> EventPattern:
    nowhere = Place(1, 1)
    happening = kind_of(Scalar(written, written, nowhere))
    word = written.strip().partition(" ")[2].strip()
    tests = {}
    if word and happening.word is not None:
        test = text_test(Scalar(word, word, nowhere))
        tests[happening.word] = Expected(test, where)
    return EventPattern(written.strip(), happening.kind, where, tests, of)
