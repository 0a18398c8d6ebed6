"""Going ahead in time: what is due happens in order, each thing at its own moment.

Nothing is left out and nothing comes early: the clock jumps to what is due first, waits in real
time for the deliveries that start then to be answered, and jumps again. Who goes ahead at the same
time as another waits for its turn, and goes only as far as is left then.
"""

from __future__ import annotations

import asyncio

from darajasim.core.clock import Clock
from darajasim.core.namespace import Namespace
from darajasim.core.timeline import Timeline

SETTLE_SECONDS = 7 * 86_400.0
"""How far ahead `settle` looks, in simulated seconds."""


async def advance(namespace: Namespace, seconds: float) -> None:
    """Go `seconds` of simulated time ahead. Returns when everything that was due by then has been
    delivered and answered.
    """
    clock = namespace.clock
    until = clock.elapsed() + seconds
    async with clock.turn:
        await _rest(clock, namespace.timeline)
        while (due := clock.next_due()) is not None and due <= until:
            await _go(namespace, due)
        await _go(namespace, until)


async def settle(namespace: Namespace, within: float = SETTLE_SECONDS) -> bool:
    """Go ahead until nothing is due any more; False when that is not so within `within` simulated
    seconds. The clock stays at the last thing that happened.
    """
    until = namespace.clock.elapsed() + within
    async with namespace.clock.turn:
        await _rest(namespace.clock, namespace.timeline)
        while namespace.timeline.due:
            if not await _step(namespace, until):
                return False
    return True


async def step(namespace: Namespace, until: float) -> bool:
    """Go to what is due first, and let it happen; False when there is nothing before `until`."""
    async with namespace.clock.turn:
        return await _step(namespace, until)


async def _step(namespace: Namespace, until: float) -> bool:
    due = namespace.clock.next_due()
    if due is None or due > until:
        return False
    await _go(namespace, due)
    return True


async def _go(namespace: Namespace, moment: float) -> None:
    namespace.clock.jump(moment)
    await _rest(namespace.clock, namespace.timeline)


async def _rest(clock: Clock, timeline: Timeline) -> None:
    """Wait until no delivery is at work; one that waits for time to pass is not."""
    for _ in range(3):  # what has rung runs, and what it has started begins
        await asyncio.sleep(0)
    while busy := {task for task in timeline.running if not clock.sleeps(task)}:
        clock.slept.clear()
        asleep = asyncio.ensure_future(clock.slept.wait())
        try:
            await asyncio.wait({*busy, asleep}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asleep.cancel()
        await asyncio.sleep(0)
