"""M-PESA's own rules for a push: who may pay whom, how much, and with which PIN."""

from __future__ import annotations

from darajasim.core.customer import PIN_ATTEMPTS, Customer, CustomerState, Paid
from darajasim.core.ledger import OUTSIDE, Entry
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Organisation, OrganisationKind
from darajasim.core.push import Push
from darajasim.operations.customer_rules import by_funds, by_limits, by_state

RECEIVERS = {
    "CustomerPayBillOnline": OrganisationKind.PAYBILL,
    "CustomerBuyGoodsOnline": OrganisationKind.TILL,
}


def on_arrival(namespace: Namespace, push: Push) -> str | None:
    """What fails before any prompt: the receiver is unknown, or not of the kind asked for."""
    receiver = namespace.world.organisation(push.party_b)
    if receiver is None:
        return "wrong-receiver"
    return None if receiver.kind is RECEIVERS[push.transaction_type] else "not-permitted"


def on_pin(namespace: Namespace, push: Push, customer: Customer, *, right_pin: bool) -> str | None:
    """What fails once a PIN has been entered; None when the payment may be made."""
    if (stopped := by_state(customer)) is not None:
        return stopped
    if not right_pin:
        customer.wrong_pins += 1
        if customer.wrong_pins >= PIN_ATTEMPTS:
            customer.state = CustomerState.PIN_LOCKED
        return "wrong-pin"
    customer.wrong_pins = 0
    cents, receiver = push.amount * 100, namespace.world.organisations[push.party_b]
    return (
        _repeated(namespace, customer, receiver, cents)
        or by_limits(customer, cents, namespace.clock.time())
        or by_funds(namespace, customer, receiver, cents)
    )


def _repeated(
    namespace: Namespace, customer: Customer, receiver: Organisation, cents: int
) -> str | None:
    """The same amount to the same receiver within two minutes (documented)."""
    now, window = namespace.clock.time(), namespace.profile.repeat_window
    for paid in customer.paid:
        if paid.cents == cents and paid.account == receiver.account and now - paid.at < window:
            return "rule-limited"
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
