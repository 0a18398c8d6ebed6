"""Payments, their callbacks, and the requests that were made for them."""

import sqlalchemy as sa
from alembic import op

from mpesa_pochi.merchant.models import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.String(128), index=True),
        sa.Column("phone", sa.String(12), nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("mpesa_receipt", sa.String(32), unique=True),
        sa.Column("status", sa.String(8), nullable=False, index=True),
        sa.Column("checkout_id", sa.String(100), unique=True),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("metadata", sa.JSON, nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("description", sa.String(255), nullable=False),
        sa.Column("callback_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("push", sa.String(8), nullable=False),
        sa.Column("merchant_request_id", sa.String(100)),
        sa.Column("result_code", sa.String(32)),
        sa.Column("result_text", sa.Text),
        sa.Column("settled_by", sa.String(8)),
        sa.Column("settled_at", UtcDateTime),
        sa.Column("needs_review", sa.Boolean, nullable=False, index=True),
        sa.Column("review_reason", sa.Text),
        sa.CheckConstraint(
            "status IN ('pending', 'success', 'failed')", name="payments_status_known"
        ),
        sa.CheckConstraint(
            "mpesa_receipt IS NULL OR status = 'success'", name="payments_receipt_means_success"
        ),
        sa.CheckConstraint("amount > 0", name="payments_amount_positive"),
    )
    op.create_table(
        "payment_callbacks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("checkout_id", sa.String(100), index=True),
        sa.Column("callback_data", sa.LargeBinary, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("payment_id", sa.Integer, sa.ForeignKey("payments.id"), index=True),
        sa.Column("source", sa.String(64)),
        sa.Column("token_digest", sa.String(64)),
        sa.Column("truncated", sa.Boolean, nullable=False),
        sa.Column("judgement", sa.String(16), nullable=False),
        sa.Column("refusal", sa.String(32)),
        sa.Column("reason", sa.Text),
        sa.Column("judged_at", UtcDateTime),
        sa.Index("payment_callbacks_waiting", "judgement", "checkout_id"),
    )
    op.create_table(
        "idempotent_requests",
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column(
            "payment_id", sa.Integer, sa.ForeignKey("payments.id"), nullable=False, index=True
        ),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.JSON(none_as_null=True)),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("a database is not taken back: restore the backup")
