"""What is known of a payment: after one query, and after waiting for it."""

from dataclasses import dataclass
from enum import StrEnum

from mpesa_pochi.codes import catalogue
from mpesa_pochi.retry import Retry

SUCCESS = "0"


class PaymentState(StrEnum):
    PENDING = "pending"
    """Daraja said that the payment is in flight."""
    PAID = "paid"
    FAILED = "failed"
    """Daraja said so, with a code that is known to end a payment."""
    UNKNOWN = "unknown"
    """Daraja said nothing that decides it. Not a failure: the money may have moved."""

    @property
    def final(self) -> bool:
        return self in {PaymentState.PAID, PaymentState.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class PushStatus:
    """One answer to one query.

    `code` is the ResultCode as text, or the errorCode of an in-flight answer. The code is the
    contract: one and the same code comes with several texts.
    """

    state: PaymentState
    code: str
    text: str
    checkout_request_id: str
    merchant_request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOutcome:
    """How waiting for a payment ended.

    Attributes:
        state: never FAILED unless Daraja said so.
        code: ResultCode as text, or the errorCode of the last answer that decided nothing; empty
            when none came.
        text: Daraja's, or of the last trouble on the way.
        advice: what the merchant should do.
        retry: whether asking the customer to pay again makes sense.
        queries: how many were made.
    """

    state: PaymentState
    code: str
    text: str
    checkout_request_id: str
    advice: str
    retry: Retry
    queries: int


def state_of(code: str) -> PaymentState:
    """What a query's ResultCode says.

    A code that the catalogue does not have decides nothing: Daraja has used undocumented codes for
    payments that were still in flight (4999, 1101).
    """
    if code == SUCCESS:
        return PaymentState.PAID
    row = catalogue().result(code)
    if row is None:
        return PaymentState.UNKNOWN
    return PaymentState.FAILED if row.terminal else PaymentState.PENDING
