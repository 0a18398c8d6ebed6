"""The bundled merchant and its client, in memory on the stage's own loop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from darajasim.core.initiator import SANDBOX_INITIATOR
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.harness import inbox
from darajasim.harness.exchanges import Exchanges, RecordedWire
from darajasim.harness.laws.books import Books
from darajasim.harness.laws.pochi import pochi_books
from darajasim.harness.memory import ConnectionFaultError, MemoryTransport, Wire
from darajasim.harness.merchant import (
    Ability,
    MerchantGoneError,
    MerchantSilentError,
    PaymentRecord,
    PayoutOrder,
    Said,
    Unable,
)
from darajasim.harness.notes import ClientRaised
from darajasim.harness.watched_client import WatchedClient
from darajasim.operations.credentials import OPAQUE
from darajasim.scenarios.products import products
from darajasim.scenarios.steps import Signal
from mpesa_pochi import PochiError, Secret, Settings
from mpesa_pochi.merchant import Database, PaymentView, PayoutView, create_app
from mpesa_pochi.merchant.answers import status_of

MERCHANT_HOST = "merchant.test"
SHORTCODE = "174379"
PAYOUT_SHORTCODE = "600998"
DOWN = "connection refused: the merchant is not running"
MERCHANT_SECONDS = 300.0
"""How long a step waits for the merchant application."""

Header = tuple[bytes, bytes]
_spare: list[Database] = []
"""Empty databases of stages that have ended. SQLAlchemy compiles each statement once for an engine,
and creating the tables costs as much again: together half the time of a scenario."""


@dataclass(slots=True, eq=False)
class PochiMerchant(Unable):
    """The merchant application of `mpesa_pochi` behind a wire.

    Attributes:
        client: its present one; with the process its memory goes.
        down: whether the process is.
        admin: the header of whoever runs the shop.
        build: a client and an application on it, as a process that starts has them.
    """

    client: WatchedClient
    database: Database
    app: Any
    wire: RecordedWire
    wires: dict[str, Wire]
    admin: Header
    build: Callable[[], tuple[WatchedClient, Any]]
    down: bool = False
    abilities: frozenset[Ability] = frozenset(Ability)

    async def pay(self, *, phone: str, amount: int, reference: str, description: str) -> Said:
        """`POST /stk-push`."""
        order = {
            "phone": phone,
            "amount": amount,
            "reference": reference,
            "description": description,
        }
        return await self._ask("stk-push", order)

    async def query(self, payment: str | None) -> Said:
        """`POST /query-stk`."""
        number = None if payment is None else int(payment)
        return await self._ask("query-stk", {"payment_id": number})

    async def pay_out(self, order: PayoutOrder) -> Said:
        """`POST /b2c-payment`."""
        body = {
            "payment_id": None if order.payment is None else int(order.payment),
            "phone": order.phone,
            "amount": order.amount,
            "destination": "pochi" if order.pochi else "mpesa",
            "remarks": order.remarks,
        }
        given = {name: value for name, value in body.items() if value is not None}
        return await self._as_admin("b2c-payment", given, names="payout")

    async def payout(self, payout: str) -> PaymentRecord | None:
        """From its database: what it would show."""
        view: PayoutView = await self.app.state.payouts.get(int(payout))
        return PaymentRecord(str(view.status), view.result_code, view.receipt, view.amount)

    async def balance(self) -> Said:
        """`GET /balance`, of the account that it pays out from."""
        return await self._as_admin("balance", None)

    async def reverse(self, *, receipt: str, amount: int, remarks: str) -> Said:
        """By its client, of what was paid to the paybill: the application has no such endpoint."""
        if self.down:
            raise MerchantSilentError(DOWN)
        try:
            accepted = await self.client.reverse(
                receipt=receipt,
                amount=amount,
                remarks=remarks,
                shortcode=SHORTCODE,
                **_to_inbox("reversal"),
            )
        except PochiError as error:
            text = {"error": error.message, "code": getattr(error, "code", "")}
            return Said(int(status_of(error)), error.message, text)
        answer = {
            "ConversationID": accepted.conversation_id,
            "OriginatorConversationID": accepted.originator_conversation_id,
            "ResponseCode": accepted.response_code,
            "ResponseDescription": accepted.description,
        }
        return Said(HTTPStatus.OK, "accepted", answer)

    async def signal(self, signal: Signal) -> None:
        """The process is the application and its client, without what they remember."""
        if self.down and signal is not Signal.RESTART:
            return
        self.down = True
        self.wires.pop(MERCHANT_HOST, None)
        if signal is Signal.STOP:
            await self.wire.idle()
        else:
            await self.wire.kill()
        await self.client.aclose()
        if signal is Signal.RESTART:
            self.client, self.app = self.build()
            self.wire.app = self.app
            await self.app.state.payments.judge_stored()
            await self.app.state.payouts.judge_stored()
            self.wires[MERCHANT_HOST] = self.wire
            self.down = False

    async def payment(self, payment: str) -> PaymentRecord | None:
        """From its database: what it would show."""
        view: PaymentView | None = await self.app.state.payments.get(int(payment))
        if view is None:
            return None
        return PaymentRecord(
            str(view.status), view.result_code, view.receipt, view.amount, view.checkout_id
        )

    def books(self) -> Books:
        """Nothing is read while nobody has spoken with it."""
        return pochi_books(self.database) if self.wire.used else Books()

    def owns(self, url: str) -> bool:
        """Its host is its own."""
        return urlsplit(url).hostname == MERCHANT_HOST

    @property
    def open(self) -> int:
        """Requests on its wire."""
        return self.wire.open

    async def idle(self) -> None:
        """The wire's."""
        await self.wire.idle()

    async def _as_admin(self, path: str, body: dict[str, Any] | None, *, names: str = "") -> Said:
        return await self._ask(path, body, names=names, headers=[self.admin])

    async def _ask(
        self,
        path: str,
        body: dict[str, Any] | None,
        *,
        names: str = "payment",
        headers: Collection[Header] = (),
    ) -> Said:
        if self.down:
            raise MerchantSilentError(DOWN)
        sent = b"" if body is None else json.dumps(body).encode()
        try:
            answer = await self.wire.call(
                "GET" if body is None else "POST",
                f"http://{MERCHANT_HOST}/api/pochi/{path}",
                headers=[(b"content-type", b"application/json"), *headers],
                body=sent,
                seconds=MERCHANT_SECONDS,
            )
        except TimeoutError:
            raise MerchantSilentError(
                f"no answer from the merchant within {MERCHANT_SECONDS:g} s"
            ) from None
        except ConnectionFaultError as error:
            if self.down:
                raise MerchantGoneError(str(error)) from None
            raise
        return _said(answer.status, answer.body, names)


def _said(status: int, body: bytes, names: str) -> Said:
    """An answer; `names` is what it is about: a payment or a payout."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    about = answer.get(names, answer)
    key = about.get(f"{names}_id") if isinstance(about, dict) else None
    text = answer.get("status") or answer.get("error") or ""
    return Said(status, str(text), answer, str(key) if isinstance(key, int) else None)


@asynccontextmanager
async def pochi_merchant(
    namespace: Namespace, wires: dict[str, Wire], exchanges: Exchanges, *, daraja: str
) -> AsyncIterator[PochiMerchant]:
    """Set up the merchant on a wire of its own, and take it down again.

    Args:
        daraja: the base URL of Daraja on the wires.
    """
    now, tokens = namespace.clock.now, namespace.chance.fork("merchant")
    ids = namespace.chance.fork("merchant-ids")
    admin_token = namespace.chance.fork("merchant-admin").alphanumeric(32)
    database = _spare.pop() if _spare else Database("sqlite://")
    transport = MemoryTransport(wires)

    def build() -> tuple[WatchedClient, Any]:
        client = WatchedClient(
            _settings(daraja),
            transport=transport,
            now=now,
            new_id=lambda: f"pochi-{ids.alphanumeric(32)}",
        )
        client.raised = lambda operation, error: _note(namespace, operation, error)
        return client, create_app(
            client,
            database,
            now=now,
            new_token=lambda: tokens.alphanumeric(32),
            admin_token=admin_token,
            limits=None,
        )

    client, app = build()
    wire = wires[MERCHANT_HOST] = RecordedWire(app, exchanges)
    await database.create_tables()
    admin = (b"authorization", f"Bearer {admin_token}".encode())
    merchant = PochiMerchant(client, database, app, wire, wires, admin, build)
    try:
        yield merchant
    finally:
        await wire.close()
        await merchant.client.aclose()
        if wire.used:
            database.empty()
        _spare.append(database)


def _settings(daraja: str) -> Settings:
    return Settings(
        shortcode=SHORTCODE,
        passkey=Secret(SANDBOX_PASSKEY),
        consumer_key=Secret("merchant"),
        consumer_secret=Secret("secret"),
        callback_url=f"http://{MERCHANT_HOST}/api/pochi/callback",
        name="Duka",
        base_url=daraja,
        initiator=SANDBOX_INITIATOR,
        security_credential=Secret(OPAQUE),
        payout_shortcode=PAYOUT_SHORTCODE,
    )


def _to_inbox(operation: str) -> dict[str, str]:
    """Where the outcome of an order is told: the application has nobody who would listen."""
    product = products()[operation].version(None)
    fields = {"result_url": "ResultURL", "timeout_url": "QueueTimeOutURL"}
    return {name: inbox.url(product, field) for name, field in fields.items()}


def _note(namespace: Namespace, operation: str, error: PochiError) -> None:
    namespace.journal.append(ClientRaised(namespace.clock.time(), operation, str(error)))
