"""The accepted pushes of one namespace, for the queries that come later."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from darajasim.core.push import Push

MAX_PUSHES = 100_000
"""About as many as take 100 MB, and more than an hour of the busiest tests."""
LOOKS = 4
"""How many of the oldest are looked at for one that may go, each time a push comes."""


class PushBook:
    """Pushes by checkout request id.

    Args:
        limit: most pushes kept. Beyond it the oldest that have ended are forgotten: to a query
            they are then unknown. Those in flight are kept, however many they are.
    """

    def __init__(self, limit: int = MAX_PUSHES) -> None:
        self._limit = limit
        self._pushes: OrderedDict[str, Push] = OrderedDict()

    def add(self, push: Push) -> None:
        """Keep an accepted push."""
        self._pushes[push.checkout_request_id] = push
        if len(self._pushes) > self._limit:
            self._forget()

    def get(self, checkout_request_id: str) -> Push | None:
        """The push of this id, or None."""
        return self._pushes.get(checkout_request_id)

    def __len__(self) -> int:
        return len(self._pushes)

    def __iter__(self) -> Iterator[Push]:
        return iter(tuple(self._pushes.values()))

    def _forget(self) -> None:
        """Forget the oldest, back to the limit; one in flight gets another turn instead."""
        for _ in range(LOOKS):
            oldest = next(iter(self._pushes))
            if self._pushes[oldest].in_flight:
                self._pushes.move_to_end(oldest)
            else:
                del self._pushes[oldest]
            if len(self._pushes) <= self._limit:
                return
