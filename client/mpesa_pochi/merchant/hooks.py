"""What the host application does when a payment has ended, and who calls it.

    hooks = Hooks(on_success=grant_access, on_failure=release_the_stock)
    app = create_app(client, database, hooks=hooks)

A hook gets the payment as it stands. It is called at least once: after a crash, or when it raised
or took too long, it is called again, later each time, for as long as it takes. So what it does must
be keyed by `payment.payment_id`: do nothing when that was done before.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import iscoroutinefunction

from mpesa_pochi.merchant import outbox
from mpesa_pochi.merchant.database import Database
from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.outbox import Letter
from mpesa_pochi.merchant.settlement import load
from mpesa_pochi.merchant.views import PaymentView, view_payment
from mpesa_pochi.redaction import mask_numbers

Hook = Callable[[PaymentView], Awaitable[None] | None]
LONGEST = 30.0
"""Seconds that a hook may take: less than the lease of what it delivers (`outbox.LEASE`)."""

logger = logging.getLogger("mpesa_pochi.merchant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What to call when a payment has ended; either may be left out.

    Attributes:
        on_success: the customer has paid: grant access, send the confirmation. A payment that a
            query settled may have no receipt yet.
        on_failure: the customer has not paid, or was never asked.

    Both may be async; others run in a thread, so that they do not hold up the application.
    """

    on_success: Hook | None = None
    on_failure: Hook | None = None


class Postman:
    """Delivers what is in the outbox.

    Args:
        database: where the outbox is.
        hooks: what to call.
        now: the wall clock; must give aware datetimes.
        redact: cuts secrets out of what a hook's exception says.
    """

    def __init__(
        self,
        database: Database,
        hooks: Hooks,
        *,
        now: Callable[[], datetime],
        redact: Callable[[str], str] = str,
    ) -> None:
        self._database = database
        self._hooks = hooks
        self._now = now
        self._redact = redact

    async def deliver_due(self) -> int:
        """Deliver all that is due. Says how many were tried; what fails is due again later."""
        if await self.next_due() is None:
            # A look costs no writer's lock.
            return 0
        await self._write_off()
        tried = 0
        while (letter := await self._take()) is not None:
            await self._deliver(letter)
            tried += 1
        return tried

    async def next_due(self) -> datetime | None:
        """When the next entry is due; None when all are delivered."""
        return await self._database.run(outbox.next_due, reads=True)

    async def _write_off(self) -> None:
        """What there is no hook for is told at once."""
        at, hooks = self._at(), self._hooks
        unheard = {"success": hooks.on_success, "failure": hooks.on_failure}
        events = [event for event, hook in unheard.items() if hook is None]
        if events:
            await self._database.run(lambda session: outbox.write_off(session, events, at))

    async def _take(self) -> Letter | None:
        at = self._at()
        return await self._database.run(lambda session: outbox.take(session, at))

    async def _deliver(self, letter: Letter) -> None:
        hook = self._hooks.on_success if letter.success else self._hooks.on_failure
        try:
            if hook is not None:
                payment = await self._database.run(
                    lambda session: view_payment(load(session, Payment, letter.payment_id)),
                    reads=True,
                )
                async with asyncio.timeout(LONGEST):
                    await _called(hook, payment)
        except Exception as error:  # noqa: BLE001 - whatever the host's code raises
            said = mask_numbers(self._redact(f"{type(error).__name__}: {error}"))
            logger.warning(
                "hook for payment %s failed at attempt %s, and is called again later: %s",
                letter.payment_id,
                letter.attempt,
                said,
            )
            at = self._at()
            await self._database.run(lambda session: outbox.failed(session, letter, said, at))
        else:
            at = self._at()
            await self._database.run(lambda session: outbox.delivered(session, letter, at))

    def _at(self) -> datetime:
        return self._now().astimezone(UTC)


async def _called(hook: Hook, payment: PaymentView) -> None:
    if iscoroutinefunction(hook):
        await hook(payment)
        return
    returned = await asyncio.to_thread(hook, payment)
    if returned is not None:
        await returned
