"""Billers and their invoices, as Bill Manager keeps them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

MAX_INVOICES = 100_000
MAX_ACKNOWLEDGED = 10_000


@dataclass(frozen=True, slots=True)
class Biller:
    """A shortcode that has opted in.

    Attributes:
        consumer_key: of the app that opted in.
        app_key: what the opt-in was answered with; later requests may send it as a header.
        callback_url: where payments are told; "" when an update took it away.
    """

    shortcode: str
    consumer_key: str
    app_key: str
    email: str
    contact: str
    reminders: bool
    callback_url: str


@dataclass(slots=True, eq=False)
class Invoice:
    """One invoice. `owner` is the biller's shortcode, or stands for an app that has none yet."""

    owner: str
    external_reference: str
    account_reference: str
    cents: int
    shortcode: str | None = None
    paid_cents: int = 0
    cancelled: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by: the reference is unique per biller (documented)."""
        return self.owner, self.external_reference

    @property
    def open_cents(self) -> int:
        """What is still to be paid."""
        return 0 if self.cancelled else max(0, self.cents - self.paid_cents)


class BillBook:
    """Billers and invoices of one namespace; beyond the limit the oldest invoices are forgotten."""

    def __init__(self, limit: int = MAX_INVOICES) -> None:
        self._limit = limit
        self.billers: dict[str, Biller] = {}
        self._latest: dict[str, str] = {}
        self._app_keys: dict[str, str] = {}
        self._invoices: OrderedDict[tuple[str, str], Invoice] = OrderedDict()
        self._by_account: dict[str, dict[tuple[str, str], Invoice]] = {}
        self._acknowledged: OrderedDict[str, None] = OrderedDict()

    def enrol(self, biller: Biller) -> None:
        """Keep a biller, new or changed."""
        self.billers[biller.shortcode] = biller
        self._latest[biller.consumer_key] = biller.shortcode
        self._app_keys[biller.app_key] = biller.shortcode

    def of_app(self, consumer_key: str) -> Biller | None:
        """The biller that this app opted in last, or None."""
        shortcode = self._latest.get(consumer_key)
        return self.billers[shortcode] if shortcode is not None else None

    def of_key(self, app_key: str) -> Biller | None:
        """The biller whose opt-in was answered with this key, or None."""
        shortcode = self._app_keys.get(app_key)
        return self.billers[shortcode] if shortcode is not None else None

    def put(self, invoice: Invoice) -> None:
        """Keep an invoice, in place of the one with its reference."""
        self._forget(invoice.key)
        self._invoices[invoice.key] = invoice
        self._by_account.setdefault(invoice.account_reference, {})[invoice.key] = invoice
        if len(self._invoices) > self._limit:
            self._forget(next(iter(self._invoices)))

    def get(self, owner: str, external_reference: str) -> Invoice | None:
        """The invoice with this reference, or None."""
        return self._invoices.get((owner, external_reference))

    def _forget(self, key: tuple[str, str]) -> None:
        invoice = self._invoices.pop(key, None)
        if invoice is None:
            return
        siblings = self._by_account[invoice.account_reference]
        del siblings[key]
        if not siblings:
            del self._by_account[invoice.account_reference]

    def pay(self, shortcode: str, account_reference: str, cents: int) -> int:
        """Mark invoices paid by a payment, the oldest first; the cents that no invoice took."""
        for invoice in self._by_account.get(account_reference, {}).values():
            if invoice.shortcode in (None, shortcode):
                taken = min(cents, invoice.open_cents)
                invoice.paid_cents += taken
                cents -= taken
        return cents

    def acknowledge(self, transaction_id: str) -> None:
        """The biller says that it has heard of a payment."""
        self._acknowledged[transaction_id] = None
        if len(self._acknowledged) > MAX_ACKNOWLEDGED:
            self._acknowledged.popitem(last=False)

    def acknowledged(self, transaction_id: str) -> bool:
        """Whether it has said so."""
        return transaction_id in self._acknowledged

    def __len__(self) -> int:
        return len(self._invoices)

    def __iter__(self) -> Iterator[Invoice]:
        return iter(tuple(self._invoices.values()))
