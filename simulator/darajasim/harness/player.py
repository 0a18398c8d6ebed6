"""Performing the steps of a scenario on its stage."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from darajasim.core import leap
from darajasim.core.events import Event
from darajasim.harness.called import RECEIPT, Called, UnknownValueError
from darajasim.harness.caller import NoTokenError, hearing
from darajasim.harness.merchant import (
    CannotError,
    MerchantGoneError,
    MerchantSilentError,
    PayoutOrder,
    Said,
)
from darajasim.harness.notes import (
    AwaitEnded,
    CallLost,
    MerchantAnswered,
    MerchantLost,
    MerchantSignalled,
    StepBegan,
)
from darajasim.harness.stage import Stage
from darajasim.harness.telling import told
from darajasim.harness.watched_client import Push, watching
from darajasim.scenarios.document import Reference
from darajasim.scenarios.steps import (
    Advance,
    Await,
    Balance,
    Call,
    InSequence,
    Ordered,
    Pay,
    PayFromPhone,
    PayOut,
    Poll,
    Process,
    Query,
    Reverse,
    Settle,
    Step,
    Together,
    Wait,
)
from mpesa_pochi import PaymentOutcome

POLL_EVERY = 3.0
POLL_WITHIN = 120.0
SHORTEST_PAUSE = 0.001
"""Seconds between queries even if none is asked for, so that time passes."""
SETTLE_WITHIN = 3_600.0
LAST_SETTLE_WITHIN = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class StepFailure:
    """A step that could not be done. `where` is `file:line`.

    Attributes:
        refused: the name of the payment, where the merchant answered and would not have it.
    """

    where: str
    step: str
    found: str
    refused: str = ""


@dataclass(slots=True, eq=False)
class Player:
    """Performs steps and remembers what expectations ask for.

    Attributes:
        start: when the scenario began.
        outcome: what the last `await` returned.
        failures: steps that could not be done.
        said: what the merchant answered to each `pay`, by the payment's name.
        queried: what it answered to the last query.
        pushes: how each `pay` went at the merchant's client.
    """

    stage: Stage
    start: float = field(init=False)
    outcome: PaymentOutcome | None = None
    failures: list[StepFailure] = field(default_factory=list)
    said: dict[str, Said] = field(default_factory=dict)
    queried: Said | None = None
    pushes: dict[str, Push] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start = self._now()

    async def play(self, steps: tuple[Step, ...]) -> None:
        """Perform all steps in order, then wait until everything that is due has happened."""
        for step in steps:
            await self._perform(step)
        await self._settle(Settle(LAST_SETTLE_WITHIN, ""))

    async def _perform(self, step: Step) -> None:
        self._journal_step(step)
        try:
            await self._do(step)
        except MerchantGoneError:
            self._note(MerchantLost(self._now(), getattr(step, "name", "")))
        except (MerchantSilentError, CannotError, NoTokenError, UnknownValueError) as error:
            self._fail(step.where, told(step), str(error))

    async def _do(self, step: Step) -> None:
        match step:
            case Pay():
                await self._pay(step)
            case Query():
                await self._query(step.payment)
            case Poll():
                await self._poll(step)
            case Await():
                await self._await(step)
            case Call():
                await self._call(step)
            case PayFromPhone():
                self._pay_from_phone(step)
            case PayOut() | Balance() | Reverse():
                await self._order(step)
            case Process():
                await self._signal(step)
            case _:
                await self._in_time(step)

    async def _in_time(self, step: Wait | Advance | Settle | InSequence | Together) -> None:
        match step:
            case Wait():
                await self.stage.pause(step.seconds)
            case Advance():
                await leap.advance(self.stage.namespace, step.seconds)
            case Settle():
                await self._settle(step)
            case InSequence():
                for each in step.steps:
                    await self._perform(each)
            case Together():
                await asyncio.gather(*map(self._perform, step.steps))

    def _journal_step(self, step: Step) -> None:
        self._note(StepBegan(self._now(), told(step), step.where))

    def _note(self, note: Event) -> None:
        self.stage.namespace.journal.append(note)

    def _now(self) -> float:
        return self.stage.namespace.clock.time()

    async def _pay(self, step: Pay) -> None:
        with watching() as self.pushes[step.name]:
            said = await self.stage.merchant.pay(
                phone=step.phone,
                amount=step.amount,
                reference=step.reference,
                description=step.description,
            )
        self.said[step.name] = said
        if said.payment is not None:
            self.stage.payments[step.name] = said.payment
        else:
            found = f"the merchant answered {said.status}: {dict(said.answer)}"
            self.failures.append(StepFailure(step.where, told(step), found, step.name))
        self._answered(step.name, said)

    async def _call(self, step: Call) -> None:
        called = self.stage.calls[step.name] = Called(step.name, step.operation)
        await self.stage.learn_checkout_ids()
        await self.stage.caller.call(step, called, self.stage.filling)
        if called.fault is not None:
            self._note(CallLost(self._now(), step.name, called.fault))

    async def _order(self, step: Ordered) -> None:
        called = self.stage.calls[step.name] = Called(step.name, step.operation, by_merchant=True)
        merchant, filling = self.stage.merchant, self.stage.filling
        await self.stage.learn_checkout_ids()
        receipt = ""
        if isinstance(step, Reverse):
            receipt = filling.value(Reference(step.payment, RECEIPT))
        with hearing(called):
            match step:
                case PayOut():
                    said = await merchant.pay_out(self._payout_order(step))
                    if said.payment is not None:
                        self.stage.payouts[step.name] = said.payment
                case Balance():
                    said = await merchant.balance()
                case Reverse():
                    said = await merchant.reverse(
                        receipt=receipt, amount=step.amount, remarks=step.remarks
                    )
        called.said(said.status, said.answer)
        self._answered(step.name, said)

    def _payout_order(self, step: PayOut) -> PayoutOrder:
        payment = None
        if step.payment is not None:
            payment = self.stage.payments.get(step.payment)
            if payment is None:
                raise UnknownValueError(f"the merchant has no payment {step.payment}")
        return PayoutOrder(step.phone, step.amount, step.remarks, payment, step.pochi)

    async def _signal(self, step: Process) -> None:
        self._note(MerchantSignalled(self._now(), step.signal))
        await self.stage.signal(step.signal)

    def _pay_from_phone(self, step: PayFromPhone) -> None:
        # Beside most scenarios this product is never used.
        from darajasim.operations.c2b_course import pay_from_phone  # noqa: PLC0415

        called = self.stage.calls[step.name] = Called(step.name)
        try:
            called.subject = pay_from_phone(
                self.stage.namespace,
                msisdn=step.phone,
                shortcode=step.shortcode,
                amount=step.amount,
                reference=step.reference,
            )
        except ValueError as error:
            self._fail(step.where, told(step), str(error))

    async def _query(self, name: str) -> None:
        said = self.queried = await self.stage.merchant.query(self.stage.payments.get(name))
        self._answered(name, said)

    async def _poll(self, step: Poll) -> None:
        every = POLL_EVERY if step.every is None else max(step.every, SHORTEST_PAUSE)
        clock = self.stage.namespace.clock
        until = clock.time() + (POLL_WITHIN if step.within is None else step.within)
        while True:
            await self._query(step.payment)
            payment = await self.stage.payment(step.payment)
            if payment is None or payment.final or clock.time() + every > until:
                return
            await self.stage.pause(every)

    async def _await(self, step: Await) -> None:
        payment, client = await self.stage.payment(step.payment), self.stage.client
        if client is None:
            self._fail(step.where, told(step), "the application's own client cannot be awaited")
            return
        if payment is None or payment.checkout_request_id is None:
            self._fail(step.where, told(step), "the payment has no checkout request id to ask for")
            return
        within = POLL_WITHIN if step.within is None else step.within
        self.outcome = await client.wait_for_payment(payment.checkout_request_id, within=within)
        outcome = self.outcome
        self._note(AwaitEnded(self._now(), step.payment, outcome.state, outcome.code))

    async def _settle(self, step: Settle) -> None:
        within = SETTLE_WITHIN if step.within is None else step.within
        try:
            async with self.stage.within(within):
                await self.stage.settled()
        except TimeoutError:
            found = f"{self.stage.unsettled} after {within:g} s"
            self._fail(step.where, told(step), found)

    def _answered(self, name: str, said: Said) -> None:
        self._note(MerchantAnswered(self._now(), name, said.status, said.text))

    def _fail(self, where: str, step: str, found: str) -> None:
        self.failures.append(StepFailure(where, step, found))
