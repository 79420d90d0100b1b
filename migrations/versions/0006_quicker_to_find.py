"""Indexes for what was slow to find among a million tickets: sheets of a whole family, clocks by when they are due, and
words in titles."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ACTIVE = sa.text("stopped_at IS NULL")


def upgrade():
    op.create_index('ix_report_sheet_family', 'report_sheet', ['family', 'day'], unique=False)
    op.create_index('ix_sla_clock_due', 'sla_clock', ['due_at'], unique=False, sqlite_where=ACTIVE, postgresql_where=ACTIVE)
    if op.get_bind().dialect.name == "postgresql":
        # Of the words' places the index of all words knows nothing: a word of many talks and few titles took a second.
        op.execute("CREATE INDEX ix_ticket_search_title ON ticket_search USING gin (ts_filter(words, '{a}'))")


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index('ix_ticket_search_title', table_name='ticket_search')
    op.drop_index('ix_sla_clock_due', table_name='sla_clock')
    op.drop_index('ix_report_sheet_family', table_name='report_sheet')
