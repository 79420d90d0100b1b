"""A second factor is written once it is confirmed: there is no other. Sessions know out of which frame and by which
secret they came, so that they end with it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("DELETE FROM second_factor WHERE confirmed_at IS NULL")
    op.drop_column("second_factor", "confirmed_at")
    op.add_column("user_session", sa.Column("opened_from", sa.Integer()))
    op.add_column("user_session", sa.Column("embed_secret_id", sa.Integer()))
    there = sa.text("opened_from IS NOT NULL")
    op.create_index("ix_user_session_opened_from", "user_session", ["opened_from"], unique=False, sqlite_where=there,
                    postgresql_where=there)


def downgrade():
    op.drop_index("ix_user_session_opened_from", table_name="user_session")
    op.drop_column("user_session", "embed_secret_id")
    op.drop_column("user_session", "opened_from")
    op.add_column("second_factor", sa.Column("confirmed_at", sa.BigInteger()))
    op.execute("UPDATE second_factor SET confirmed_at = made_at")
