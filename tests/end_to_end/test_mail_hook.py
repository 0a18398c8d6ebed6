"""The example that confirms payments by e-mail, with a real SMTP server on loopback."""

import asyncio
import importlib.util
import socket
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import httpx
from aiosmtpd.controller import Controller

from mpesa_pochi.merchant import outbox
from mpesa_pochi.settings import VARIABLES
from support.uvicorned import on_loop, uvicorned

EXAMPLE = Path(__file__).parents[2] / "examples" / "mail_shop.py"
SECONDS = 10


class Letterbox:
    """Takes mails; the first so many are turned away, as by a server that is busy."""

    def __init__(self, turned_away):
        self.mails, self.turned_away = [], turned_away
        self.came = asyncio.Event()
        self.loop = asyncio.get_running_loop()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.turned_away:
            self.turned_away -= 1
            return "451 busy, come back"
        self.mails.append(message_from_bytes(envelope.content))
        self.loop.call_soon_threadsafe(self.came.set)
        return "250 OK"


def load(monkeypatch, tmp_path, daraja, smtp):
    monkeypatch.chdir(tmp_path)
    settings = dict.fromkeys(VARIABLES.values(), "") | {
        "MPESA_NUMBER": "174379",
        "MPESA_PASSKEY": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
        "MPESA_CONSUMER_KEY": "any",
        "MPESA_CONSUMER_SECRET": "any",
        "MPESA_BASE_URL": daraja,
        "MPESA_POCHI_CALLBACK": "http://127.0.0.1:9/api/pochi/callback",
        "SHOP_SMTP": smtp,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("example_mail_shop", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_end_is_confirmed_by_one_mail_though_the_server_was_busy(monkeypatch, tmp_path):
    monkeypatch.setattr(outbox, "FIRST_PAUSE", timedelta(milliseconds=50))

    async def main():
        letterbox = Letterbox(turned_away=1)
        port = free_port()
        controller = Controller(letterbox, hostname="127.0.0.1", port=port)
        controller.start()
        try:
            async with uvicorned() as daraja:
                module = load(monkeypatch, tmp_path, daraja.base, f"127.0.0.1:{port}")
                pochi = module.pochi
                async with pochi.router.lifespan_context(pochi):
                    transport = httpx.ASGITransport(module.shop)
                    async with httpx.AsyncClient(transport=transport, base_url="http://s") as shop:
                        await buy(shop, "0722000000", "jane@example.com")
                        # 1032: a customer who cancels
                        await buy(shop, "0700001032", "john@example.com")
                        async with asyncio.timeout(SECONDS):
                            while len(letterbox.mails) < 2:
                                letterbox.came.clear()
                                await settle(shop)
                                await letterbox.came.wait()
                await pochi.state.payments.client.aclose()
        finally:
            controller.stop()
        return letterbox.mails

    mails = {mail["To"]: mail for mail in on_loop("asyncio", main())}
    assert mails.keys() == {"jane@example.com", "john@example.com"}
    assert mails["jane@example.com"]["Message-ID"] == "<payment-1@shop.example>"
    assert "KES 100 has come" in mails["jane@example.com"].get_payload()
    assert "did not go through" in mails["john@example.com"]["Subject"]


async def buy(shop, phone, email):
    order = {"phone": phone, "amount": 100, "metadata": {"email": email}}
    answer = (await shop.post("/api/pochi/stk-push", json=order)).json()
    assert answer["outcome"] == "accepted", answer
    assert len(answer["reference"]) == 12


async def settle(shop):
    """Ask until both have ended: their callbacks find nobody."""
    for payment_id in (1, 2):
        status = "pending"
        while status == "pending":
            about = {"payment_id": payment_id}
            status = (await shop.post("/api/pochi/query-stk", json=about)).json()["status"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]
