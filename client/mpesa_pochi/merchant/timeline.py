"""What happened to a payment or payout, for people: `{at, what, detail}`, oldest first."""

from datetime import datetime
from typing import Any

from mpesa_pochi.merchant.history import AuditView, Event
from mpesa_pochi.merchant.views import CallbackView, PaymentView
from mpesa_pochi.merchant.views_out import ResultView

_Happened = tuple[datetime, str, str | None]


def of_payment(
    found: PaymentView, callbacks: tuple[CallbackView, ...], history: tuple[AuditView, ...] = ()
) -> list[dict[str, Any]]:
    """What happened to a payment."""
    happened: list[_Happened] = [
        (found.created_at, "asked for", f"{found.amount} shillings from {found.phone}")
    ]
    happened += [
        (
            callback.received_at,
            f"callback {callback.judgement.value}",
            callback.reason or (f"from {callback.source}" if callback.source else None),
        )
        for callback in callbacks
    ]
    if found.settled_at is not None and found.settled_by is not None:
        code = " ".join(filter(None, (found.result_code, found.result_text)))
        what = f"{found.status.value}, by {found.settled_by.value}"
        happened.append((found.settled_at, what, code or None))
    happened += [
        (entry.at, "given up", entry.changes.get("review_reason"))
        for entry in history
        if entry.event is Event.GIVEN_UP
    ]
    return _written(happened)


def of_payout(
    history: tuple[AuditView, ...], results: tuple[ResultView, ...]
) -> list[dict[str, Any]]:
    """What happened to a payout."""
    happened = [(entry.at, *_said(entry)) for entry in history]
    happened += [
        (
            result.received_at,
            f"{result.kind} {result.judgement.value}",
            result.reason or (f"from {result.source}" if result.source else None),
        )
        for result in results
    ]
    return _written(happened)


def _said(entry: AuditView) -> tuple[str, str | None]:
    changes = entry.changes
    match entry.event:
        case Event.OPENED:
            return "ordered", f"{changes['amount']} shillings"
        case Event.TIED:
            return "accepted by Daraja", changes.get("conversation_id")
        case Event.SENT:
            return f"order {changes['order_fate']}", None
        case Event.SETTLED:
            code = " ".join(filter(None, (changes["result_code"], changes["result_text"])))
            by = "" if entry.source is None else f", by {entry.source.value}"
            return f"{changes['status']}{by}", code or None
        case _:
            reason = changes.get("review_reason") or changes.get("mpesa_receipt")
            return entry.event.value.replace("-", " "), reason


def _written(happened: list[_Happened]) -> list[dict[str, Any]]:
    happened.sort(key=lambda each: each[0])
    return [{"at": at.isoformat(), "what": what, "detail": detail} for at, what, detail in happened]
