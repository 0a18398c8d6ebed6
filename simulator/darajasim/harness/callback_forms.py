"""Every form of Daraja's callbacks, as data: which bundled scenario makes it, and what the
validator of `mpesa_pochi` ought to say of it. `darajasim demo --callbacks` shows them.

What the simulator sends is taken from a scenario that is really played. What only an attacker or a
broken proxy would send is made of a true callback by one of the `Spoilt`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mpesa_pochi import RefusalReason


class Recorded(StrEnum):
    """What the merchant has recorded already when a callback of a push arrives."""

    NOTHING = "nothing"
    APPLIED = "this same result"
    CANCELLED = "that the customer cancelled, by a query"
    BOOKED = "its receipt, for another payment"


@dataclass(frozen=True, slots=True)
class Form:
    """One form that the simulator sends.

    Attributes:
        title: what it is.
        scenario: a bundled one, with its case in brackets.
        operation: whose callback it is, as scenarios name it.
        kind: of the callback: stk, result, ….
        says: what the validator says of it: `paid`, `failed`, … or the name of a refusal.
        altered: how a rule altered it; "" for what Daraja itself would send.
        nth: which of these callbacks in the scenario, counted from 0.
        recorded: what the merchant knows by then.
    """

    title: str
    scenario: str
    operation: str
    kind: str
    says: str
    altered: str = ""
    nth: int = 0
    recorded: Recorded = Recorded.NOTHING


@dataclass(frozen=True, slots=True)
class Spoilt:
    """One form that somebody else made of a true callback of a success.

    Attributes:
        title: what it is.
        spoil: makes it.
        says: the refusal.
        kind: of the true callback: the first of `FORMS` that is of this kind.
    """

    title: str
    spoil: Callable[[bytes], bytes]
    says: RefusalReason
    kind: str = "stk"


def _push(title: str, scenario: str, says: str, altered: str = "", nth: int = 0) -> Form:
    return Form(title, scenario, "stk_push", "stk", says, altered, nth)


def _result(title: str, scenario: str, operation: str, says: str, altered: str = "") -> Form:
    return Form(title, scenario, operation, "result", says, altered)


def _customer(kind: str, title: str, scenario: str, says: str, altered: str = "") -> Form:
    return Form(title, scenario, "c2b_register", kind, says, altered)


PUSHES = (
    _push("paid", "acknowledgement-lost", "paid"),
    _push("paid, as the documentation has it", "callback-as-documented", "paid", "form", 1),
    _push("paid, as in 2017: other ids", "legacy-profile", "paid"),
    _push("paid, ids of 2018", "ids-of-2018", "paid"),
    _push("paid, sent as text, with unknown fields", "callback-content-type", "paid", "extra"),
    _push("cancelled by the customer", "customer-cancels", "failed"),
    _push("cancelled, in the words of 2017", "legacy-profile", "failed", nth=1),
    _push("no answer to the prompt", "magic-numbers[no-response]", "failed"),
    _push("not enough money", "magic-numbers[insufficient-funds]", "failed"),
    _push("wrong PIN", "magic-numbers[wrong-pin]", "failed"),
    _push("a code that is text", "magic-numbers[wrong-receiver]", "failed"),
)
CUSTOMERS = (
    _customer("validation", "may this be paid?", "c2b-paid", "asks"),
    _customer("confirmation", "paid, number masked (v2)", "c2b-paid", "paid"),
    _customer("confirmation", "paid, number hashed (v1)", "c2b-numbers[hashed]", "paid"),
    _customer("confirmation", "paid, number and names in full (2018)", "c2b-legacy", "paid"),
    _customer("confirmation", "paid to a till", "c2b-till", "paid"),
)
RESULTS = (
    _result("payout made", "b2c-paid", "b2c_payment", "done"),
    _result("payout failed", "b2c-declined[too-little]", "b2c_payment", "failed"),
    _result("Pochi wallet paid", "b2pochi[paid]", "b2pochi_payment", "done"),
    _result("Pochi wallet not paid", "b2pochi-declined", "b2pochi_payment", "failed"),
    _result("account balance", "account-balance", "account_balance", "done"),
    _result(
        "account balance refused", "account-balance-refused[locked]", "account_balance", "failed"
    ),
    _result("transaction status", "transaction-status", "transaction_status", "done"),
    _result(
        "transaction not found", "transaction-status-not-found", "transaction_status", "failed"
    ),
    _result("reversal", "reversal", "reversal", "done"),
    _result("reversal declined", "reversal-declined[unknown-receipt]", "reversal", "failed"),
    _result("payment to a paybill", "b2b-paid[pay-bill]", "b2b_payment", "done"),
    _result("payment to a till", "b2b-paid[buy-goods]", "b2b_payment", "done"),
    _result("payment between businesses failed", "b2b-declined[no-money]", "b2b_payment", "failed"),
    _result("tax remitted", "tax-remittance", "tax_remittance", "done"),
)
_TOO_LATE = {
    "b2c": "b2c_payment",
    "b2pochi": "b2pochi_payment",
    "b2b": "b2b_payment",
    "tax": "tax_remittance",
    "balance": "account_balance",
    "status": "transaction_status",
    "reversal": "reversal",
}
TIMEOUTS = tuple(
    Form(
        f"{operation} waited too long",
        f"command-queue-timeout-by-magic[{case}]",
        operation,
        "timeout",
        "unknown",
    )
    for case, operation in _TOO_LATE.items()
)
OTHERS = tuple(
    Form(title, scenario, operation, kind, "no validator")
    for title, scenario, operation, kind in (
        ("B2B Express: paid", "b2b-express-paid", "b2b_express", "b2b_express"),
        ("B2B Express: failed", "b2b-express-declined[no-funds]", "b2b_express", "b2b_express"),
        ("Ratiba: standing order made", "ratiba-made", "standing_order", "ratiba"),
        ("Ratiba: as of 2025", "ratiba-edition-2025", "standing_order", "ratiba"),
        ("Ratiba: cancelled", "ratiba-customer[cancels]", "standing_order", "ratiba"),
        ("Bill Manager: a bill paid", "bills-paid", "bills_optin", "bill"),
        (
            "Bill Manager: to a changed URL",
            "bills-push-paths[single]",
            "bills_change_optin",
            "bill",
        ),
    )
)
ALTERED = (
    Form(
        "the same again",
        "callback-twice",
        "stk_push",
        "stk",
        "REPLAYED",
        nth=1,
        recorded=Recorded.APPLIED,
    ),
    Form(
        "paid, after a query said cancelled",
        "callback-contradicts-query",
        "stk_push",
        "stk",
        "CONTRADICTED",
        recorded=Recorded.CANCELLED,
    ),
    Form(
        "a receipt that has paid for something else",
        "paid",
        "stk_push",
        "stk",
        "RECEIPT_REUSED",
        recorded=Recorded.BOOKED,
    ),
    _push("forged: another amount", "callback-wrong-amount", "WRONG_AMOUNT", "wrong_amount"),
    _push("forged: another phone", "callback-wrong-phone", "WRONG_PHONE", "wrong_phone"),
    _push("forged: another id", "callback-unknown-id", "WRONG_CHECKOUT_ID", "unknown_id"),
    _push("half a body", "callback-truncated", "NOT_JSON", "truncated"),
    _result(
        "forged: another amount of a payout",
        "result-altered",
        "b2c_payment",
        "done",
        "wrong_amount",
    ),
    _result(
        "forged: a payout that nobody asked for",
        "result-altered",
        "b2c_payment",
        "done",
        "unknown_id",
    ),
    _customer(
        "confirmation",
        "forged: another amount and phone",
        "c2b-confirmation-altered",
        "paid",
        "wrong_amount",
    ),
)
GROUPS: Mapping[str, tuple[Form, ...]] = {
    "Pushes (M-Pesa Express)": PUSHES,
    "Customers who pay by themselves (C2B)": CUSTOMERS,
    "Results of commands": RESULTS,
    "Commands that waited too long": TIMEOUTS,
    "Other products": OTHERS,
    "Repeated, forged or damaged": ALTERED,
}
"""By their headings, in the order in which they are shown."""
FORMS = tuple(form for forms in GROUPS.values() for form in forms)


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
    Spoilt(
        "a result without its conversation",
        _with(rb'"ConversationID":"[^"]*",', b""),
        RefusalReason.MISSING_FIELD,
        "result",
    ),
    Spoilt(
        "a result of an amount that is text",
        _with(rb'"TransactionAmount","Value":\d+', b'"TransactionAmount","Value":"a lot"'),
        RefusalReason.WRONG_VALUE,
        "result",
    ),
    Spoilt(
        "a time-out of nothing",
        _with(
            rb'"OriginatorConversationID":"[^"]*","ConversationID":"[^"]*"',
            b'"OriginatorConversationID":"","ConversationID":""',
        ),
        RefusalReason.MISSING_FIELD,
        "timeout",
    ),
    Spoilt(
        "a confirmation of less than nothing",
        _with(rb'"TransAmount":"', b'"TransAmount":"-'),
        RefusalReason.WRONG_VALUE,
        "confirmation",
    ),
    Spoilt(
        "a confirmation in a list",
        lambda body: b"[" + body + b"]",
        RefusalReason.WRONG_SHAPE,
        "confirmation",
    ),
)
"""What a receiver on the open internet has to expect as well."""
