"""The tables of payments. Columns that the application needs beyond the published ones are marked.

Nothing here belongs to one database: SQLite by default, any other that SQLAlchemy knows. Money that
goes out has its tables in `models_out.py`, what happened and what is to be told in
`models_history.py`.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import DateTime, TypeDecorator

from mpesa_pochi.merchant.law import Judgement, PaymentStatus, PushFate


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite stores no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected an aware datetime, found {value!r}; pass an aware `now`")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers the rows by itself only for its own kind of integer, which is as large."""


class Base(DeclarativeBase):
    """The metadata of the merchant's tables."""


class Payment(Base):
    """One request for money. Written before the push is sent, and never deleted.

    Attributes:
        phone: the payer, as 2547XXXXXXXX or 2541XXXXXXXX.
        amount: whole shillings.
        mpesa_receipt: the receipt of a success; null until a callback supplies it.
        checkout_id: Daraja's CheckoutRequestID; null while no acknowledgement has come.
        metadata_: what the caller attached, as JSON (column `metadata`).
        callback_digest: SHA-256 of the token in this payment's own callback address.
        push: what is known of the push (`PushFate`).
        settled_by: which source settled it (`Source`).
        needs_review: something contradicted it; `review_reason` keeps the first such thing.
        asks: how often the reconciler has come to it; `next_ask_at` is when it comes again, null
            when it need not.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'success', 'failed')", name="payments_status_known"),
        CheckConstraint(
            "mpesa_receipt IS NULL OR status = 'success'", name="payments_receipt_means_success"
        ),
        CheckConstraint("amount > 0", name="payments_amount_positive"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str | None] = mapped_column(String(128), index=True)
    phone: Mapped[str] = mapped_column(String(12))
    amount: Mapped[int]
    mpesa_receipt: Mapped[str | None] = mapped_column(String(32), unique=True)
    status: Mapped[str] = mapped_column(String(8), default=PaymentStatus.PENDING, index=True)
    checkout_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, default=dict)
    # Beyond the published columns:
    reference: Mapped[str] = mapped_column(String(64), index=True)
    description: Mapped[str] = mapped_column(String(255))
    callback_digest: Mapped[str] = mapped_column(String(64), unique=True)
    push: Mapped[str] = mapped_column(String(8), default=PushFate.SENDING)
    merchant_request_id: Mapped[str | None] = mapped_column(String(100))
    result_code: Mapped[str | None] = mapped_column(String(32))
    result_text: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[str | None] = mapped_column(String(8))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    needs_review: Mapped[bool] = mapped_column(default=False, index=True)
    review_reason: Mapped[str | None] = mapped_column(Text)
    asks: Mapped[int] = mapped_column(default=0)
    next_ask_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class Arrival:
    """Columns of what Daraja sent, whatever it is about. Written before it is judged, and never
    deleted.

    Attributes:
        received_at: when it arrived.
        source: address of the sender.
        token_digest: SHA-256 of the token in the address it came to; null when there was none.
        truncated: whether the body was cut at the limit.
        judgement: what became of it (`Judgement`); `reason` says why in a sentence.
        refusal: with judgement `refused`, the name of the reason.
    """

    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Beyond the published columns:
    source: Mapped[str | None] = mapped_column(String(64))
    token_digest: Mapped[str | None] = mapped_column(String(64))
    truncated: Mapped[bool] = mapped_column(default=False)
    judgement: Mapped[str] = mapped_column(String(16), default=Judgement.RECEIVED)
    refusal: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(Text)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PaymentCallback(Arrival, Base):
    """One callback as it arrived.

    Attributes:
        checkout_id: the CheckoutRequestID it names; null until judged, and when unreadable.
        callback_data: the body to the byte, cut at the limit when `truncated`.
        payment_id: the payment it was found to speak of.
    """

    __tablename__ = "payment_callbacks"
    __table_args__ = (Index("payment_callbacks_waiting", "judgement", "checkout_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    checkout_id: Mapped[str | None] = mapped_column(String(100), index=True)
    callback_data: Mapped[bytes] = mapped_column(LargeBinary)
    # Beyond the published columns:
    payment_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payments.id"), index=True)
