"""M-PESA's own rules for a push: who may pay whom, how much, and with which PIN."""

from __future__ import annotations

from darajasim.core.ledger import OUTSIDE, Entry
from darajasim.core.namespace import Namespace
from darajasim.core.push import Push
from darajasim.core.world import PIN_ATTEMPTS, Customer, CustomerState, OrganisationKind, Paid

DAY_SECONDS = 86_400
EAT_SECONDS = 3 * 3_600

RECEIVERS = {
    "CustomerPayBillOnline": OrganisationKind.PAYBILL,
    "CustomerBuyGoodsOnline": OrganisationKind.TILL,
}


def on_arrival(namespace: Namespace, push: Push) -> str | None:
    """What fails before any prompt: the receiver is unknown, or not of the kind asked for."""
    receiver = namespace.world.organisations.get(push.party_b)
    if receiver is None:
        return "wrong-receiver"
    return None if receiver.kind is RECEIVERS[push.transaction_type] else "not-permitted"


def on_pin(namespace: Namespace, push: Push, customer: Customer, *, right_pin: bool) -> str | None:
    """What fails once a PIN has been entered; None when the payment may be made."""
    if customer.state is CustomerState.INACTIVE:
        return "account-inactive"
    if customer.state is CustomerState.PIN_LOCKED:
        return "pin-locked"
    if not right_pin:
        customer.wrong_pins += 1
        if customer.wrong_pins >= PIN_ATTEMPTS:
            customer.state = CustomerState.PIN_LOCKED
        return "wrong-pin"
    customer.wrong_pins = 0
    return _limits(namespace, push, customer) or _funds(namespace, push, customer)


def _limits(namespace: Namespace, push: Push, customer: Customer) -> str | None:
    cents, now, limits = push.amount * 100, namespace.clock.time(), customer.limits
    receiver = namespace.world.organisations[push.party_b].account
    window = namespace.profile.repeat_window
    for paid in customer.paid:
        if paid.cents == cents and paid.account == receiver and now - paid.at < window:
            return "rule-limited"
    if cents < limits.minimum:
        return "below-minimum"
    if cents > limits.maximum:
        return "above-maximum"
    today = (now + EAT_SECONDS) // DAY_SECONDS
    spent = sum(
        paid.cents for paid in customer.paid if (paid.at + EAT_SECONDS) // DAY_SECONDS == today
    )
    return "daily-limit" if spent + cents > limits.daily else None


def _funds(namespace: Namespace, push: Push, customer: Customer) -> str | None:
    cents = push.amount * 100
    if namespace.ledger.balance(customer.account) < cents:
        return "insufficient-funds"
    receiver = namespace.world.organisations[push.party_b]
    ceiling = receiver.maximum_cents
    if ceiling is not None and namespace.ledger.balance(receiver.account) + cents > ceiling:
        return "balance-limit"
    return None


def pay(namespace: Namespace, push: Push, customer: Customer, *, top_up: bool) -> Entry:
    """Move the money under a new receipt number, which is the entry's reference.

    Args:
        top_up: the result was decided beforehand; a wallet that cannot pay is filled from outside.
    """
    cents, now = push.amount * 100, namespace.clock.time()
    receiver = namespace.world.organisations.get(push.party_b)
    if receiver is None:
        receiver = namespace.world.organisations[push.shortcode]
    ledger = namespace.ledger
    short = cents - ledger.balance(customer.account)
    if top_up and short > 0:
        ledger.transfer(OUTSIDE, customer.account, short, reference="top-up", at=now)
    entry = ledger.transfer(
        customer.account, receiver.account, cents, reference=namespace.ids.receipt(now), at=now
    )
    customer.remember(Paid(now, receiver.account, cents))
    return entry
