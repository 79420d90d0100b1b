"""The first tables, with the teams and categories a new desk starts with."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEAMS = [("technical_support", "Technical Support"), ("devops", "DevOps"), ("backend", "Backend"),
         ("integration", "Integration")]
# (key, name, team, priority from 1 critical to 4 low)
CATEGORIES = [("infrastructure", "Infrastructure", 2, 2), ("api_integration", "API Integration", 4, 3),
              ("payment_processing", "Payment Processing", 4, 2),
              ("provider_integration", "Provider Integration", 4, 3), ("security_events", "Security Events", 2, 2),
              ("user_system", "User System", 3, 3)]
STATUSES = ["new", "classified", "assigned", "diagnostics", "correction", "solution_check", "closed"]


def upgrade():
    op.create_table('board_column',
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('wip_limit', sa.Integer(), nullable=True),
    sa.Column('median_s', sa.Integer(), nullable=True),
    sa.Column('samples', sa.Integer(), nullable=False),
    sa.CheckConstraint('wip_limit IS NULL OR wip_limit > 0', name=op.f('ck_board_column_positive_limit')),
    sa.PrimaryKeyConstraint('status', name=op.f('pk_board_column'))
    )
    op.create_table('team',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('key', name=op.f('uq_team_key')),
    sa.UniqueConstraint('name', name=op.f('uq_team_name'))
    )
    op.create_table('board_count',
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('restricted', sa.Boolean(), nullable=False),
    sa.Column('owned', sa.Boolean(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_board_count_team_id_team')),
    sa.PrimaryKeyConstraint('status', 'team_id', 'restricted', 'owned', name=op.f('pk_board_count'))
    )
    op.create_table('category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('priority', sa.SmallInteger(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_category_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category')),
    sa.UniqueConstraint('key', name=op.f('uq_category_key')),
    sa.UniqueConstraint('name', name=op.f('uq_category_name'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('handle', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('role', sa.String(length=24), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('session_token', sa.String(length=32), nullable=False),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('preferences', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('signed_in_at', sa.BigInteger(), nullable=True),
    sa.Column('logins', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_user_account_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('email', name=op.f('uq_user_account_email')),
    sa.UniqueConstraint('handle', name=op.f('uq_user_account_handle'))
    )
    op.create_table('saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('query', sa.String(length=1000), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_saved_view_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view'))
    )
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.create_index('uq_saved_view_user_name', ['user_id', 'name'], unique=True)

    op.create_table('ticket',
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=24), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('priority', sa.SmallInteger(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('status_since', sa.BigInteger(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('haystack', sa.Text(), nullable=False),
    sa.Column('restricted', sa.Boolean(), nullable=False),
    sa.Column('reporter_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('solver_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.Column('closed_at', sa.BigInteger(), nullable=True),
    sa.Column('hold_reason', sa.String(length=24), nullable=True),
    sa.Column('hold_text', sa.String(length=200), nullable=False),
    sa.Column('hold_until', sa.BigInteger(), nullable=True),
    sa.Column('held_since', sa.BigInteger(), nullable=True),
    sa.Column('solution', sa.Text(), nullable=False),
    sa.Column('resolution_code', sa.String(length=24), nullable=True),
    sa.Column('root_cause', sa.String(length=24), nullable=True),
    sa.Column('pinned_at', sa.BigInteger(), nullable=True),
    sa.Column('lane', sa.SmallInteger(), nullable=False),
    sa.Column('warn_at', sa.BigInteger(), nullable=True),
    sa.Column('due_at', sa.BigInteger(), nullable=True),
    sa.Column('comment_count', sa.Integer(), nullable=False),
    sa.Column('visible_comment_count', sa.Integer(), nullable=False),
    sa.Column('child_count', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('repeat_count', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=True),
    sa.Column('external_id', sa.String(length=80), nullable=True),
    sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_ticket_closed_has_date')),
    sa.CheckConstraint("status IN ('new', 'classified', 'assigned', 'diagnostics', 'correction', 'solution_check', 'closed')", name=op.f('ck_ticket_known_status')),
    sa.CheckConstraint('priority BETWEEN 1 AND 4', name=op.f('ck_ticket_known_priority')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_ticket_category_id_category')),
    sa.ForeignKeyConstraint(['owner_id'], ['user_account.id'], name=op.f('fk_ticket_owner_id_user_account')),
    sa.ForeignKeyConstraint(['parent_id'], ['ticket.id'], name=op.f('fk_ticket_parent_id_ticket')),
    sa.ForeignKeyConstraint(['reporter_id'], ['user_account.id'], name=op.f('fk_ticket_reporter_id_user_account')),
    sa.ForeignKeyConstraint(['solver_id'], ['user_account.id'], name=op.f('fk_ticket_solver_id_user_account')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_ticket_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_board', ['status', 'lane', 'due_at', 'priority', 'status_since', 'id'], unique=False)
        batch_op.create_index('ix_ticket_closed_at',
                              ['status', 'closed_at', 'restricted', 'team_id', 'owner_id', 'reporter_id'], unique=False)
        batch_op.create_index('ix_ticket_created', ['created_at', 'id'], unique=False)
        batch_op.create_index('ix_ticket_due', ['due_at', 'id'], unique=False, sqlite_where=sa.text("status <> 'closed'"), postgresql_where=sa.text("status <> 'closed'"))
        batch_op.create_index('ix_ticket_owner', ['owner_id', 'status', 'lane', 'due_at', 'priority', 'status_since', 'id'], unique=False)
        batch_op.create_index('ix_ticket_parent', ['parent_id'], unique=False)
        batch_op.create_index('ix_ticket_restricted', ['team_id', 'owner_id', 'reporter_id', 'status'], unique=False,
                              sqlite_where=sa.text("restricted AND status <> 'closed'"),
                              postgresql_where=sa.text("restricted AND status <> 'closed'"))
        batch_op.create_index('ix_ticket_reporter', ['reporter_id', 'status'], unique=False)
        batch_op.create_index('ix_ticket_team', ['team_id', 'status'], unique=False)
        batch_op.create_index('ix_ticket_status_updated', ['status', 'updated_at', 'id'], unique=False)
        batch_op.create_index('ix_ticket_updated', ['updated_at', 'id'], unique=False)
        batch_op.create_index('uq_ticket_external', ['source', 'external_id'], unique=True)

    op.create_table('comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('internal', sa.Boolean(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_comment_author_id_user_account')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_comment_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment'))
    )
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.create_index('ix_comment_ticket', ['ticket_id', 'id'], unique=False)

    op.create_table('event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('noticed_at', sa.BigInteger(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f('fk_event_actor_id_user_account')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_event_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.create_index('ix_event_ticket_at', ['ticket_id', 'at', 'id'], unique=False)

    op.create_table('link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('target_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('source_id <> target_id', name=op.f('ck_link_not_itself')),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_link_author_id_user_account')),
    sa.ForeignKeyConstraint(['source_id'], ['ticket.id'], name=op.f('fk_link_source_id_ticket')),
    sa.ForeignKeyConstraint(['target_id'], ['ticket.id'], name=op.f('fk_link_target_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link')),
    sa.UniqueConstraint('kind', 'source_id', 'target_id', name=op.f('uq_link_kind'))
    )
    with op.batch_alter_table('link', schema=None) as batch_op:
        batch_op.create_index('ix_link_source', ['source_id'], unique=False)
        batch_op.create_index('ix_link_target', ['target_id'], unique=False)

    op.create_table('watcher',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_watcher_ticket_id_ticket')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_watcher_user_id_user_account')),
    sa.PrimaryKeyConstraint('ticket_id', 'user_id', name=op.f('pk_watcher'))
    )
    with op.batch_alter_table('watcher', schema=None) as batch_op:
        batch_op.create_index('ix_watcher_user', ['user_id'], unique=False)

    op.create_table('attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=True),
    sa.Column('uploader_id', sa.Integer(), nullable=False),
    sa.Column('internal', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('stored_as', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_attachment_comment_id_comment')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_attachment_ticket_id_ticket')),
    sa.ForeignKeyConstraint(['uploader_id'], ['user_account.id'], name=op.f('fk_attachment_uploader_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('stored_as', name=op.f('uq_attachment_stored_as'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index('ix_attachment_ticket', ['ticket_id', 'id'], unique=False)

    fill_reference_data()


def fill_reference_data():
    team = sa.table("team", sa.column("id", sa.Integer), sa.column("key", sa.String), sa.column("name", sa.String))
    category = sa.table("category", sa.column("key", sa.String), sa.column("name", sa.String),
                        sa.column("team_id", sa.Integer), sa.column("priority", sa.Integer),
                        sa.column("active", sa.Boolean))
    column = sa.table("board_column", sa.column("status", sa.String), sa.column("samples", sa.Integer))
    op.bulk_insert(team, [{"key": key, "name": name} for key, name in TEAMS])
    op.bulk_insert(category, [
        {"key": key, "name": name, "team_id": team_id, "priority": priority, "active": True}
        for key, name, team_id, priority in CATEGORIES
    ])
    op.bulk_insert(column, [{"status": status, "samples": 0} for status in STATUSES])


def downgrade():
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index('ix_attachment_ticket')

    op.drop_table('attachment')
    with op.batch_alter_table('watcher', schema=None) as batch_op:
        batch_op.drop_index('ix_watcher_user')

    op.drop_table('watcher')
    with op.batch_alter_table('link', schema=None) as batch_op:
        batch_op.drop_index('ix_link_target')
        batch_op.drop_index('ix_link_source')

    op.drop_table('link')
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_index('ix_event_ticket_at')

    op.drop_table('event')
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.drop_index('ix_comment_ticket')

    op.drop_table('comment')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('uq_ticket_external')
        batch_op.drop_index('ix_ticket_updated')
        batch_op.drop_index('ix_ticket_status_updated')
        batch_op.drop_index('ix_ticket_team')
        batch_op.drop_index('ix_ticket_restricted')
        batch_op.drop_index('ix_ticket_reporter')
        batch_op.drop_index('ix_ticket_parent')
        batch_op.drop_index('ix_ticket_owner')
        batch_op.drop_index('ix_ticket_due', sqlite_where=sa.text("status <> 'closed'"), postgresql_where=sa.text("status <> 'closed'"))
        batch_op.drop_index('ix_ticket_created')
        batch_op.drop_index('ix_ticket_closed_at')
        batch_op.drop_index('ix_ticket_board')

    op.drop_table('ticket')
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.drop_index('uq_saved_view_user_name')

    op.drop_table('saved_view')
    op.drop_table('user_account')
    op.drop_table('category')
    op.drop_table('board_count')
    op.drop_table('team')
    op.drop_table('board_column')
