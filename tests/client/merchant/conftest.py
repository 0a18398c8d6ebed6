"""A shop: the merchant application on a fake Daraja that gives every push its own ids."""

import asyncio
import itertools
import json
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from mpesa_pochi.client import MpesaPochi
from mpesa_pochi.clock import NAIROBI
from mpesa_pochi.merchant import Database, app, create_app
from mpesa_pochi.merchant.schema import METADATA
from mpesa_pochi.secret import Secret
from mpesa_pochi.settings import Settings
from support import postgres
from support.declared import declared
from support.market import Market

PHONE = "254722000000"
NOON = datetime(2026, 10, 11, 12, 0, 0, tzinfo=NAIROBI)
PLANTED = ("planted-passkey", "planted-consumer-key", "planted-consumer-secret")


class Daraja:
    """Accepts every push, unless told otherwise; knows a payment as its test says."""

    def __init__(self):
        self.pushes = []
        self.queries = []
        self.results = {}
        self.push_answers = []
        self.query_answers = []
        self.before_answering: Callable[[int], Awaitable[None]] | None = None

    async def __call__(self, request):
        path = request.url.path
        if path.endswith("/generate"):
            return httpx.Response(200, json={"access_token": "t0ken", "expires_in": "3599"})
        body = json.loads(request.content)
        if path.endswith("/processrequest"):
            return await self.push(body)
        self.queries.append(body["CheckoutRequestID"])
        if self.query_answers:
            return told(self.query_answers.pop(0))
        return self.status(body["CheckoutRequestID"])

    async def push(self, body):
        self.pushes.append(body)
        number = len(self.pushes)
        answer = self.push_answers.pop(0) if self.push_answers else self.accepted(number)
        if self.before_answering is not None:
            await self.before_answering(number)
        return told(answer)

    @staticmethod
    def accepted(number):
        return httpx.Response(
            200,
            json={
                "MerchantRequestID": Daraja.merchant_id(number),
                "CheckoutRequestID": Daraja.checkout_id(number),
                "ResponseCode": "0",
                "ResponseDescription": "Success. Request accepted for processing",
                "CustomerMessage": "Look at your phone",
            },
        )

    def status(self, checkout_id):
        code = self.results.get(checkout_id, "4999")
        return httpx.Response(
            200,
            json={
                "ResponseCode": "0",
                "ResponseDescription": "The service request has been accepted successsfully",
                "MerchantRequestID": "m",
                "CheckoutRequestID": checkout_id,
                "ResultCode": code,
                "ResultDesc": f"what a query says of {code}",
            },
        )

    @staticmethod
    def checkout_id(number):
        return f"ws_CO_11102026120000{number:010}"

    @staticmethod
    def merchant_id(number):
        return f"ab12-4c3d-9e8f-0a1b2c3d4e5f{number}"

    @staticmethod
    def envelope(code, text, status=None):
        body = {"requestId": "r-1", "errorCode": code, "errorMessage": text}
        return httpx.Response(status or int(code[:3]), json=body)


def told(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


def result(number=1, code=0, **changes):
    """The body of a callback for the n-th push. An item changed to None loses its value."""
    callback = {
        "MerchantRequestID": changes.get("merchant_id", Daraja.merchant_id(number)),
        "CheckoutRequestID": changes.get("checkout_id", Daraja.checkout_id(number)),
        "ResultCode": code,
        "ResultDesc": "The service request is processed successfully." if code == 0 else "No.",
    }
    if code == 0:
        items = {
            "Amount": changes.get("amount", 100.00),
            "MpesaReceiptNumber": changes.get("receipt", f"UJB5Q7X2{number:02}"),
            "Balance": None,
            "TransactionDate": changes.get("date", 20261011120026),
            "PhoneNumber": changes.get("phone", int(PHONE)),
        }
        callback["CallbackMetadata"] = {"Item": [_item(*pair) for pair in items.items()]}
    return json.dumps({"Body": {"stkCallback": callback}}).encode()


def _item(name, value):
    return {"Name": name} if value is None else {"Name": name, "Value": value}


class Shop:
    """One merchant application, spoken to over ASGI. Use it with `async with`."""

    prefix = "/api/pochi"
    result = staticmethod(result)

    memory = Database("sqlite://")
    """Emptied when a shop closes, and used again: a new engine compiles every statement anew."""
    usual = memory
    """What a shop keeps its payments in when it is given no database."""

    def __init__(self, database=None, *, settings=None, **options):
        self.daraja = Daraja()
        self.database = self.usual if database is None else Database(database)
        self.moment = NOON
        tokens = map("token-{}".format, itertools.count(1))
        self.settings = Settings(
            **{
                "shortcode": "174379",
                "passkey": Secret(PLANTED[0]),
                "consumer_key": Secret(PLANTED[1]),
                "consumer_secret": Secret(PLANTED[2]),
                "callback_url": f"https://shop.example{self.prefix}/callback",
                "base_url": "http://daraja.test",
            }
            | (settings or {})
        )
        self.line = MpesaPochi(
            self.settings, transport=httpx.MockTransport(self.daraja), now=self.now
        )
        usual = {"now": self.now, "new_token": lambda: next(tokens), "limits": None}
        given = usual | options
        self.app = create_app(self.line, self.database, **given)
        self.payments = self.app.state.payments
        self.http = self.browser(self.app)

    @staticmethod
    def browser(app, **options):
        """Every answer is held against what the application says that it answers."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app, **options),
            base_url="https://shop.test",
            event_hooks={"response": [declared(app)]},
        )

    def now(self):
        return self.moment

    def later(self, seconds):
        self.moment += timedelta(seconds=seconds)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.http.aclose()
        await self.line.aclose()
        if self.database is self.usual and not self.database.inline:
            self.database.empty()
        else:
            self.database.close()

    async def post(self, path, body=None, **options):
        given = {"json": body} if body is not None else {}
        return await self.http.post(f"{self.prefix}/{path}", **given, **options)

    async def get(self, path):
        return await self.http.get(f"{self.prefix}/{path}")

    async def push(self, **changes):
        """Asks for 100 shillings, with changes."""
        order = {"phone": "0722 000 000", "amount": 100, "reference": "INV-1"} | changes
        return await self.post("stk-push", order)

    async def query(self, payment_id=1):
        return await self.post("query-stk", {"payment_id": payment_id})

    async def call_back(self, body, token=None):
        path = "callback" if token is None else f"callback/{token}"
        return await self.post(path, content=body, headers={"content-type": "application/json"})

    async def deliver(self, number=1, code=0, **changes):
        """The n-th push's callback, where Daraja was told to send it."""
        url = self.daraja.pushes[number - 1]["CallBackURL"]
        assert not parse_qsl(urlsplit(url).query)
        return await self.call_back(result(number, code, **changes), url.rsplit("/", 1)[1])

    async def dump(self):
        """All that is in the database, as text."""

        def read(session):
            tables = METADATA.sorted_tables
            return "\n".join(
                f"{table.name} {row!r}"
                for table in tables
                for row in session.execute(table.select().order_by(*table.primary_key))
            )

        return await self.database.run(read, reads=True)

    async def judgements(self):
        return [callback.judgement.value for callback in await self.payments.callbacks()]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shops(request):
    """The class of shops: `async with shops() as shop`. Once on each database."""
    if request.param == "sqlite":
        yield Shop
        return
    if why := postgres.missing():
        pytest.skip(why)
    on_it = on_postgresql()
    yield on_it
    on_it.usual.close()


@cache
def on_postgresql():
    """Shops that keep their payments in PostgreSQL."""
    usual = Database(postgres.shared_url())
    usual.empty()
    return type("ShopOnPostgresql", (Shop,), {"usual": usual})


@pytest.fixture(params=["sqlite", "postgresql"])
def both_databases(request, monkeypatch):
    """Markets keep what they keep on each database in turn; its name."""
    if request.param == "sqlite":
        return request.param
    if why := postgres.missing():
        pytest.skip(why)
    monkeypatch.setattr(Market, "new_database", staticmethod(market_on_postgresql))
    # Nobody else works on it; in simulated time it would be looked at thousands of times.
    monkeypatch.setattr(app, "LOOK_EVERY", None)
    return request.param


def market_on_postgresql():
    """The PostgreSQL of this process, empty."""
    database = Database(postgres.shared_url())
    database.empty()
    return database


@pytest.fixture
def histories(both_databases):
    """How many histories a state machine plays: a quarter of them on PostgreSQL."""
    wanted = int(os.environ.get("MERCHANT_HISTORIES", "10"))
    return wanted if both_databases == "sqlite" else max(1, wanted // 4)


@pytest.fixture(scope="session")
def go(shops):
    """Runs `scenario(shop)` in a new shop on a new loop."""

    def go(scenario, *arguments, **options):
        async def visit():
            async with shops(**options) as shop:
                return await scenario(shop, *arguments)

        return asyncio.run(visit())

    return go
