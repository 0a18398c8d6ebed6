"""A merchant application that can be mounted: pushes, queries, callbacks, and a database of them.

    app = create_app(client, Database("sqlite:///pochi.sqlite3"))

What it promises, and how:

- **No payment without a row.** The payment is written, pending, before its push is sent. A crash or
  a lost acknowledgement leaves a row whose outcome is unknown; the caller is told so (HTTP 202,
  `"outcome": "unknown"`) and nothing is sent again.
- **A callback is stored before it is judged**, to the byte (up to 64 KiB), in a transaction of its
  own. What a crash left unjudged is judged at the next start.
- **Applied once.** A status changes through one conditional UPDATE on a pending payment; receipts,
  checkout ids and callback addresses are unique in the database. No lock of Python's matters.
- **The same order once.** A push with an `Idempotency-Key` claims the key in the transaction that
  writes the payment; whoever sends it again is answered as the first time (`idempotency.py`).
- **In any order.** A callback whose checkout id belongs to no payment yet is `kept`, and applied
  in the transaction that records the acknowledgement.
- **Tied with certainty.** Every payment has an unguessable callback address of its own,
  `<MPESA_POCHI_CALLBACK>/<token>`. A callback that comes there belongs to that payment even if the
  acknowledgement was lost, and brings its checkout id. One without a token is believed if it names
  both of Daraja's ids of a payment; `require_callback_token=True` closes that way.

What becomes of a callback (`payment_callbacks.judgement`), and how it is answered:

    applied      it settled a pending payment                                        200
    completed    a query had settled it as paid; this brought the receipt            200
    duplicate    it says what is known                                               200
    kept         its checkout id is not known, yet or at all                         200
    conflict     another amount, phone, id, receipt or result than the payment's:    200
                 nothing is applied, the payment is flagged `needs_review`
    refused      wrong or missing token, sender not allowed                          403
                 unreadable                                                          400
                 larger than 64 KiB                                                  413

200 is `{"ResultCode": 0, "ResultDesc": "Accepted"}`; it says that the callback is safe here, not
that it is believed. Daraja sends a callback once whatever is answered (seen), so the answers other
than 200 are for people.

A settled payment never changes its status (`mpesa_pochi.merchant.law`). So a payment that a query
said had failed stays failed when a callback then says that it was paid: money has probably moved,
the merchant has probably told the customer otherwise, and a person must decide. The callback is
stored as `conflict`, its receipt goes into the payment's `review_reason`, and the payment is
flagged. The same holds the other way round, for a second receipt, and for a push that was refused
and then paid. A conflict on a pending payment leaves it pending, so a query or a correct callback
can still settle it; the flag stays.

A query settles only on a code that is known to end a payment; an error, an unknown code or "the
transaction does not exist" changes nothing. A payment that a query has settled as paid has no
receipt until its callback brings one.
"""

from mpesa_pochi.merchant.app import create_app
from mpesa_pochi.merchant.database import Database
from mpesa_pochi.merchant.hooks import Hooks
from mpesa_pochi.merchant.law import Judgement, PaymentStatus, PushFate
from mpesa_pochi.merchant.limits import Limits
from mpesa_pochi.merchant.payments import Payments, Queried, Started
from mpesa_pochi.merchant.payout_orders import PayoutOrder
from mpesa_pochi.merchant.payouts import Payouts
from mpesa_pochi.merchant.pushes import Order
from mpesa_pochi.merchant.schedule import Schedule
from mpesa_pochi.merchant.settlement import NoSuchPayment
from mpesa_pochi.merchant.views import CallbackView, PaymentView
from mpesa_pochi.merchant.views_out import PayoutView

__all__ = [
    "CallbackView",
    "Database",
    "Hooks",
    "Judgement",
    "Limits",
    "NoSuchPayment",
    "Order",
    "PaymentStatus",
    "PaymentView",
    "Payments",
    "PayoutOrder",
    "PayoutView",
    "Payouts",
    "PushFate",
    "Queried",
    "Schedule",
    "Started",
    "create_app",
]
