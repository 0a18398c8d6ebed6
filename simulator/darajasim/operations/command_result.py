"""The Result envelope, with the typing that the gateway's conversion from XML gives it.

A text that looks like a number becomes one, money keeps its digits, a list of one becomes its only
item, an empty value loses its key, and slashes are escaped (seen; fidelity notes, part 2, 1.5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from darajasim.core.courier import JSON_HEADERS, Letter
from darajasim.core.wire import dumps

Value = str | int | Decimal | None
Pair = tuple[str, Value]

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Result:
    """What a Result callback says.

    Attributes:
        code: as text; a number on the wire when it looks like one.
        parameters: keys and values in order; a value of None or "" loses its key.
        references: the same, for ReferenceData.
    """

    code: str
    text: str
    originator_conversation_id: str
    conversation_id: str
    transaction_id: str
    parameters: Sequence[Pair] = ()
    references: Sequence[Pair] = ()


def money(cents: int) -> Decimal:
    """Cents as shillings with two decimals, which the wire keeps: `0.00`, `-2420.00`."""
    return Decimal(cents).scaleb(-2).quantize(Decimal("0.01"))


def whole(cents: int) -> int | Decimal:
    """Cents as shillings: `10` when there are none left over, else with two decimals."""
    return cents // 100 if cents % 100 == 0 else money(cents)


def letter(url: str, result: Result, *, documented: bool) -> Letter:
    """The callback.

    Args:
        documented: codes and times as strings and empty values as "", as the portal prints them.
    """
    body = dumps({"Result": _body(result, documented=documented)}).replace(b"/", rb"\/")
    return Letter(url, JSON_HEADERS, body)


def _body(result: Result, *, documented: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "ResultType": "0" if documented else 0,
        "ResultCode": result.code if documented else typed(result.code),
        "ResultDesc": result.text,
        "OriginatorConversationID": result.originator_conversation_id,
        "ConversationID": result.conversation_id,
        "TransactionID": result.transaction_id,
    }
    if result.parameters:
        pairs = _pairs(result.parameters, documented=documented)
        body["ResultParameters"] = {"ResultParameter": pairs}
    if result.references:
        pairs = _pairs(result.references, documented=documented)
        body["ReferenceData"] = {"ReferenceItem": pairs}
    return body


def typed(value: Value) -> Value:
    """A text as the gateway types it: by its look, identifiers included (seen: 353353)."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    return Decimal(value) if "." in value else int(value)


def _pairs(pairs: Sequence[Pair], *, documented: bool) -> Any:
    items = [_pair(key, value, documented=documented) for key, value in pairs]
    return items[0] if len(items) == 1 else items


def _pair(key: str, value: Value, *, documented: bool) -> dict[str, Any]:
    if documented:
        return {"Key": key, "Value": "" if value is None else str(value)}
    return {"Key": key} if value in (None, "") else {"Key": key, "Value": typed(value)}
