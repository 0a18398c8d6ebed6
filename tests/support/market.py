"""A merchant application with its background work on a simulator, in memory and virtual time.

with Market(rules="- {on: stk_push, when: {amount: 101}, callback: never}") as market:
    paid = market.run(market.push(amount=101))
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass

from darajasim.core.initiator import SANDBOX_INITIATOR
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.core.simulator import Simulator
from darajasim.harness.memory import MemoryCourier, MemoryTransport, Wire
from darajasim.harness.stage import START
from darajasim.harness.virtual_loop import VirtualLoop
from darajasim.http import app as face
from darajasim.operations.credentials import OPAQUE
from darajasim.scenarios.from_text import load_text
from mpesa_pochi import MpesaPochi, Secret, Settings
from mpesa_pochi.merchant import Database, Hooks, create_app

PHONE = "254722000000"
TOKEN = "an-admin-token-of-some-length"
ADMIN = [(b"authorization", f"Bearer {TOKEN}".encode())]
MERCHANT, DARAJA = "merchant.test", "daraja.test"
WORLD = """
scenario: market
about: A shop.
world:
  customers:
    - {phone: 0722000000, balance: 100000}
    - {phone: 0722000001, balance: 5}
    - {phone: 0722000002, balance: 5, pochi: 0}
    - {phone: 0722000003, balance: 100000}
    - {phone: 0722000004, balance: 100000}
  organisations:
    - {shortcode: 600998, name: DUKA, kind: b2c, utility: 50000, working: 50, charges: 0}
"""
SETTINGS = {
    "shortcode": "174379",
    "passkey": Secret(SANDBOX_PASSKEY),
    "consumer_key": Secret("merchant"),
    "consumer_secret": Secret("secret"),
    "callback_url": f"http://{MERCHANT}/api/pochi/callback",
    "base_url": f"http://{DARAJA}",
    "initiator": SANDBOX_INITIATOR,
    "security_credential": Secret(OPAQUE),
    "payout_shortcode": "600998",
}


@dataclass(frozen=True)
class Answer:
    status: int
    json: dict
    headers: dict


class Post(MemoryCourier):
    """Delivers callbacks, and keeps a copy of each."""

    def __init__(self, wires):
        super().__init__(wires)
        self.letters = []

    async def send(self, letter, *, within=None):
        self.letters.append(letter)
        return await super().send(letter, within=within)


class Market:
    """Both sides, and the means to break the merchant's.

    Args:
        rules: the simulator's, as YAML; `daraja` answers as if it had no faults without them.
        hooks: the merchant's.
        options: further arguments of `create_app`.

    Attributes:
        new_database: makes the database of a market that is given none.
        told: what the hooks were told, `(event, payment id)`, when none are given.
        payouts_told: likewise of payouts.
    """

    new_database = staticmethod(lambda: Database("sqlite://"))

    def __init__(self, *, rules="", hooks=None, seed=1, settings=None, database=None, **options):
        self.told, self.payouts_told = [], []
        self.hooks = hooks or Hooks(
            on_success=self._remember("success"),
            on_failure=self._remember("failure"),
            on_payout_success=self._remember_payout("success"),
            on_payout_failure=self._remember_payout("failure"),
        )
        self.settings = Settings(**(SETTINGS | (settings or {})))
        self.options = {"admin_token": TOKEN, "require_callback_token": True} | options
        self.database = database or self.new_database()
        self.wires = {}
        self.post = Post(self.wires)
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.simulator = None
        self._text = WORLD + (f"rules:\n{rules}\n" if rules else "")
        self._seed = seed
        self._tokens = 0

    def __enter__(self):
        self.run(self.open())
        return self

    def __exit__(self, *_):
        self.run(self.close())
        self.runner.close()
        self.database.close()

    def run(self, work):
        return self.runner.run(work)

    @property
    def daraja(self):
        return self.simulator.default

    async def open(self):
        (scenario,) = load_text(self._text.encode())
        self.simulator = Simulator(seed=self._seed, start=START, courier=self.post)
        self.daraja.world.lay(scenario.world)
        self.daraja.rules.rules.extend(scenario.new_rules())
        self.wires[DARAJA] = Wire(face.create_app(self.simulator))
        await self.start()

    async def close(self):
        await self.kill()
        await self.simulator.close()
        await self.wires[DARAJA].close()

    async def start(self):
        """The process starts, with nothing but its database."""
        self.client = MpesaPochi(
            self.settings,
            transport=MemoryTransport(self.wires),
            now=self.now,
            new_id=self._new_id,
        )
        self.app = create_app(
            self.client,
            self.database,
            now=self.now,
            new_token=self._new_token,
            hooks=self.hooks,
            **({"limits": None} | self.options),
        )
        self.alive = self.app.router.lifespan_context(self.app)
        await self.alive.__aenter__()
        self.wires[MERCHANT] = Wire(self.app)

    async def kill(self):
        """The process is gone, in the middle of whatever it did."""
        wire = self.wires.pop(MERCHANT, None)
        if wire is None:
            return
        await wire.kill()
        with suppress(asyncio.CancelledError):
            await self.alive.__aexit__(None, None, None)
        await self.client.aclose()

    @property
    def up(self):
        return MERCHANT in self.wires

    async def restart(self):
        await self.kill()
        await self.start()

    def now(self):
        return self.simulator.clock.now()

    async def wait(self, seconds):
        await asyncio.sleep(seconds)

    async def ask(self, method, path, body=None, headers=()):
        sent = (
            b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        )
        answer = await self.wires[MERCHANT].call(
            method,
            f"http://{MERCHANT}/api/pochi/{path}",
            headers=[(b"content-type", b"application/json"), *headers],
            body=sent,
            seconds=300,
        )
        found = {name.decode().lower(): value.decode() for name, value in answer.headers}
        return Answer(answer.status, json.loads(answer.body or b"{}"), found)

    async def push(self, *, amount=100, phone="0722000000", **more):
        order = {"phone": phone, "amount": amount, "reference": "INV-1"} | more
        return await self.ask("POST", "stk-push", order)

    async def pay_out(self, key=None, **order):
        headers = [*ADMIN] if key is None else [*ADMIN, (b"idempotency-key", key.encode())]
        return await self.ask("POST", "b2c-payment", order, headers)

    async def see(self, path):
        return await self.ask("GET", path, headers=ADMIN)

    async def query(self, payment_id):
        return await self.ask("POST", "query-stk", {"payment_id": payment_id})

    async def again(self, letter):
        """A callback, sent once more to the address that it had."""
        path = letter.url.partition("/api/pochi/")[2]
        return await self.ask("POST", path, letter.body)

    @property
    def payments(self):
        return self.app.state.payments

    @property
    def payouts(self):
        return self.app.state.payouts

    def asked_of_daraja(self, word):
        """When Daraja was asked at paths with this word, in seconds since the epoch."""
        return [
            event.at
            for event in self.daraja.journal
            if event.kind == "request-received" and word in event.path
        ]

    def balance(self, account):
        return self.daraja.ledger.balance(account)

    def _remember(self, event):
        async def remember(payment):
            self.told.append((event, payment.payment_id))

        return remember

    def _remember_payout(self, event):
        async def remember(payout):
            self.payouts_told.append((event, payout.payout_id))

        return remember

    def _new_token(self):
        self._tokens += 1
        return f"token-{self._tokens}"

    def _new_id(self):
        self._tokens += 1
        return f"pochi-{self._tokens:032}"
