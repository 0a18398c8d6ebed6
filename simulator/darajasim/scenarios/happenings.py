"""What the journal tells, as scenarios speak of it: `callback-attempted stk` and the like."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from darajasim.core import events
from darajasim.core.events import Event

HARNESS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "step-began": ("step", "where"),
        "client-raised": ("operation", "error"),
        "merchant-answered": ("payment", "status", "text"),
        "merchant-lost": ("payment",),
        "merchant-signalled": ("signal",),
        "await-ended": ("payment", "state", "code"),
        "call-lost": ("call", "fault"),
    }
)
"""What the harness adds to the journal, with its fields; the harness itself is out of reach."""

_WORDS = ("operation", "callback", "action", "signal", "chaos", "code", "payment", "call", "msisdn")
"""The field that the word behind a kind is about: the first of these that the kind has."""
_NAMING = ("subject", "receipt", "payment", "call")
"""The fields by which a kind is about a step of the scenario."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A kind of event.

    Attributes:
        fields: what it has beside its time.
    """

    kind: str
    fields: tuple[str, ...]

    @property
    def word(self) -> str | None:
        """The field that `stk` in `callback-attempted stk` is compared with, if there is one."""
        return next((name for name in _WORDS if name in self.fields), None)

    @property
    def named(self) -> bool:
        """Whether it can be told which payment or call it is about."""
        return any(name in self.fields for name in _NAMING)


@cache
def happenings() -> Mapping[str, Happening]:
    """Every kind of event by its name."""
    kinds = [
        value
        for value in vars(events).values()
        if isinstance(value, type) and issubclass(value, Event) and value is not Event
    ]
    found = {
        each.kind: Happening(
            each.kind, tuple(item.name for item in dataclasses.fields(each) if item.name != "at")
        )
        for each in kinds
    }
    harness = {kind: Happening(kind, fields) for kind, fields in HARNESS.items()}
    return MappingProxyType(found | harness)
