"""Reading the fields of any callback: each is the value it should be, or `CallbackRefused`."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from mpesa_pochi import jsontext
from mpesa_pochi.clock import NAIROBI
from mpesa_pochi.errors import CallbackRefused, RefusalReason

LARGEST = 64 * 1024
"""Bytes. Captured callbacks are under 3 KiB."""

LONGEST_TEXT = 1000
"""Characters of a text from outside, such as ResultDesc (documented as at most 1024)."""

_WORD = re.compile(r"[\x21-\x7e]{1,100}")
_CODE = re.compile(r"0|[1-9][0-9]{0,8}|[A-Za-z][A-Za-z0-9_.-]{0,31}")
_MONEY = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")
_DIGITS = re.compile(r"[0-9]{14}")
_DOTTED = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def read(raw: bytes | Mapping[str, object], *, largest: int = LARGEST) -> object:
    """The callback's JSON: from its bytes, or from what a framework has read already.

    Of bytes nothing is lost. A framework may have read `0.00` as a float, whose digits are gone.

    Raises:
        CallbackRefused: it is not JSON, or JSON beyond the limits of `jsontext`.
    """
    if isinstance(raw, Mapping):
        return _plain(raw, 0)
    try:
        return jsontext.read(raw, largest=largest)
    except jsontext.UnreadableJson as error:
        raise refused(RefusalReason[error.fault.name], str(error)) from None


def present(fields: Mapping[str, object], name: str) -> object:
    value = fields.get(name)
    if value is None:
        raise refused(RefusalReason.MISSING_FIELD, name)
    return value


def identifier(fields: Mapping[str, object], name: str) -> str:
    """One word. A whole number is taken too: Daraja makes one of whatever looks like it (seen)."""
    value = present(fields, name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        found = jsontext.kind(value)
        raise refused(RefusalReason.WRONG_TYPE, f"{name} must be a string, not {found}")
    if not _WORD.fullmatch(str(value)):
        raise refused(RefusalReason.WRONG_VALUE, f"{name} must be one word of printable ASCII")
    return str(value)


def code(fields: Mapping[str, object], name: str = "ResultCode") -> str:
    """A number in every capture but for alphanumeric codes, which are strings; as text."""
    value = present(fields, name)
    if isinstance(value, bool) or not isinstance(value, int | str):
        found = "a number with a fraction" if isinstance(value, Decimal) else jsontext.kind(value)
        raise refused(
            RefusalReason.WRONG_TYPE, f"{name} must be an integer or a string, not {found}"
        )
    if not _CODE.fullmatch(str(value)):
        raise refused(RefusalReason.WRONG_VALUE, f"{name} is no code that M-PESA could send")
    return str(value)


def text(fields: Mapping[str, object], name: str) -> str:
    """A text that decides nothing, so that an absent one refuses nothing."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        found = jsontext.kind(value)
        raise refused(RefusalReason.WRONG_TYPE, f"{name} must be a string, not {found}")
    return storable(name, value)


def storable(name: str, value: str) -> str:
    """Text that any database takes, of at most 1000 characters."""
    half = any("\ud800" <= character <= "\udfff" for character in value)
    if len(value) > LONGEST_TEXT or "\0" in value or half:
        raise refused(
            RefusalReason.WRONG_VALUE, f"{name} must be at most {LONGEST_TEXT} storable characters"
        )
    return value


def money(name: str, value: object) -> Decimal:
    """Shillings, exactly as sent, from a number or from text."""
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if number or (isinstance(value, str) and _MONEY.fullmatch(value)):
        amount = Decimal(str(value))
        if abs(amount) < 10**12:
            return amount
    raise refused(RefusalReason.WRONG_VALUE, f"{name} must be a number of shillings")


def moment(name: str, value: object) -> datetime:
    """An aware moment in Nairobi, from `YYYYMMDDHHMMSS`, as number or text, or from
    `DD.MM.YYYY HH:MM:SS` (both seen).
    """
    written = str(value) if isinstance(value, str | int) else ""
    for form, pattern in ((_DIGITS, "%Y%m%d%H%M%S"), (_DOTTED, "%d.%m.%Y %H:%M:%S")):
        if form.fullmatch(written):
            try:
                return datetime.strptime(written, pattern).replace(tzinfo=NAIROBI)
            except ValueError:
                break
    raise refused(
        RefusalReason.WRONG_VALUE, f"{name} is no date: YYYYMMDDHHMMSS or DD.MM.YYYY HH:MM:SS"
    )


def refused(reason: RefusalReason, detail: str) -> CallbackRefused:
    return CallbackRefused(detail, reason=reason)


def _plain(value: object, depth: int) -> object:
    """The value with mappings as dicts, sequences as lists and floats as decimals."""
    if depth > jsontext.DEEPEST:
        raise refused(RefusalReason.TOO_DEEP, f"more than {jsontext.DEEPEST} levels")
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) >= 10**jsontext.LONGEST_NUMBER:
            raise refused(RefusalReason.BAD_NUMBER, f"{value.bit_length()} bits")
        return value
    if isinstance(value, float | Decimal):
        number = Decimal(str(value))
        if not number.is_finite():
            raise refused(RefusalReason.BAD_NUMBER, str(number))
        return number
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    raise refused(RefusalReason.WRONG_TYPE, f"{type(value).__name__} is no JSON")
