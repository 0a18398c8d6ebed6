"""The payments of a standing order: each on its day, as an ordinary payment by the customer."""

from __future__ import annotations

from functools import partial

from darajasim.core.catalogue import catalogue
from darajasim.core.customer import Customer, CustomerState, Paid
from darajasim.core.events import PaymentSettled
from darajasim.core.ledger import CHARGES
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Organisation, OrganisationKind
from darajasim.core.transactions import Transaction
from darajasim.operations.customer_rules import by_funds, by_limits, by_state
from darajasim.operations.money import completed, customer_party, move, organisation_party
from darajasim.operations.ratiba_order import Order, OrderBook

CHARGE_PERCENT = 5
CHARGE_MOST_CENTS = 5_00
"""What each payment costs the customer (documented: 5 % of the value, at most KES 5; that the
customer bears it is guessed)."""
CHARGE_NAME = "Standing Order Charge"
AFTER_THE_HOUR = 0.001
"""Seconds past the hour at which payments are made, so that no rounding prints 07:59:59."""


def await_payment(namespace: Namespace, order: Order, moment: float | None) -> None:
    """Put one payment on the timeline; those after it follow from it."""
    if moment is None:
        return
    seconds = max(0.0, moment - namespace.clock.time()) + AFTER_THE_HOUR
    call = partial(_execute, namespace, order, moment)
    namespace.timeline.after(seconds, call, background=True)


def _execute(namespace: Namespace, order: Order, moment: float) -> None:
    """Pay once, or skip it quietly, and wait for the next day."""
    if namespace.book(OrderBook).get(order.msisdn, order.name) is not order:
        return
    customer = namespace.world.customer(order.msisdn)
    receiver = namespace.world.organisations[order.shortcode]
    refused = _refused_payment(namespace, order, customer, receiver)
    receipt = None if refused else _pay(namespace, order, customer, receiver)
    row = catalogue().by_key(refused or "paid")
    text = row.text_in(namespace.profile.texts)
    now = namespace.clock.time()
    namespace.journal.append(PaymentSettled(now, order.subject, row.code, text, receipt))
    await_payment(namespace, order, order.schedule.after(moment))


def charge_cents(cents: int) -> int:
    """What a payment costs beside its amount, in cents."""
    return min(CHARGE_MOST_CENTS, cents * CHARGE_PERCENT // 100)


def _refused_payment(
    namespace: Namespace, order: Order, customer: Customer, receiver: Organisation
) -> str | None:
    """Why a payment cannot be made today: the row of M-Pesa Express that would say so. Nobody is
    asked for a PIN, so a locked one does not matter.
    """
    if customer.state in (CustomerState.INACTIVE, CustomerState.UNREGISTERED):
        return by_state(customer)
    cents, now = order.cents, namespace.clock.time()
    return by_limits(customer, cents, now) or by_funds(
        namespace, customer, receiver, cents, charge_cents=charge_cents(cents)
    )


def _pay(namespace: Namespace, order: Order, customer: Customer, receiver: Organisation) -> str:
    """Move amount and charge, and make it known as the customer's own payment; its receipt."""
    now = namespace.clock.time()
    receipt = namespace.ids.receipt(now)
    move(namespace, customer.account, receiver.account, order.cents, receipt)
    charge = charge_cents(order.cents)
    if charge:
        move(namespace, customer.account, CHARGES, charge, receipt)
    customer.remember(Paid(now, receiver.account, order.cents))
    till = receiver.kind is OrganisationKind.TILL
    completed(
        namespace,
        Transaction(
            receipt=receipt,
            operation="standing_order",
            reason="Pay Merchant" if till else "Pay Bill Online",
            debit=customer_party(customer),
            credit=organisation_party(receiver),
            cents=order.cents,
            initiated_at=now,
            finalised_at=now,
            originator_conversation_id=order.subject,
            conversation_id="",
            reference=order.reference,
            charge_cents=charge,
            charge_name=CHARGE_NAME if charge else "",
            from_customer=True,
        ),
    )
    return receipt
