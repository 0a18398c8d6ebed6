"""STK callbacks: bytes to a typed result, and the result against the payment that was asked for.

Daraja signs nothing, so a callback is a claim. `parse_callback` makes it a value or refuses it,
`check_callback` holds it against what was asked, `check_source` and `check_token` look at how it
came. Whatever arrives, the result is a value or `CallbackRefused` with a reason, nothing else.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from mpesa_pochi import callback_fields, jsontext
from mpesa_pochi.callback_fields import LARGEST, refused
from mpesa_pochi.codes import catalogue
from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.metadata import parse_metadata
from mpesa_pochi.origin import SAFARICOM_SOURCES, check_source, check_token
from mpesa_pochi.outcome import SUCCESS, PaymentState

__all__ = [
    "SAFARICOM_SOURCES",
    "CallbackRefused",
    "ExpectedPayment",
    "RefusalReason",
    "StkCallback",
    "check_callback",
    "check_source",
    "check_token",
    "parse_callback",
]

CLOCK_SLACK = timedelta(minutes=10)
"""How much earlier than the push Daraja's clock may say that it was paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StkCallback:
    """What Daraja says became of a push.

    Attributes:
        code: ResultCode as text; `"0"` means paid. The code is the contract, not the text.
        text: ResultDesc.
        amount: shillings, exactly as sent; None unless paid.
        receipt: M-PESA's receipt number; None unless paid.
        balance: almost never sent.
        paid_at: aware, Nairobi; None unless paid.
        phone: twelve digits, or with `*` where Daraja masked it; None unless paid.
    """

    merchant_request_id: str
    checkout_request_id: str
    code: str
    text: str
    amount: Decimal | None = None
    receipt: str | None = None
    balance: Decimal | None = None
    paid_at: datetime | None = None
    phone: str | None = None

    @property
    def paid(self) -> bool:
        return self.code == SUCCESS

    @property
    def state(self) -> PaymentState:
        """PAID or FAILED: a callback is sent when a payment has ended, whatever its code."""
        return PaymentState.PAID if self.paid else PaymentState.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedPayment:
    """The payment as the merchant asked for it, and what has been applied to it so far.

    Attributes:
        amount: whole shillings.
        phone: twelve digits.
        checkout_request_id: from the acknowledgement; None if it was lost.
        merchant_request_id: likewise.
        asked_at: aware; None leaves the time unchecked.
        settled_code: ResultCode of the callback or query already applied; None while open.
        settled_receipt: its receipt, if it had one.
    """

    amount: int | Decimal
    phone: str
    checkout_request_id: str | None = None
    merchant_request_id: str | None = None
    asked_at: datetime | None = None
    settled_code: str | None = None
    settled_receipt: str | None = None


def parse_callback(raw: bytes, *, largest: int = LARGEST) -> StkCallback:
    """Reads the body of a callback.

    Accepted are all captured forms: integer and text codes, with and without `Balance` or its
    `Value`, amounts as `60` or `1.00`, items in any order with others among them, old and new ids.

    Raises:
        CallbackRefused: with the reason, for everything else.
    """
    fields = _envelope(callback_fields.read(raw, largest=largest))
    ended = StkCallback(
        merchant_request_id=_id(fields, "MerchantRequestID"),
        checkout_request_id=_id(fields, "CheckoutRequestID"),
        code=_code(fields),
        text=callback_fields.text(fields, "ResultDesc"),
    )
    if ended.code != SUCCESS:
        return ended
    metadata = parse_metadata(fields.get("CallbackMetadata"))
    return replace(
        ended,
        amount=metadata.amount,
        receipt=metadata.receipt,
        balance=metadata.balance,
        paid_at=metadata.paid_at,
        phone=metadata.phone,
    )


def check_callback(
    callback: StkCallback, expected: ExpectedPayment, *, receipts: Container[str] = ()
) -> None:
    """Checks a callback against the payment that was asked for. Returns if it may be applied.

    Args:
        callback: from `parse_callback`.
        expected: the merchant's own record.
        receipts: receipt numbers already booked for other payments.

    Raises:
        CallbackRefused: of another payment (WRONG_…), from before it was asked for (STALE), already
            applied (REPLAYED; harmless), or at odds with what was applied (CONTRADICTED,
            RECEIPT_REUSED; a person should look).
    """
    _check_ids(callback, expected)
    if callback.paid:
        _check_money(callback, expected)
    _check_first(callback, expected)
    if callback.receipt is not None and callback.receipt in receipts:
        raise refused(RefusalReason.RECEIPT_REUSED, callback.receipt)


def _envelope(value: object) -> dict[str, object]:
    for key in ("Body", "stkCallback"):
        if not isinstance(value, dict) or key not in value:
            raise refused(
                RefusalReason.WRONG_SHAPE, f"expected {{Body: {{stkCallback: …}}}}, found no {key}"
            )
        value = value[key]
    if not isinstance(value, dict):
        found = jsontext.kind(value)
        raise refused(RefusalReason.WRONG_SHAPE, f"stkCallback must be an object, not {found}")
    return value


def _id(fields: dict[str, object], name: str) -> str:
    """A string in every capture."""
    value = callback_fields.present(fields, name)
    if not isinstance(value, str):
        found = jsontext.kind(value)
        raise refused(RefusalReason.WRONG_TYPE, f"{name} must be a string, not {found}")
    return callback_fields.identifier(fields, name)


def _code(fields: dict[str, object]) -> str:
    code = callback_fields.code(fields)
    row = catalogue().result(code)
    if row is not None and not row.terminal:
        raise refused(RefusalReason.NOT_TERMINAL, f"ResultCode {code} means still in flight")
    return code


def _check_ids(callback: StkCallback, expected: ExpectedPayment) -> None:
    asked = expected.checkout_request_id
    if asked is not None and callback.checkout_request_id != asked:
        raise refused(RefusalReason.WRONG_CHECKOUT_ID, f"this payment's is {asked}")
    asked = expected.merchant_request_id
    if asked is not None and callback.merchant_request_id != asked:
        raise refused(RefusalReason.WRONG_MERCHANT_ID, f"this payment's is {asked}")


def _check_money(callback: StkCallback, expected: ExpectedPayment) -> None:
    if callback.amount != expected.amount:
        raise refused(
            RefusalReason.WRONG_AMOUNT, f"{expected.amount} was asked for, not {callback.amount}"
        )
    if callback.phone is None or not _same_phone(callback.phone, expected.phone):
        raise refused(RefusalReason.WRONG_PHONE, "the payer's number is not the one prompted")
    asked_at, paid_at = expected.asked_at, callback.paid_at
    if asked_at is not None and paid_at is not None and paid_at < asked_at - CLOCK_SLACK:
        raise refused(RefusalReason.STALE, f"paid at {paid_at}, asked for at {asked_at}")


def _same_phone(claimed: str, prompted: str) -> bool:
    if "*" not in claimed:
        return claimed == prompted
    head, tail = claimed.split("*", 1)[0], claimed.rsplit("*", 1)[1]
    return prompted.startswith(head) and prompted.endswith(tail)


def _check_first(callback: StkCallback, expected: ExpectedPayment) -> None:
    if expected.settled_code is None:
        return
    known = expected.settled_receipt
    same_receipt = known is None or callback.receipt is None or known == callback.receipt
    if callback.code == expected.settled_code and same_receipt:
        raise refused(RefusalReason.REPLAYED, f"result {callback.code} has been applied before")
    raise refused(
        RefusalReason.CONTRADICTED,
        f"result {expected.settled_code} was applied, and this one says {callback.code}",
    )
