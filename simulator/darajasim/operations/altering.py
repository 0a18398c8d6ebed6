"""Writing a callback with what a rule wants to be different in it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal
from typing import Any

from darajasim.core.alteration import PROMISED, SOURCE_HEADER, UNALTERED, Alteration
from darajasim.core.courier import Letter
from darajasim.core.wire import dumps, loads

AMOUNTS = frozenset({"Amount", "TransAmount", "TransactionAmount", "amount", "paidAmount"})
PHONES = frozenset({"PhoneNumber", "MSISDN", "msisdn", "phoneNumber"})
IDS = frozenset(
    {"CheckoutRequestID", "MerchantRequestID", "ConversationID", "OriginatorConversationID",
     "TransID", "requestId", "transactionId"}
)  # fmt: skip
"""By their names in the callbacks of every product."""
_NAMES, _VALUES = ("Name", "Key", "name", "key"), ("Value", "value")

ESCAPED = rb"\/"
"""How results write a slash."""

Change = Callable[[Any], Any]


def altered(letter: Letter, alteration: Alteration) -> tuple[Letter, tuple[str, ...]]:
    """The letter with the changes, and which of them it has: what carries no amount cannot have a
    wrong one. Without any, the same letter.
    """
    if alteration == UNALTERED:
        return letter, ()
    headers = dict(letter.headers)
    if alteration.content_type is not None:
        headers["Content-Type"] = alteration.content_type
    if alteration.source is not None:
        headers[SOURCE_HEADER] = alteration.source
    body, without = _rewritten(letter.body, alteration)
    if alteration.truncated:
        # Between two characters, so that what was sent can be kept as text.
        text = body.decode()
        body = text[: len(text) // 2].encode()
    promised = len(body) + PROMISED if alteration.wrong_length else None
    names = (name for name in alteration.names if name.partition(":")[0] not in without)
    return replace(letter, headers=headers, body=body, promised=promised), tuple(names)


def _rewritten(body: bytes, alteration: Alteration) -> tuple[bytes, set[str]]:
    """The body, and the names of changes that found nothing to change."""
    changes: dict[str, tuple[Collection[str], Change]] = {}
    if (amount := alteration.wrong_amount) is not None:
        changes["wrong_amount"] = AMOUNTS, lambda value: _amount(value, amount)
    if (phone := alteration.wrong_phone) is not None:
        changes["wrong_phone"] = PHONES, lambda value: _like(value, phone)
    if alteration.unknown_id:
        changes["unknown_id"] = IDS, unknown
    if not changes and not alteration.extra:
        return body, set()
    value, without = loads(body), set()
    for name, (keys, change) in changes.items():
        before, value = value, _changed(value, keys, change)
        if before == value:
            without.add(name)
    if alteration.extra:
        value = _with(value, dict(alteration.extra))
    written = dumps(value)
    return (written.replace(b"/", ESCAPED) if ESCAPED in body else written), without


def _changed(value: Any, names: Collection[str], change: Change) -> Any:
    """With other values under these names, whether they are keys or named by Name or Key."""
    if isinstance(value, list):
        return [_changed(item, names, change) for item in value]
    if not isinstance(value, dict):
        return value
    if any(value.get(key) in names for key in _NAMES if isinstance(value.get(key), str)):
        return {key: change(item) if key in _VALUES else item for key, item in value.items()}
    return {
        key: change(item) if key in names else _changed(item, names, change)
        for key, item in value.items()
    }


def _with(value: Any, extra: dict[str, Any]) -> Any:
    """With further fields beside those that it consists of, below its envelope."""
    if not isinstance(value, dict):
        return value
    inner = next(iter(value.values()), None)
    if len(value) == 1 and isinstance(inner, dict):
        return {next(iter(value)): _with(inner, extra)}
    return {**value, **extra}


def _amount(value: Any, shillings: int) -> Any:
    """Written as the amount that it replaces: with cents, or without."""
    cents = "." in str(value)
    return _like(value, f"{shillings}.00" if cents else str(shillings))


def _like(value: Any, text: str) -> Any:
    """Of the same JSON type."""
    match value:
        case Decimal():
            return Decimal(text)
        case int():
            return int(text)
        case _:
            return text


def unknown(value: Any) -> Any:
    """An id of the same look that was never issued: its digits, each taken from 9. The phone
    number or the moment in it is then one that there cannot be.
    """
    found = str(value)
    other = "".join(str(9 - int(char)) if char in "0123456789" else char for char in found)
    return _like(value, other if other != found else f"{found}0")
