"""The callbacks of C2B: validation asks before the money moves, confirmation tells of it after.

Every payment that a customer makes to a shortcode with registered URLs is confirmed, whichever API
asked for it; `confirm` is the only place that does so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from darajasim.core.clock import compact
from darajasim.core.courier import JSON_HEADERS, Letter
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import OrganisationKind
from darajasim.core.profile import Profile
from darajasim.core.transactions import Transaction
from darajasim.core.wire import dumps
from darajasim.operations import callbacks
from darajasim.operations.c2b_book import C2BBook, PhonePayment, Registration
from darajasim.operations.callbacks import Callback
from darajasim.operations.command_result import money

CONFIRMATION_SECONDS = 2.0
"""From the payment to its confirmation (guessed)."""
BY_VERSION = {1: "hashed", 2: "masked"}
"""How the callbacks of each version show the payer's number (documented)."""
PAY_BILL = "Pay Bill"
BUY_GOODS = {"observed": "Customer Merchant Payment", "documented": "Buy Goods"}
"""TransactionType of a till: seen (TILL26), and documented."""


@dataclass(frozen=True, slots=True)
class Told:
    """What both callbacks tell of a payment.

    Attributes:
        payer: the full MSISDN; `name` is what it is registered under.
        till: whether the customer chose Buy Goods.
        at: simulated seconds since the epoch.
        balance: of the organisation after the payment, in cents; None before it.
    """

    shortcode: str
    payer: str
    name: str
    till: bool
    receipt: str
    at: float
    cents: int
    reference: str
    balance: int | None = None
    third_party_id: str = ""


def validation(namespace: Namespace, payment: PhonePayment, registration: Registration) -> Callback:
    """The question whether a payment may be made: a confirmation without a balance (documented)."""
    told = Told(
        shortcode=payment.shortcode,
        payer=payment.msisdn,
        name=namespace.world.customer(payment.msisdn).name,
        till=payment.kind is OrganisationKind.TILL,
        receipt=payment.receipt,
        at=namespace.clock.time(),
        cents=payment.cents,
        reference=payment.reference,
    )
    letter = _letter(namespace.profile, registration, registration.validation_url, told)
    return Callback("validation", payment.subject, lambda: letter)


def confirm(namespace: Namespace, transaction: Transaction) -> None:
    """Owe the confirmation of a customer's payment, if its receiver registered URLs.

    Its subject in the journal is that of the payment; where another API made it, the receipt.
    """
    book, world = namespace.book(C2BBook), namespace.world
    shortcode, payer = transaction.credit.identifier, transaction.debit.identifier
    registration = book.registrations.get(shortcode)
    if registration is None:
        return
    payment = book.moving.get(transaction.receipt)
    organisation = world.organisations[shortcode]
    kind = payment.kind if payment else organisation.kind
    told = Told(
        shortcode=shortcode,
        payer=payer,
        name=world.customers[payer].name if payer in world.customers else "",
        till=kind is OrganisationKind.TILL,
        receipt=transaction.receipt,
        at=transaction.finalised_at,
        cents=transaction.cents,
        reference=transaction.reference,
        balance=namespace.ledger.balance(organisation.account),
        third_party_id=payment.third_party_id if payment else "",
    )
    letter = _letter(namespace.profile, registration, registration.confirmation_url, told)
    callbacks.owe(
        namespace,
        Callback(
            "confirmation",
            payment.subject if payment else transaction.receipt,
            lambda: letter,
            usual=CONFIRMATION_SECONDS,
            plan=(payment.plan if payment else None) or registration.plan,
        ),
    )


def _letter(profile: Profile, registration: Registration, url: str, told: Told) -> Letter:
    return Letter(url, JSON_HEADERS, dumps(body(profile, registration.version, told)))


def body(profile: Profile, version: int, told: Told) -> dict[str, str]:
    """Strings only, amounts with two decimals, in this order (documented; seen, six times).

    Args:
        version: of the API that registered the URLs.
    """
    till = BUY_GOODS.get(profile.texts, BUY_GOODS["documented"])
    return {
        "TransactionType": till if told.till else PAY_BILL,
        "TransID": told.receipt,
        "TransTime": compact(told.at),
        "TransAmount": str(money(told.cents)),
        "BusinessShortCode": told.shortcode,
        "BillRefNumber": "" if told.till else told.reference,
        "InvoiceNumber": "",
        "OrgAccountBalance": "" if told.balance is None else str(money(told.balance)),
        "ThirdPartyTransID": told.third_party_id,
        "MSISDN": shown_msisdn(told.payer, profile.c2b_msisdn, version),
        **_names(told.name, profile),
    }


def shown_msisdn(msisdn: str, mode: str, version: int) -> str:
    """The payer's number as the knob c2b_msisdn has it; `2547 ***** 149` when masked (seen)."""
    match BY_VERSION[version] if mode == "by-version" else mode:
        case "masked":
            return f"{msisdn[:4]} ***** {msisdn[-3:]}"
        case "hashed":
            return _hash(msisdn)
        case "hashed-masked":  # seen once, in July 2024
            hashed = _hash(msisdn)
            return f"{hashed[:34]} ***** {hashed[39:]}"
        case _:
            return msisdn


def _hash(msisdn: str) -> str:
    return hashlib.sha256(msisdn.encode()).hexdigest()


def _names(name: str, profile: Profile) -> dict[str, str]:
    """FirstName alone, in capitals (seen, six times); the documents have all three, as registered,
    of which any may be empty.
    """
    first, *rest = name.split() or [""]
    if profile.texts == "observed":
        return {"FirstName": first.upper()}
    last = rest.pop() if rest else ""
    return {"FirstName": first, "MiddleName": " ".join(rest), "LastName": last}


ON_CUSTOMER_PAYMENT = confirm
