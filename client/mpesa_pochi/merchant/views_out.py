"""What others see of the tables of money that goes out: frozen values, free of any session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from mpesa_pochi.merchant.law import Judgement, PaymentStatus, PushFate, Source
from mpesa_pochi.merchant.models_out import CommandResult, Inquiry, Payout


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutView:
    """One payout as it stood when it was read. Moments are aware, in UTC.

    Attributes:
        payment_id: the payment that it refunds, if any.
        amount: whole shillings.
        receipt: M-PESA's receipt of a success.
        receiver: whom M-PESA says it paid.
        timed_out_at: when Daraja said that it waited too long, which proves nothing.
    """

    payout_id: int
    payment_id: int | None
    user_id: str | None
    destination: str
    command: str
    phone: str
    amount: int
    remarks: str
    occasion: str
    status: PaymentStatus
    order_fate: PushFate
    receipt: str | None
    receiver: str | None
    originator_conversation_id: str
    conversation_id: str | None
    result_code: str | None
    result_text: str | None
    settled_by: Source | None
    needs_review: bool
    review_reason: str | None
    timed_out_at: datetime | None
    created_at: datetime
    updated_at: datetime
    settled_at: datetime | None
    metadata: Mapping[str, Any]

    @property
    def final(self) -> bool:
        """Whether the status can no longer change."""
        return self.status is not PaymentStatus.PENDING

    def as_json(self) -> dict[str, Any]:
        """The payout as the application answers it."""
        return {
            "payout_id": self.payout_id,
            "payment_id": self.payment_id,
            "status": self.status.value,
            "destination": self.destination,
            "phone": self.phone,
            "amount": self.amount,
            "remarks": self.remarks,
            "receipt": self.receipt,
            "receiver": self.receiver,
            "originator_conversation_id": self.originator_conversation_id,
            "conversation_id": self.conversation_id,
            "result_code": self.result_code,
            "result_text": self.result_text,
            "needs_review": self.needs_review,
            "review_reason": self.review_reason,
            "user_id": self.user_id,
            "metadata": dict(self.metadata),
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryView:
    """One question about ourselves, and its answer when `status` is success."""

    inquiry_id: int
    kind: str
    payout_id: int | None
    status: PaymentStatus
    result_code: str | None
    result_text: str | None
    answer: Any
    created_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """One stored result or queue timeout, and what became of it."""

    result_id: int
    kind: str
    payout_id: int | None
    inquiry_id: int | None
    result_data: bytes
    truncated: bool
    received_at: datetime
    source: str | None
    judgement: Judgement
    refusal: str | None
    reason: str | None


def view_payout(row: Payout) -> PayoutView:
    """`row` as a value."""
    return PayoutView(
        payout_id=row.id,
        payment_id=row.payment_id,
        user_id=row.user_id,
        destination=row.destination,
        command=row.command,
        phone=row.phone,
        amount=row.amount,
        remarks=row.remarks,
        occasion=row.occasion,
        status=PaymentStatus(row.status),
        order_fate=PushFate(row.order_fate),
        receipt=row.mpesa_receipt,
        receiver=row.receiver,
        originator_conversation_id=row.originator_conversation_id,
        conversation_id=row.conversation_id,
        result_code=row.result_code,
        result_text=row.result_text,
        settled_by=Source(row.settled_by) if row.settled_by else None,
        needs_review=row.needs_review,
        review_reason=row.review_reason,
        timed_out_at=row.timed_out_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        settled_at=row.settled_at,
        metadata=MappingProxyType(dict(row.metadata_)),
    )


def view_inquiry(row: Inquiry) -> InquiryView:
    """`row` as a value."""
    return InquiryView(
        inquiry_id=row.id,
        kind=row.kind,
        payout_id=row.payout_id,
        status=PaymentStatus(row.status),
        result_code=row.result_code,
        result_text=row.result_text,
        answer=row.answer,
        created_at=row.created_at,
        answered_at=row.answered_at,
    )


def view_result(row: CommandResult) -> ResultView:
    """`row` as a value."""
    return ResultView(
        result_id=row.id,
        kind=row.kind,
        payout_id=row.payout_id,
        inquiry_id=row.inquiry_id,
        result_data=row.result_data,
        truncated=row.truncated,
        received_at=row.received_at,
        source=row.source,
        judgement=Judgement(row.judgement),
        refusal=row.refusal,
        reason=row.reason,
    )
