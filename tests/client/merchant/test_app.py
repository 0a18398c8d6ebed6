import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from mpesa_pochi.merchant import Database, PaymentStatus, create_app


def test_mounted_under_another_application(go):
    async def scenario(shop):
        @asynccontextmanager
        async def lifespan(_):
            async with shop.app.router.lifespan_context(shop.app):
                yield

        outer = Starlette(routes=[Mount("/shop", shop.app)], lifespan=lifespan)
        async with outer.router.lifespan_context(outer), shop.browser(outer) as browser:
            order = {"phone": "0722000000", "amount": 100, "reference": "INV-1"}
            pushed = await browser.post("/shop/api/pochi/stk-push", json=order)
            path = "/shop/api/pochi/callback/token-1"
            called = await browser.post(path, content=shop.result())
            missing = await browser.get("/shop/nothing")
        return pushed, called, missing, await shop.payments.get(1)

    pushed, called, missing, payment = go(scenario)
    assert (pushed.status_code, called.status_code) == (200, 200)
    assert payment.status is PaymentStatus.SUCCESS
    assert missing.status_code == 404
    assert missing.json() == {"error": "there is nothing at /shop/nothing", "details": []}


def test_the_lifespan_creates_the_tables_and_closes_the_connections(go, tmp_path):
    async def scenario(shop):
        async with shop.app.router.lifespan_context(shop.app):
            created = (tmp_path / "pochi.sqlite3").exists()
            await shop.push()
        return created, shop.database.engine.pool.checkedin()

    assert go(scenario, database=f"sqlite:///{tmp_path}/pochi.sqlite3") == (True, 0)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/pochi/stk-push", 405),
        ("GET", "/api/pochi/callback", 405),
        ("DELETE", "/api/pochi/info", 405),
        ("GET", "/", 404),
        ("POST", "/api/pochi/nothing", 404),
    ],
)
def test_what_is_not_there_is_json_too(go, method, path, status):
    async def scenario(shop):
        return await shop.http.request(method, path)

    answer = go(scenario)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert answer.json()["details"] == []
    if status == 405:
        assert answer.headers["allow"]


def test_the_prefix_can_be_chosen(go):
    async def scenario(shop):
        app = create_app(shop.line, shop.database, prefix="")
        async with shop.browser(app) as browser:
            return (await browser.get("/info")).json()

    assert go(scenario)["endpoints"]["callback"] == "POST /callback"


@pytest.mark.parametrize("prefix", ["api", "/api/", "/"])
def test_a_prefix_that_cannot_work_is_refused(go, prefix):
    async def scenario(shop):
        with pytest.raises(ValueError, match="prefix"):
            create_app(shop.line, shop.database, prefix=prefix)

    go(scenario)


def test_tokens_are_unguessable_by_default(shops):
    async def scenario():
        async with shops() as shop:
            app = create_app(shop.line, shop.database, now=shop.now)
            async with shop.browser(app) as browser:
                for _ in range(2):
                    order = {"phone": "0722000000", "amount": 100, "reference": "INV-1"}
                    await browser.post("/api/pochi/stk-push", json=order)
            return [push["CallBackURL"].rsplit("/", 1)[1] for push in shop.daraja.pushes]

    first, second = asyncio.run(scenario())
    assert first != second
    assert len(first) >= 43


def test_payments_can_be_listed(go):
    async def scenario(shop):
        for _ in range(3):
            await shop.push()
        await shop.deliver(1)
        await shop.deliver(2, amount=5)
        listed = shop.payments.list
        return [
            [payment.payment_id for payment in payments]
            for payments in (
                await listed(),
                await listed(status=PaymentStatus.PENDING),
                await listed(needs_review=True),
                await listed(needs_review=False, status=PaymentStatus.SUCCESS),
            )
        ]

    assert go(scenario) == [[1, 2, 3], [2, 3], [2], [1]]


def test_a_view_is_frozen(go):
    async def scenario(shop):
        await shop.push(metadata={"a": 1})
        return await shop.payments.get(1)

    payment = go(scenario)
    with pytest.raises(AttributeError):
        payment.amount = 5
    with pytest.raises(TypeError):
        payment.metadata["a"] = 2
    assert payment.created_at.utcoffset().total_seconds() == 0


def test_two_runs_with_the_same_tokens_are_the_same(go):
    async def scenario(shop):
        answers = [
            await shop.push(),
            await shop.deliver(),
            await shop.query(),
            await shop.get("test"),
        ]
        return [answer.content for answer in answers], await shop.dump()

    assert go(scenario) == go(scenario)


def test_only_the_merchant_imports_sqlalchemy_and_starlette():
    program = (
        "import sys, mpesa_pochi, mpesa_pochi.client, mpesa_pochi.callback\n"
        "heavy = {'sqlalchemy', 'starlette', 'pydantic'} & sys.modules.keys()\n"
        "print(heavy or 'light')"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "light"


def test_the_public_names():
    from mpesa_pochi import merchant

    assert merchant.__all__ == sorted(merchant.__all__)
    assert all(hasattr(merchant, name) for name in merchant.__all__)


def test_the_default_database_is_a_file_beside_the_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    database = Database()
    asyncio.run(database.create_tables())
    database.close()
    assert (tmp_path / "pochi.sqlite3").exists()
