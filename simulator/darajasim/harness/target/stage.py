"""The stage of one scenario that is played against an application over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from starlette.types import ASGIApp

from darajasim.core.courier import Courier
from darajasim.core.organisation import SANDBOX_PASSKEY, OrganisationSpec
from darajasim.core.simulator import Simulator
from darajasim.core.world import WorldOverlay
from darajasim.harness import inbox
from darajasim.harness.caller import Caller
from darajasim.harness.exchanges import Exchanges, RecordedWire
from darajasim.harness.laws.witness import Witness
from darajasim.harness.memory import MemoryCourier, Wire
from darajasim.harness.stage import DARAJA_HOST, START, Stage, simulator_of
from darajasim.harness.target.asking import Site
from darajasim.harness.target.courier import TargetCourier
from darajasim.harness.target.fit import USUAL_SHORTCODE, abilities, about_tokens
from darajasim.harness.target.merchant import TargetMerchant
from darajasim.harness.target.model import DarajaPart, PatiencePart
from darajasim.harness.target.pace import REST, Pace
from darajasim.harness.target.recording import RecordedFace, Recorder
from darajasim.harness.target.traffic import Traffic
from darajasim.http.app import create_app
from darajasim.scenarios.scenario import Scenario
from darajasim.scenarios.steps import Call

APART = 7 * 86_400.0
"""Simulated seconds between the beginnings of two scenarios: the application goes on living, and
what Daraja issued in one must not come again in the next."""


class TargetStage(Stage):
    """A stage whose time goes ahead whenever nothing real is on its way."""

    rest = REST

    async def settled(self) -> None:
        """As in memory; and the application has had its rest, and its books have been read."""
        await super().settled()
        await asyncio.sleep(self.rest)
        await super().settled()
        if isinstance(self.merchant, TargetMerchant):
            await self.merchant.read_books()

    @asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[None]:
        """End what is done inside when so much simulated time has passed."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as limit:
            timer = self.namespace.clock.call_later(seconds, lambda: limit.reschedule(loop.time()))
            try:
                yield
            finally:
                timer.cancel()


@asynccontextmanager
async def set_target_stage(
    scenario: Scenario,
    seed: str,
    *,
    site: Site,
    number: int,
    courier: Courier,
    tokens: dict[str, str],
    open_door: Callable[[ASGIApp], None],
) -> AsyncIterator[TargetStage]:
    """Build the stage of a scenario around an application that runs, and take it down again.

    Args:
        number: how many scenarios there were before.
        courier: carries callbacks over HTTP.
        tokens: access tokens that the application may hold, with their consumer keys: they are
            good in this scenario too, and those that are issued in it are added.
        open_door: takes what answers at Daraja's socket from now on.
    """
    wires: dict[str, Wire] = {}
    carrier = TargetCourier(courier, MemoryCourier(wires))
    simulator = simulator_of(_later(scenario, number), seed, carrier)
    namespace, daraja = simulator.default, f"http://{DARAJA_HOST}"
    _enrol(simulator, site.target.file.daraja or DarajaPart())
    namespace.tokens.lasting = not about_tokens(scenario)
    for token, key in tokens.items():
        lifetime = namespace.profile.token_lifetime
        namespace.tokens.issue(token, key, now=namespace.clock.time(), lifetime=lifetime)
    exchanges = Exchanges(namespace.clock, namespace.journal)
    recorder, traffic = Recorder(exchanges), Traffic(namespace)
    app = create_app(simulator)
    open_door(traffic.watch(RecordedFace(app, recorder, daraja)))
    at_daraja = RecordedWire(traffic.watch(app), exchanges)
    at_inbox = wires[inbox.HOST] = RecordedWire(inbox.Inbox(scenario.answers), exchanges)
    merchant = carrier.merchant = TargetMerchant(site, traffic, recorder)
    merchant.abilities = abilities(site.target)
    patience = site.target.file.patience or PatiencePart()
    rest = REST if patience.rest is None else patience.rest
    pace = asyncio.ensure_future(Pace(namespace, traffic, rest).run())
    stage = TargetStage(
        simulator,
        namespace,
        merchant,
        None,
        at_inbox,
        Caller(namespace, at_daraja, daraja),
        exchanges,
        Witness(namespace, look=merchant.books, merchants=merchant.owns),
    )
    stage.rest = rest
    try:
        yield stage
    finally:
        tokens.update(namespace.tokens)
        pace.cancel()
        with suppress(asyncio.CancelledError):
            await pace
        await simulator.close()
        await at_daraja.close()
        await at_inbox.close()


def _later(scenario: Scenario, number: int) -> Scenario:
    if any(isinstance(step, Call) for step in scenario.steps):
        return scenario  # what it calls may name its days
    start = START.timestamp() if scenario.world.start is None else scenario.world.start
    return replace(scenario, world=replace(scenario.world, start=start + number * APART))


def _enrol(simulator: Simulator, daraja: DarajaPart) -> None:
    """Make the application's shortcode and passkey known, where they are not the usual."""
    world = simulator.default.world
    shortcode, passkey = daraja.shortcode or USUAL_SHORTCODE, daraja.passkey or SANDBOX_PASSKEY
    if world.organisation(shortcode) is None or passkey != SANDBOX_PASSKEY:
        duka = OrganisationSpec(shortcode, passkey=passkey)
        world.lay(WorldOverlay(organisations=(duka,)))
