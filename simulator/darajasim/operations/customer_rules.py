"""M-PESA's own rules for a customer who pays an organisation, however the payment was asked for.

Each names the row of M-Pesa Express that would say so.
"""

from __future__ import annotations

from darajasim.core.customer import Customer, CustomerState, cents_today
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Organisation

_STATES = {
    CustomerState.INACTIVE: "account-inactive",
    CustomerState.UNREGISTERED: "account-inactive",
    CustomerState.PIN_LOCKED: "pin-locked",
}


def by_state(customer: Customer) -> str | None:
    """Why a wallet in this state cannot pay."""
    return _STATES.get(customer.state)


def by_limits(customer: Customer, cents: int, now: float) -> str | None:
    """Which limit of the wallet an amount breaks."""
    if cents < customer.limits.minimum:
        return "below-minimum"
    if cents > customer.limits.maximum:
        return "above-maximum"
    spent = cents_today(customer.paid, now)
    return "daily-limit" if spent + cents > customer.limits.daily else None


def by_funds(
    namespace: Namespace,
    customer: Customer,
    organisation: Organisation,
    cents: int,
    *,
    charge_cents: int = 0,
) -> str | None:
    """Whether the money is there, and has room where it goes."""
    ledger, ceiling = namespace.ledger, organisation.maximum_cents
    if ledger.available(customer.account) < cents + charge_cents:
        return "insufficient-funds"
    full = ceiling is not None and ledger.balance(organisation.account) + cents > ceiling
    return "balance-limit" if full else None


def refused(
    namespace: Namespace,
    customer: Customer,
    organisation: Organisation,
    cents: int,
    *,
    charge_cents: int = 0,
) -> str | None:
    """Why M-PESA does not let a customer pay who is not asked for a PIN here; None when it does.

    The rule against repeats within two minutes is not among them: it was seen on pushes alone.
    """
    return (
        by_state(customer)
        or by_limits(customer, cents, namespace.clock.time())
        or by_funds(namespace, customer, organisation, cents, charge_cents=charge_cents)
    )
