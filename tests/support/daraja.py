"""A simulator in memory and virtual time, driven as a merchant's code drives Daraja."""

import asyncio
import base64
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from darajasim.core.clock import NAIROBI
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.core.profile import Profile
from darajasim.core.simulator import Simulator
from darajasim.harness.memory import MemoryCourier, Wire
from darajasim.harness.virtual_loop import VirtualLoop
from darajasim.http.app import create_app

START = datetime(2026, 10, 11, 14, 5, 9, tzinfo=NAIROBI)
TIMESTAMP = "20261011140509"
PUSH_PATH = "/mpesa/stkpush/v1/processrequest"
QUERY_PATH = "/mpesa/stkpushquery/v1/query"


def password(shortcode="174379", passkey=SANDBOX_PASSKEY, timestamp=TIMESTAMP):
    return base64.b64encode(f"{shortcode}{passkey}{timestamp}".encode()).decode()


def push_body(**changes):
    """A push that would be accepted, with changes; a change to `...` leaves the field out."""
    body = {
        "BusinessShortCode": 174379,
        "Password": password(),
        "Timestamp": TIMESTAMP,
        "TransactionType": "CustomerPayBillOnline",
        "Amount": 1,
        "PartyA": 254722000000,
        "PartyB": 174379,
        "PhoneNumber": 254722000000,
        "CallBackURL": "http://merchant/cb",
        "AccountReference": "INV-1",
        "TransactionDesc": "Shoes",
    } | changes
    return {key: value for key, value in body.items() if value is not ...}


@dataclass
class Answer:
    status: int
    headers: dict
    raw: bytes

    @property
    def json(self):
        return json.loads(self.raw, parse_float=Decimal)

    @property
    def hint(self):
        return self.headers.get("x-darajasim-hint")


@dataclass
class Merchant:
    """An ASGI application that remembers every callback and answers as it is told."""

    status: int = 200
    received: list = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        message = await receive()
        at = asyncio.get_running_loop().time()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.received.append((at, headers, message["body"]))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b'{"ResultCode":0}'})

    @property
    def callbacks(self):
        return [
            json.loads(body, parse_float=Decimal)["Body"]["stkCallback"]
            for _, _, body in self.received
        ]


class Daraja:
    """One simulator and one merchant."""

    def __init__(self, profile, seed):
        self.merchant = Merchant()
        wires = {"merchant": Wire(self.merchant)}
        self.simulator = Simulator(
            seed=seed, profile=profile, start=START, courier=MemoryCourier(wires)
        )
        self.wire = Wire(create_app(self.simulator))
        self.namespace = self.simulator.default
        self._token = None
        self._token_until = 0.0

    async def request(self, method, path, *, body=b"", headers=None, seconds=None):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        answer = await self.wire.call(
            method, f"http://daraja{path}", headers=raw, body=body, seconds=seconds
        )
        found = {name.decode(): value.decode() for name, value in answer.headers}
        return Answer(answer.status, found, answer.body)

    async def token(self, key="key", secret="secret", query="grant_type=client_credentials"):
        credentials = base64.b64encode(f"{key}:{secret}".encode()).decode()
        return await self.request(
            "GET", f"/oauth/v1/generate?{query}", headers={"authorization": f"Basic {credentials}"}
        )

    async def post(self, path, body, *, headers=None, token_seconds=3000, **options):
        if self._token is None or self.simulator.clock.time() > self._token_until:
            self._token = (await self.token()).json["access_token"]
            self._token_until = self.simulator.clock.time() + token_seconds
        sent = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        sent.update(headers or {})
        return await self.request("POST", path, body=body, headers=sent, **options)

    async def push(self, *, token_seconds=3000, **changes):
        return await self.post(PUSH_PATH, push_body(**changes), token_seconds=token_seconds)

    async def query(self, checkout_request_id, **changes):
        body = {
            "BusinessShortCode": "174379",
            "Password": password(),
            "Timestamp": TIMESTAMP,
            "CheckoutRequestID": checkout_request_id,
        } | changes
        return await self.post(QUERY_PATH, body)


@asynccontextmanager
async def daraja(*, seed=1, base="observed", **knobs):
    made = Daraja(Profile.named(base, **knobs), seed)
    try:
        yield made
    finally:
        await made.simulator.close()
        await made.wire.close()


def in_virtual_time(main):
    """Run a coroutine on a virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
