"""Every form of Daraja's callbacks, as data: which bundled scenario makes it, and what the
validator of `mpesa_pochi` ought to say of it. `darajasim demo --callbacks` shows them.

What the simulator sends is taken from a scenario that is really played. What only an attacker or a
broken proxy would send is made of a true callback by one of the `Spoilt`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mpesa_pochi import RefusalReason


@dataclass(frozen=True, slots=True)
class Form:
    """One form that the simulator sends.

    Attributes:
        title: what it is.
        scenario: a bundled one, with its case in brackets.
        kind: of the callback: stk, result, ….
        says: what the validator says of it: `paid`, `failed`, … or the name of a refusal.
        altered: how a rule altered it; "" for what Daraja itself would send.
        nth: which of these callbacks in the scenario, counted from 0.
    """

    title: str
    scenario: str
    kind: str
    says: str
    altered: str = ""
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Spoilt:
    """One form that somebody else made of a true callback of a success.

    Attributes:
        title: what it is.
        spoil: makes it.
        says: the refusal.
    """

    title: str
    spoil: Callable[[bytes], bytes]
    says: RefusalReason


FORMS = (
    Form("paid", "acknowledgement-lost", "stk", "paid"),
    Form("paid, as the documentation has it", "callback-as-documented", "stk", "paid", "form", 1),
    Form("paid, with fields that nobody knows", "callback-content-type", "stk", "paid", "extra"),
    Form("cancelled by the customer", "customer-cancels", "stk", "failed"),
    Form("no answer to the prompt", "magic-numbers[no-response]", "stk", "failed"),
    Form("not enough money", "magic-numbers[insufficient-funds]", "stk", "failed"),
    Form("wrong PIN", "magic-numbers[wrong-pin]", "stk", "failed"),
    Form("a code that is text", "magic-numbers[wrong-receiver]", "stk", "failed"),
    Form("customer to business: may this be paid?", "c2b-paid", "validation", "asks"),
    Form("customer to business: it was paid", "c2b-paid", "confirmation", "paid"),
    Form("payout made", "b2c-paid", "result", "done"),
    Form("payout failed", "b2c-declined[too-little]", "result", "failed"),
    Form("Pochi wallet paid", "b2pochi[paid]", "result", "done"),
    Form("account balance", "account-balance", "result", "done"),
    Form("transaction status", "transaction-status", "result", "done"),
    Form("reversal", "reversal", "result", "done"),
    Form("payment to a paybill", "b2b-paid", "result", "done"),
    Form("a command waited too long", "command-queue-timeout", "timeout", "unknown"),
    Form("B2B Express Checkout", "b2b-express-paid", "b2b_express", "no validator"),
    Form("standing order (Ratiba)", "ratiba-made", "ratiba", "no validator"),
    Form("Bill Manager", "bills-paid", "bill", "no validator"),
    Form("forged: another amount", "callback-wrong-amount", "stk", "WRONG_AMOUNT", "wrong_amount"),
    Form("forged: another phone", "callback-wrong-phone", "stk", "WRONG_PHONE", "wrong_phone"),
    Form("forged: another id", "callback-unknown-id", "stk", "WRONG_CHECKOUT_ID", "result"),
    Form("half a body", "callback-truncated", "stk", "NOT_JSON", "truncated"),
    Form("forged result: another amount", "result-altered", "result", "done", "wrong_amount"),
)
"""In the order in which they are shown."""


def _with(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Puts `new` in place of what the pattern `old` finds first."""
    return lambda body: re.sub(old, lambda _: new, body, count=1)


SPOILT = (
    Spoilt("no JSON at all", lambda _: b"ResultCode=0&Amount=100", RefusalReason.NOT_JSON),
    Spoilt("no UTF-8", _with(rb"successfully", b"\xff"), RefusalReason.NOT_UTF8),
    Spoilt("larger than 64 KiB", lambda body: body + b" " * 70_000, RefusalReason.TOO_LARGE),
    Spoilt("nested a thousand deep", lambda _: b"[" * 1000 + b"]" * 1000, RefusalReason.TOO_DEEP),
    Spoilt(
        "the same key twice",
        _with(rb'"ResultCode":0', b'"ResultCode":1,"ResultCode":0'),
        RefusalReason.DUPLICATE_KEY,
    ),
    Spoilt(
        "an endless number", _with(rb'"Value":100\.00', b'"Value":1e999'), RefusalReason.BAD_NUMBER
    ),
    Spoilt("another envelope", _with(rb'"stkCallback"', b'"callback"'), RefusalReason.WRONG_SHAPE),
    Spoilt(
        "no CheckoutRequestID",
        _with(rb'"CheckoutRequestID":"[^"]*",', b""),
        RefusalReason.MISSING_FIELD,
    ),
    Spoilt(
        "two amounts",
        _with(rb'\{"Name":"Balance"\}', b'{"Name":"Amount","Value":100}'),
        RefusalReason.DUPLICATE_ITEM,
    ),
    Spoilt(
        "an id that is a list",
        _with(rb'"MerchantRequestID":"[^"]*"', b'"MerchantRequestID":[]'),
        RefusalReason.WRONG_TYPE,
    ),
    Spoilt(
        "paid on the 32nd of January",
        _with(rb'"TransactionDate","Value":\d{8}', b'"TransactionDate","Value":20260132'),
        RefusalReason.WRONG_VALUE,
    ),
    Spoilt(
        "a code that ends nothing",
        _with(rb'"ResultCode":0', b'"ResultCode":4999'),
        RefusalReason.NOT_TERMINAL,
    ),
    Spoilt(
        "paid before it was asked for",
        _with(rb'"TransactionDate","Value":2026', b'"TransactionDate","Value":2025'),
        RefusalReason.STALE,
    ),
    Spoilt(
        "another MerchantRequestID",
        _with(rb'"MerchantRequestID":"[^"]*"', b'"MerchantRequestID":"29115-34620561-1"'),
        RefusalReason.WRONG_MERCHANT_ID,
    ),
)
"""What a receiver on the open internet has to expect as well."""
