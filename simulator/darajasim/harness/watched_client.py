"""The real client, watched: what it raised and what its last query said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from mpesa_pochi import MpesaPochi, PochiError, PushAccepted, PushStatus, UnknownOutcome


@dataclass(slots=True)
class Push:
    """How one push ended.

    Attributes:
        made: whether there was one.
        error: what it raised, or None.
    """

    made: bool = False
    error: PochiError | None = None


_pushing: ContextVar[Push | None] = ContextVar("pushing", default=None)


@contextmanager
def watching() -> Iterator[Push]:
    """What is pushed by whoever is asked within."""
    push = Push()
    mark = _pushing.set(push)
    try:
        yield push
    finally:
        _pushing.reset(mark)


class WatchedClient(MpesaPochi):
    """Remembers how the last push and the last query ended. Changes nothing.

    Attributes:
        push_error: what the last push raised, or None.
        query: the last query's answer, or what it raised.
        raised: called with the operation and each error.
    """

    push_error: PochiError | None = None
    query: PushStatus | PochiError | None = None
    raised: Callable[[str, PochiError], None] = staticmethod(lambda _operation, _error: None)

    async def stk_push(self, **request: Any) -> PushAccepted:
        self.push_error = None
        push = _pushing.get() or Push()
        push.made, push.error = True, None
        try:
            return await super().stk_push(**request)
        except PochiError as error:
            self.push_error = push.error = error
            self.raised("stk_push", error)
            raise

    async def stk_query(self, checkout_request_id: str) -> PushStatus:
        try:
            self.query = await super().stk_query(checkout_request_id)
        except PochiError as error:
            self.query = error
            self.raised("stk_query", error)
            raise
        return self.query

    @property
    def push_outcome(self) -> str:
        """`unknown` when the fate of the last push is not known, else `refused` or `accepted`."""
        return outcome_of(self.push_error)


def outcome_of(error: PochiError | None) -> str:
    """What an error says of the fate of a push."""
    if isinstance(error, UnknownOutcome):
        return "unknown"
    return "accepted" if error is None else "refused"
