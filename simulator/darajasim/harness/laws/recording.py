"""What Daraja did, as facts: read from the journal and the ledger when all is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from darajasim.core.catalogue import catalogue
from darajasim.core.events import (
    CallbackAttempted,
    Event,
    PaymentSettled,
    RequestAnswered,
    RequestReceived,
)
from darajasim.core.ledger import Entry
from darajasim.core.wire import MalformedJson, loads
from darajasim.harness.laws.facts import PAID, Accepted, CalledBack, Ended, Fact, Moved, Queried
from darajasim.harness.leaves import Leaves, leaves, text

PUSH, QUERY = "stk_push", "stk_query"
CONFIRMATION = "confirmation"
"""The callback that is only sent of a success, and carries no code."""
_AMOUNTS = ("Amount", "TransAmount", "TransactionAmount")
_PHONES = ("PhoneNumber", "MSISDN")
_RECEIPTS = ("MpesaReceiptNumber", "TransID", "TransactionID")


def daraja_facts(
    events: Iterable[Event],
    entries: Iterable[Entry],
    *,
    merchants: Callable[[str], bool],
    others: Collection[str] = (),
) -> list[Fact]:
    """The facts in the order of the journal, those of the ledger after their payments' ends.

    Args:
        merchants: whether a callback URL is the merchant's.
        others: the subjects of what the merchant did not ask for, wherever their callbacks go.
    """
    moved: dict[str, Moved] = {}
    for entry in entries:
        # Of several entries under one receipt the first is the payment, the others are charges.
        moved.setdefault(entry.reference, Moved(entry.at, entry.reference, entry.cents))
    facts: list[Fact] = []
    asked: RequestReceived | None = None
    for event in events:
        match event:
            case RequestReceived():
                asked = event
            case RequestAnswered() if event.subject not in others:
                if asked is not None and asked.operation == event.operation:
                    facts += _answered(asked, event, merchants)
            case PaymentSettled():
                facts.append(Ended(event.at, event.subject, event.code, event.receipt))
                if event.receipt in moved:
                    facts.append(moved[event.receipt])
            case CallbackAttempted() if merchants(event.url):
                facts.append(called_back(event))
    return facts


def _answered(
    asked: RequestReceived, answered: RequestAnswered, merchants: Callable[[str], bool]
) -> Iterator[Fact]:
    """An answer is decided in the instant of its request, so that nothing comes between them."""
    body, subject = asked.body, answered.subject
    if subject is None:
        return
    if asked.operation == PUSH and merchants(str(body.get("CallBackURL"))):
        cents = _cents(body.get("Amount"))
        if cents is not None:
            phone, reference = text(body.get("PhoneNumber")), text(body.get("AccountReference"))
            yield Accepted(answered.at, subject, phone, cents, reference)
    elif asked.operation == QUERY and _final(answered):
        yield Queried(answered.at, subject, answered.code)


def _final(answered: RequestAnswered) -> bool:
    """Whether a query was answered with the end of a push."""
    if answered.status != 200 or answered.fault is not None:
        return False
    rows = catalogue().rows
    return any(row.surface == "stk" and row.code == answered.code and row.terminal for row in rows)


def called_back(event: CallbackAttempted) -> CalledBack:
    """One delivery; what it said is read from its bytes, as a merchant reads it."""
    said = _read(event.body)
    code = _first(said, ("ResultCode",))
    return CalledBack(
        at=event.at,
        subject=event.subject,
        kind=event.callback,
        code=PAID if event.callback == CONFIRMATION and said else code,
        cents=_cents(_first(said, _AMOUNTS)),
        phone=_first(said, _PHONES),
        receipt=_first(said, _RECEIPTS),
        status=event.status,
        body=event.body,
        misleads=event.misleads,
    )


def _read(body: str) -> Leaves:
    try:
        return leaves(loads(body.encode()))
    except MalformedJson:
        return {}


def _first(said: Mapping[str, list[object]], names: Iterable[str]) -> str | None:
    for name in names:
        for value in said.get(name, ()):
            if value not in (None, ""):
                return text(value)
    return None


def _cents(value: Any) -> int | None:
    try:
        return int(Decimal(text(value)) * 100)
    except (InvalidOperation, ValueError, OverflowError):
        return None
