"""Payouts, inquiries and their results, the audit log, the outbox, and when to ask again.

What was settled before has no hook to come: its outbox begins empty. What is still pending is asked
about at the next start.
"""

import sqlalchemy as sa
from alembic import op

from mpesa_pochi.merchant.models import Id, UtcDateTime
from mpesa_pochi.merchant.models_history import guard_audit_log

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _wider_ids()
    _payments()
    _payouts()
    _results()
    _history()
    with op.batch_alter_table("idempotent_requests") as table:
        table.alter_column("payment_id", existing_type=Id, nullable=True)
        table.add_column(sa.Column("payout_id", Id))
        table.create_foreign_key(
            "idempotent_requests_payout_id_fkey", "payouts", ["payout_id"], ["id"]
        )
        table.create_index("ix_idempotent_requests_payout_id", ["payout_id"])


def downgrade() -> None:
    raise NotImplementedError("a database is not taken back: restore the backup")


def _wider_ids() -> None:
    """SQLite's are wide already."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, column in (
        ("payments", "id"),
        ("payment_callbacks", "id"),
        ("payment_callbacks", "payment_id"),
        ("idempotent_requests", "payment_id"),
    ):
        op.alter_column(table, column, existing_type=sa.Integer, type_=sa.BigInteger)


def _payments() -> None:
    op.add_column("payments", sa.Column("asks", sa.Integer, nullable=False, server_default="0"))
    op.add_column("payments", sa.Column("next_ask_at", UtcDateTime))
    op.create_index("ix_payments_next_ask_at", "payments", ["next_ask_at"])
    op.create_index("ix_payments_reference", "payments", ["reference"])
    op.execute("UPDATE payments SET next_ask_at = created_at WHERE status = 'pending'")


def _payouts() -> None:
    op.create_table(
        "payouts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("payment_id", Id, sa.ForeignKey("payments.id"), index=True),
        sa.Column("user_id", sa.String(128), index=True),
        sa.Column("destination", sa.String(8), nullable=False),
        sa.Column("command", sa.String(32), nullable=False),
        sa.Column("phone", sa.String(12), nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("remarks", sa.String(100), nullable=False),
        sa.Column("occasion", sa.String(100), nullable=False),
        sa.Column("status", sa.String(8), nullable=False, index=True),
        sa.Column("mpesa_receipt", sa.String(32), unique=True),
        sa.Column("originator_conversation_id", sa.String(100), nullable=False, unique=True),
        sa.Column("conversation_id", sa.String(100), unique=True),
        sa.Column("receiver", sa.String(255)),
        sa.Column("result_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("order_fate", sa.String(8), nullable=False),
        sa.Column("result_code", sa.String(32)),
        sa.Column("result_text", sa.Text),
        sa.Column("settled_by", sa.String(8)),
        sa.Column("settled_at", UtcDateTime),
        sa.Column("timed_out_at", UtcDateTime),
        sa.Column("needs_review", sa.Boolean, nullable=False, index=True),
        sa.Column("review_reason", sa.Text),
        sa.Column("asks", sa.Integer, nullable=False),
        sa.Column("next_ask_at", UtcDateTime, index=True),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("metadata", sa.JSON, nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'success', 'failed')", name="payouts_status_known"
        ),
        sa.CheckConstraint("destination IN ('mpesa', 'pochi')", name="payouts_destination_known"),
        sa.CheckConstraint(
            "mpesa_receipt IS NULL OR status = 'success'", name="payouts_receipt_means_success"
        ),
        sa.CheckConstraint("amount > 0", name="payouts_amount_positive"),
    )


def _results() -> None:
    op.create_table(
        "inquiries",
        sa.Column("id", Id, primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False, index=True),
        sa.Column("payout_id", Id, sa.ForeignKey("payouts.id"), index=True),
        sa.Column("originator_conversation_id", sa.String(100), index=True),
        sa.Column("conversation_id", sa.String(100), index=True),
        sa.Column("result_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("result_code", sa.String(32)),
        sa.Column("result_text", sa.Text),
        sa.Column("answer", sa.JSON(none_as_null=True)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sa.CheckConstraint("kind IN ('balance', 'status')", name="inquiries_kind_known"),
        sa.CheckConstraint(
            "status IN ('pending', 'success', 'failed')", name="inquiries_status_known"
        ),
    )
    op.create_table(
        "command_results",
        sa.Column("id", Id, primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("originator_conversation_id", sa.String(100), index=True),
        sa.Column("result_data", sa.LargeBinary, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("payout_id", Id, sa.ForeignKey("payouts.id"), index=True),
        sa.Column("inquiry_id", Id, sa.ForeignKey("inquiries.id"), index=True),
        sa.Column("source", sa.String(64)),
        sa.Column("token_digest", sa.String(64)),
        sa.Column("truncated", sa.Boolean, nullable=False),
        sa.Column("judgement", sa.String(16), nullable=False),
        sa.Column("refusal", sa.String(32)),
        sa.Column("reason", sa.Text),
        sa.Column("judged_at", UtcDateTime),
        sa.CheckConstraint("kind IN ('result', 'timeout')", name="command_results_kind_known"),
        sa.Index("command_results_waiting", "judgement", "originator_conversation_id"),
    )


def _history() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", Id, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("payment_id", Id, sa.ForeignKey("payments.id"), index=True),
        sa.Column("payout_id", Id, sa.ForeignKey("payouts.id"), index=True),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("source", sa.String(8)),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.CheckConstraint(
            "(payment_id IS NULL) <> (payout_id IS NULL)", name="audit_log_of_one_thing"
        ),
    )
    guard_audit_log(op.get_bind())
    op.create_table(
        "outbox",
        sa.Column("id", Id, primary_key=True),
        sa.Column("payment_id", Id, sa.ForeignKey("payments.id"), nullable=False, unique=True),
        sa.Column("event", sa.String(8), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("delivered_at", UtcDateTime),
        sa.CheckConstraint("event IN ('success', 'failure')", name="outbox_event_known"),
        sa.Index("outbox_waiting", "delivered_at", "due_at"),
    )
