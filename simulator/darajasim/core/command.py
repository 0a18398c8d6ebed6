"""Requests that are answered at once and carried out later: B2C, B2B, balance, status, reversal."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from darajasim.core.rules import NO_PLAN, Plan

MAX_COMMANDS = 100_000


@dataclass(frozen=True, slots=True)
class Refused:
    """Why M-PESA will not carry out a command.

    Attributes:
        code: the ResultCode.
        created: whether a transaction had been made by then, so that its id looks like a receipt.
    """

    code: str
    created: bool = True


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """How a command ended.

    Attributes:
        code: the ResultCode, as text; `text` is its ResultDesc.
        at: simulated seconds since the epoch.
        transaction_id: what the result carries; a receipt when money moved.
    """

    code: str
    text: str
    at: float
    transaction_id: str


@dataclass(slots=True, eq=False)
class Command:
    """An accepted command. `request` has its checked fields by wire name."""

    operation: str
    originator_conversation_id: str
    conversation_id: str
    request: Mapping[str, str]
    accepted_at: float
    plan: Plan = NO_PLAN
    outcome: CommandOutcome | None = None
    called_back: asyncio.Event | None = field(default=None, repr=False)
    """As a push's."""

    @property
    def in_flight(self) -> bool:
        """Whether it may still come to something."""
        return self.outcome is None


class CommandBook:
    """Commands by originator conversation id. An id is never forgotten while its command is kept.

    Args:
        limit: most commands kept; beyond it the oldest are forgotten.
    """

    def __init__(self, limit: int = MAX_COMMANDS) -> None:
        self._limit = limit
        self._commands: OrderedDict[str, Command] = OrderedDict()

    def add(self, command: Command) -> None:
        """Keep an accepted command."""
        self._commands[command.originator_conversation_id] = command
        if len(self._commands) > self._limit:
            self._commands.popitem(last=False)

    def get(self, originator_conversation_id: str) -> Command | None:
        """The command that was sent under this id, or None."""
        return self._commands.get(originator_conversation_id)

    def __contains__(self, originator_conversation_id: object) -> bool:
        return originator_conversation_id in self._commands

    def __len__(self) -> int:
        return len(self._commands)

    def __iter__(self) -> Iterator[Command]:
        return iter(tuple(self._commands.values()))
