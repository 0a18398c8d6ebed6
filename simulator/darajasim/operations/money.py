"""Moving money and telling about it: what every product that settles a payment shares."""

from __future__ import annotations

from darajasim.core.customer import Customer
from darajasim.core.events import MoneyMoved
from darajasim.core.ledger import OUTSIDE
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import PURSE_NAMES, Organisation, OrganisationKind, Purse
from darajasim.core.transactions import Party, Transaction
from darajasim.operations import payment_observers

CUSTOMER_ACCOUNT_NAME = "MMF Account For Customer"
"""As Transaction Status names a customer's wallet (seen: GO2)."""
POCHI_ACCOUNT_NAME = "Micro SME Business Account"
"""Daraja's page calls a Pochi wallet "micro SME" (documented; this spelling is guessed)."""


def move(namespace: Namespace, debit: str, credit: str, cents: int, receipt: str) -> None:
    """Move money between two ledger accounts under a receipt, and journal it.

    Raises:
        LedgerError: it cannot be moved; nothing has changed.
    """
    entry = namespace.ledger.transfer(
        debit, credit, cents, reference=receipt, at=namespace.clock.time()
    )
    namespace.journal.append(
        MoneyMoved(entry.at, entry.reference, entry.debit, entry.credit, entry.cents)
    )


def fill(namespace: Namespace, account: str, cents: int) -> None:
    """See that `cents` may leave `account`: its result was decided beforehand."""
    short = cents - namespace.ledger.available(account)
    if short > 0:
        now = namespace.clock.time()
        namespace.ledger.transfer(OUTSIDE, account, short, reference="top-up", at=now)


def organisation_party(organisation: Organisation, purse: Purse | None = None) -> Party:
    """An organisation as one side of a transaction; by default with the account it is paid into."""
    if purse is None:
        till = organisation.kind is OrganisationKind.TILL
        purse = Purse.MERCHANT if till else Purse.UTILITY
    return Party(
        organisation.shortcode,
        organisation.public_name,
        organisation.purse(purse),
        PURSE_NAMES[purse],
    )


def customer_party(customer: Customer, *, pochi: bool = False) -> Party:
    """A customer as one side of a transaction, with the wallet or with the Pochi beside it."""
    account = customer.pochi_account if pochi else customer.account
    name = POCHI_ACCOUNT_NAME if pochi else CUSTOMER_ACCOUNT_NAME
    return Party(customer.msisdn, customer.public_name, account, name)


def completed(namespace: Namespace, transaction: Transaction) -> None:
    """Record a completed transaction; products that wait for customers' payments hear of it."""
    namespace.transactions.add(transaction)
    if transaction.from_customer:
        for observe in payment_observers():
            observe(namespace, transaction)
