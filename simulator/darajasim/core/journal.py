"""The append-only list of everything that happened, bounded by count and by bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeVar

from darajasim.core.events import Event

Listener = Callable[[Event], None]
E = TypeVar("E", bound=Event)


class Journal:
    """Events in order. When a bound is reached the oldest go, and `dropped` says how many.

    Args:
        max_events: most events kept.
        max_bytes: most memory kept, as the events themselves estimate it.
    """

    def __init__(self, *, max_events: int = 200_000, max_bytes: int = 128 * 1024 * 1024) -> None:
        self._events: deque[Event] = deque()
        self._listeners: list[Listener] = []
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._bytes = 0
        self.dropped = 0

    def append(self, event: Event) -> None:
        """Add an event and tell the listeners."""
        events = self._events
        events.append(event)
        self._bytes += event.size()
        while len(events) > self._max_events or self._bytes > self._max_bytes:
            self._bytes -= events.popleft().size()
            self.dropped += 1
        for listener in self._listeners:
            listener(event)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every later event; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def __iter__(self) -> Iterator[Event]:
        return iter(tuple(self._events))

    def __len__(self) -> int:
        return len(self._events)

    def numbered(self, after: int = 0, limit: int | None = None) -> list[tuple[int, Event]]:
        """Events with their sequence numbers, counted from 1 over the journal's whole life.

        Args:
            after: only events with a greater number.
            limit: at most this many, the oldest first.
        """
        found = []
        for number, event in enumerate(self._events, start=self.dropped + 1):
            if number > after:
                found.append((number, event))
                if limit is not None and len(found) >= limit:
                    break
        return found

    def of(self, kind: type[E]) -> list[E]:
        """All events of one type."""
        return [event for event in self._events if isinstance(event, kind)]
