"""What reports count: facts of tickets by day, and the sheets that sum them up."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


# How far the counting has come. Without its facts it says nothing, so it neither stays behind nor is found again.
FORGET = "DELETE FROM setting WHERE key = 'reports'"


DUE = ['due_at', 'id', 'status', 'restricted', 'team_id', 'owner_id', 'reporter_id']
# What the load of each engineer and the age of the backlog are counted by, from the index alone.
COUNTED = ['warn_at', 'hold_reason', 'hold_until', 'created_at', 'type', 'category_id', 'priority']


def due_index(columns):
    """Make the index of open tickets by what is due anew, over these columns."""
    op.drop_index('ix_ticket_due', table_name='ticket')
    open_ones = sa.text("status <> 'closed'")
    op.create_index('ix_ticket_due', 'ticket', columns, sqlite_where=open_ones, postgresql_where=open_ones)


def upgrade():
    op.execute(FORGET)
    due_index(DUE + COUNTED)
    op.create_table('report_fact',
    sa.Column('figure', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('ticket_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_report_fact_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('figure', 'day', 'ticket_id', 'place', name=op.f('pk_report_fact')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_report_fact_ticket', 'report_fact', ['ticket_id'], unique=False)
    op.create_table('report_sheet',
    sa.Column('family', sa.String(length=8), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('day', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('restricted', sa.Boolean(), nullable=False),
    sa.Column('team_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('type', sa.String(length=24), nullable=False),
    sa.Column('category_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('priority', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('family', 'key', 'day', 'restricted', 'team_id', 'type', 'category_id', 'priority',
                            name=op.f('pk_report_sheet')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_report_sheet_day', 'report_sheet', ['day'], unique=False)


def downgrade():
    op.execute(FORGET)
    due_index(DUE)
    op.drop_index('ix_report_sheet_day', table_name='report_sheet')
    op.drop_table('report_sheet')
    op.drop_index('ix_report_fact_ticket', table_name='report_fact')
    op.drop_table('report_fact')
