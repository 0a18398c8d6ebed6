"""M-PESA's own rules for a push: who may pay whom, how much, and with which PIN."""

from __future__ import annotations

from darajasim.core.customer import Customer
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
    if not customer.enter_pin(right=right_pin):
        return "wrong-pin"
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
