"""The service of money that goes out: payouts and refunds ordered, our balance asked for, results
received. As `payments.py` it holds no state, and no transaction has the network inside it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpesa_pochi.accepted import CommandAccepted
from mpesa_pochi.errors import DuplicateRequest, PochiError, SettingsError, UnknownOutcome
from mpesa_pochi.merchant import addresses, arrivals, idempotency, payout_orders
from mpesa_pochi.merchant import gate as gates
from mpesa_pochi.merchant.history import AuditView, entries_of
from mpesa_pochi.merchant.idempotency import Claim as KeyClaim
from mpesa_pochi.merchant.idempotency import Earlier
from mpesa_pochi.merchant.law import PaymentStatus
from mpesa_pochi.merchant.models_out import CommandResult, Inquiry, Payout
from mpesa_pochi.merchant.payments import Payments
from mpesa_pochi.merchant.payout_orders import Names, PayoutOrder
from mpesa_pochi.merchant.results import judge_kept_results, judge_result
from mpesa_pochi.merchant.settlement import LONGEST_TEXT, load
from mpesa_pochi.merchant.turns import in_turn
from mpesa_pochi.merchant.views_out import (
    InquiryView,
    PayoutView,
    ResultView,
    view_inquiry,
    view_payout,
    view_result,
)

Result = TypeVar("Result")

LOOK_AGAIN = 0.25
"""Seconds between two looks into the database while a result is awaited: it may come to another
process."""
FRESH = timedelta(seconds=30)
"""For how long a balance that was asked for is waited for, or shown, instead of asking again."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A payout after its order: with Daraja's acknowledgement, or the error that came instead."""

    payout: PayoutView
    answer: CommandAccepted | PochiError


@dataclass(frozen=True, slots=True)
class Asked:
    """A balance inquiry, and the latest one before it that was answered."""

    inquiry: InquiryView
    last: InquiryView | None
    error: PochiError | None = None


class Payouts:
    """Payouts of one merchant.

    Args:
        payments: the service of money that comes in, whose client, database and gate these are.
        now: the wall clock; must give aware datetimes.
        new_token: gives an unguessable text for the address of each result.
    """

    def __init__(
        self, payments: Payments, *, now: Callable[[], datetime], new_token: Callable[[], str]
    ) -> None:
        self.payments = payments
        self.client, self.database, self.gate = payments.client, payments.database, payments.gate
        self.schedule = payments.schedule
        self._now = now
        self._new_token = new_token

    async def pay(self, order: PayoutOrder, *, claim: KeyClaim | None = None) -> Ordered | Earlier:
        """Pay a customer. The payout is written first, under an id of our own, so that whatever is
        lost Daraja can be asked. Nothing is sent twice here.

        Args:
            claim: the caller's key; when an earlier request had it, nothing is sent, and what
                became of that one is returned.

        Raises:
            SettingsError: results could not come back; nothing was written.
            NotRefundableError: the payment cannot be refunded so.
            NoSuchPayment: the payment to refund does not exist.
            KeyReusedError: the key was sent with another order.
            UnderWayError: the request that had the key first is being answered.
        """
        urls, digest = self._urls()
        names = Names(originator_conversation_id=self.client.new_id(), result_digest=digest)
        at = self._at()

        def begin(session: Session) -> PayoutView | Earlier:
            known = None if claim is None else idempotency.earlier(session, claim, at)
            if known is not None:
                return known
            ask_at = at + self.schedule.first
            row = payout_orders.open_payout(session, order, names, at, next_ask_at=ask_at)
            if claim is not None:
                idempotency.claim_key(session, claim, at, payout_id=row.id)
            return view_payout(row)

        payout = await self.database.run(begin)
        if isinstance(payout, Earlier):
            return payout
        self.payments.wake()
        try:
            accepted = await self._send(payout, urls)
        except PochiError as error:
            return Ordered(await self._not_accepted(payout.payout_id, error), error)
        return Ordered(await self._accepted(payout, accepted.conversation_id), accepted)

    async def receive(
        self,
        body: bytes,
        *,
        kind: str,
        source: str | None,
        token: str | None,
        truncated: bool = False,
    ) -> ResultView:
        """Store a result or queue timeout, then judge it.

        Args:
            body: as it came, whatever it is.
            kind: `result` or `timeout`, by the address that it came to.
            source: the sender's address.
            token: from the address it came to.
            truncated: whether more was sent than `body` holds.
        """
        at = self._at()

        def store(session: Session) -> int:
            return arrivals.store(
                session,
                CommandResult,
                at=at,
                source=source,
                token=token,
                kind=kind,
                result_data=body,
                truncated=truncated,
            )

        return await self._judge(await self.database.run(store))

    async def judge_stored(self) -> int:
        """Judge what a crash left stored and not judged. Says how many there were."""
        waiting = arrivals.unjudged(CommandResult)
        found = await self.database.run(lambda session: session.scalars(waiting).all(), reads=True)
        for result_id in found:
            await self._judge(result_id)
        return len(found)

    async def balance(self, *, wait: float) -> Asked:
        """Ask Daraja what our accounts hold, and wait for its result.

        Asked again within `FRESH`, Daraja is not; the first question is waited for instead.

        Args:
            wait: seconds to wait at most.

        Raises:
            SettingsError: results could not come back; nothing was written.
        """
        at = self._at()
        recent = await self._latest("balance", since=at - FRESH)
        error = None
        if recent is None or recent.status is PaymentStatus.FAILED:
            recent, error = await self._ask("balance", None)
        for _ in range(round(wait / LOOK_AGAIN)):
            if recent.status is not PaymentStatus.PENDING:
                break
            await asyncio.sleep(LOOK_AGAIN)
            recent = await self._inquiry(recent.inquiry_id)
        last = await self._latest("balance", answered=True)
        return Asked(recent, last, error)

    async def ask_status(self, payout_id: int) -> PochiError | None:
        """Ask Daraja what became of a payout; the result settles it when it says how it ended.

        Raises:
            SettingsError: results could not come back; nothing was written.
        """
        _, error = await self._ask("status", await self.get(payout_id))
        return error

    async def get(self, payout_id: int) -> PayoutView:
        """One payout.

        Raises:
            NoSuchPayment: there is none with this id.
        """
        return await self.database.run(
            lambda session: view_payout(load(session, Payout, payout_id)), reads=True
        )

    async def page(
        self,
        *,
        status: PaymentStatus | None = None,
        needs_review: bool | None = None,
        payment_id: int | None = None,
        before: int,
        limit: int,
    ) -> tuple[PayoutView, ...]:
        """At most `limit` payouts with ids below `before`, newest first."""
        chosen = select(Payout).where(Payout.id < before).order_by(Payout.id.desc()).limit(limit)
        if status is not None:
            chosen = chosen.where(Payout.status == status)
        if needs_review is not None:
            chosen = chosen.where(Payout.needs_review.is_(needs_review))
        if payment_id is not None:
            chosen = chosen.where(Payout.payment_id == payment_id)
        return await self.database.run(
            lambda session: tuple(map(view_payout, session.scalars(chosen))), reads=True
        )

    async def results(self, *, payout_id: int | None = None) -> tuple[ResultView, ...]:
        """Stored results in order of arrival: all, or those found to speak of one payout."""
        chosen = select(CommandResult).order_by(CommandResult.id)
        if payout_id is not None:
            chosen = chosen.where(CommandResult.payout_id == payout_id)
        return await self.database.run(
            lambda session: tuple(map(view_result, session.scalars(chosen))), reads=True
        )

    async def history(self, payout_id: int) -> tuple[AuditView, ...]:
        """What the audit log has of one payout, oldest first."""
        return await self.database.run(
            lambda session: entries_of(session, Payout, payout_id), reads=True
        )

    async def _send(self, payout: PayoutView, urls: dict[str, str]) -> CommandAccepted:
        common: dict[str, Any] = {
            "phone": payout.phone,
            "amount": payout.amount,
            "remarks": payout.remarks,
            "occasion": payout.occasion,
            "originator_conversation_id": payout.originator_conversation_id,
            **urls,
        }
        if payout.destination == "pochi":
            return await self.client.b2pochi(**common)
        return await self.client.b2c(command=payout.command, **common)

    async def _accepted(self, payout: PayoutView, conversation_id: str) -> PayoutView:
        at = self._at()

        def apply(session: Session) -> PayoutView:
            in_turn(session, payout.originator_conversation_id)
            payout_orders.acknowledge(session, payout.payout_id, conversation_id, at)
            judge_kept_results(session, payout.originator_conversation_id, self.gate, at)
            return view_payout(load(session, Payout, payout.payout_id))

        return await self._changed(apply)

    async def _not_accepted(self, payout_id: int, error: PochiError) -> PayoutView:
        at = self._at()
        # An id of our own that Daraja knows already was brought by a first attempt of this order.
        lost = isinstance(error, UnknownOutcome | DuplicateRequest)

        def apply(session: Session) -> PayoutView:
            if lost:
                payout_orders.lose(session, payout_id, at)
            else:
                payout_orders.refuse(session, payout_id, error, at)
            return view_payout(load(session, Payout, payout_id))

        return await self._changed(apply)

    async def _ask(
        self, kind: str, payout: PayoutView | None
    ) -> tuple[InquiryView, PochiError | None]:
        urls, digest = self._urls()
        at = self._at()

        def begin(session: Session) -> int:
            payout_id = None if payout is None else payout.payout_id
            row = Inquiry(
                kind=kind,
                payout_id=payout_id,
                result_digest=digest,
                status=PaymentStatus.PENDING,
                created_at=at,
            )
            session.add(row)
            session.flush()
            return row.id

        inquiry_id = await self.database.run(begin)
        try:
            if payout is None:
                accepted = await self.client.account_balance(**urls)
            else:
                accepted = await self.client.transaction_status(
                    original_conversation_id=payout.originator_conversation_id, **urls
                )
        except PochiError as error:
            return await self._unasked(inquiry_id, error), error
        return await self._asked(inquiry_id, accepted), None

    async def _asked(self, inquiry_id: int, accepted: CommandAccepted) -> InquiryView:
        at = self._at()

        def apply(session: Session) -> InquiryView:
            in_turn(session, accepted.originator_conversation_id)
            row = session.get_one(Inquiry, inquiry_id, populate_existing=True)
            row.conversation_id = accepted.conversation_id
            row.originator_conversation_id = accepted.originator_conversation_id
            session.flush()
            judge_kept_results(session, accepted.originator_conversation_id, self.gate, at)
            return view_inquiry(row)

        return await self._changed(apply)

    async def _unasked(self, inquiry_id: int, error: PochiError) -> InquiryView:
        at = self._at()

        def apply(session: Session) -> InquiryView:
            row = session.get_one(Inquiry, inquiry_id, populate_existing=True)
            if row.status == PaymentStatus.PENDING:
                row.status, row.answered_at = PaymentStatus.FAILED, at
                row.result_text = error.message[:LONGEST_TEXT]
            session.flush()
            return view_inquiry(row)

        return await self.database.run(apply)

    async def _inquiry(self, inquiry_id: int) -> InquiryView:
        return await self.database.run(
            lambda session: view_inquiry(session.get_one(Inquiry, inquiry_id)), reads=True
        )

    async def _latest(
        self, kind: str, *, since: datetime | None = None, answered: bool = False
    ) -> InquiryView | None:
        chosen = select(Inquiry).where(Inquiry.kind == kind).order_by(Inquiry.id.desc()).limit(1)
        if since is not None:
            chosen = chosen.where(Inquiry.created_at > since)
        if answered:
            chosen = chosen.where(Inquiry.status == PaymentStatus.SUCCESS)

        def read(session: Session) -> InquiryView | None:
            row = session.scalars(chosen).first()
            return None if row is None else view_inquiry(row)

        return await self.database.run(read, reads=True)

    async def _judge(self, result_id: int) -> ResultView:
        at = self._at()
        return await self._changed(lambda session: judge_result(session, result_id, self.gate, at))

    async def _changed(self, work: Callable[[Session], Result]) -> Result:
        """What work made of the database; what ended by it is told."""
        made = await self.database.run(work)
        self.payments.wake()
        return made

    def _urls(self) -> tuple[dict[str, str], str]:
        """Where one result is to come, with a token of its own; and the token's digest."""
        token = self._new_token()
        settings = self.client.settings
        result, timeout = addresses.result(settings), addresses.timeout(settings)
        if result is None or timeout is None:
            raise SettingsError(
                "results could not come back: set MPESA_RESULT_URL and MPESA_TIMEOUT_URL, or let "
                "MPESA_POCHI_CALLBACK end with /callback"
            )
        urls = {
            "result_url": gates.address(result, token),
            "timeout_url": gates.address(timeout, token),
        }
        return urls, gates.digest(token)

    def _at(self) -> datetime:
        return self._now().astimezone(UTC)
