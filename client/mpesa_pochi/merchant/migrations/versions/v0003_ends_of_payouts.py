"""The outbox takes the ends of payouts too. Those that ended before are not told."""

import sqlalchemy as sa
from alembic import op

from mpesa_pochi.merchant.models import Id

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.alter_column("payment_id", existing_type=Id, nullable=True)
        table.add_column(sa.Column("payout_id", Id))
        table.create_foreign_key("outbox_payout_id_fkey", "payouts", ["payout_id"], ["id"])
        table.create_unique_constraint("outbox_payout_id_key", ["payout_id"])
        table.create_check_constraint(
            "outbox_of_one_thing", "(payment_id IS NULL) <> (payout_id IS NULL)"
        )


def downgrade() -> None:
    raise NotImplementedError("a database is not taken back: restore the backup")
