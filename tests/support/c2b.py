"""A shop that registers its URLs, and answers validations as it is told."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from darajasim.core.events import PaymentSettled
from darajasim.harness.memory import Wire
from darajasim.http.faults import EXTENSION
from support.commands import example
from support.daraja import daraja

ACCEPTED = b'{"ResultCode":"0","ResultDesc":"Accepted"}'
PHONE = "254722000000"
SHORTCODE = "600984"


@dataclass
class Reply:
    """What the shop answers to a validation."""

    body: bytes = ACCEPTED
    status: int = 200
    after: float = 0.0
    fault: str | None = None


@dataclass
class Shop:
    reply: Reply = field(default_factory=Reply)
    received: list = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        raw = (await receive())["body"]
        kind = scope["path"].removeprefix("/")
        self.received.append((kind, raw))
        reply = self.reply if kind == "validation" else Reply()
        await asyncio.sleep(reply.after)
        if reply.fault:
            await scope["extensions"][EXTENSION](reply.fault)
            return
        await send({"type": "http.response.start", "status": reply.status, "headers": []})
        await send({"type": "http.response.body", "body": reply.body})

    def of(self, kind):
        """The bodies of one kind, parsed."""
        return [json.loads(raw) for found, raw in self.received if found == kind]

    @property
    def confirmations(self):
        return self.of("confirmation")

    @property
    def validations(self):
        return self.of("validation")


@asynccontextmanager
async def shop(**knobs):
    """A simulator, and a shop at http://shop/ that has not registered yet."""
    async with daraja(**knobs) as d:
        made = Shop()
        wire = d.simulator.courier._wires["shop"] = Wire(made)
        try:
            yield d, made
        finally:
            await wire.close()
            assert d.namespace.ledger.total() == 0


async def register(d, version=2, **changes):
    urls = {
        "ValidationURL": "http://shop/validation",
        "ConfirmationURL": "http://shop/confirmation",
    }
    path = f"/mpesa/c2b/v{version}/registerurl"
    return await d.post(path, example(path, **(urls | changes)))


async def simulate(d, version=2, **changes):
    path = f"/mpesa/c2b/v{version}/simulate"
    return await d.post(path, example(path, **({"Msisdn": PHONE} | changes)))


async def simulated(d, **changes):
    """Simulate a payment and wait for all that follows; how it ended."""
    answer = await simulate(d, **changes)
    assert answer.status == 200, answer
    await d.simulator.settled()
    return ending(d, answer.json["OriginatorCoversationID"])


def ending(d, subject):
    """The one PaymentSettled of a subject."""
    (found,) = (
        event
        for event in d.namespace.journal
        if isinstance(event, PaymentSettled) and event.subject == subject
    )
    return found
