"""What the simulator's own inbox answers to callbacks, where a scenario says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from darajasim.core.rules import Fault


class InboxAnswer(Protocol):
    """One answer to a callback.

    Attributes:
        after: simulated seconds until it is given.
        fault: what happens to the connection instead.
    """

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def content_type(self) -> str: ...
    @property
    def after(self) -> float: ...
    @property
    def fault(self) -> Fault | None: ...


@dataclass(slots=True, eq=False)
class Inbox:
    """The inbox of one namespace.

    Attributes:
        answering: by the name of what was laid, oldest first: the answer to a callback of a kind
            (what the journal calls it), or None when it says nothing of it.
    """

    answering: dict[str, Callable[[str], InboxAnswer | None]] = field(default_factory=dict)

    def answer(self, kind: str) -> InboxAnswer | None:
        """What was said first of a callback of this kind."""
        for says in self.answering.values():
            if (found := says(kind)) is not None:
                return found
        return None
