"""What the application does by itself: call hooks, ask about what is unknown, judge what a crash
left.

Any number of processes may work on one database: each task is taken by one conditional UPDATE. A
worker sleeps until something is due, and is woken by what its own process does; so in simulated
time, with nothing due, it keeps no clock from ending.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from mpesa_pochi.merchant.hooks import Postman
from mpesa_pochi.merchant.payments import Payments
from mpesa_pochi.merchant.payouts import Payouts
from mpesa_pochi.merchant.reconciler import Reconciler

LOOK_EVERY = 30.0
"""Seconds between two looks for what other processes have left undone."""
GATHER = 0.05
"""Seconds between being woken and working: under load, many callbacks are one round of work."""
AFTER_TROUBLE = 5.0
"""Seconds before the next look when the database could not be used."""

logger = logging.getLogger("mpesa_pochi.merchant")


class Worker:
    """Works in the background of one process.

    Args:
        payments: the service of money that comes in.
        payouts: the service of money that goes out.
        reconciler: asks about what is unknown; None when nothing is to be asked.
        postman: calls the hooks.
        now: the wall clock; must give aware datetimes.
        look_every: seconds between two looks for what other processes have left; None for a
            database that only this process uses.
    """

    def __init__(
        self,
        payments: Payments,
        payouts: Payouts,
        *,
        reconciler: Reconciler | None,
        postman: Postman,
        now: Callable[[], datetime],
        look_every: float | None = LOOK_EVERY,
    ) -> None:
        self._payments, self._payouts = payments, payouts
        self._reconciler, self._postman = reconciler, postman
        self._now = now
        self._look_every = look_every
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    async def work(self) -> float | None:
        """Do what is due. Says in how many seconds the next thing is; None when nothing waits."""
        await self._postman.deliver_due()
        if self._reconciler is not None and await self._reconciler.ask_due():
            # What was settled by asking is to be told.
            await self._postman.deliver_due()
        due = [await self._postman.next_due()]
        if self._reconciler is not None:
            due.append(await self._reconciler.next_due())
        moments = [at for at in due if at is not None]
        if not moments:
            return None
        return max(0.0, (min(moments) - self._now().astimezone(UTC)).total_seconds())

    async def recover(self) -> None:
        """Judge what a crash left stored and not judged. Once, at the start."""
        await self._payments.judge_stored()
        await self._payouts.judge_stored()

    async def run(self) -> None:
        """Work until cancelled. Trouble with the database is logged, and outlived."""
        while True:
            self._woken.clear()
            try:
                seconds = await self.work()
            except (SQLAlchemyError, OSError) as error:
                logger.warning("the background work rests: %s", type(error).__name__)
                seconds = AFTER_TROUBLE
            await self._sleep(seconds)

    async def _sleep(self, seconds: float | None) -> None:
        limits = [limit for limit in (seconds, self._look_every) if limit is not None]
        with suppress(TimeoutError):
            async with asyncio.timeout(min(limits, default=None)):
                await self._woken.wait()
                await asyncio.sleep(GATHER)
