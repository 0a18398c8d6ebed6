"""The books of the bundled merchant, read from its database."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from darajasim.harness.laws.books import BookedPayment, Books
from mpesa_pochi.merchant import Database
from mpesa_pochi.merchant.models import Payment, PaymentCallback
from mpesa_pochi.merchant.models_out import CommandResult

_PAYMENTS = select(
    Payment.id,
    Payment.phone,
    Payment.amount,
    Payment.reference,
    Payment.status,
    Payment.checkout_id,
).order_by(Payment.id)
_CALLBACKS = select(PaymentCallback.callback_data).order_by(PaymentCallback.id)
_RESULTS = select(CommandResult.result_data).order_by(CommandResult.id)


def pochi_books(database: Database) -> Books:
    """What the merchant has written down until now. For a database in memory: it is read inline."""
    return database.transact(_read, reads=True)


def _read(session: Session) -> Books:
    payments = tuple(
        BookedPayment(str(number), phone, amount * 100, reference, str(status), checkout_id)
        for number, phone, amount, reference, status, checkout_id in session.execute(_PAYMENTS)
    )
    stored = (*session.scalars(_CALLBACKS), *session.scalars(_RESULTS))
    bodies = [body.decode("utf-8", "replace") for body in stored]
    return Books(payments, bodies)
