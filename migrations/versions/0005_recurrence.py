"""What recurring troubles and the scorecards of providers and payment systems are counted by."""

import json

import sqlalchemy as sa
from alembic import op

# The only thing here that may change later: whatever it says then, `flask recurrence rebuild` would say the same.
from ticketing.rules.recurrence import RULES, party_key, signature_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 2000
MENDED = "signature IS NOT NULL AND resolution_code IN ('fixed', 'workaround', 'provider_fixed')"
REOPENING = "kind = 'reopened'"
WHO = ['restricted', 'team_id', 'owner_id', 'reporter_id']


def upgrade():
    op.add_column('ticket', sa.Column('signature', sa.String(length=64), nullable=True))
    op.add_column('ticket', sa.Column('provider', sa.String(length=120), nullable=True))
    op.add_column('ticket', sa.Column('payment_system', sa.String(length=120), nullable=True))
    sign_all(op.get_bind())
    op.create_index('ix_ticket_recent', 'ticket', ['created_at', 'signature', 'category_id', *WHO], unique=False)
    op.create_index('ix_ticket_signature', 'ticket', ['signature', 'created_at', 'category_id', 'closed_at', *WHO],
                    unique=False)
    create_partial('ix_ticket_mended', 'ticket', ['signature', 'closed_at', 'category_id', 'restricted'], MENDED)
    create_partial('ix_ticket_signature_open', 'ticket',
                   ['signature', 'category_id', 'parent_id', 'child_count', *WHO], "status <> 'closed'")
    for party in ('provider', 'payment_system'):
        create_partial(f'ix_ticket_{party}', 'ticket', [party, 'created_at', 'closed_at', 'type', 'resolution_code', *WHO],
                       f'{party} IS NOT NULL')
    create_partial('ix_event_reopened', 'event', ['at', 'ticket_id'], REOPENING)


def create_partial(name, table, columns, where):
    op.create_index(name, table, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def sign_all(connection):
    """Write the new columns of every ticket, some thousand at a time, and by which rules that was."""
    page = sa.text("SELECT id, title, details FROM ticket WHERE id > :last ORDER BY id LIMIT :most")
    write = sa.text(
        "UPDATE ticket SET signature = :signature, provider = :provider, payment_system = :payment_system WHERE id = :id"
    )
    last = 0
    while rows := connection.execute(page, {"last": last, "most": BATCH}).all():
        connection.execute(write, [signed(*row) for row in rows])
        last = rows[-1].id
    connection.execute(
        sa.text("INSERT INTO setting (key, value) VALUES ('recurrence_rules', :value)"), {"value": str(RULES)}
    )


def signed(number, title, details):
    details = json.loads(details) if isinstance(details, str) else details
    details = details if isinstance(details, dict) else {}
    found = signature_of(title, details)
    return {"id": number, "signature": found and found.key, "provider": party_key(details.get("provider")),
            "payment_system": party_key(details.get("payment_system"))}


def downgrade():
    op.drop_index('ix_event_reopened', table_name='event')
    for name in ('payment_system', 'provider', 'signature_open', 'mended', 'signature', 'recent'):
        op.drop_index(f'ix_ticket_{name}', table_name='ticket')
    for column in ('payment_system', 'provider', 'signature'):
        op.drop_column('ticket', column)
    op.execute("DELETE FROM setting WHERE key = 'recurrence_rules'")
