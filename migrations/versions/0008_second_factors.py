"""A second factor is written once it is confirmed: there is no other."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("DELETE FROM second_factor WHERE confirmed_at IS NULL")
    op.drop_column("second_factor", "confirmed_at")


def downgrade():
    op.add_column("second_factor", sa.Column("confirmed_at", sa.BigInteger()))
    op.execute("UPDATE second_factor SET confirmed_at = made_at")
