"""A fake Daraja on httpx.MockTransport, and a loop on which waiting takes no time."""

import asyncio
import base64
import json
import selectors
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx
import pytest

from mpesa_pochi import MpesaPochi, MpesaPochiSync, Secret, Settings, clock
from mpesa_pochi.clock import NAIROBI

PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
CHECKOUT = "ws_CO_111020261405093708374149"
MERCHANT = "ab12-4c3d-9e8f-0a1b2c3d4e5f734512"
CREDENTIAL = f"{'PlantedCredential' * 20}AB=="
CONVERSATION = "AG_20261011_0100100305k2v9q8t1zx"
ORIGINATOR = "51c2-4d77-b0a4-9e8f7a6b5c4d1607"
PNG = b"\x89PNG\r\n\x1a\nnot a real image"
NOON = datetime(2026, 10, 11, 12, 0, 0, tzinfo=NAIROBI)

Reply = Any  # an httpx.Response, an exception, or a callable that takes the request


class FastSelector(selectors.DefaultSelector):
    """Never waits: what the loop would have slept is added to its clock."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self.skipped += timeout
        return ready


class FastLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.fast = FastSelector()
        super().__init__(self.fast)

    def time(self) -> float:
        return 1000.0 + self.fast.skipped


@dataclass
class FakeDaraja:
    """Answers each path from its own list, the last answer for ever, and keeps every request.

    Its static methods build the answers.
    """

    oauth: list[Reply] = field(default_factory=lambda: [lambda _: FakeDaraja.token()])
    push: list[Reply] = field(default_factory=lambda: [lambda _: FakeDaraja.accepted()])
    query: list[Reply] = field(default_factory=lambda: [lambda _: FakeDaraja.status("0")])
    command: list[Reply] = field(default_factory=lambda: [FakeDaraja.taken])
    register: list[Reply] = field(default_factory=lambda: [lambda _: FakeDaraja.registered()])
    simulate: list[Reply] = field(default_factory=lambda: [lambda _: FakeDaraja.registered()])
    qr: list[Reply] = field(default_factory=lambda: [lambda _: FakeDaraja.image()])
    requests: list[httpx.Request] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    @staticmethod
    def answer(status: int, body: Any, **headers: str) -> httpx.Response:
        """JSON, or bytes as they are. A new response each time: httpx consumes them."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.Response(status, content=content, headers=headers)

    @staticmethod
    def envelope(code: str, text: str, status: int | None = None) -> httpx.Response:
        body = {"requestId": MERCHANT, "errorCode": code, "errorMessage": text}
        return FakeDaraja.answer(int(code[:3]) if status is None else status, body)

    @staticmethod
    def token(
        value: str = "Qx7LmZ2vB9rTn4KdWc8PyH1sGfJa", expires_in: Any = "3599"
    ) -> httpx.Response:
        return FakeDaraja.answer(200, {"access_token": value, "expires_in": expires_in})

    @staticmethod
    def accepted() -> httpx.Response:
        text = "Success. Request accepted for processing"
        body = {
            "MerchantRequestID": MERCHANT,
            "CheckoutRequestID": CHECKOUT,
            "ResponseCode": "0",
            "ResponseDescription": text,
            "CustomerMessage": text,
        }
        return FakeDaraja.answer(200, body)

    @staticmethod
    def status(code: str, text: str = "…", **changes: Any) -> httpx.Response:
        body = {
            "ResponseCode": "0",
            "ResponseDescription": "The service request has been accepted successsfully",
            "MerchantRequestID": MERCHANT,
            "CheckoutRequestID": CHECKOUT,
            "ResultCode": code,
            "ResultDesc": text,
        }
        return FakeDaraja.answer(200, body | changes)

    @staticmethod
    def taken(request: httpx.Request, **changes: Any) -> httpx.Response:
        """A command's acknowledgement, with the caller's own id if it sent one."""
        sent = json.loads(request.content).get("OriginatorConversationID", ORIGINATOR)
        body = {
            "ConversationID": CONVERSATION,
            "OriginatorConversationID": sent,
            "ResponseCode": "0",
            "ResponseDescription": "Accept the service request successfully.",
        }
        return FakeDaraja.answer(200, body | changes)

    @staticmethod
    def registered(**changes: Any) -> httpx.Response:
        body = {
            "OriginatorCoversationID": ORIGINATOR,
            "ResponseCode": "0",
            "ResponseDescription": "Success",
        }
        return FakeDaraja.answer(200, body | changes)

    @staticmethod
    def image(**changes: Any) -> httpx.Response:
        body = {
            "ResponseCode": "00",
            "ResponseDescription": "The service request is processed successfully.",
            "QRCode": base64.b64encode(PNG).decode(),
        }
        return FakeDaraja.answer(200, body | changes)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        reply = self._reply(request, asyncio.get_running_loop().time())
        if asyncio.iscoroutine(reply):
            reply = await reply
        if isinstance(reply, Exception):
            raise reply
        return reply

    def blocking(self, request: httpx.Request) -> httpx.Response:
        reply = self._reply(request, clock.monotonic())
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _reply(self, request: httpx.Request, now: float) -> Reply:
        self.requests.append(request)
        self.times.append(now)
        listed = self._listed(request.url.path)
        reply = listed.pop(0) if len(listed) > 1 else listed[0]
        return reply(request) if callable(reply) else reply

    def _listed(self, path: str) -> list[Reply]:
        replies = {
            "oauth": self.oauth,
            "stkpush": self.push,
            "stkpushquery": self.query,
            "registerurl": self.register,
            "simulate": self.simulate,
            "qrcode": self.qr,
        }
        return next((replies[part] for part in path.split("/") if part in replies), self.command)

    def calls(self, part: str) -> list[httpx.Request]:
        return [request for request in self.requests if part in request.url.path.split("/")]


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a coroutine on a loop that skips every wait."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=FastLoop) as runner:
            return runner.run(coroutine)

    return run


@pytest.fixture
def settings() -> Settings:
    return Settings(
        shortcode="174379",
        passkey=Secret(PASSKEY),
        consumer_key=Secret("planted-consumer-key"),
        consumer_secret=Secret("planted-consumer-secret"),
        callback_url="https://shop.example/api/pochi/callback/planted-url-token",
        base_url="http://daraja.test",
    )


@pytest.fixture
def paying(settings: Settings) -> Settings:
    """The settings of a merchant who also pays out."""
    return replace(
        settings,
        initiator="testapi",
        security_credential=Secret(CREDENTIAL),
        result_url="https://shop.example/result/planted-result-token",
        timeout_url="https://shop.example/timeout/planted-timeout-token",
        payout_shortcode="600998",
    )


@pytest.fixture
def daraja() -> FakeDaraja:
    return FakeDaraja()


@pytest.fixture
def client(
    settings: Settings, daraja: FakeDaraja
) -> Callable[..., AbstractAsyncContextManager[MpesaPochi]]:
    """Makes a client of the fake; to be used with `async with`, inside the loop."""

    def client(**options: Any) -> MpesaPochi:
        transport = httpx.MockTransport(daraja)
        given = {"transport": transport, "now": lambda: NOON, "settings": settings} | options
        return MpesaPochi(given.pop("settings"), **given)

    return client


@dataclass
class FastClock:
    """A stopwatch on which sleeping takes no time."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> FastClock:
    fast = FastClock()
    monkeypatch.setattr(clock, "monotonic", fast.monotonic)
    monkeypatch.setattr(clock, "sleep", fast.sleep)
    return fast


@pytest.fixture
def blocking(
    paying: Settings, daraja: FakeDaraja, stopwatch: FastClock
) -> Callable[..., MpesaPochiSync]:
    """Makes a blocking client of the fake; to be used with `with`."""

    def blocking(**options: Any) -> MpesaPochiSync:
        transport = httpx.MockTransport(daraja.blocking)
        given = {"transport": transport, "now": lambda: NOON, "settings": paying} | options
        return MpesaPochiSync(given.pop("settings"), **given)

    return blocking


@pytest.fixture
def make(
    client: Callable[..., AbstractAsyncContextManager[MpesaPochi]],
    paying: Settings,
    run: Callable[[Coroutine[Any, Any, Any]], Any],
) -> Callable[..., Any]:
    """Makes one call of a merchant who pays out: `make("b2c", phone=…)`; its result, or error."""

    def make(method: str, /, options: dict[str, Any] | None = None, **arguments: Any) -> Any:
        async def scenario() -> Any:
            async with client(**({"settings": paying} | (options or {}))) as mpesa:
                return await getattr(mpesa, method)(**arguments)

        return run(scenario())

    return make
