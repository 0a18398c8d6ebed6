"""The connections to one merchant, used again for as long as that is safe."""

from __future__ import annotations

import asyncio
from collections import deque

from darajasim.delivery.connection import Connection

MAX_CONNECTIONS = 64
"""How many callbacks one merchant gets at the same moment; a slow one never delays the others."""
REUSE_SECONDS = 1.0
"""How long a connection is kept after its last answer: less than servers wait before they close."""
PATIENCE_SECONDS = 0.1
"""How long a merchant must have kept an answered connection open before any is used again. Many
simple servers close without having said so, and the next callback on that connection would be lost.
"""


class Pool:
    """Connections to one host and port. Times are those of the event loop.

    Attributes:
        slots: held while a callback is on its way.
    """

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._idle: deque[Connection] = deque()
        self._patient = False

    def take(self, now: float) -> Connection | None:
        """A connection to use again, the freshest first."""
        if not self._patient and not self._has_waited(now):
            return None
        self._patient = True
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and now - connection.idle_since < REUSE_SECONDS:
                return connection
            connection.close()
        return None

    def give(self, connection: Connection, now: float) -> bool:
        """Keep a connection that has been answered, if it can be used again; whether it is kept."""
        if not connection.usable or len(self._idle) >= MAX_CONNECTIONS:
            connection.close()
            return False
        connection.idle_since = now
        self._idle.append(connection)
        return True

    def doubt(self) -> None:
        """A connection that was used again turned out to be closed: wait and see once more."""
        self._patient = False

    def sweep(self, now: float) -> bool:
        """Close what has been kept for too long; whether anything is left."""
        while self._idle:
            oldest = self._idle[0]
            if oldest.usable and now - oldest.idle_since < REUSE_SECONDS:
                return True
            self._idle.popleft().close()
        return False

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()

    def _has_waited(self, now: float) -> bool:
        while self._idle and not self._idle[0].usable:
            self._idle.popleft()
        return bool(self._idle) and now - self._idle[0].idle_since >= PATIENCE_SECONDS
