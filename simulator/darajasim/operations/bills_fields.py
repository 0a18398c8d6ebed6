"""The fields of Bill Manager. What is wrong and has no text of its own is an invalid payload."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from darajasim.core.profile import Profile
from darajasim.operations.fields import (
    CALLBACK,
    MISSING,
    Check,
    Field,
    FieldProblem,
    callback_url,
    limited,
    optional,
    scalar,
    shape,
    shown,
)

PAYLOAD = "invalid-payload"
"""What a missing field is answered is not documented (guessed)."""
MAX_EMAIL = 254

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})( \d{2}:\d{2}:\d{2}(\.\d{1,3})?)?", re.ASCII)


def _email(value: Any, profile: Profile) -> str:
    found = limited(MAX_EMAIL)(value, profile)
    if not _EMAIL.fullmatch(found):
        raise FieldProblem(f"expected an e-mail address, found {shown(value)}")
    return found


def _reminders(value: Any, _profile: Profile) -> str:
    """A string in one sample, a number in another, a boolean in the table (documented)."""
    found = str(int(value)) if isinstance(value, bool) else scalar(value)
    if found not in ("0", "1") or found is None:
        raise FieldProblem(f"expected 0 or 1, found {shown(value)}")
    return found


def _moment(value: Any, _profile: Profile) -> str:
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if found is None or not _exists(found[1]):
        wanted = "YYYY-MM-DD, or YYYY-MM-DD HH:MM:SS.00"
        raise FieldProblem(f"expected {wanted}, found {shown(value)}")
    return value if isinstance(value, str) else ""


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _items(value: Any, _profile: Profile) -> str:
    if value is MISSING or value is None:
        return ""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise FieldProblem(f"expected an array of objects, found {shown(value)}")
    return str(len(value))


_EMAIL_SCHEMA = {"type": "string", "format": "email", "maxLength": MAX_EMAIL}
_ITEMS_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"itemName": {"type": "string"}, "amount": {"type": "string"}},
    },
}
_MONEY = shape(r"[1-9]\d{0,8}(\.\d{1,2})?", "an amount without separators")
_PHONE = shape(r"(0|254)[17]\d{8}", "a phone number as 07XXXXXXXX or 2547XXXXXXXX")
_TEXT = limited(255)
_DATE = Check(_moment, {"type": "string", "pattern": rf"^(?:{_DAY.pattern})$"})

EXTERNAL_REFERENCE = Field(
    "externalReference", PAYLOAD, _TEXT, "external_reference", "INV-7001", "unique per biller"
)
ACCOUNT_REFERENCE = Field(
    "accountReference",
    PAYLOAD,
    _TEXT,
    "reference",
    "PLOT-9",
    "the account that the customer will pay to",
)

INVOICE = (
    EXTERNAL_REFERENCE,
    Field("billedFullName", PAYLOAD, _TEXT, "name", "Achieng O."),
    Field("billedPhoneNumber", "bills-invalid-phone", _PHONE, "phone", "0722000000"),
    Field("billedPeriod", PAYLOAD, _TEXT, "period", "January 2027"),
    Field("invoiceName", PAYLOAD, _TEXT, "invoice_name", "water"),
    Field("dueDate", "bills-invalid-due-date", _DATE, "due_date", "2027-01-31"),
    ACCOUNT_REFERENCE,
    Field("amount", PAYLOAD, _MONEY, "amount", "1500", "shillings, without separators"),
    Field(
        "invoiceItems",
        PAYLOAD,
        Check(_items, _ITEMS_SCHEMA, optional=True),
        "items",
        ...,
        "the lines; nothing says that they must add up",
    ),
)


def optin(*, url_optional: bool = False) -> tuple[Field, ...]:
    """The fields of an opt-in, or of a change to one."""
    return (
        Field(
            "shortcode",
            "bills-invalid-shortcode",
            shape(r"\d{5,6}", "a shortcode of 5 or 6 digits"),
            "shortcode",
            "174379",
        ),
        Field("email", PAYLOAD, Check(_email, _EMAIL_SCHEMA), "email", "bills@shop.example"),
        Field("officialContact", "bills-invalid-phone", _PHONE, "contact", "0722000000"),
        Field(
            "sendReminders",
            PAYLOAD,
            Check(_reminders, {"enum": ["0", "1", 0, 1, True, False]}),
            "reminders",
            "1",
            "1: SMS seven days and three days before the due date, and on it",
        ),
        Field("logo", PAYLOAD, optional(limited(1_000_000)), "logo", ..., "a JPEG"),
        Field(
            "callbackurl",
            PAYLOAD,
            optional(callback_url) if url_optional else callback_url,
            "callback_url",
            CALLBACK,
            "where payments are told",
        ),
    )


RECONCILIATION = (
    Field("paymentDate", PAYLOAD, _DATE, "payment_date", "2027-01-20"),
    Field("paidAmount", PAYLOAD, _MONEY, "amount", "1500"),
    ACCOUNT_REFERENCE,
    Field("transactionId", PAYLOAD, _TEXT, "receipt", "VAA1XY23ZQ", "M-PESA's receipt number"),
    Field("phoneNumber", "bills-invalid-phone", _PHONE, "phone", "0722000000"),
    Field("fullName", PAYLOAD, _TEXT, "name", "Achieng O."),
    Field("invoiceName", PAYLOAD, _TEXT, "invoice_name", "water"),
    Field(
        "externalReference",
        PAYLOAD,
        optional(_TEXT),
        "external_reference",
        "INV-7001",
        "in the prose of the page, but not in its table",
    ),
)
