"""Simulated time beside real applications: it goes ahead whenever nothing real is on its way."""

from __future__ import annotations

import asyncio

from darajasim.core.namespace import Namespace
from darajasim.harness.target.traffic import Traffic

REST = 0.02
"""Real seconds in which nothing is on its way before the clock goes ahead."""
QUEUED = 0.5
"""Real seconds without any change after which requests are taken to stand in line behind one that
waits for Daraja."""
TURNS = 10
"""Turns of the loop that whoever has been woken gets to begin something."""


class Pace:
    """Sends one namespace's clock ahead, from event to event.

    Args:
        rest: real seconds in which nothing may be on its way first.
    """

    def __init__(self, namespace: Namespace, traffic: Traffic, rest: float = REST) -> None:
        self._namespace = namespace
        self._traffic = traffic
        self._rest = rest

    async def run(self) -> None:
        """Go on for ever."""
        loop = asyncio.get_running_loop()
        begun, since = self._traffic.begun, loop.time()
        while True:
            await asyncio.sleep(self._rest)
            if begun != self._traffic.begun:
                begun, since = self._traffic.begun, loop.time()
                continue
            queued = self._traffic.waiting and loop.time() - since > QUEUED
            while self._awaited() and (queued or not self._traffic.moving):
                self._leap()
                for _ in range(TURNS):
                    await asyncio.sleep(0)
                queued = 0
                if begun != self._traffic.begun:
                    break

    def _awaited(self) -> bool:
        """Whether anything is due, or anybody waits for time to pass."""
        namespace = self._namespace
        return bool(namespace.timeline.due or namespace.clock.sleepers)

    def _leap(self) -> None:
        due = self._namespace.clock.next_due()
        if due is not None:
            self._namespace.clock.jump(due)
