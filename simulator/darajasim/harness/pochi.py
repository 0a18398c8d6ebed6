"""The bundled merchant and its client, in memory on the stage's own loop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from darajasim.core.namespace import Namespace
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.harness.exchanges import Exchanges, RecordedWire
from darajasim.harness.laws.books import Books
from darajasim.harness.laws.pochi import pochi_books
from darajasim.harness.memory import MemoryTransport, Wire
from darajasim.harness.merchant import MerchantSilentError, PaymentRecord, Said
from darajasim.harness.notes import ClientRaised
from darajasim.harness.watched_client import WatchedClient
from mpesa_pochi import PochiError, Secret, Settings
from mpesa_pochi.merchant import Database, PaymentView, create_app
from mpesa_pochi.merchant.models import Base

MERCHANT_HOST = "merchant.test"
MERCHANT_SECONDS = 300.0
"""How long a step waits for the merchant application."""

_spare: list[Database] = []
"""Empty databases of stages that have ended. SQLAlchemy compiles each statement once for an engine,
and creating the tables costs as much again: together half the time of a scenario."""


@dataclass(slots=True, eq=False)
class PochiMerchant:
    """The merchant application of `mpesa_pochi` behind a wire."""

    client: WatchedClient
    database: Database
    app: Any
    wire: Wire

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

    async def _ask(self, path: str, body: dict[str, Any]) -> Said:
        try:
            answer = await self.wire.call(
                "POST",
                f"http://{MERCHANT_HOST}/api/pochi/{path}",
                headers=[(b"content-type", b"application/json")],
                body=json.dumps(body).encode(),
                seconds=MERCHANT_SECONDS,
            )
        except TimeoutError:
            raise MerchantSilentError(
                f"no answer from the merchant within {MERCHANT_SECONDS:g} s"
            ) from None
        return _said(answer.status, answer.body)


def _said(status: int, body: bytes) -> Said:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    payment = answer.get("payment", answer)
    key = payment.get("payment_id") if isinstance(payment, dict) else None
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
    client = WatchedClient(_settings(daraja), transport=MemoryTransport(wires), now=now)
    client.raised = lambda operation, error: _note(namespace, operation, error)
    database = _spare.pop() if _spare else Database("sqlite://")
    app = create_app(client, database, now=now, new_token=lambda: tokens.alphanumeric(32))
    wire = wires[MERCHANT_HOST] = RecordedWire(app, exchanges)
    await database.create_tables()
    try:
        yield PochiMerchant(client, database, app, wire)
    finally:
        await wire.close()
        await client.aclose()
        if wire.used:
            await database.run(_empty)
        _spare.append(database)


def _empty(session: Session) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(table.delete())


def _settings(daraja: str) -> Settings:
    return Settings(
        shortcode="174379",
        passkey=Secret(SANDBOX_PASSKEY),
        consumer_key=Secret("merchant"),
        consumer_secret=Secret("secret"),
        callback_url=f"http://{MERCHANT_HOST}/api/pochi/callback",
        name="Duka",
        base_url=daraja,
    )


def _note(namespace: Namespace, operation: str, error: PochiError) -> None:
    namespace.journal.append(ClientRaised(namespace.clock.time(), operation, str(error)))
