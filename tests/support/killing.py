"""Kills a merchant process again and again while a simulator and a shop keep it busy."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import select

from mpesa_pochi.merchant import Database
from mpesa_pochi.merchant.history import Event
from mpesa_pochi.merchant.models import Payment, PaymentCallback
from mpesa_pochi.merchant.models_history import AuditEntry, OutboxEntry
from mpesa_pochi.merchant.views import view_payment
from support.uvicorned import uvicorned

PROGRAM = Path(__file__).with_name("killed_shop.py")
ROOT = Path(__file__).parents[2]
SHOPPERS = 6
SPEED = 100.0
"""Simulated seconds in a real one: a customer types a PIN in a tenth of a second."""
LONGEST_LIFE = 0.6
"""Seconds that a process lives at most before it is killed."""
PATIENCE = 120


class Victim:
    """The merchant process, in one life after the other."""

    def __init__(self, process, port):
        self.process, self.port, self.pid = process, port, 0

    async def start(self):
        self.process.stdin.write(b"start\n")
        said = {await self._line(), await self._line()}
        said.discard("up")
        self.pid = int(said.pop())

    async def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    async def _line(self):
        async with asyncio.timeout(PATIENCE):
            return (await self.process.stdout.readline()).decode().strip()


@asynccontextmanager
async def victim(url, daraja, told):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, PROGRAM, url, str(port), daraja, told),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    made = Victim(process, port)
    try:
        yield made
    finally:
        with suppress(ProcessLookupError):
            if made.pid:
                os.kill(made.pid, signal.SIGKILL)
        process.stdin.close()
        await process.wait()


async def kill_often(url, *, times, folder, seed):
    """Kills the merchant `times` times under load, lets it finish, and gives what is there then."""
    chance = random.Random(seed)
    told = Path(folder) / "told.txt"
    async with (
        uvicorned(speed=SPEED) as daraja,
        victim(url, daraja.base, str(told)) as merchant,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{merchant.port}/api/pochi", timeout=30, verify=False
        ) as shop,
    ):
        busy = Shoppers(shop)
        shopping = [asyncio.create_task(busy.shop_on()) for _ in range(SHOPPERS)]
        for _ in range(times):
            await merchant.start()
            await busy.answered_again()
            await asyncio.sleep(chance.uniform(0, LONGEST_LIFE))
            await merchant.kill()
        busy.closing = True
        await merchant.start()
        await asyncio.gather(*shopping)
        await quiet(url, told)
        acknowledged = [
            event.subject
            for event in daraja.simulator.default.journal
            if event.kind == "callback-attempted" and event.status == 200
        ]
        pushes = {push.reference: push for push in daraja.simulator.default.pushes}
        return await Found.read(url, told, acknowledged, pushes, busy.orders)


class Shoppers:
    """Ask for one payment after the other, each once; what got no answer is asked again with the
    same key.
    """

    def __init__(self, shop):
        self.shop, self.orders, self.closing = shop, 0, False
        self._answers = asyncio.Event()

    async def answered_again(self):
        """Return when the process answers."""
        self._answers.clear()
        async with asyncio.timeout(PATIENCE):
            await self._answers.wait()

    async def shop_on(self):
        while not self.closing:
            self.orders += 1
            await self.order(self.orders)

    async def order(self, number):
        order = {
            "phone": f"2547220{number:05}",
            "amount": 100,
            "reference": f"INV-{number}",
        }
        while True:
            with suppress(httpx.TransportError):
                answer = await self.shop.post(
                    "/stk-push", json=order, headers={"Idempotency-Key": f"k-{number}"}
                )
                self._answers.set()
                # A 409 too: it is being answered, perhaps by a process that is gone.
                assert answer.status_code in (200, 202, 409), answer.text
                return
            if self.closing:
                return
            await asyncio.sleep(0.02)


async def quiet(url, told):
    """Return when nothing is pending that can be asked about, and all is told."""
    database = Database(url)
    try:
        async with asyncio.timeout(10 * PATIENCE):
            while True:
                left = await database.run(_left, reads=True)
                if not left:
                    return
                await asyncio.sleep(0.1)
    finally:
        database.close()


def _left(session):
    pending = session.query(Payment).filter(
        Payment.status == "pending", Payment.checkout_id.is_not(None)
    )
    return pending.count() + session.query(OutboxEntry).filter_by(delivered_at=None).count()


@dataclass
class Found:
    """What is there when all is over.

    Attributes:
        payments: as the merchant has them.
        settled: how often the audit log says that each was settled.
        stored: checkout ids of stored callbacks.
        acknowledged: checkout ids of callbacks that the merchant answered with 200.
        told: how often each hook was called, by event and payment id.
        pushes: the simulator's, by reference.
        orders: how many payments were asked for.
    """

    payments: list
    settled: Counter
    stored: Counter
    acknowledged: Counter
    told: Counter
    pushes: dict
    orders: int

    @classmethod
    async def read(cls, url, told, acknowledged, pushes, orders):
        def look(session):
            log = select(AuditEntry.payment_id).where(AuditEntry.event == Event.SETTLED.value)
            return (
                [view_payment(row) for row in session.scalars(select(Payment))],
                Counter(session.scalars(log)),
                Counter(session.scalars(select(PaymentCallback.checkout_id))),
            )

        database = Database(url)
        try:
            payments, settled, stored = await database.run(look, reads=True)
        finally:
            database.close()
        lines = Counter(tuple(line.split()) for line in told.read_text().splitlines())
        return cls(payments, settled, stored, Counter(acknowledged), lines, pushes, orders)

    def check(self):
        """No callback acknowledged and lost, no payment credited twice, no hook lost."""
        lost = self.acknowledged - self.stored
        assert not lost, f"acknowledged and lost: {lost}"
        assert all(count == 1 for count in self.settled.values()), "settled twice"
        references = Counter(payment.reference for payment in self.payments)
        assert all(count == 1 for count in references.values()), "one order, two payments"
        for payment in self.payments:
            self._check(payment)
        asked = {payment.reference for payment in self.payments}
        assert self.pushes.keys() <= asked, "a push without a payment"

    def in_words(self):
        unknown = sum(not payment.final for payment in self.payments)
        return (
            f"{len(self.payments)} payments, {unknown} unknown, "
            f"{self.acknowledged.total()} callbacks acknowledged, {self.told.total()} hooks called"
        )

    def _check(self, payment):
        push = self.pushes.get(payment.reference)
        paid = push is not None and push.outcome is not None and push.outcome.receipt is not None
        number = str(payment.payment_id)
        told = {event for event in ("success", "failed") if self.told[event, number]}
        if payment.final:
            assert (payment.status == "success") == paid, payment
            assert told == {str(payment.status)}, f"{payment}: {told}"
        else:
            assert payment.checkout_id is None, payment
            assert not told
