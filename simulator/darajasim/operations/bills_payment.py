"""What Bill Manager does when a customer has paid: invoices are marked, the biller is told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from darajasim.core.clock import written
from darajasim.core.courier import Letter
from darajasim.core.namespace import Namespace
from darajasim.core.transactions import Transaction
from darajasim.core.wire import dumps
from darajasim.operations import callbacks
from darajasim.operations.bills_book import BillBook
from darajasim.operations.callbacks import CALLBACK_SECONDS, Callback

ATTEMPTS = 5
"""Until the biller answers 2xx (documented: up to 5)."""
GAP_SECONDS = 60.0
"""From one attempt to the next (guessed)."""
KEYS = ("transactionId", "paidAmount", "msisdn", "dateCreated", "accountReference", "shortCode")
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {key: {"type": "string"} for key in KEYS},
    "required": list(KEYS),
    "additionalProperties": False,
}
"""JSON Schema of the callback."""
HEADERS: Mapping[str, str] = {"Content-Type": "application/json"}


def hear(namespace: Namespace, transaction: Transaction) -> None:
    """Mark invoices paid, and tell the biller if the receiver is one."""
    book = namespace.book(BillBook)
    shortcode = transaction.credit.identifier
    book.pay(shortcode, transaction.reference, transaction.cents)
    biller = book.billers.get(shortcode)
    if biller is None or not biller.callback_url:
        return
    letter = partial(_letter, namespace, shortcode, push_body(transaction))
    callback = Callback(kind="bill", subject=biller.app_key, letter=letter)
    if namespace.chance.chance(namespace.profile.callback_loss_rate):
        callbacks.withhold(namespace, callback, "the knob callback_loss_rate")
        return
    namespace.timeline.start(_tell(namespace, callback, transaction.receipt))


async def _tell(namespace: Namespace, callback: Callback, receipt: str) -> None:
    await namespace.clock.sleep(CALLBACK_SECONDS + namespace.profile.callback_delay)
    for attempt in range(1, ATTEMPTS + 1):
        answer = await callbacks.deliver(namespace, callback, attempt)
        heard = answer.status is not None and 200 <= answer.status < 300
        if heard or attempt == ATTEMPTS:
            return
        await namespace.clock.sleep(GAP_SECONDS)
        if namespace.book(BillBook).acknowledged(receipt):
            return


def push_body(transaction: Transaction) -> dict[str, str]:
    """Six strings; the customer's number is not masked (documented)."""
    shillings, cents = divmod(transaction.cents, 100)
    values = (
        transaction.receipt,
        f"{shillings}.{cents:02d}" if cents else str(shillings),
        transaction.debit.identifier,
        written(int(transaction.finalised_at), "%Y-%m-%d"),
        transaction.reference,
        transaction.credit.identifier,
    )
    return dict(zip(KEYS, values, strict=True))


def _letter(namespace: Namespace, shortcode: str, body: Mapping[str, str]) -> Letter:
    """To where the biller wants it now."""
    biller = namespace.book(BillBook).billers[shortcode]
    return Letter(biller.callback_url, HEADERS, dumps(body))


ON_CUSTOMER_PAYMENT = hear
