"""The callback of M-Pesa Express: what it says, when it leaves, what the merchant answered."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from darajasim.core.alteration import Alteration
from darajasim.core.catalogue import catalogue
from darajasim.core.clock import compact
from darajasim.core.courier import JSON_HEADERS, Letter
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.push import Outcome, Push
from darajasim.core.wire import dumps
from darajasim.operations import callbacks
from darajasim.operations.callbacks import CALLBACK_SECONDS, Callback

NO_RESPONSE_CALLBACK_SECONDS = 12.0
"""The same for 1037: the query knew at 14 s, the callback came at 26 s (seen: NKAP, twice)."""


def owe(namespace: Namespace, push: Push) -> None:
    """Put the callback of a settled push on the timeline."""
    late = _outcome(push).key == "no-response"
    callbacks.owe(
        namespace,
        Callback(
            kind="stk",
            subject=push.checkout_request_id,
            letter=partial(letter, namespace, push),
            usual=NO_RESPONSE_CALLBACK_SECONDS if late else CALLBACK_SECONDS,
            plan=push.plan.callback,
            over=partial(_let_go, push),
            forge=partial(forged, namespace, push),
        ),
    )


def _outcome(push: Push) -> Outcome:
    if push.outcome is None:
        raise AssertionError(f"{push.checkout_request_id} is not settled yet")
    return push.outcome


def _let_go(push: Push) -> None:
    """The acknowledgement that waited for the first callback may leave."""
    if push.called_back is not None:
        push.called_back.set()


def letter(namespace: Namespace, push: Push) -> Letter:
    """The callback as it goes out: no signature, the shortcode in a header (seen: NKAP)."""
    headers = {
        **JSON_HEADERS,
        "Businessshortcode": push.shortcode,
    }
    return Letter(push.callback_url, headers, dumps(body(namespace, push)))


def forged(namespace: Namespace, push: Push, alteration: Alteration) -> Letter:
    """The callback as if it had ended in another way, or in the form of another profile."""
    true, profile = letter(namespace, push), namespace.profile
    if alteration.form is not None:
        named = Profile.named(alteration.form)
        profile = replace(profile, texts=named.texts, balance_item=named.balance_item)
    outcome = _outcome(push)
    if alteration.result is not None and alteration.result != outcome.key:
        now = namespace.clock.time()
        receipt = namespace.ids.receipt(now) if alteration.result == "paid" else None
        outcome = Outcome(alteration.result, now, receipt)
    return replace(true, body=dumps(_body(profile, push, outcome)))


def body(namespace: Namespace, push: Push) -> dict[str, Any]:
    """`Body.stkCallback` as it is true."""
    return _body(namespace.profile, push, _outcome(push))


def _body(profile: Profile, push: Push, outcome: Outcome) -> dict[str, Any]:
    """ResultCode is an integer unless the code is no number; on failure there is no
    CallbackMetadata (documented, seen).
    """
    row = catalogue().by_key(outcome.key)
    callback: dict[str, Any] = {
        "MerchantRequestID": push.merchant_request_id,
        "CheckoutRequestID": push.checkout_request_id,
        "ResultCode": int(row.code) if row.json_type == "integer" else row.code,
        "ResultDesc": outcome.text or row.text_in(profile.texts),
    }
    if outcome.receipt is not None:
        callback["CallbackMetadata"] = {"Item": _items(profile, push, outcome)}
    return {"Body": {"stkCallback": callback}}


def _items(profile: Profile, push: Push, outcome: Outcome) -> list[dict[str, Any]]:
    """Items as in the captures: Balance stands third, without a value (seen 2017-2021)."""
    items: list[dict[str, Any]] = [
        {"Name": "Amount", "Value": Decimal(f"{push.amount}.00")},
        {"Name": "MpesaReceiptNumber", "Value": outcome.receipt},
        {"Name": "TransactionDate", "Value": int(compact(outcome.at))},
        {"Name": "PhoneNumber", "Value": int(push.msisdn)},
    ]
    if profile.balance_item:
        items.insert(2, {"Name": "Balance"})
    return items
