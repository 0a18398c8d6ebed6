"""The callback of a standing order: camelCase when it was made, PascalCase when it was not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from darajasim.core.courier import Letter
from darajasim.core.wire import dumps

HEADERS: Mapping[str, str] = {"Content-Type": "application/json"}
NOTHING = "0000000000"
"""What stands for a transaction where none was made (documented)."""


def _frame(header: str, body: str, data: str, name: str, value: str) -> Mapping[str, Any]:
    """The schema of the callback with its keys spelt like this."""
    string = {"type": "string"}
    head = ("responseRefID", "requestRefID", "responseCode", "responseDescription")
    pairs = {"type": "array", "items": _exactly({name: string, value: string})}
    return _exactly({header: _exactly(dict.fromkeys(head, string)), body: _exactly({data: pairs})})


def _exactly(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


SCHEMA: Mapping[str, Any] = {
    "oneOf": [
        _frame("responseHeader", "responseBody", "responseData", "name", "value"),
        _frame("ResponseHeader", "ResponseBody", "ResponseData", "Name", "Value"),
    ]
}
"""JSON Schema of the callback, of either end."""

Pairs = Sequence[tuple[str, str]]


def letter(url: str, body: Mapping[str, Any]) -> Letter:
    """The callback as it goes out."""
    return Letter(url, HEADERS, dumps(body))


def made_2025(reference: str, transaction_id: str, msisdn: str, text: str) -> dict[str, Any]:
    """Four pairs (documented, edition 2025)."""
    pairs = (
        ("TransactionID", transaction_id),
        ("responseCode", "0"),
        ("Status", "OKAY"),
        ("Msisdn", f"{msisdn[:3]}******{msisdn[-3:]}"),
    )
    return _made(reference, text, pairs)


def made_2026(
    reference: str,
    *,
    name: str,
    cents: int,
    until: str,
    reminder: str,
    first: str,
    msisdn: str,
    text: str,
) -> dict[str, Any]:
    """Ten pairs, two of which differ by case only (documented, edition 2026).

    Args:
        until: the order's last day, and `first` the day of the first payment: yyyymmdd.
        reminder: the number of the schedule, which is its TransactionID too.
    """
    pairs = (
        ("standingOrderName", name),
        ("amount", f"{cents // 100}.{cents % 100:02d}"),
        ("issuePaymentReminderUntil", until),
        ("reminderScheduleId", reminder),
        ("firstPaymentReminderDate", first),
        ("status", "ACTIVE"),
        ("TransactionID", reminder),
        ("ResponseCode", "0"),
        ("Status", "OKAY"),
        ("Msisdn", masked(msisdn)),
    )
    return _made(reference, text, pairs)


def _made(reference: str, text: str, pairs: Pairs) -> dict[str, Any]:
    return {
        "responseHeader": {
            "responseRefID": reference,
            "requestRefID": reference,
            "responseCode": "0",
            "responseDescription": text,
        },
        "responseBody": {"responseData": [{"name": name, "value": value} for name, value in pairs]},
    }


def failed(reference: str, request: str, code: str, text: str, msisdn: str) -> dict[str, Any]:
    """The same in PascalCase (documented).

    Args:
        reference: Daraja's own id; `request` is what the caller knows the order by.
    """
    pairs = (
        ("TransactionID", NOTHING),
        ("responseCode", code),
        ("Status", "ERROR"),
        ("Msisdn", masked(msisdn)),
    )
    return {
        "ResponseHeader": {
            "responseRefID": reference,
            "requestRefID": request,
            "responseCode": code,
            "responseDescription": text,
        },
        "ResponseBody": {"ResponseData": [{"Name": name, "Value": value} for name, value in pairs]},
    }


def masked(msisdn: str) -> str:
    """Twelve characters, of which the last three can be read (documented)."""
    return f"{'*' * (len(msisdn) - 3)}{msisdn[-3:]}"
