"""A recorder between an application of the test's and a simulator, on sockets, in one loop."""

import asyncio
import base64
import signal
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from darajasim.core import leap
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.core.simulator import Simulator
from darajasim.http.server import AnnouncingServer, server_config
from darajasim.recording.session import Limits, Session
from support.uvicorned import uvicorned

TIMESTAMP = "20260302090000"
PUSH = "/mpesa/stkpush/v1/processrequest"
QUERY = "/mpesa/stkpushquery/v1/query"


@dataclass
class Merchant:
    """Takes callbacks, and answers what the test wants."""

    status: int = 200
    answer: bytes = b'{"ResultCode":0,"ResultDesc":"Accepted"}'
    base: str = ""
    received: list = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.received.append((scope["path"], scope["query_string"].decode(), body))
        headers = [(b"content-type", b"application/json"), (b"x-mine", b"yes")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.answer})


@dataclass
class Recorded:
    client: httpx.AsyncClient
    session: Session
    merchant: Merchant
    simulator: Simulator
    token: str = "of-an-earlier-day"

    async def login(self, key="a-key", secret="a-secret"):
        answer = await self.client.get(
            "/oauth/v1/generate?grant_type=client_credentials", auth=(key, secret)
        )
        self.token = answer.json()["access_token"]

    async def post(self, path, body, **headers):
        headers = {"authorization": f"Bearer {self.token}"} | headers
        if isinstance(body, bytes):
            return await self.client.post(path, content=body, headers=headers)
        return await self.client.post(path, json=body, headers=headers)

    def push(self, **changes):
        phone = "254799123456"
        return {
            "BusinessShortCode": "174379",
            "Password": password(),
            "Timestamp": TIMESTAMP,
            "TransactionType": "CustomerPayBillOnline",
            "Amount": 7,
            "PartyA": phone,
            "PartyB": "174379",
            "PhoneNumber": phone,
            "CallBackURL": f"{self.merchant.base}/stk",
            "AccountReference": "INV-1",
            "TransactionDesc": "Shoes",
        } | changes

    async def answered(self, count):
        """Go ahead until nothing is due; all callbacks, at least so many, have been answered."""
        async with asyncio.timeout(20):
            assert await leap.settle(self.simulator.default)
        answered = [each.answered is not None for each in self.session.transcript.deliveries]
        assert all(answered)
        assert len(answered) >= count


def password(shortcode="174379", passkey=SANDBOX_PASSKEY, timestamp=TIMESTAMP):
    return base64.b64encode(f"{shortcode}{passkey}{timestamp}".encode()).decode()


@asynccontextmanager
async def serving(app):
    """An ASGI application on a socket; its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    up = asyncio.Event()
    server = AnnouncingServer(server_config(app), up.set)
    running = asyncio.ensure_future(server._serve([listener]))
    try:
        await up.wait()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.handle_exit(signal.SIGINT, None)
        async with asyncio.timeout(10):
            await running


@asynccontextmanager
async def recorded(out: Path, *, upstream=None, **knobs):
    """Everything up; the session ends as on Ctrl-C."""
    async with uvicorned(speed=1.0, **knobs) as served:
        merchant = Merchant()
        async with serving(merchant) as merchant.base:
            listener = socket.create_server(("127.0.0.1", 0))
            listener.setblocking(False)
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            session = Session(upstream or served.base, base, out, Limits(seconds=60))
            up = asyncio.Event()
            running = asyncio.ensure_future(session.run(listener, up.set))
            try:
                await up.wait()
                async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
                    yield Recorded(client, session, merchant, served.simulator)
            finally:
                session.stop()
                async with asyncio.timeout(10):
                    await running
