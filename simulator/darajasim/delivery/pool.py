"""The connections to one merchant, used again for as long as that is safe."""

from __future__ import annotations

import asyncio
from collections import deque

from darajasim.delivery.connection import Connection

MAX_CONNECTIONS = 64
"""How many callbacks one merchant gets at the same moment; a slow one never delays the others."""
REUSE_SECONDS = 1.0
"""How long after its last answer a connection is used again: less than servers keep it open."""
PATIENCE_SECONDS = 0.1
"""How long a merchant must have kept an answered connection open before any is used again. Many
simple servers close without having said so, and the next callback on that connection would be lost.
"""


class Pool:
    """Connections to one host and port.

    Attributes:
        slots: held while a callback is on its way.
    """

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._idle: deque[Connection] = deque()
        self._patient = False
        self._sweeping: asyncio.TimerHandle | None = None

    def take(self) -> Connection | None:
        """A connection to use again, the freshest first."""
        now = asyncio.get_running_loop().time()
        if not self._patient and not self._has_waited(now):
            return None
        self._patient = True
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and now - connection.idle_since < REUSE_SECONDS:
                return connection
            connection.close()
        return None

    def give(self, connection: Connection) -> None:
        """Keep an answered connection, if it can be used again. Until the merchant is known to be
        patient, one is kept to see.
        """
        if not connection.usable or (self._idle and not self._patient):
            connection.close()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._sweeping is None:
            self._sweeping = loop.call_later(REUSE_SECONDS, self._sweep)

    def doubt(self) -> None:
        """A connection that was used again turned out to be closed: wait and see once more."""
        self._patient = False

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None

    def _sweep(self) -> None:
        """Close what has been kept for too long."""
        loop = asyncio.get_running_loop()
        while self._idle and loop.time() - self._idle[0].idle_since >= REUSE_SECONDS:
            self._idle.popleft().close()
        self._sweeping = loop.call_later(REUSE_SECONDS, self._sweep) if self._idle else None

    def _has_waited(self, now: float) -> bool:
        while self._idle and not self._idle[0].usable:
            self._idle.popleft()
        return bool(self._idle) and now - self._idle[0].idle_since >= PATIENCE_SECONDS
