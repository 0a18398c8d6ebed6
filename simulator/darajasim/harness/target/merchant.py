"""The application of a target file as a merchant: asked over HTTP, its books read the same way."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from darajasim.core.events import Event, RequestReceived
from darajasim.harness.laws.books import BookedPayment, Books
from darajasim.harness.laws.facts import FAILED, PENDING, SUCCESS
from darajasim.harness.laws.recording import PUSH
from darajasim.harness.merchant import (
    CannotError,
    MerchantSilentError,
    PaymentRecord,
    Said,
    Unable,
)
from darajasim.harness.target.answers import (
    brief,
    credits_of,
    json_of,
    parsed,
    shillings_of,
    shown_answer,
    text_of,
)
from darajasim.harness.target.asking import Asking, Site
from darajasim.harness.target.model import MeansPart
from darajasim.harness.target.placeholders import Values
from darajasim.harness.target.process import ApplicationError
from darajasim.harness.target.recording import Recorder
from darajasim.harness.target.traffic import Traffic
from darajasim.scenarios.steps import Signal
from darajasim.scenarios.wording import listing, nearest, short

UNDER_WAY = 1.0
"""Real seconds that the next of several payments waits for the one before to get to Daraja."""
MOST_COMPLAINTS = 20
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_REFUSED = "refused-"
"""What stands before the ids of payments that the application refused and keeps nothing of."""


@dataclass(frozen=True, slots=True)
class _Ordered:
    phone: str
    cents: int
    reference: str


class GarbageError(Exception):
    """The application answered, and not what its target file says."""


@dataclass(slots=True, eq=False)
class TargetMerchant(Unable):
    """One scenario's view of the application.

    Attributes:
        complaints: what it answered that could not be understood.
    """

    site: Site
    traffic: Traffic
    recorder: Recorder
    complaints: list[str] = field(default_factory=list)
    _orders: dict[str, _Ordered] = field(default_factory=dict)
    _seen: dict[str, PaymentRecord] = field(default_factory=dict)
    _credits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _stored: list[str] = field(default_factory=list)
    _sent: list[str] = field(default_factory=list)
    _began: int = 0
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def _asking(self) -> Asking:
        return Asking(self.site, self.traffic, self.recorder)

    async def pay(self, *, phone: str, amount: int, reference: str, description: str) -> Said:
        """As the target's `pay` says."""
        part = self.site.target.file.pay
        self._began += 1
        values: Values = {
            "phone": phone,
            "phone.local": f"0{phone[3:]}",
            "phone.international": f"+{phone}",
            "amount": amount,
            "reference": reference,
            "description": description,
            "unique": f"{self.site.stamp}-{self._began}",
        }
        number = self._began
        order = self._asking.ask(part.method or "POST", part, values, part.json_, part.form)
        async with self._starting:
            asking = asyncio.ensure_future(order)
            try:
                await self._under_way(asking)
            except BaseException:
                asking.cancel()
                raise
        answer = await asking
        payment = self._payment_of(answer, number)
        if payment is not None:
            self._orders[payment] = _Ordered(phone, amount * 100, reference)
            await self.read_books()
        found = part.find.status
        text = "" if found is None else found.one(answer.text, json_of(answer))
        return Said(
            answer.status_code, "" if text is None else str(text), shown_answer(answer), payment
        )

    async def query(self, payment: str | None) -> Said:
        """As the target's `query` says."""
        part = self.site.target.file.query
        if part is None or payment is None or payment.startswith(_REFUSED):
            raise MerchantSilentError("there is no payment that the application could ask about")
        values = self._values(payment)
        answer = await self._asking.ask(part.method or "POST", part, values, part.json_, part.form)
        await self.read_books()
        return Said(answer.status_code, self._seen[payment].status, shown_answer(answer), payment)

    async def payment(self, payment: str) -> PaymentRecord | None:
        """As it says now; what it said last where it says nothing now."""
        if payment.startswith(_REFUSED):
            return self._seen[payment]
        with suppress(MerchantSilentError, GarbageError):
            return await self._read(payment)
        return self._seen.get(payment)

    async def read_books(self) -> None:
        """Look at everything that the application shows; what it does not show stays as it was."""
        async with self._reading:
            try:
                for payment in tuple(self._orders):
                    if not payment.startswith(_REFUSED):
                        await self._read(payment)
                await self._read_callbacks()
            except (MerchantSilentError, GarbageError) as error:
                if self.site.application is None or self.site.application.running:
                    self._complain(str(error))

    def books(self) -> Books:
        """What was read last."""
        shows = self.site.target.file.callbacks is not None
        credits_shown = self.site.target.file.status.find.credits is not None
        return Books(
            tuple(
                BookedPayment(
                    payment,
                    order.phone,
                    order.cents,
                    order.reference,
                    self._seen[payment].status,
                    self._seen[payment].checkout_request_id,
                    self._credits.get(payment, ()) if credits_shown else None,
                )
                for payment, order in self._orders.items()
                if payment in self._seen
            ),
            list(self._stored) if shows else None,
        )

    def delivered(self, body: str) -> None:
        """Remember the body of a callback, so that it is known again when it is shown."""
        self._sent.append(body)

    def owns(self, url: str) -> bool:
        """Whether its callback URLs, or its own, begin so."""
        bases = (self.site.callback_base, self.site.base)
        return any(_origin(url) == _origin(base) for base in bases)

    @property
    def open(self) -> int:
        """Questions to it that it has not answered."""
        return self.traffic.asked

    async def idle(self) -> None:
        """Return when it has answered every question."""
        await self.traffic.answered()

    async def signal(self, signal: Signal) -> None:
        """Stop, kill or restart its processes.

        Raises:
            CannotError: it was not started here.
            MerchantSilentError: it does not come back.
        """
        application = self.site.application
        if application is None:
            raise CannotError("the target has no `start`: others started the application")
        if signal is Signal.KILL:
            await application.kill()
            return
        await application.stop()
        if signal is Signal.RESTART:
            try:
                await application.start()
            except ApplicationError as error:
                raise MerchantSilentError(str(error)) from None

    async def _under_way(self, asking: asyncio.Task[httpx.Response]) -> None:
        """Return when a payment has got as far as Daraja, or has been answered: of payments that
        begin together the first is the first there, too.
        """
        there = asyncio.Event()

        def hear(event: Event) -> None:
            if isinstance(event, RequestReceived) and event.operation == PUSH:
                there.set()

        ignore = self.traffic.namespace.journal.listen(hear)
        waiting = asyncio.ensure_future(there.wait())
        try:
            await asyncio.wait(
                {asking, waiting}, timeout=UNDER_WAY, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            waiting.cancel()
            ignore()

    def _payment_of(self, answer: httpx.Response, number: int) -> str | None:
        part = self.site.target.file.pay
        if answer.status_code in (part.failed or ()):
            payment = f"{_REFUSED}{number}"
            self._seen[payment] = PaymentRecord("failed")
            return payment
        tree = json_of(answer)
        found = part.find.payment.one(answer.text, tree)
        if found is None or isinstance(found, dict | list | bool):
            return None
        subject = part.find.checkout_request_id
        known = None if subject is None else subject.one(answer.text, tree)
        self._seen[str(found)] = PaymentRecord("pending", checkout_request_id=text_of(known))
        return str(found)

    async def _read(self, payment: str) -> PaymentRecord | None:
        part = self.site.target.file.status
        answer = await self._asking.ask(
            part.method or "GET", part, self._values(payment), kept=False
        )
        if answer.status_code == 404:
            return None
        if answer.status_code >= 400:
            raise GarbageError(f"{answer.url.path} answered {answer.status_code}: {brief(answer)}")
        find, tree = part.find, json_of(answer)
        if tree is None and not find.status.by_text:
            raise GarbageError(f"{answer.url.path} answered no JSON: {brief(answer)}")

        def said(name: str) -> Any:
            lookup = getattr(find, name)
            return None if lookup is None else lookup.one(answer.text, tree)

        word = said("status")
        before = self._seen.get(payment)
        record = PaymentRecord(
            self._meaning(word, answer),
            text_of(said("code")),
            text_of(said("receipt")),
            shillings_of(said("amount")),
            text_of(said("checkout_request_id"))
            or (before.checkout_request_id if before else None),
        )
        self._seen[payment] = record
        if find.credits is not None:
            self._credits[payment] = tuple(credits_of(find.credits.all(answer.text, tree)))
        return record

    async def _read_callbacks(self) -> None:
        part = self.site.target.file.callbacks
        if part is None:
            return
        answer = await self._asking.ask("GET", part, {}, kept=False)
        found = part.find.all(answer.text, json_of(answer))
        items = [item for each in found for item in (each if isinstance(each, list) else [each])]
        shown = [item for item in items if isinstance(item, str)]
        trees = [item for item in items if isinstance(item, dict)]
        self._stored = [
            body for body in dict.fromkeys(self._sent) if body in shown or parsed(body) in trees
        ]

    def _values(self, payment: str) -> Values:
        known = self._seen.get(payment)
        subject = known.checkout_request_id if known is not None else None
        return {"payment": payment, "checkout_request_id": subject or ""}

    def _meaning(self, word: Any, answer: httpx.Response) -> str:
        means = self.site.target.file.status.means or _USUAL
        written = json.dumps(word) if isinstance(word, bool) else str(word)
        for status, words in (
            (PENDING, means.pending or frozenset({PENDING})),
            (SUCCESS, means.success),
            (FAILED, means.failed),
        ):
            if written in words:
                return status
        if word is None:
            where = self.site.target.file.status.find.status
            raise GarbageError(f"{answer.url.path} has nothing at `{where}`: {brief(answer)}")
        every = sorted({*(means.pending or ()), *means.success, *means.failed})
        near = nearest(written, every)
        raise GarbageError(
            f"{answer.url.path} says {short(written)!r}, and `means` does not say what that is: "
            f"it has {listing(every)}{f'; did you mean {near!r}?' if near else ''}"
        )

    def _complain(self, text: str) -> None:
        if text not in self.complaints and len(self.complaints) < MOST_COMPLAINTS:
            self.complaints.append(text)


_USUAL = MeansPart.model_construct(
    pending=frozenset({PENDING}), success=frozenset({SUCCESS}), failed=frozenset({FAILED})
)


def _origin(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return ("loopback" if host in _LOOPBACK else host), port
