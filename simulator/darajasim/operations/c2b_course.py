"""The course of a payment that a customer makes from the phone: validation, money, confirmation.

Who decides: M-PESA's rules for the customer, then the merchant's answer to the validation, then
those rules again, for the answer may take eight seconds.
"""

from __future__ import annotations

from functools import partial

from darajasim.core.catalogue import catalogue
from darajasim.core.customer import Customer, Paid
from darajasim.core.events import PaymentSettled
from darajasim.core.msisdn import is_msisdn
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Organisation, OrganisationKind
from darajasim.core.transactions import Transaction
from darajasim.operations import c2b_callback, callbacks
from darajasim.operations.c2b_book import C2BBook, PhonePayment, Registration
from darajasim.operations.c2b_rules import fits
from darajasim.operations.c2b_validation import judged
from darajasim.operations.customer_rules import refused
from darajasim.operations.money import completed, customer_party, move, organisation_party

PHONE_SECONDS = 1.0
"""From the request, or the PIN, until M-PESA looks at the payment (guessed)."""
VALIDATION_SECONDS = 8.0
"""How long a merchant may take to answer a validation (documented)."""
FROM_PHONE = "pay_from_phone"
"""What stands for the operation of a payment that no API asked for."""


def pay_from_phone(
    namespace: Namespace,
    *,
    msisdn: str,
    shortcode: str,
    amount: int,
    reference: str,
    kind: OrganisationKind | None = None,
) -> str:
    """A customer pays a paybill or a till from the phone, unasked. What comes of it is journalled
    as PaymentSettled, and told to the URLs that the shortcode registered.

    Args:
        msisdn: of the customer: 254 and nine digits.
        amount: whole shillings, at least 1.
        reference: the account number; a till has none, and what is given is dropped.
        kind: PAYBILL or TILL, as the customer chose; by default what the shortcode is.

    Returns:
        The subject of the events that follow.

    Raises:
        ValueError: no such number or amount.
    """
    if not is_msisdn(msisdn):
        raise ValueError(f"expected a phone as 2547XXXXXXXX or 2541XXXXXXXX, found {msisdn!r}")
    if amount < 1:
        raise ValueError(f"expected an amount of at least 1 shilling, found {amount}")
    organisation = namespace.world.organisation(shortcode)
    till = organisation is not None and organisation.kind is OrganisationKind.TILL
    payment = PhonePayment(
        subject=namespace.ids.request_id(),
        operation=FROM_PHONE,
        msisdn=msisdn,
        shortcode=shortcode,
        cents=amount * 100,
        reference=reference,
        kind=kind or (OrganisationKind.TILL if till else OrganisationKind.PAYBILL),
        begun_at=namespace.clock.time(),
    )
    begin(namespace, payment)
    return payment.subject


def begin(namespace: Namespace, payment: PhonePayment) -> None:
    """Set a payment on its way."""
    namespace.timeline.after(PHONE_SECONDS, partial(_arrive, namespace, payment))


def _arrive(namespace: Namespace, payment: PhonePayment) -> None:
    """M-PESA looks at the payment, and asks the merchant if the merchant wants to be asked."""
    organisation = namespace.world.organisation(payment.shortcode)
    problem = _problem(namespace, payment, organisation)
    if organisation is None or problem:
        _refuse(namespace, payment, problem)
        return
    payment.receipt = namespace.ids.receipt(namespace.clock.time())
    registration = namespace.book(C2BBook).registrations.get(payment.shortcode)
    if registration is not None and organisation.validates:
        namespace.timeline.start(_validate(namespace, payment, organisation, registration))
    else:
        _pay(namespace, payment, organisation)


def _problem(namespace: Namespace, payment: PhonePayment, organisation: Organisation | None) -> str:
    """Why M-PESA refuses: the row of M-Pesa Express that would say so, or ""."""
    if organisation is None or not organisation.active:
        return "wrong-receiver"
    if not fits(organisation, payment.kind):
        return "not-permitted"
    customer = namespace.world.customer(payment.msisdn)
    return refused(namespace, customer, organisation, payment.cents) or ""


async def _validate(
    namespace: Namespace,
    payment: PhonePayment,
    organisation: Organisation,
    registration: Registration,
) -> None:
    """Ask the merchant, and do as the answer says."""
    question = c2b_callback.validation(namespace, payment, registration)
    receipt = await callbacks.deliver(namespace, question, within=VALIDATION_SECONDS)
    verdict = judged(receipt, registration.response_type)
    if verdict.code is not None:
        _settle(namespace, payment, verdict.code, verdict.text)
        return
    payment.third_party_id = verdict.third_party_id
    problem = _problem(namespace, payment, organisation)
    if problem:
        _refuse(namespace, payment, problem)
    else:
        _pay(namespace, payment, organisation)


def _refuse(namespace: Namespace, payment: PhonePayment, key: str) -> None:
    row = catalogue().by_key(key)
    _settle(namespace, payment, row.code, row.text_in(namespace.profile.texts))


def _settle(
    namespace: Namespace, payment: PhonePayment, code: str, text: str, receipt: str | None = None
) -> None:
    now = namespace.clock.time()
    namespace.journal.append(PaymentSettled(now, payment.subject, code, text, receipt))


def _pay(namespace: Namespace, payment: PhonePayment, organisation: Organisation) -> None:
    """Move the money and make it known; the confirmation follows from that."""
    now, book = namespace.clock.time(), namespace.book(C2BBook)
    customer = namespace.world.customer(payment.msisdn)
    move(namespace, customer.account, organisation.account, payment.cents, payment.receipt)
    customer.remember(Paid(now, organisation.account, payment.cents))
    row = catalogue().by_key("paid")
    text = row.text_in(namespace.profile.texts)
    _settle(namespace, payment, row.code, text, payment.receipt)
    book.moving[payment.receipt] = payment
    try:
        completed(namespace, _transaction(payment, customer, organisation, now))
    finally:
        del book.moving[payment.receipt]


def _transaction(
    payment: PhonePayment, customer: Customer, organisation: Organisation, now: float
) -> Transaction:
    till = payment.kind is OrganisationKind.TILL
    return Transaction(
        receipt=payment.receipt,
        operation=payment.operation,
        reason="Pay Merchant" if till else "Pay Bill",
        debit=customer_party(customer),
        credit=organisation_party(organisation),
        cents=payment.cents,
        initiated_at=payment.begun_at,
        finalised_at=now,
        originator_conversation_id=payment.subject,
        conversation_id="",
        reference="" if till else payment.reference,
        from_customer=True,
    )
