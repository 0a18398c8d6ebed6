"""The `CallbackMetadata` of a payment that succeeded: items by name, each with its odd types."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mpesa_pochi.clock import NAIROBI
from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.jsontext import kind

_RECEIPT = re.compile(r"[A-Z0-9]{8,20}")
_PHONE = re.compile(r"254[17][0-9]{8}")
_MASKED_PHONE = re.compile(r"254[17]?[0-9]{0,4}\*{2,8}[0-9]{2,4}")
_DATE = re.compile(r"[0-9]{14}")
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_NAMES = ("Amount", "MpesaReceiptNumber", "Balance", "TransactionDate", "PhoneNumber")


@dataclass(frozen=True, slots=True)
class Metadata:
    amount: Decimal
    receipt: str
    balance: Decimal | None
    paid_at: datetime
    phone: str


def parse_metadata(value: object) -> Metadata:
    """Reads the items, in any order, unknown ones among them.

    `Balance` may be absent, and has no `Value` in every capture. Amounts and dates are numbers in
    every capture; numeric text is accepted, as Daraja's other callbacks use it.

    Raises:
        CallbackRefused: an item that a paid callback must have is missing, doubled or impossible.
    """
    items = _items(value)
    return Metadata(
        amount=_amount(items),
        receipt=_matching(items, "MpesaReceiptNumber", _RECEIPT, "8 to 20 letters and digits"),
        balance=_balance(items.get("Balance")),
        paid_at=_paid_at(items),
        phone=_phone(items),
    )


def _items(value: object) -> dict[str, object]:
    if value is None:
        raise _refused(RefusalReason.MISSING_FIELD, "CallbackMetadata, which a paid one must have")
    listed = value.get("Item") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise _refused(RefusalReason.WRONG_SHAPE, "CallbackMetadata must be {Item: […]}")
    items: dict[str, object] = {}
    for item in listed:
        name = item.get("Name") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(name, str):
            raise _refused(RefusalReason.WRONG_SHAPE, "each Item must be an object with a Name")
        if name in items and name in _NAMES:
            raise _refused(RefusalReason.DUPLICATE_ITEM, name)
        items[name] = item.get("Value")
    return items


def _required(items: dict[str, object], name: str) -> object:
    value = items.get(name)
    if value is None:
        raise _refused(RefusalReason.MISSING_FIELD, f"the {name} item, or its Value")
    if isinstance(value, bool | list | dict):
        raise _refused(RefusalReason.WRONG_TYPE, f"{name} must not be {kind(value)}")
    return value


def _matching(items: dict[str, object], name: str, form: re.Pattern[str], words: str) -> str:
    """A word or a whole number, as text, if it has the form."""
    value = _required(items, name)
    if isinstance(value, Decimal):
        raise _refused(RefusalReason.WRONG_TYPE, f"{name} must not have a fraction or exponent")
    text = str(value)
    if not form.fullmatch(text):
        raise _refused(RefusalReason.WRONG_VALUE, f"{name} must be {words}")
    return text


def _amount(items: dict[str, object]) -> Decimal:
    value = _required(items, "Amount")
    amount = _decimal(value)
    if amount is None or not 0 < amount < 10**12 or amount != round(amount, 2):
        raise _refused(
            RefusalReason.WRONG_VALUE, "Amount must be above zero and have at most two decimals"
        )
    return amount


def _balance(value: object) -> Decimal | None:
    if isinstance(value, bool | list | dict):
        raise _refused(RefusalReason.WRONG_TYPE, f"Balance must not be {kind(value)}")
    return _decimal(value)


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value) if _DECIMAL.fullmatch(value) else None
    return Decimal(value) if isinstance(value, int | Decimal) else None


def _paid_at(items: dict[str, object]) -> datetime:
    text = _matching(items, "TransactionDate", _DATE, "14 digits, YYYYMMDDHHMMSS")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=NAIROBI)
    except ValueError:
        raise _refused(RefusalReason.WRONG_VALUE, "TransactionDate is no date") from None


def _phone(items: dict[str, object]) -> str:
    """Twelve digits, or what the masking of Daraja's other callbacks leaves of them."""
    value = _required(items, "PhoneNumber")
    if isinstance(value, str):
        bare = value.replace(" ", "")
        if _MASKED_PHONE.fullmatch(bare):
            return bare
    return _matching(items, "PhoneNumber", _PHONE, "254 and nine digits, the first 7 or 1")


def _refused(reason: RefusalReason, detail: str) -> CallbackRefused:
    return CallbackRefused(detail, reason=reason)
