"""The callback of M-Pesa Express: what it says, when it leaves, what the merchant answered."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from darajasim.core.catalogue import catalogue
from darajasim.core.clock import compact
from darajasim.core.courier import Letter
from darajasim.core.events import CallbackAttempted, CallbackWithheld
from darajasim.core.namespace import Namespace
from darajasim.core.push import Outcome, Push
from darajasim.core.rules import CallbackPlan
from darajasim.core.wire import dumps

CALLBACK_SECONDS = 2.0
"""From the result to its callback (guessed)."""
NO_RESPONSE_CALLBACK_SECONDS = 12.0
"""The same for 1037: the query knew at 14 s, the callback came at 26 s (seen: NKAP, twice)."""

ONCE = CallbackPlan()


def owe(namespace: Namespace, push: Push) -> None:
    """Put the callbacks of a settled push on the timeline: one, unless a rule or knob differs."""
    profile, chance = namespace.profile, namespace.chance
    plan = push.plan.callback or ONCE
    if plan.never or chance.chance(profile.callback_loss_rate):
        reason = "a rule" if plan.never else "the knob callback_loss_rate"
        namespace.journal.append(
            CallbackWithheld(
                namespace.clock.time(), push.checkout_request_id, f"{reason} withholds it"
            )
        )
        _let_go(push)
        return
    outcome = _outcome(push)
    usual = NO_RESPONSE_CALLBACK_SECONDS if outcome.key == "no-response" else CALLBACK_SECONDS
    first = (usual if plan.after is None else plan.after) + profile.callback_delay
    times = plan.times + (1 if chance.chance(profile.callback_duplicate_rate) else 0)
    for number in range(times):
        namespace.timeline.after(first + number * plan.apart, partial(_send, namespace, push))


def _outcome(push: Push) -> Outcome:
    if push.outcome is None:
        raise AssertionError(f"{push.checkout_request_id} is not settled yet")
    return push.outcome


def _send(namespace: Namespace, push: Push) -> None:
    push.attempts += 1
    namespace.timeline.start(_deliver(namespace, push, push.attempts))


async def _deliver(namespace: Namespace, push: Push, attempt: int) -> None:
    began = namespace.clock.time()
    sent = letter(namespace, push)
    receipt = await namespace.courier.send(sent)
    now = namespace.clock.time()
    namespace.journal.append(
        CallbackAttempted(
            now,
            push.checkout_request_id,
            attempt,
            push.callback_url,
            receipt.status,
            now - began,
            receipt.answer,
            receipt.error,
            sent.body.decode(),
        )
    )
    _let_go(push)


def _let_go(push: Push) -> None:
    """The acknowledgement that waited for the first callback may leave."""
    if push.called_back is not None and not push.called_back.done():
        push.called_back.set_result(None)


def letter(namespace: Namespace, push: Push) -> Letter:
    """The callback as it goes out: no signature, the shortcode in a header (seen: NKAP)."""
    headers = {
        "Content-Type": "application/json;charset=UTF-8",
        "Businessshortcode": push.shortcode,
    }
    return Letter(push.callback_url, headers, dumps(body(namespace, push)))


def body(namespace: Namespace, push: Push) -> dict[str, Any]:
    """`Body.stkCallback`. ResultCode is an integer unless the code is no number; on failure there
    is no CallbackMetadata (documented, seen).
    """
    outcome = _outcome(push)
    row = catalogue().by_key(outcome.key)
    callback: dict[str, Any] = {
        "MerchantRequestID": push.merchant_request_id,
        "CheckoutRequestID": push.checkout_request_id,
        "ResultCode": int(row.code) if row.json_type == "integer" else row.code,
        "ResultDesc": outcome.text or row.text_in(namespace.profile.texts),
    }
    if outcome.receipt is not None:
        callback["CallbackMetadata"] = {"Item": _items(namespace, push, outcome)}
    return {"Body": {"stkCallback": callback}}


def _items(namespace: Namespace, push: Push, outcome: Outcome) -> list[dict[str, Any]]:
    """Items as in the captures: Balance stands third, without a value (seen 2017-2021)."""
    items: list[dict[str, Any]] = [
        {"Name": "Amount", "Value": Decimal(f"{push.amount}.00")},
        {"Name": "MpesaReceiptNumber", "Value": outcome.receipt},
        {"Name": "TransactionDate", "Value": int(compact(outcome.at))},
        {"Name": "PhoneNumber", "Value": int(push.msisdn)},
    ]
    if namespace.profile.balance_item:
        items.insert(2, {"Name": "Balance"})
    return items
