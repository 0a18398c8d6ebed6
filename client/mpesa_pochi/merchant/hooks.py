"""What the host application does when a payment or payout has ended, and who calls it.

    hooks = Hooks(on_success=grant_access, on_failure=release_the_stock)
    app = create_app(client, database, hooks=hooks)

A hook gets the payment, or payout, as it stands. It is called at least once: after a crash, or
when it raised or took too long, it is called again, later each time, for as long as it takes. So
what it does must be keyed by `payment.payment_id`, or `payout.payout_id`: do nothing when that was
done before.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any

from sqlalchemy.orm import Session

from mpesa_pochi.merchant import outbox
from mpesa_pochi.merchant.database import Database
from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.models_out import Payout, Subject
from mpesa_pochi.merchant.outbox import Letter
from mpesa_pochi.merchant.settlement import load
from mpesa_pochi.merchant.views import PaymentView, view_payment
from mpesa_pochi.merchant.views_out import PayoutView, view_payout
from mpesa_pochi.redaction import mask_numbers

Hook = Callable[[PaymentView], Awaitable[None] | None]
PayoutHook = Callable[[PayoutView], Awaitable[None] | None]
LONGEST = 30.0
"""Seconds that a hook may take: less than the lease of what it delivers (`outbox.LEASE`)."""

logger = logging.getLogger("mpesa_pochi.merchant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What to call when a payment or payout has ended; each may be left out.

    Attributes:
        on_success: the customer has paid: grant access, send the confirmation. A payment that a
            query settled may have no receipt yet.
        on_failure: the customer has not paid, or was never asked.
        on_payout_success: a payout or refund has reached who was to be paid.
        on_payout_failure: it has not, and will not: a refund may be ordered again.

    They may be async; others run in a thread, so that they do not hold up the application.
    """

    on_success: Hook | None = None
    on_failure: Hook | None = None
    on_payout_success: PayoutHook | None = None
    on_payout_failure: PayoutHook | None = None

    def about(self, subject: Subject) -> dict[str, Callable[[Any], Any] | None]:
        """The hooks about payments, or about payouts, by the outbox' event."""
        if subject is Payment:
            return {outbox.SUCCESS: self.on_success, outbox.FAILURE: self.on_failure}
        return {outbox.SUCCESS: self.on_payout_success, outbox.FAILURE: self.on_payout_failure}


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
        at = self._at()
        subjects: tuple[Subject, ...] = (Payment, Payout)
        unheard = [
            (subject, events)
            for subject in subjects
            if (events := [name for name, hook in self._hooks.about(subject).items() if not hook])
        ]

        def write_off(session: Session) -> None:
            for subject, events in unheard:
                outbox.write_off(session, subject, events, at)

        if unheard:
            await self._database.run(write_off)

    async def _take(self) -> Letter | None:
        at = self._at()
        return await self._database.run(lambda session: outbox.take(session, at))

    async def _deliver(self, letter: Letter) -> None:
        hook = self._hooks.about(letter.subject)[letter.event]
        try:
            if hook is not None:
                ended = await self._database.run(lambda session: _view(session, letter), reads=True)
                async with asyncio.timeout(LONGEST):
                    await _called(hook, ended)
        except Exception as error:  # noqa: BLE001 - whatever the host's code raises
            said = mask_numbers(self._redact(f"{type(error).__name__}: {error}"))
            logger.warning(
                "hook for %s %s failed at attempt %s, and is called again later: %s",
                letter.subject.__name__.lower(),
                letter.row_id,
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


def _view(session: Session, letter: Letter) -> PaymentView | PayoutView:
    if letter.subject is Payment:
        return view_payment(load(session, Payment, letter.row_id))
    return view_payout(load(session, Payout, letter.row_id))


async def _called(hook: Callable[[Any], Any], ended: PaymentView | PayoutView) -> None:
    if iscoroutinefunction(hook):
        await hook(ended)
        return
    returned = await asyncio.to_thread(hook, ended)
    if returned is not None:
        await returned
