"""Sessions that can be ended, what guards signing in, the administrators' log, and keys of panels that embed the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('embed_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('issuer', sa.String(length=200), nullable=False),
    sa.Column('audience', sa.String(length=200), nullable=False),
    sa.Column('algorithm', sa.String(length=8), nullable=False),
    sa.Column('jwks', sa.Text(), nullable=False),
    sa.Column('origins', sa.JSON(), nullable=False),
    sa.Column('role_ceiling', sa.String(length=24), nullable=False),
    sa.Column('default_view', sa.String(length=24), nullable=False),
    sa.Column('adopts', sa.Boolean(), nullable=False),
    sa.Column('wall_hash', sa.String(length=64), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.Column('revoked_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_embed_key')),
    sa.UniqueConstraint('issuer', name=op.f('uq_embed_key_issuer')),
    sa.UniqueConstraint('name', name=op.f('uq_embed_key_name')),
    sa.UniqueConstraint('wall_hash', name=op.f('uq_embed_key_wall_hash'))
    )
    op.create_table('sign_in_failure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope', sa.String(length=8), nullable=False),
    sa.Column('name_hash', sa.String(length=64), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_failure'))
    )
    op.create_index('ix_sign_in_failure_at', 'sign_in_failure', ['at'], unique=False)
    op.create_index('ix_sign_in_failure_name', 'sign_in_failure', ['scope', 'name_hash', 'at'], unique=False)
    op.create_table('burnt_token',
    sa.Column('embed_key_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('jti_hash', sa.String(length=64), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['embed_key_id'], ['embed_key.id'], name=op.f('fk_burnt_token_embed_key_id_embed_key')),
    sa.PrimaryKeyConstraint('embed_key_id', 'jti_hash', name=op.f('pk_burnt_token'))
    )
    op.create_index('ix_burnt_token_ends_at', 'burnt_token', ['ends_at'], unique=False)
    op.create_table('embed_secret',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('embed_key_id', sa.Integer(), nullable=False),
    sa.Column('kid', sa.String(length=40), nullable=False),
    sa.Column('sealed', sa.String(length=400), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.Column('retired_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['embed_key_id'], ['embed_key.id'], name=op.f('fk_embed_secret_embed_key_id_embed_key')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_embed_secret')),
    sa.UniqueConstraint('kid', name=op.f('uq_embed_secret_kid'))
    )
    op.create_index('ix_embed_secret_key', 'embed_secret', ['embed_key_id'], unique=False)
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('embed_key_id', sa.Integer(), nullable=True),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f('fk_audit_entry_actor_id_user_account')),
    sa.ForeignKeyConstraint(['embed_key_id'], ['embed_key.id'], name=op.f('fk_audit_entry_embed_key_id_embed_key')),
    sa.ForeignKeyConstraint(['subject_id'], ['user_account.id'], name=op.f('fk_audit_entry_subject_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    op.create_index('ix_audit_entry_actor', 'audit_entry', ['actor_id', 'at'], unique=False)
    op.create_index('ix_audit_entry_at', 'audit_entry', ['at', 'id'], unique=False)
    op.create_index('ix_audit_entry_kind', 'audit_entry', ['kind', 'at'], unique=False)
    op.create_index('ix_audit_entry_subject', 'audit_entry', ['subject_id', 'at'], unique=False)
    op.create_table('embed_identity',
    sa.Column('embed_key_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sub', sa.String(length=120), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('adopted', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['embed_key_id'], ['embed_key.id'], name=op.f('fk_embed_identity_embed_key_id_embed_key')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_embed_identity_user_id_user_account')),
    sa.PrimaryKeyConstraint('embed_key_id', 'sub', name=op.f('pk_embed_identity'))
    )
    op.create_index('ix_embed_identity_user', 'embed_identity', ['user_id'], unique=False)
    op.create_table('second_factor',
    sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sealed_secret', sa.String(length=300), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('confirmed_at', sa.BigInteger(), nullable=True),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.Column('recovery', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_second_factor_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_second_factor'))
    )
    op.create_table('user_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('secret_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('embed_key_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['embed_key_id'], ['embed_key.id'], name=op.f('fk_user_session_embed_key_id_embed_key')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_user_session_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_session'))
    )
    op.create_index('ix_user_session_ends', 'user_session', ['ends_at'], unique=False)
    op.create_index('ix_user_session_key', 'user_session', ['embed_key_id', 'ended_at'], unique=False)
    op.create_index('ix_user_session_user', 'user_session', ['user_id', 'ended_at'], unique=False)
    op.create_table('one_time_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('secret_hash', sa.String(length=64), nullable=False),
    sa.Column('use', sa.String(length=24), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('embed_key_id', sa.Integer(), nullable=True),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('path', sa.String(length=500), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['embed_key_id'], ['embed_key.id'], name=op.f('fk_one_time_link_embed_key_id_embed_key')),
    sa.ForeignKeyConstraint(['session_id'], ['user_session.id'], name=op.f('fk_one_time_link_session_id_user_session')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_one_time_link_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_link')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_one_time_link_secret_hash'))
    )
    op.create_index('ix_one_time_link_ends', 'one_time_link', ['ends_at'], unique=False)
    op.create_index('ix_one_time_link_user', 'one_time_link', ['user_id', 'use'], unique=False)



def downgrade():
    op.drop_index('ix_one_time_link_user', table_name='one_time_link')
    op.drop_index('ix_one_time_link_ends', table_name='one_time_link')
    op.drop_table('one_time_link')
    op.drop_index('ix_user_session_user', table_name='user_session')
    op.drop_index('ix_user_session_key', table_name='user_session')
    op.drop_index('ix_user_session_ends', table_name='user_session')
    op.drop_table('user_session')
    op.drop_table('second_factor')
    op.drop_index('ix_embed_identity_user', table_name='embed_identity')
    op.drop_table('embed_identity')
    op.drop_index('ix_audit_entry_subject', table_name='audit_entry')
    op.drop_index('ix_audit_entry_kind', table_name='audit_entry')
    op.drop_index('ix_audit_entry_at', table_name='audit_entry')
    op.drop_index('ix_audit_entry_actor', table_name='audit_entry')
    op.drop_table('audit_entry')
    op.drop_index('ix_embed_secret_key', table_name='embed_secret')
    op.drop_table('embed_secret')
    op.drop_index('ix_burnt_token_ends_at', table_name='burnt_token')
    op.drop_table('burnt_token')
    op.drop_index('ix_sign_in_failure_name', table_name='sign_in_failure')
    op.drop_index('ix_sign_in_failure_at', table_name='sign_in_failure')
    op.drop_table('sign_in_failure')
    op.drop_table('embed_key')
