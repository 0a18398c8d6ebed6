"""Bill Manager: opt-in, invoices one by one and in bulk, reconciliation, cancelling, changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.operations import bills_fields, bills_payment
from darajasim.operations.bills_book import BillBook, Biller, Invoice
from darajasim.operations.bills_operation import (
    APP_KEY,
    NOT_TOGETHER,
    BillsOperation,
    InvoiceOperation,
    ManyInvoices,
    answer_schema,
    biller_of,
    done,
    owner_of,
    under,
)
from darajasim.operations.business import Request
from darajasim.operations.call import Answer, Refusal

SENT = "Invoice sent successfully"
CANCELLED = "Invoice cancelled successfuly."
"""With one l (documented)."""
CHANGED = "Invoice updated successfully"
"""Guessed: these operations are named in e-mails only."""


class OptIn(BillsOperation):
    """A shortcode opts in, once."""

    name = "bills_optin"
    about = "Opt a shortcode in to Bill Manager and say where its payments are told."
    magic_field: ClassVar[str] = "email"
    fields = bills_fields.optin()
    answer_schema: ClassVar[Mapping[str, Any]] = answer_schema("app_key")
    callbacks: ClassVar[Mapping[str, str]] = {"bill": "callbackurl"}
    callback_schemas: ClassVar[Mapping[str, Mapping[str, Any]]] = {"bill": bills_payment.SCHEMA}

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Enrol the shortcode."""
        check_shortcode(namespace, request, self.name)
        book = namespace.book(BillBook)
        if request["shortcode"] in book.billers:
            raise Refusal(
                "bills-already-registered",
                f"{request['shortcode']} has opted in before; use change-optin-details",
            )
        biller = _biller(request, _app_key(namespace))
        book.enrol(biller)
        return done({"app_key": biller.app_key}, biller.app_key)


class ChangeOptIn(BillsOperation):
    """What an opt-in said is changed; without one, this is one (guessed)."""

    name = "bills_change_optin"
    about = "Change what the opt-in said."
    magic_field: ClassVar[str] = "email"
    fields = bills_fields.optin(url_optional=True)
    answer_schema: ClassVar[Mapping[str, Any]] = answer_schema()
    callbacks: ClassVar[Mapping[str, str]] = {"bill": "callbackurl"}
    callback_schemas: ClassVar[Mapping[str, Mapping[str, Any]]] = {"bill": bills_payment.SCHEMA}

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Change it; a callbackurl that is left out stays as it was (guessed)."""
        check_shortcode(namespace, request, "bills_optin")
        book = namespace.book(BillBook)
        known = book.billers.get(request["shortcode"])
        if known is not None and known.consumer_key != request.consumer_key:
            raise Refusal(NOT_TOGETHER, f"another app opted {known.shortcode} in")
        if request[APP_KEY] and (known is None or known.app_key != request[APP_KEY]):
            raise Refusal(
                NOT_TOGETHER, f"app_key {request[APP_KEY]} is not that of {request['shortcode']}"
            )
        biller = _biller(request, known.app_key if known else _app_key(namespace))
        if known is not None and not biller.callback_url:
            biller = replace(biller, callback_url=known.callback_url)
        book.enrol(biller)
        return done({}, biller.app_key)


def check_shortcode(namespace: Namespace, request: Request, product: str) -> None:
    """See that the shortcode may use Bill Manager, and that the app may speak for it.

    Raises:
        Refusal: it may not.
    """
    shortcode, app = request["shortcode"], request.app
    if app is not None and app.shortcodes is not None and shortcode not in app.shortcodes:
        issued = ", ".join(sorted(app.shortcodes)) or "none"
        raise Refusal(NOT_TOGETHER, f"issued to the app {app.consumer_key}: {issued}")
    organisation = namespace.world.organisation(shortcode)
    if organisation is None:
        known = ", ".join(namespace.world.organisations)
        raise Refusal(NOT_TOGETHER, f"no shortcode {shortcode} in this world; there are {known}")
    if not organisation.takes_part_in(product):
        raise Refusal(NOT_TOGETHER, f"{shortcode} does not take part in {product}")


def _biller(request: Request, app_key: str) -> Biller:
    return Biller(
        shortcode=request["shortcode"],
        consumer_key=request.consumer_key,
        app_key=app_key,
        email=request["email"],
        contact=request["officialContact"],
        reminders=request["sendReminders"] == "1",
        callback_url=request["callbackurl"],
    )


def _app_key(namespace: Namespace) -> str:
    """`AG_`, ten digits, and nine with two capitals (documented: the sample's shape)."""
    chance = namespace.chance
    letters = "".join(chr(ord("A") + chance.below(26)) for _ in range(2))
    first, second = chance.between(10**9, 10**10 - 1), chance.below(10**9)
    return f"AG_{first}_{second:09d}{letters}"


class SingleInvoice(InvoiceOperation):
    """Nothing is returned that could identify the invoice but the caller's own reference."""

    name = "bills_single_invoice"
    about = "Send one invoice to a customer."
    fields = bills_fields.INVOICE
    answer_schema: ClassVar[Mapping[str, Any]] = answer_schema("Status_Message")

    def carry_out(self, namespace: Namespace, requests: Sequence[Request]) -> Answer:
        """Keep the invoices, all or none."""
        book = namespace.book(BillBook)
        invoices = [_invoice(biller_of(namespace, each), each) for each in requests]
        keys = set()
        for invoice in invoices:
            if invoice.key in keys or book.get(*invoice.key) is not None:
                raise Refusal(
                    "bills-duplicate-reference",
                    f"externalReference {invoice.external_reference} was sent before",
                )
            keys.add(invoice.key)
        for invoice in invoices:
            book.put(invoice)
        return done({"Status_Message": SENT})


class BulkInvoice(ManyInvoices, SingleInvoice):
    name = "bills_bulk_invoice"
    about = "Send up to 1000 invoices."


def _invoice(biller: Biller | None, request: Request) -> Invoice:
    return Invoice(
        owner=owner_of(biller, request),
        external_reference=request["externalReference"],
        account_reference=request["accountReference"],
        cents=int(Decimal(request["amount"]) * 100),
        shortcode=biller.shortcode if biller is not None else None,
    )


class CancelInvoice(InvoiceOperation):
    """One that has been paid, even in part, cannot be cancelled (documented)."""

    name = "bills_cancel_invoice"
    about = "Cancel an invoice by its externalReference."
    fields = (bills_fields.EXTERNAL_REFERENCE,)
    answer_schema: ClassVar[Mapping[str, Any]] = answer_schema("Status_Message", errors=True)

    def carry_out(self, namespace: Namespace, requests: Sequence[Request]) -> Answer:
        """Cancel them, all or none. What is not known is named in `errors` (guessed)."""
        book, found, errors = namespace.book(BillBook), [], []
        for request in requests:
            reference = request["externalReference"]
            invoice = book.get(owner_of(biller_of(namespace, request), request), reference)
            if invoice is None:
                errors.append(f"{reference}: no such invoice")
            elif invoice.paid_cents:
                raise Refusal("bills-paid-invoice", f"{reference} has been paid, at least in part")
            else:
                found.append(invoice)
        for invoice in found:
            invoice.cancelled = True
        answer = done({"Status_Message": CANCELLED, "errors": errors})
        answer.hint = "; ".join(errors[:5]) or None
        return answer


class CancelInvoices(ManyInvoices, CancelInvoice):
    name = "bills_cancel_invoices"
    about = "Cancel up to 1000 invoices."


class ChangeInvoice(InvoiceOperation):
    """The whole invoice again, under its reference; one that is not known is sent (guessed)."""

    name = "bills_change_invoice"
    about = "Change an invoice; requests and answers are not documented."
    fields = bills_fields.INVOICE
    answer_schema: ClassVar[Mapping[str, Any]] = answer_schema("Status_Message")

    def carry_out(self, namespace: Namespace, requests: Sequence[Request]) -> Answer:
        """Put the new invoices in the places of the old ones; what was paid stays paid."""
        book = namespace.book(BillBook)
        changed = [_invoice(biller_of(namespace, each), each) for each in requests]
        for invoice in changed:
            known = book.get(*invoice.key)
            invoice.paid_cents = known.paid_cents if known is not None else 0
            book.put(invoice)
        return done({"Status_Message": CHANGED})


class ChangeInvoices(ManyInvoices, ChangeInvoice):
    name = "bills_change_invoices"
    about = "Change up to 1000 invoices; requests and answers are not documented."


class Reconciliation(BillsOperation):
    """The biller acknowledges a payment, and the customer gets an e-receipt (documented)."""

    name = "bills_reconciliation"
    about = "Acknowledge a payment, so that the customer gets an e-receipt."
    fields = bills_fields.RECONCILIATION
    answer_schema: ClassVar[Mapping[str, Any]] = answer_schema()

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Nobody needs to be told of this payment again (guessed)."""
        biller_of(namespace, request)
        namespace.book(BillBook).acknowledge(request["transactionId"])
        return done({})


OPERATIONS: tuple[BillsOperation, ...] = (
    *under("optin")(OptIn),
    *under("single-invoicing")(SingleInvoice),
    *under("bulk-invoicing")(BulkInvoice),
    *under("reconciliation")(Reconciliation),
    *under("cancel-single-invoice")(CancelInvoice),
    *under("cancel-bulk-invoice", "cancel-bulk-invoices")(CancelInvoices),
    *under("change-optin-details")(ChangeOptIn),
    *under("change-invoice")(ChangeInvoice),
    *under("change-invoices")(ChangeInvoices),
)
"""The first spelling of cancelling many is that of production e-mails."""
