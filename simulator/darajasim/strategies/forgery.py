"""Callbacks that nobody at Safaricom sent: well-formed, and lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from darajasim.core.wire import dumps
from darajasim.strategies.amount import amounts
from darajasim.strategies.arguments import choice, some
from darajasim.strategies.callback import Callback, Claim
from darajasim.strategies.identifier import MOMENTS, NUMBERS, checkout_request_id, receipt
from darajasim.strategies.identifier import request_id as request_identifier
from darajasim.strategies.phone import msisdns

LIES = (
    "unknown payment",
    "another merchant request",
    "less than asked",
    "more than asked",
    "another payer",
    "paid before it was asked for",
    "paid after it had failed",
    "receipt of another payment",
)
SEAMLESS = "receipt that M-PESA never gave"
"""The lie of which nothing in a callback tells."""
_SOON = timedelta(seconds=15)
_STALE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ForgedCallback:
    """A success that somebody made up for a payment that was asked for.

    Attributes:
        payment: as the merchant asked for it: ids, amount, phone.
        asked_at: aware, Nairobi.
        settled_code: the ResultCode that the payment has ended with before; None: it is open.
        receipts: receipt numbers that the merchant has booked for other payments.
        lie: what is not true of the callback, one of `LIES` or `SEAMLESS`.
        callback: what arrives.
    """

    payment: Claim
    asked_at: datetime
    settled_code: str | None
    receipts: tuple[str, ...]
    lie: str
    callback: Callback


def forged_callbacks(
    *, lies: Sequence[str] = LIES, seamless: bool = False
) -> st.SearchStrategy[ForgedCallback]:
    """STK callbacks that claim success, each with one lie that the merchant's own record exposes.

    Args:
        lies: which of `LIES`.
        seamless: True for those alone in which all agrees but the receipt, which M-PESA never gave:
            only the sender's address, a secret in the URL or a query to Daraja exposes them.

    Raises:
        InvalidArgument: an argument is none of that.
    """
    choice("seamless", seamless, (True, False))
    some("lies", lies, LIES)
    return st.builds(
        _forged,
        lie=st.sampled_from([SEAMLESS] if seamless else list(lies)),
        asked_at=MOMENTS,
        phone=msisdns(),
        amount=amounts(min_value=2),
        number=NUMBERS,
        other=st.integers(1, 1000),
    )


def _forged(
    *, lie: str, asked_at: datetime, phone: str, amount: int, number: int, other: int
) -> ForgedCallback:
    payment = Claim(
        amount=amount,
        phone=phone,
        checkout_request_id=checkout_request_id(asked_at, phone, number),
        merchant_request_id=request_identifier(number),
    )
    paid_at = asked_at + _SOON
    truth = replace(payment, code="0", paid_at=paid_at, receipt=receipt(paid_at, number))
    claim = replace(truth, **_LIES[lie](truth, other)) if lie in _LIES else truth
    return ForgedCallback(
        payment=payment,
        asked_at=asked_at,
        settled_code="1032" if lie == "paid after it had failed" else None,
        receipts=(claim.receipt or "",) if lie == "receipt of another payment" else (),
        lie=lie,
        callback=Callback("stk", claim, dumps(_body(claim))),
    )


def _unknown(truth: Claim, other: int) -> dict[str, Any]:
    return {
        "checkout_request_id": f"{truth.checkout_request_id}{other}",
        "merchant_request_id": f"{truth.merchant_request_id}{other}",
    }


def _less(truth: Claim, other: int) -> dict[str, Any]:
    asked = truth.amount or 2
    return {"amount": max(asked - other, 1)}


def _another_payer(truth: Claim, other: int) -> dict[str, Any]:
    phone = truth.phone or ""
    last = (int(phone[-4:]) + other) % 10_000
    return {"phone": f"{phone[:-4]}{last:04d}"}


_LIES: Mapping[str, Callable[[Claim, int], dict[str, Any]]] = {
    "unknown payment": _unknown,
    "another merchant request": lambda truth, other: {
        "merchant_request_id": f"{truth.merchant_request_id}{other}"
    },
    "less than asked": _less,
    "more than asked": lambda truth, other: {"amount": (truth.amount or 0) + other},
    "another payer": _another_payer,
    "paid before it was asked for": lambda truth, other: {
        "paid_at": (truth.paid_at - _STALE * other) if truth.paid_at else None
    },
}
"""What a lie changes in the claim; the others are about what the merchant knows besides."""


def _body(claim: Claim) -> dict[str, Any]:
    items = [
        {"Name": "Amount", "Value": Decimal(f"{claim.amount}.00")},
        {"Name": "MpesaReceiptNumber", "Value": claim.receipt},
        {"Name": "Balance"},
        {"Name": "TransactionDate", "Value": int(f"{claim.paid_at:%Y%m%d%H%M%S}")},
        {"Name": "PhoneNumber", "Value": int(claim.phone or 0)},
    ]
    fields = {
        "MerchantRequestID": claim.merchant_request_id,
        "CheckoutRequestID": claim.checkout_request_id,
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": items},
    }
    return {"Body": {"stkCallback": fields}}
