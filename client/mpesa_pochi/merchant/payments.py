"""The service: payments asked for, callbacks received, answers of queries applied.

It holds no state of its own. Every method is a few short transactions with the network between
them, never inside one, so any number of processes can serve one database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpesa_pochi.client import MpesaPochi
from mpesa_pochi.errors import PochiError, UnknownOutcome
from mpesa_pochi.merchant import arrivals, idempotency, references
from mpesa_pochi.merchant import gate as gates
from mpesa_pochi.merchant.database import Database
from mpesa_pochi.merchant.gate import Gate
from mpesa_pochi.merchant.history import AuditView, entries_of
from mpesa_pochi.merchant.idempotency import Claim as KeyClaim
from mpesa_pochi.merchant.idempotency import Earlier
from mpesa_pochi.merchant.judging import judge, judge_unconfirmed
from mpesa_pochi.merchant.law import Claim, PaymentStatus, PushFate, Source
from mpesa_pochi.merchant.models import Payment, PaymentCallback
from mpesa_pochi.merchant.pushes import Order, acknowledge, lose, open_payment, refuse
from mpesa_pochi.merchant.schedule import Schedule
from mpesa_pochi.merchant.settlement import Ids, NoSuchPayment, find, load, settle
from mpesa_pochi.merchant.turns import in_turn
from mpesa_pochi.merchant.views import CallbackView, PaymentView, view_callback, view_payment
from mpesa_pochi.outcome import PaymentState, PushStatus
from mpesa_pochi.push import PushAccepted

_USUAL = Schedule()


@dataclass(frozen=True, slots=True)
class Started:
    """A payment after its push: with Daraja's acknowledgement, or the error that came instead."""

    payment: PaymentView
    answer: PushAccepted | PochiError


@dataclass(frozen=True, slots=True)
class Queried:
    """A payment after a query: with Daraja's answer, or the error that came instead.

    None when Daraja could not be asked, because no CheckoutRequestID is known.
    """

    payment: PaymentView
    answer: PushStatus | PochiError | None


class Payments:
    """Payments of one merchant.

    Args:
        client: the line to Daraja.
        database: where payments and callbacks are kept.
        gate: what a callback must bring.
        now: the wall clock; must give aware datetimes.
        new_token: gives an unguessable text for each payment's callback address.
        new_reference: gives the reference of a payment that is given none.
        schedule: when a payment that nobody has settled is asked about.

    Attributes:
        wake: called when there is something to do in the background (`Worker`).
    """

    def __init__(
        self,
        client: MpesaPochi,
        database: Database,
        *,
        gate: Gate,
        now: Callable[[], datetime],
        new_token: Callable[[], str],
        new_reference: Callable[[], str] = references.new_reference,
        schedule: Schedule = _USUAL,
    ) -> None:
        self.client = client
        self.database = database
        self.gate = gate
        self.schedule = schedule
        self.wake: Callable[[], None] = _nothing
        self._now = now
        self._new_token = new_token
        self._new_reference = new_reference

    async def start(self, order: Order, *, claim: KeyClaim | None = None) -> Started | Earlier:
        """Ask a customer for money. The payment is written first, so that no answer can be lost.

        Nothing is sent twice here. When the outcome is unknown the payment stays pending until its
        own callback settles it.

        Args:
            claim: the caller's key; when an earlier request had it, nothing is sent, and what
                became of that one is returned.

        Raises:
            KeyReusedError: the key was sent with another order.
            UnderWayError: the request that had the key first is being answered.
        """
        token = self._new_token()
        digest = gates.digest(token)
        at = self._at()

        def begin(session: Session) -> PaymentView | Earlier:
            known = None if claim is None else idempotency.earlier(session, claim, at)
            if known is not None:
                return known
            ask_at = at + self.schedule.first
            reference = order.reference or references.unused(session, self._new_reference)
            opened = open_payment(
                session, order, digest, at, reference=reference, next_ask_at=ask_at
            )
            if claim is not None:
                idempotency.claim_key(session, claim, at, payment_id=opened.payment_id)
            return opened

        payment = await self.database.run(begin)
        if isinstance(payment, Earlier):
            return payment
        self.wake()
        try:
            accepted = await self.client.stk_push(
                phone=order.phone,
                amount=order.amount,
                reference=payment.reference,
                description=order.description,
                callback_url=gates.address(self.client.settings.callback_url, token),
            )
        except PochiError as error:
            return Started(await self._not_accepted(payment.payment_id, error), error)
        ids = Ids(accepted.checkout_request_id, accepted.merchant_request_id)
        known = await self._acknowledged(payment.payment_id, ids, PushFate.ACCEPTED)
        return Started(known, accepted)

    async def known(self, claim: KeyClaim) -> bool:
        """Whether an earlier request had the key. Raises as `start` does."""
        at = self._at()
        found = await self.database.run(
            lambda session: idempotency.earlier(session, claim, at), reads=True
        )
        return found is not None

    async def keep_answer(self, key: str, status: int, answer: dict[str, Any]) -> None:
        """Remember what a request with an Idempotency-Key was answered."""
        await self.database.run(
            lambda session: idempotency.keep_answer(session, key, status, answer)
        )

    async def query(self, payment_id: int) -> Queried:
        """Ask Daraja how a payment stands, and settle it if the answer is final.

        Raises:
            NoSuchPayment: there is none with this id.
        """
        payment = await self.get(payment_id)
        if payment.checkout_id is None:
            return Queried(payment, None)
        try:
            answer = await self.client.stk_query(payment.checkout_id)
        except PochiError as error:
            return Queried(await self.get(payment_id), error)
        if answer.state.final:
            await self._claimed(payment_id, payment.checkout_id, answer)
        return Queried(await self.get(payment_id), answer)

    async def receive(
        self, body: bytes, *, source: str | None, token: str | None, truncated: bool = False
    ) -> CallbackView:
        """Store a callback, then judge it.

        Args:
            body: as it came, whatever it is.
            source: the sender's address.
            token: from the address it came to.
            truncated: whether more was sent than `body` holds.
        """
        at = self._at()

        def store(session: Session) -> int:
            return arrivals.store(
                session,
                PaymentCallback,
                at=at,
                source=source,
                token=token,
                callback_data=body,
                truncated=truncated,
            )

        return await self._judge(await self.database.run(store))

    async def judge_stored(self) -> int:
        """Judge what a crash left stored and not judged. Says how many there were."""
        waiting = arrivals.unjudged(PaymentCallback)
        found = await self.database.run(lambda session: session.scalars(waiting).all(), reads=True)
        for callback_id in found:
            await self._judge(callback_id)
        return len(found)

    async def get(self, payment_id: int) -> PaymentView:
        """One payment.

        Raises:
            NoSuchPayment: there is none with this id.
        """
        return await self.database.run(
            lambda session: view_payment(load(session, Payment, payment_id)), reads=True
        )

    async def find(
        self, *, payment_id: int | None = None, checkout_id: str | None = None
    ) -> PaymentView:
        """One payment, by our id or by Daraja's CheckoutRequestID; with both, both must fit.

        Raises:
            NoSuchPayment: there is none.
        """
        return await self.database.run(
            lambda session: view_payment(_found(session, payment_id, checkout_id)), reads=True
        )

    async def list(
        self, *, status: PaymentStatus | None = None, needs_review: bool | None = None
    ) -> tuple[PaymentView, ...]:
        """Payments, oldest first."""
        chosen = select(Payment).order_by(Payment.id)
        if status is not None:
            chosen = chosen.where(Payment.status == status)
        if needs_review is not None:
            chosen = chosen.where(Payment.needs_review.is_(needs_review))
        return await self.database.run(
            lambda session: tuple(map(view_payment, session.scalars(chosen))), reads=True
        )

    async def page(
        self,
        *,
        status: PaymentStatus | None = None,
        needs_review: bool | None = None,
        before: int,
        limit: int,
    ) -> tuple[PaymentView, ...]:
        """At most `limit` payments with ids below `before`, newest first."""
        chosen = select(Payment).where(Payment.id < before).order_by(Payment.id.desc())
        if status is not None:
            chosen = chosen.where(Payment.status == status)
        if needs_review is not None:
            chosen = chosen.where(Payment.needs_review.is_(needs_review))
        return await self.database.run(
            lambda session: tuple(map(view_payment, session.scalars(chosen.limit(limit)))),
            reads=True,
        )

    async def callbacks(self, *, payment_id: int | None = None) -> tuple[CallbackView, ...]:
        """Stored callbacks in order of arrival: all, or those found to speak of one payment."""
        chosen = select(PaymentCallback).order_by(PaymentCallback.id)
        if payment_id is not None:
            chosen = chosen.where(PaymentCallback.payment_id == payment_id)
        return await self.database.run(
            lambda session: tuple(map(view_callback, session.scalars(chosen))), reads=True
        )

    async def history(self, payment_id: int) -> tuple[AuditView, ...]:
        """What the audit log has of one payment, oldest first."""
        return await self.database.run(
            lambda session: entries_of(session, Payment, payment_id), reads=True
        )

    async def _not_accepted(self, payment_id: int, error: PochiError) -> PaymentView:
        at = self._at()
        if isinstance(error, UnknownOutcome):
            if error.checkout_request_id is None:
                return await self.database.run(lambda session: lose(session, payment_id, at))
            ids = Ids(error.checkout_request_id, error.merchant_request_id or "")
            return await self._acknowledged(payment_id, ids, PushFate.UNKNOWN)
        refused = await self.database.run(lambda session: refuse(session, payment_id, error, at))
        self.wake()
        return refused

    async def _acknowledged(self, payment_id: int, ids: Ids, fate: PushFate) -> PaymentView:
        at = self._at()
        known = await self.database.run(
            lambda session: acknowledge(session, payment_id, ids, fate=fate, gate=self.gate, at=at)
        )
        self.wake()
        return known

    async def _claimed(self, payment_id: int, checkout_id: str, answer: PushStatus) -> None:
        at = self._at()
        paid = answer.state is PaymentState.PAID
        claim = Claim(Source.QUERY, paid=paid, code=answer.code, text=answer.text)

        def apply(session: Session) -> None:
            in_turn(session, checkout_id)
            settle(session, Payment, payment_id, claim, at)
            judge_unconfirmed(session, payment_id, self.gate, at)

        await self.database.run(apply)
        self.wake()

    async def _judge(self, callback_id: int) -> CallbackView:
        at = self._at()
        judged = await self.database.run(lambda session: judge(session, callback_id, self.gate, at))
        self.wake()
        return judged

    def _at(self) -> datetime:
        return self._now().astimezone(UTC)


def _nothing() -> None:
    """Nobody works in the background."""


def _found(session: Session, payment_id: int | None, checkout_id: str | None) -> Payment:
    if checkout_id is None:
        return load(session, Payment, payment_id or 0)
    row = find(session, checkout_id)
    if row is None or payment_id not in (None, row.id):
        raise NoSuchPayment(f"expected a payment with checkout id {checkout_id!a}, found none")
    return row
