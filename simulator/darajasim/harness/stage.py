"""One scenario's stage: simulator, client, merchant and database, joined in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from darajasim.core.clock import NAIROBI, nairobi
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.simulator import Simulator
from darajasim.core.world import SANDBOX_PASSKEY
from darajasim.harness.memory import MemoryCourier, MemoryTransport, Wire
from darajasim.harness.notes import ClientRaised
from darajasim.harness.watched_client import WatchedClient
from darajasim.http.app import create_app
from darajasim.scenarios.scenario import Scenario
from mpesa_pochi import PochiError, Secret, Settings
from mpesa_pochi.merchant import Database, PaymentView
from mpesa_pochi.merchant import create_app as create_merchant

START = datetime(2026, 3, 2, 9, 0, tzinfo=NAIROBI)
"""When a scenario begins, unless it says otherwise: a fixed Monday, so that runs repeat."""
DARAJA_HOST = "daraja.test"
MERCHANT_HOST = "merchant.test"
MERCHANT_SECONDS = 300.0
"""How long a step waits for the merchant application."""

_spare: list[Database] = []
"""Databases that are empty and idle. SQLAlchemy compiles statements once an engine, which costs as
much as a whole scenario: so a stage takes over the engine of one that has ended, not its data."""


@dataclass(slots=True, eq=False)
class Stage:
    """Everything one scenario is played on.

    Attributes:
        payments: the merchant's payment ids by the names of the scenario.
        crashes: what escaped from the merchant application or the simulator.
    """

    simulator: Simulator
    namespace: Namespace
    client: WatchedClient
    wires: dict[str, Wire]
    database: Database
    merchant: Any
    payments: dict[str, int] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)

    async def ask_merchant(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """POST to the merchant application; its status and its JSON."""
        answer = await self.wires[MERCHANT_HOST].call(
            "POST",
            f"http://{MERCHANT_HOST}/api/pochi/{path}",
            headers=[(b"content-type", b"application/json")],
            body=json.dumps(body).encode(),
            seconds=MERCHANT_SECONDS,
        )
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

    async def settled(self) -> None:
        """Return when nothing is due in Daraja and no callback is being worked on."""
        while self.namespace.timeline.due:
            await self.namespace.timeline.idle()
            await self.wires[MERCHANT_HOST].idle()


@asynccontextmanager
async def set_stage(scenario: Scenario, seed: str) -> AsyncIterator[Stage]:
    """Build the stage of a scenario in the running loop, and take it down again."""
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
    wires[DARAJA_HOST], wires[MERCHANT_HOST] = Wire(create_app(simulator)), Wire(merchant)
    client.raised = lambda operation, error: _note(namespace, operation, error)
    await database.create_tables()
    try:
        yield Stage(simulator, namespace, client, wires, database, merchant)
    finally:
        await simulator.close()
        for wire in wires.values():
            await wire.close()
        await client.aclose()
        database.close()
        _spare.append(database)


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
