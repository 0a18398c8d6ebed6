"""The tables of money that goes out, and of what an organisation asks about itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mpesa_pochi.merchant.law import PaymentStatus, PushFate
from mpesa_pochi.merchant.models import Arrival, Base, Id, Payment, UtcDateTime


class Payout(Base):
    """One payment to a customer. Written before it is ordered, and never deleted.

    Attributes:
        payment_id: the payment that it refunds; null when it refunds none.
        destination: `mpesa`, or `pochi` for a trader's Pochi la Biashara wallet.
        command: the CommandID it is ordered with.
        phone: who is paid, as 2547XXXXXXXX or 2541XXXXXXXX.
        amount: whole shillings.
        mpesa_receipt: the receipt of a success.
        originator_conversation_id: our own id, made before it is ordered; what to ask Daraja about.
        conversation_id: Daraja's; null while no acknowledgement has come.
        receiver: whom M-PESA says it paid, as `254722000000 - Jane Doe`.
        result_digest: SHA-256 of the token in the address that its result comes to.
        order_fate: what is known of the order (`PushFate`).
        settled_by: which source settled it (`Source`).
        timed_out_at: when Daraja said that it waited too long, which is no proof that it failed.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'success', 'failed')", name="payouts_status_known"),
        CheckConstraint("destination IN ('mpesa', 'pochi')", name="payouts_destination_known"),
        CheckConstraint(
            "mpesa_receipt IS NULL OR status = 'success'", name="payouts_receipt_means_success"
        ),
        CheckConstraint("amount > 0", name="payouts_amount_positive"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    payment_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payments.id"), index=True)
    user_id: Mapped[str | None] = mapped_column(String(128), index=True)
    destination: Mapped[str] = mapped_column(String(8))
    command: Mapped[str] = mapped_column(String(32))
    phone: Mapped[str] = mapped_column(String(12))
    amount: Mapped[int]
    remarks: Mapped[str] = mapped_column(String(100))
    occasion: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[str] = mapped_column(String(8), default=PaymentStatus.PENDING, index=True)
    mpesa_receipt: Mapped[str | None] = mapped_column(String(32), unique=True)
    originator_conversation_id: Mapped[str] = mapped_column(String(100), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    receiver: Mapped[str | None] = mapped_column(String(255))
    result_digest: Mapped[str] = mapped_column(String(64), unique=True)
    order_fate: Mapped[str] = mapped_column(String(8), default=PushFate.SENDING)
    result_code: Mapped[str | None] = mapped_column(String(32))
    result_text: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[str | None] = mapped_column(String(8))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    timed_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    needs_review: Mapped[bool] = mapped_column(default=False, index=True)
    review_reason: Mapped[str | None] = mapped_column(Text)
    asks: Mapped[int] = mapped_column(default=0)
    next_ask_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, default=dict)


class Inquiry(Base):
    """One question about ourselves, whose answer comes as a result: our balance, or what became of
    a payout.

    Attributes:
        kind: `balance` or `status`.
        payout_id: the payout that a status is asked of.
        conversation_id: Daraja's; so is `originator_conversation_id`. Null until acknowledged.
        result_digest: SHA-256 of the token in the address that its result comes to.
        status: pending, success or failed, of the asking.
        answer: what was answered, as JSON: for a balance the accounts, for a status its text.
    """

    __tablename__ = "inquiries"
    __table_args__ = (
        CheckConstraint("kind IN ('balance', 'status')", name="inquiries_kind_known"),
        CheckConstraint(
            "status IN ('pending', 'success', 'failed')", name="inquiries_status_known"
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), index=True)
    payout_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payouts.id"), index=True)
    originator_conversation_id: Mapped[str | None] = mapped_column(String(100), index=True)
    conversation_id: Mapped[str | None] = mapped_column(String(100), index=True)
    result_digest: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(8), default=PaymentStatus.PENDING)
    result_code: Mapped[str | None] = mapped_column(String(32))
    result_text: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CommandResult(Arrival, Base):
    """One result, or queue timeout, as it arrived.

    Attributes:
        kind: `result` or `timeout`, by the address it came to.
        originator_conversation_id: the one it names; null until judged, and when unreadable.
        result_data: the body to the byte, cut at the limit when `truncated`.
        payout_id: the payout that it was found to speak of, itself or through an inquiry.
        inquiry_id: the inquiry that it was found to answer.
    """

    __tablename__ = "command_results"
    __table_args__ = (
        CheckConstraint("kind IN ('result', 'timeout')", name="command_results_kind_known"),
        Index("command_results_waiting", "judgement", "originator_conversation_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    originator_conversation_id: Mapped[str | None] = mapped_column(String(100), index=True)
    result_data: Mapped[bytes] = mapped_column(LargeBinary)
    payout_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payouts.id"), index=True)
    inquiry_id: Mapped[int | None] = mapped_column(Id, ForeignKey("inquiries.id"), index=True)


Subject = type[Payment] | type[Payout]
"""What is audited, asked about and told: a payment or a payout."""
