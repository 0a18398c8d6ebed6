"""One scenario's stage: simulator, client, merchant and database, joined in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from anyio.to_thread import current_default_thread_limiter
from sqlalchemy.orm import Session

from darajasim.core.clock import NAIROBI, nairobi
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.core.profile import Profile
from darajasim.core.simulator import Simulator
from darajasim.harness import inbox
from darajasim.harness.called import Called
from darajasim.harness.caller import Caller
from darajasim.harness.exchanges import Exchanges, RecordedWire
from darajasim.harness.filling import Filling
from darajasim.harness.laws.books import Books
from darajasim.harness.laws.pochi import pochi_books
from darajasim.harness.laws.witness import Witness
from darajasim.harness.memory import MemoryCourier, MemoryTransport, Wire
from darajasim.harness.notes import ClientRaised
from darajasim.harness.virtual_loop import VirtualLoop
from darajasim.harness.watched_client import WatchedClient
from darajasim.http.app import create_app
from darajasim.scenarios.scenario import Scenario
from darajasim.scenarios.wording import plural
from mpesa_pochi import PochiError, Secret, Settings
from mpesa_pochi.merchant import Database, PaymentView
from mpesa_pochi.merchant import create_app as create_merchant
from mpesa_pochi.merchant.models import Base

START = datetime(2026, 3, 2, 9, 0, tzinfo=NAIROBI)
"""When a scenario begins, unless it says otherwise: a fixed Monday, so that runs repeat."""
DARAJA_HOST = "daraja.test"
MERCHANT_HOST = "merchant.test"
MERCHANT_SECONDS = 300.0
"""How long a step waits for the merchant application."""

_spare: list[Database] = []
"""Empty databases of stages that have ended. SQLAlchemy compiles each statement once for an engine,
and creating the tables costs as much again: together half the time of a scenario."""


class MerchantSilentError(Exception):
    """The merchant application did not answer a step."""


@dataclass(slots=True, eq=False)
class Stage:
    """Everything one scenario is played on.

    Attributes:
        payments: the merchant's payment ids by the names of the scenario.
        checkout_ids: Daraja's ids of these payments, once `learn_checkout_ids` has asked for them.
        calls: what the scenario's own calls and the payments from phones brought, by name.
        crashes: what escaped from the merchant application or the simulator.
        exchanges: what went over the wires.
        witness: what the money laws are judged on.
    """

    simulator: Simulator
    namespace: Namespace
    client: WatchedClient
    wires: dict[str, Wire]
    database: Database
    merchant: Any
    caller: Caller
    exchanges: Exchanges
    witness: Witness
    payments: dict[str, int] = field(default_factory=dict)
    checkout_ids: dict[str, str] = field(default_factory=dict)
    calls: dict[str, Called] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)

    async def ask_merchant(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """POST to the merchant application; its status and its JSON.

        Raises:
            MerchantSilentError: no answer within MERCHANT_SECONDS.
        """
        try:
            answer = await self.wires[MERCHANT_HOST].call(
                "POST",
                f"http://{MERCHANT_HOST}/api/pochi/{path}",
                headers=[(b"content-type", b"application/json")],
                body=json.dumps(body).encode(),
                seconds=MERCHANT_SECONDS,
            )
        except TimeoutError:
            raise MerchantSilentError(
                f"no answer from the merchant within {MERCHANT_SECONDS:g} s"
            ) from None
        try:
            found = json.loads(answer.body)
        except ValueError:
            found = {}
        return answer.status, found if isinstance(found, dict) else {}

    async def payment(self, name: str) -> PaymentView | None:
        """The merchant's record of a payment of the scenario; None when there is none."""
        payment_id = self.payments.get(name)
        if payment_id is None:
            return None
        view: PaymentView | None = await self.merchant.state.payments.get(payment_id)
        return view

    async def learn_checkout_ids(self) -> None:
        """Ask the merchant for Daraja's ids of its payments."""
        for name in self.payments.keys() - self.checkout_ids.keys():
            view = await self.payment(name)
            if view is not None and view.checkout_id is not None:
                self.checkout_ids[name] = view.checkout_id

    @property
    def filling(self) -> Filling:
        """What fills in values that steps have brought."""
        return Filling(self.namespace.journal, self.calls, self.checkout_ids)

    async def settled(self) -> None:
        """Return when nothing is due in Daraja and nobody works on a callback."""
        timeline = self.namespace.timeline
        called = [self.wires[host] for host in (MERCHANT_HOST, inbox.HOST)]
        while timeline.due or any(wire.open for wire in called):
            await timeline.idle()
            for wire in called:
                await wire.idle()

    @property
    def idle(self) -> bool:
        """Whether nothing is due in Daraja and nobody works on a callback."""
        working = self.wires[MERCHANT_HOST].open + self.wires[inbox.HOST].open
        return not (self.namespace.timeline.due or working)

    @property
    def unsettled(self) -> str:
        """What `settled` still waits for, in words."""
        due = self.namespace.timeline.due
        working = self.wires[MERCHANT_HOST].open + self.wires[inbox.HOST].open
        requests = plural(working, "request")
        return f"{plural(due, 'thing')} due in Daraja and {requests} open at the merchant"


@asynccontextmanager
async def set_stage(scenario: Scenario, seed: str) -> AsyncIterator[Stage]:
    """Build the stage of a scenario in the running loop, and take it down again."""
    _watch_threads()
    profile = scenario.profile.profile() if scenario.profile else Profile()
    world = scenario.world
    wires: dict[str, Wire] = {}
    simulator = Simulator(
        seed=seed,
        profile=profile,
        start=START if world.start is None else nairobi(world.start),
        courier=MemoryCourier(wires),
    )
    namespace = simulator.default
    namespace.world.lay(world)
    namespace.rules.rules.extend(scenario.new_rules())
    clock, tokens = simulator.clock, namespace.chance.fork("merchant")
    client = WatchedClient(_settings(), transport=MemoryTransport(wires), now=clock.now)
    database = _spare.pop() if _spare else Database("sqlite://")
    merchant = create_merchant(
        client, database, now=clock.now, new_token=lambda: tokens.alphanumeric(32)
    )
    exchanges = Exchanges(namespace.clock, namespace.journal)
    wires[DARAJA_HOST] = RecordedWire(create_app(simulator), exchanges)
    wires[MERCHANT_HOST] = RecordedWire(merchant, exchanges)
    wires[inbox.HOST] = RecordedWire(inbox.Inbox(scenario.answers), exchanges)
    client.raised = lambda operation, error: _note(namespace, operation, error)
    at_merchant = wires[MERCHANT_HOST]
    witness = Witness(
        namespace,
        look=lambda: pochi_books(database) if at_merchant.used else Books(),
        merchants=lambda url: urlsplit(url).hostname == MERCHANT_HOST,
    )
    await database.create_tables()
    try:
        caller = Caller(namespace, wires[DARAJA_HOST], f"http://{DARAJA_HOST}")
        yield Stage(
            simulator, namespace, client, wires, database, merchant, caller, exchanges, witness
        )
    finally:
        await simulator.close()
        for wire in wires.values():
            await wire.close()
        await client.aclose()
        if wires[MERCHANT_HOST].used:
            await database.run(_empty)
        _spare.append(database)


def _empty(session: Session) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(table.delete())


def _watch_threads() -> None:
    """Starlette calls what is not async in threads of anyio's."""
    loop, limiter = asyncio.get_running_loop(), current_default_thread_limiter()
    if isinstance(loop, VirtualLoop):
        loop.watch(lambda: limiter.borrowed_tokens > 0)


def _settings() -> Settings:
    return Settings(
        shortcode="174379",
        passkey=Secret(SANDBOX_PASSKEY),
        consumer_key=Secret("merchant"),
        consumer_secret=Secret("secret"),
        callback_url=f"http://{MERCHANT_HOST}/api/pochi/callback",
        name="Duka",
        base_url=f"http://{DARAJA_HOST}",
    )


def _note(namespace: Namespace, operation: str, error: PochiError) -> None:
    namespace.journal.append(ClientRaised(namespace.clock.time(), operation, str(error)))
