"""One scenario's stage: simulator and merchant, joined in memory or over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from anyio.to_thread import current_default_thread_limiter

from darajasim.core.clock import NAIROBI, nairobi
from darajasim.core.courier import Courier
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.simulator import Simulator
from darajasim.harness import inbox
from darajasim.harness.called import Called
from darajasim.harness.caller import Caller
from darajasim.harness.exchanges import Exchanges, RecordedWire
from darajasim.harness.filling import Filling
from darajasim.harness.laws.witness import Witness
from darajasim.harness.memory import MemoryCourier, Wire
from darajasim.harness.merchant import Merchant, PaymentRecord
from darajasim.harness.pochi import PochiMerchant, pochi_merchant
from darajasim.harness.virtual_loop import VirtualLoop
from darajasim.harness.watched_client import WatchedClient
from darajasim.http.app import create_app
from darajasim.scenarios.chaos import unleash
from darajasim.scenarios.scenario import Scenario
from darajasim.scenarios.steps import Signal
from darajasim.scenarios.wording import plural

START = datetime(2026, 3, 2, 9, 0, tzinfo=NAIROBI)
"""When a scenario begins, unless it says otherwise: a fixed Monday, so that runs repeat."""
DARAJA_HOST = "daraja.test"


class Workplace(Protocol):
    """Whoever answers requests, and can say whether it still works on one."""

    @property
    def open(self) -> int: ...

    async def idle(self) -> None: ...


@dataclass(slots=True, eq=False)
class Stage:
    """Everything one scenario is played on.

    Attributes:
        merchant: the application under test.
        client: the bundled merchant's; None where the application has one of its own.
        inbox: takes the callbacks of the scenario's own calls.
        payments: the merchant's payment ids by the names of the scenario; `payouts` likewise.
        checkout_ids: Daraja's ids of these payments, once `learn_checkout_ids` has asked for them.
        calls: what the scenario's own calls and the payments from phones brought, by name.
        crashes: what escaped from the merchant application or the simulator.
        exchanges: what went over the wires.
        witness: what the money laws are judged on.
    """

    simulator: Simulator
    namespace: Namespace
    merchant: Merchant
    client: WatchedClient | None
    inbox: Workplace
    caller: Caller
    exchanges: Exchanges
    witness: Witness
    payments: dict[str, str] = field(default_factory=dict)
    payouts: dict[str, str] = field(default_factory=dict)
    checkout_ids: dict[str, str] = field(default_factory=dict)
    calls: dict[str, Called] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)

    async def payment(self, name: str) -> PaymentRecord | None:
        """The merchant's record of a payment of the scenario; None when there is none."""
        known = self.payments.get(name)
        return None if known is None else await self.merchant.payment(known)

    async def payout(self, name: str) -> PaymentRecord | None:
        """The merchant's record of a payout of the scenario; None when there is none."""
        known = self.payouts.get(name)
        return None if known is None else await self.merchant.payout(known)

    async def learn_checkout_ids(self) -> None:
        """Ask the merchant for Daraja's ids of its payments."""
        for name in self.payments.keys() - self.checkout_ids.keys():
            payment = await self.payment(name)
            if payment is not None and payment.checkout_request_id is not None:
                self.checkout_ids[name] = payment.checkout_request_id

    @property
    def filling(self) -> Filling:
        """What fills in values that steps have brought."""
        return Filling(self.namespace.journal, self.calls, self.checkout_ids)

    async def signal(self, signal: Signal) -> None:
        """Stop, kill or restart the merchant; one that starts again has a client of its own."""
        await self.merchant.signal(signal)
        if isinstance(self.merchant, PochiMerchant):
            self.client = self.merchant.client

    async def pause(self, seconds: float) -> None:
        """Let so much simulated time pass."""
        await self.namespace.clock.sleep(seconds)

    def within(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Ends what is done inside with a TimeoutError when so much simulated time has passed."""
        return asyncio.timeout(seconds)

    async def settled(self) -> None:
        """Return when nothing is due in Daraja and nobody works on a callback."""
        timeline = self.namespace.timeline
        while not self.idle:
            await timeline.idle()
            await self.merchant.idle()
            await self.inbox.idle()

    @property
    def idle(self) -> bool:
        """Whether nothing is due in Daraja and nobody works on a callback."""
        return not (self.namespace.timeline.due or self._working)

    @property
    def _working(self) -> int:
        return self.merchant.open + self.inbox.open

    @property
    def unsettled(self) -> str:
        """What `settled` still waits for, in words."""
        due, requests = self.namespace.timeline.due, plural(self._working, "request")
        return f"{plural(due, 'thing')} due in Daraja and {requests} open at the merchant"


@asynccontextmanager
async def set_stage(scenario: Scenario, seed: str) -> AsyncIterator[Stage]:
    """Build the stage of a scenario in the running loop, and take it down again.

    The merchant is the bundled one; everything is joined in memory.
    """
    _watch_threads()
    wires: dict[str, Wire] = {}
    simulator = simulator_of(scenario, seed, MemoryCourier(wires))
    namespace, daraja = simulator.default, f"http://{DARAJA_HOST}"
    exchanges = Exchanges(namespace.clock, namespace.journal)
    at_daraja = wires[DARAJA_HOST] = RecordedWire(create_app(simulator), exchanges)
    at_inbox = wires[inbox.HOST] = RecordedWire(inbox.Inbox(scenario.answers), exchanges)
    try:
        async with pochi_merchant(namespace, wires, exchanges, daraja=daraja) as merchant:
            witness = Witness(namespace, look=merchant.books, merchants=merchant.owns)
            try:
                yield Stage(
                    simulator,
                    namespace,
                    merchant,
                    merchant.client,
                    at_inbox,
                    Caller(namespace, at_daraja, daraja),
                    exchanges,
                    witness,
                )
            finally:
                await simulator.close()
    finally:
        await at_daraja.close()
        await at_inbox.close()


def simulator_of(scenario: Scenario, seed: str, courier: Courier) -> Simulator:
    """The simulator that a scenario is played on: its profile, its world, its rules."""
    profile = scenario.profile.profile() if scenario.profile else Profile()
    world = scenario.world
    simulator = Simulator(
        seed=seed,
        profile=profile,
        start=START if world.start is None else nairobi(world.start),
        courier=courier,
    )
    namespace = simulator.default
    namespace.world.lay(world)
    namespace.rules.rules.extend(scenario.new_rules())
    for chaos in scenario.chaos:
        unleash(chaos, namespace)
    return simulator


def _watch_threads() -> None:
    """Starlette calls what is not async in threads of anyio's."""
    loop, limiter = asyncio.get_running_loop(), current_default_thread_limiter()
    if isinstance(loop, VirtualLoop):
        loop.watch(lambda: limiter.borrowed_tokens > 0)
