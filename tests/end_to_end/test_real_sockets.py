"""The real client and the real merchant, over real sockets, with a served simulator: no fakes."""

import asyncio
import socket
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from darajasim.core.organisation import SANDBOX_PASSKEY
from mpesa_pochi import DarajaError, MpesaPochi, PaymentState, Secret, Settings
from mpesa_pochi.merchant import Database, PaymentStatus, create_app
from support.served import served

SPEED = 40
WITHIN = 15.0


@pytest.fixture(scope="module")
def base():
    with served("--speed", str(SPEED), "--seed", "3") as server:
        yield server.base


def settings(base, callback_url):
    return Settings(
        shortcode="174379",
        passkey=Secret(SANDBOX_PASSKEY),
        consumer_key=Secret("key"),
        consumer_secret=Secret("secret"),
        callback_url=callback_url,
        base_url=base,
    )


class Heard(Database):
    """A database that says when something was written, so that nobody has to sleep."""

    def __init__(self, url):
        super().__init__(url)
        self.written = asyncio.Event()

    async def run(self, work, *, reads=False):
        result = await super().run(work, reads=reads)
        if not reads:
            written, self.written = self.written, asyncio.Event()
            written.set()
        return result


@asynccontextmanager
async def merchant(base, path):
    """The merchant application under uvicorn on a free port, with a database file."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    database = Heard(f"sqlite:///{path / 'pochi.sqlite3'}")
    async with MpesaPochi(settings(base, f"{url}/api/pochi/callback")) as client:
        app = create_app(client, database, limits=None)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", ws="none"))
        running = asyncio.ensure_future(server._serve([listener]))
        try:
            async with httpx.AsyncClient(base_url=f"{url}/api/pochi", verify=False) as http:
                yield http, app.state.payments, database, client
        finally:
            server.should_exit = True
            await running


async def final(payments, database, payment_id):
    async with asyncio.timeout(WITHIN):
        while True:
            written = database.written
            payment = await payments.get(payment_id)
            if payment.final:
                return payment
            await written.wait()


async def pay(http, phone, amount=10):
    body = {"phone": phone, "amount": amount, "reference": "INV-1"}
    answer = await http.post("/stk-push", json=body)
    return answer.status_code, answer.json()


def test_payments_of_every_kind_at_once(base, tmp_path):
    wanted = {
        "0722 000 001": (PaymentStatus.SUCCESS, "0"),
        "254700000001": (PaymentStatus.FAILED, "1"),
        "+254 700 001 032": (PaymentStatus.FAILED, "1032"),
        "254700002001": (PaymentStatus.FAILED, "2001"),
        "254700083008": (PaymentStatus.FAILED, "E3008"),
        "254708374149": (PaymentStatus.FAILED, "1037"),
    }

    async def main():
        async with merchant(base, tmp_path) as (http, payments, database, _client):
            answers = await asyncio.gather(*(pay(http, phone) for phone in wanted))
            assert {status for status, _ in answers} == {200}
            found = [await final(payments, database, body["payment_id"]) for _, body in answers]
            assert [(p.status, p.result_code) for p in found] == list(wanted.values())
            assert found[0].receipt
            for payment, (_, body) in zip(found, answers, strict=True):
                query = await http.post("/query-stk", json={"payment_id": body["payment_id"]})
                assert query.json()["query"]["code"] == payment.result_code
                stored = await payments.callbacks(payment_id=payment.payment_id)
                assert [callback.judgement for callback in stored] == ["applied"]

    asyncio.run(main())


def test_the_client_alone_waits_for_a_payment(base):
    async def main():
        sink = f"{base}/_sim/inbox"
        async with MpesaPochi(settings(base, sink)) as client:
            for phone, state, code in [
                ("0722000002", PaymentState.PAID, "0"),
                ("254700001032", PaymentState.FAILED, "1032"),
            ]:
                accepted = await client.stk_push(phone=phone, amount=7, reference="A")
                outcome = await client.wait_for_payment(
                    accepted.checkout_request_id, every=0.05, within=WITHIN
                )
                assert (outcome.state, outcome.code) == (state, code)

    asyncio.run(main())


def test_a_refusal_reaches_the_caller_in_words(base, tmp_path):
    async def main():
        async with merchant(base, tmp_path) as (http, payments, _database, client):
            body = {"phone": "0722000003", "amount": 10, "reference": "ERR-gateway-busy"}
            answer = await http.post("/stk-push", json=body)
            assert answer.status_code == 503
            assert answer.json()["code"] == "500.003.02"
            assert answer.json()["retry"] == "later"
            (payment,) = await payments.list()
            assert payment.status is PaymentStatus.FAILED
            with pytest.raises(DarajaError, match=r"500\.003\.03"):
                await client.stk_push(phone="0722000003", amount=10, reference="ERR-quota")

    asyncio.run(main())


def test_twenty_concurrent_payments_share_one_token(base, tmp_path):
    async def main():
        async with merchant(base, tmp_path) as (http, payments, database, _client):
            before = await tokens(base)
            answers = await asyncio.gather(
                *(pay(http, f"07220010{number:02d}") for number in range(20))
            )
            for _, body in answers:
                payment = await final(payments, database, body["payment_id"])
                assert payment.status is PaymentStatus.SUCCESS
            assert await tokens(base) == before + 1

    asyncio.run(main())


async def tokens(base):
    async with httpx.AsyncClient(verify=False) as http:
        answer = await http.get(f"{base}/_sim/journal?kind=token-issued")
        return len(answer.json()["events"])
