"""What a scenario expects of the course of events. `where` is `file:line:column`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from darajasim.scenarios.expectations import Expected


@dataclass(frozen=True, slots=True)
class EventPattern:
    """Which events are meant.

    Attributes:
        written: as in the file, for messages.
        kind: what the journal calls it.
        tests: conditions on its fields, by their names.
        of: the name of the payment or call that it is about; "" for any.
        after: seconds, at least, since the event before it in an order.
        within: seconds, at most, since then.
    """

    written: str
    kind: str
    where: str
    tests: Mapping[str, Expected] = field(default_factory=dict)
    of: str = ""
    after: float = 0.0
    within: float | None = None

    def __str__(self) -> str:
        return f"{self.written} of {self.of}" if self.of else self.written


@dataclass(frozen=True, slots=True)
class EventsExpectation:
    """The course of events.

    Attributes:
        order: these happen one after the other, whatever happens between them.
        never: none of these happens.
        at_most_once: each of these happens once or not at all.
        times: how often each of these happens.
    """

    where: str
    order: tuple[EventPattern, ...] = ()
    never: tuple[EventPattern, ...] = ()
    at_most_once: tuple[EventPattern, ...] = ()
    times: tuple[tuple[EventPattern, Expected], ...] = ()

    @property
    def count(self) -> int:
        """How many single things are expected."""
        return len(self.order) + len(self.never) + len(self.at_most_once) + len(self.times)
