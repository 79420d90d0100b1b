"""Clocks, the terms they run under, and the outbox; with the policies and calendars a desk starts with."""

import json
import time

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ALWAYS = {"name": "Always", "time_zone": "UTC", "weekly": {day: [["00:00", "24:00"]] for day in DAYS},
          "exceptions": {}}
OFFICE = {"name": "Office hours", "time_zone": "Europe/Berlin",
          "weekly": {day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in DAYS[:5]},
          "exceptions": {"2026-05-01": {"name": "Labour Day", "open": []}}}


def targets(*rows):
    """Minutes of reaction and resolution, and a calendar where it is not the policy's, from critical to low."""
    return {priority: {"reaction_min": reaction, "resolution_min": resolution, "at_risk_percent": 75,
                       "calendar": calendar}
            for priority, (reaction, resolution, calendar) in zip(["critical", "high", "normal", "low"], rows, strict=True)}


POLICIES = [
    {"key": "security", "name": "Security", "types": ["security_alert"], "categories": ["security_events"],
     "calendar": "always",
     "targets": targets((10, 240, None), (30, 480, None), (120, 1440, None), (480, 4320, None))},
    {"key": "everything_else", "name": "Everything else", "types": [], "categories": [], "calendar": "office",
     "targets": targets((15, 240, "always"), (60, 480, "always"), (240, 960, None), (480, 2400, None))},
]
STATE_COLUMNS = ("clock_face", "cycle", "reacted_at", "reporter_wrote_at")


def upgrade():
    op.create_table('job_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job', sa.String(length=40), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('finished_at', sa.BigInteger(), nullable=True),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_run'))
    )
    with op.batch_alter_table('job_run', schema=None) as batch_op:
        batch_op.create_index('ix_job_run_last', ['job', 'finished_at'], unique=False)

    op.create_table('setting',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('value', sa.JSON(), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_setting'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('dedupe_key', sa.String(length=120), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=True),
    sa.Column('address', sa.String(length=254), nullable=True),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.BigInteger(), nullable=True),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('dead_at', sa.BigInteger(), nullable=True),
    sa.Column('error', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['recipient_id'], ['user_account.id'], name=op.f('fk_outbox_recipient_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_outbox_dedupe_key'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_dead', ['dead_at', 'id'], unique=False, sqlite_where=sa.text('dead_at IS NOT NULL'), postgresql_where=sa.text('dead_at IS NOT NULL'))
        batch_op.create_index('ix_outbox_next', ['channel', 'next_try_at', 'id'], unique=False, sqlite_where=sa.text('next_try_at IS NOT NULL'), postgresql_where=sa.text('next_try_at IS NOT NULL'))
        batch_op.create_index('ix_outbox_sent', ['sent_at'], unique=False, sqlite_where=sa.text('sent_at IS NOT NULL'), postgresql_where=sa.text('sent_at IS NOT NULL'))

    op.create_table('sla_calendar_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('derived', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_sla_calendar_version_made_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sla_calendar_version'))
    )
    with op.batch_alter_table('sla_calendar_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sla_calendar_version_key'), ['key'], unique=False)

    op.create_table('sla_terms',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_sla_terms_made_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sla_terms'))
    )
    op.create_table('notification',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('dedupe_key', sa.String(length=120), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_notification_ticket_id_ticket')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_notification_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification')),
    sa.UniqueConstraint('user_id', 'dedupe_key', name='uq_notification_once')
    )
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.create_index('ix_notification_unseen', ['user_id'], unique=False, sqlite_where=sa.text('seen_at IS NULL'), postgresql_where=sa.text('seen_at IS NULL'))
        batch_op.create_index('ix_notification_user', ['user_id', 'id'], unique=False)

    op.create_table('sla_clock',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('target_s', sa.Integer(), nullable=False),
    sa.Column('warn_pct', sa.SmallInteger(), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('terms_id', sa.Integer(), nullable=False),
    sa.Column('policy', sa.String(length=40), nullable=False),
    sa.Column('opened_by_id', sa.Integer(), nullable=True),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('elapsed_before_s', sa.Integer(), nullable=False),
    sa.Column('segment_start', sa.BigInteger(), nullable=True),
    sa.Column('paused_at', sa.BigInteger(), nullable=True),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('told', sa.SmallInteger(), nullable=False),
    sa.Column('warn_at', sa.BigInteger(), nullable=True),
    sa.Column('due_at', sa.BigInteger(), nullable=True),
    sa.Column('next_at', sa.BigInteger(), nullable=True),
    sa.Column('breached_at', sa.BigInteger(), nullable=True),
    sa.Column('stopped_at', sa.BigInteger(), nullable=True),
    sa.Column('cause', sa.String(length=24), nullable=True),
    sa.Column('superseded', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['calendar_id'], ['sla_calendar_version.id'], name=op.f('fk_sla_clock_calendar_id_sla_calendar_version')),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user_account.id'], name=op.f('fk_sla_clock_opened_by_id_user_account')),
    sa.ForeignKeyConstraint(['terms_id'], ['sla_terms.id'], name=op.f('fk_sla_clock_terms_id_sla_terms')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_sla_clock_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sla_clock')),
    sa.UniqueConstraint('ticket_id', 'kind', 'cycle', name='uq_sla_clock_ticket_kind_cycle')
    )
    with op.batch_alter_table('sla_clock', schema=None) as batch_op:
        batch_op.create_index('ix_sla_clock_calendar', ['calendar_id'], unique=False, sqlite_where=sa.text('stopped_at IS NULL'), postgresql_where=sa.text('stopped_at IS NULL'))
        batch_op.create_index('ix_sla_clock_next', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.create_index('ix_sla_clock_stopped', ['stopped_at', 'kind'], unique=False, sqlite_where=sa.text('stopped_at IS NOT NULL'), postgresql_where=sa.text('stopped_at IS NOT NULL'))

    op.create_table('sla_level',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clock_id', sa.Integer(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('level', sa.String(length=24), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.Column('detected_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['clock_id'], ['sla_clock.id'], name=op.f('fk_sla_level_clock_id_sla_clock')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sla_level')),
    sa.UniqueConstraint('clock_id', 'generation', 'level', name='uq_sla_level_once')
    )
    op.create_table('sla_segment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clock_id', sa.Integer(), nullable=False),
    sa.Column('start_at', sa.BigInteger(), nullable=False),
    sa.Column('end_at', sa.BigInteger(), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('counted_s', sa.Integer(), nullable=False),
    sa.Column('why', sa.String(length=24), nullable=False),
    sa.ForeignKeyConstraint(['calendar_id'], ['sla_calendar_version.id'], name=op.f('fk_sla_segment_calendar_id_sla_calendar_version')),
    sa.ForeignKeyConstraint(['clock_id'], ['sla_clock.id'], name=op.f('fk_sla_segment_clock_id_sla_clock')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sla_segment'))
    )
    with op.batch_alter_table('sla_segment', schema=None) as batch_op:
        batch_op.create_index('ix_sla_segment_clock', ['clock_id', 'start_at'], unique=False)

    op.add_column('ticket', sa.Column('clock_face', sa.JSON(none_as_null=True), nullable=True))
    op.add_column('ticket', sa.Column('cycle', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('ticket', sa.Column('reacted_at', sa.BigInteger(), nullable=True))
    op.add_column('ticket', sa.Column('reporter_wrote_at', sa.BigInteger(), nullable=True))
    due_index('due_at', 'id', 'status', 'restricted', 'team_id', 'owner_id', 'reporter_id')
    op.create_index('ix_ticket_hold_until', 'ticket', ['hold_until'], unique=False, sqlite_where=sa.text('hold_until IS NOT NULL'), postgresql_where=sa.text('hold_until IS NOT NULL'))
    op.add_column('user_account', sa.Column('machine', sa.Boolean(), nullable=False, server_default=sa.false()))
    seed()


def due_index(*columns):
    """Make the index of what is due anew, over these columns."""
    op.drop_index('ix_ticket_due', table_name='ticket')
    open_ones = sa.text("status <> 'closed'")
    op.create_index('ix_ticket_due', 'ticket', columns, sqlite_where=open_ones, postgresql_where=open_ones)


def seed():
    now = int(time.time())
    version = sa.table("sla_calendar_version", *map(sa.column, ("id", "key", "body", "derived", "made_at")))
    terms = sa.table("sla_terms", *map(sa.column, ("id", "body", "note", "made_at")))
    calendars = {"always": ALWAYS, "office": OFFICE}
    op.bulk_insert(version, [
        {"id": number, "key": key, "body": json.dumps(body), "derived": False, "made_at": now}
        for number, (key, body) in enumerate(calendars.items(), 1)
    ])
    if op.get_bind().dialect.name == "postgresql":  # the numbers above were given, not drawn
        op.execute("SELECT setval(pg_get_serial_sequence('sla_calendar_version', 'id'), 2)")
    document = {"policies": POLICIES,
                "calendars": {key: body | {"version": number} for number, (key, body) in enumerate(calendars.items(), 1)}}
    op.bulk_insert(terms, [{"id": 1, "body": json.dumps(document), "note": "", "made_at": now}])


def downgrade():
    op.drop_column('user_account', 'machine')
    due_index('due_at', 'id')
    op.drop_index('ix_ticket_hold_until', table_name='ticket')
    for name in STATE_COLUMNS:
        op.drop_column('ticket', name)

    with op.batch_alter_table('sla_segment', schema=None) as batch_op:
        batch_op.drop_index('ix_sla_segment_clock')

    op.drop_table('sla_segment')
    op.drop_table('sla_level')
    with op.batch_alter_table('sla_clock', schema=None) as batch_op:
        batch_op.drop_index('ix_sla_clock_stopped', sqlite_where=sa.text('stopped_at IS NOT NULL'), postgresql_where=sa.text('stopped_at IS NOT NULL'))
        batch_op.drop_index('ix_sla_clock_next', sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.drop_index('ix_sla_clock_calendar', sqlite_where=sa.text('stopped_at IS NULL'), postgresql_where=sa.text('stopped_at IS NULL'))

    op.drop_table('sla_clock')
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.drop_index('ix_notification_user')
        batch_op.drop_index('ix_notification_unseen', sqlite_where=sa.text('seen_at IS NULL'), postgresql_where=sa.text('seen_at IS NULL'))

    op.drop_table('notification')
    op.drop_table('sla_terms')
    with op.batch_alter_table('sla_calendar_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sla_calendar_version_key'))

    op.drop_table('sla_calendar_version')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_sent', sqlite_where=sa.text('sent_at IS NOT NULL'), postgresql_where=sa.text('sent_at IS NOT NULL'))
        batch_op.drop_index('ix_outbox_next', sqlite_where=sa.text('next_try_at IS NOT NULL'), postgresql_where=sa.text('next_try_at IS NOT NULL'))
        batch_op.drop_index('ix_outbox_dead', sqlite_where=sa.text('dead_at IS NOT NULL'), postgresql_where=sa.text('dead_at IS NOT NULL'))

    op.drop_table('outbox')
    op.drop_table('setting')
    with op.batch_alter_table('job_run', schema=None) as batch_op:
        batch_op.drop_index('ix_job_run_last')

    op.drop_table('job_run')
