"""What others see of the tables: frozen values, free of any session."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from mpesa_pochi.merchant.law import Judgement, PaymentStatus, PushFate, Source
from mpesa_pochi.merchant.models import Payment, PaymentCallback
from mpesa_pochi.merchant.spoken import payment_message
from mpesa_pochi.redaction import mask_phone


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """One payment as it stood when it was read. Moments are aware, in UTC.

    Attributes:
        amount: whole shillings.
        receipt: M-PESA's receipt of a success; None until a callback supplied it.
        result_code: M-PESA's result code as text, or Daraja's error code of a refused push.
        settled_by: who said how it ended; None while it is pending.
        needs_review: something contradicted it, and `review_reason` says what.
    """

    payment_id: int
    user_id: str | None
    phone: str
    amount: int
    reference: str
    description: str
    status: PaymentStatus
    push: PushFate
    receipt: str | None
    result_code: str | None
    result_text: str | None
    checkout_id: str | None
    merchant_request_id: str | None
    settled_by: Source | None
    needs_review: bool
    review_reason: str | None
    created_at: datetime
    updated_at: datetime
    settled_at: datetime | None
    metadata: Mapping[str, Any]

    @property
    def final(self) -> bool:
        """Whether the status can no longer change."""
        return self.status is not PaymentStatus.PENDING

    @property
    def outcome_unknown(self) -> bool:
        """Whether the push was sent and nothing is known of it: no acknowledgement, no callback."""
        return not self.final and self.checkout_id is None

    def for_anybody(self) -> "PaymentView":
        """What may be seen by who only knows its id: not whose it is."""
        hidden = mask_phone(self.phone)
        return replace(self, phone=hidden, user_id=None, metadata=MappingProxyType({}))

    def as_json(self) -> dict[str, Any]:
        """The payment as the application answers it, its sentence in the request's language."""
        return {
            "payment_id": self.payment_id,
            "status": self.status.value,
            "result_code": self.result_code,
            "result_text": self.result_text,
            "customer_message": payment_message(self),
            "receipt": self.receipt,
            "amount": self.amount,
            "phone": self.phone,
            "checkout_id": self.checkout_id,
            "reference": self.reference,
            "needs_review": self.needs_review,
            "review_reason": self.review_reason,
            "user_id": self.user_id,
            "metadata": dict(self.metadata),
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackView:
    """One stored callback and what became of it.

    Attributes:
        callback_data: the body as it arrived, cut when `truncated`.
        refusal: with judgement `refused`, the name of the reason.
        reason: the reason in a sentence, where there is one.
    """

    callback_id: int
    checkout_id: str | None
    payment_id: int | None
    callback_data: bytes
    truncated: bool
    received_at: datetime
    source: str | None
    judgement: Judgement
    refusal: str | None
    reason: str | None


def view_payment(row: Payment) -> PaymentView:
    """`row` as a value."""
    return PaymentView(
        payment_id=row.id,
        user_id=row.user_id,
        phone=row.phone,
        amount=row.amount,
        reference=row.reference,
        description=row.description,
        status=PaymentStatus(row.status),
        push=PushFate(row.push),
        receipt=row.mpesa_receipt,
        result_code=row.result_code,
        result_text=row.result_text,
        checkout_id=row.checkout_id,
        merchant_request_id=row.merchant_request_id,
        settled_by=Source(row.settled_by) if row.settled_by else None,
        needs_review=row.needs_review,
        review_reason=row.review_reason,
        created_at=row.created_at,
        updated_at=row.updated_at,
        settled_at=row.settled_at,
        metadata=MappingProxyType(dict(row.metadata_)),
    )


def view_callback(row: PaymentCallback) -> CallbackView:
    """`row` as a value."""
    return CallbackView(
        callback_id=row.id,
        checkout_id=row.checkout_id,
        payment_id=row.payment_id,
        callback_data=row.callback_data,
        truncated=row.truncated,
        received_at=row.received_at,
        source=row.source,
        judgement=Judgement(row.judgement),
        refusal=row.refusal,
        reason=row.reason,
    )
