"""The index of words, kept by triggers; it takes the place of the column that held the words in lower case."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What is read in a ticket: its title, other facts, what was said to the reporter, notes for staff.
TEXT = """
CREATE VIEW ticket_text AS
SELECT t.id, t.title, {facts} || ' ' || coalesce(t.external_id, '') AS facts, t.description,
       coalesce((SELECT {joined} FROM (SELECT c.body FROM comment c WHERE c.ticket_id = t.id AND NOT c.internal
                                       ORDER BY c.id) AS visible), '') AS said,
       coalesce((SELECT {joined} FROM (SELECT c.body FROM comment c WHERE c.ticket_id = t.id AND c.internal
                                       ORDER BY c.id) AS internal), '') || ' ' || t.solution AS noted,
       CASE WHEN t.closed_at IS NULL THEN 'open' ELSE 'closed' END AS state
FROM ticket t
"""
COLUMNS = "title, facts, description, said, noted, state"

SQLITE_TEXT = TEXT.format(
    facts="coalesce((SELECT group_concat(value, ' ') FROM json_each(t.details) WHERE type = 'text'), '')",
    joined="group_concat(body, char(10))",
)
# The beginnings of up to three letters are words of their own: who types sees something at once.
SQLITE_INDEX = f"""
CREATE VIRTUAL TABLE ticket_search USING fts5(
    {COLUMNS}, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2')
"""
SQLITE_FILL = f"INSERT INTO ticket_search (rowid, {COLUMNS}) SELECT id, {COLUMNS} FROM ticket_text"  # noqa: S608
# Only closing and reopening touch closed_at, so a move on the board leaves the index alone.
SQLITE_TRIGGERS = [
    ("ticket_filed", "INSERT ON ticket", "new.id"),
    ("ticket_changed", "UPDATE OF title, description, details, external_id, solution, closed_at ON ticket", "new.id"),
    ("comment_made", "INSERT ON comment", "new.ticket_id"),
    ("comment_changed", "UPDATE OF body, internal ON comment", "new.ticket_id"),
    ("comment_gone", "DELETE ON comment", "old.ticket_id"),
]

POSTGRESQL_TEXT = TEXT.format(
    facts="coalesce((SELECT string_agg(value, ' ') FROM json_each_text("
    "CASE WHEN json_typeof(t.details) = 'object' THEN t.details ELSE '{}' END)), '')",
    joined="string_agg(body, chr(10))",
)
# Lower case, without accents, and a blank for every sign: the server's own parser would keep addresses, versions and
# signed numbers in one piece, and nobody would find the rest of one. queries/search_words.py does the same to a search.
POSTGRESQL_PLAIN = r"""
CREATE FUNCTION search_plain(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT regexp_replace(
    normalize(regexp_replace(normalize(lower(given{collation}), NFD), '[\u0300-\u036f]', '', 'g'), NFC),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7'
    '\u2000-\u206f\u20a0-\u20ff\u2190-\u2bff\u3000-\u303f\ufe00-\ufe0f\ufeff\U0001f000-\U0001faff]+', ' ', 'g')
$$
"""
# A vector holds a megabyte, and words with their places can take twice the room of the text. Of a longer talk only its
# end is kept, so that no comment is ever refused for the sake of the search.
POSTGRESQL_TAIL = """
CREATE FUNCTION search_tail(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN octet_length(given) > 200000 THEN right(given, 50000) ELSE given END;
END $$
"""
# A weight says who may find by a word: A to C stand on the reporter's page, D is for staff alone.
POSTGRESQL_WORDS = """
CREATE VIEW ticket_words AS
SELECT id, setweight(to_tsvector('simple', search_plain(title)), 'A')
        || setweight(to_tsvector('simple', search_plain(facts)), 'D')
        || setweight(to_tsvector('simple', search_plain(description)), 'B')
        || setweight(to_tsvector('simple', search_plain(search_tail(said))), 'C')
        || setweight(to_tsvector('simple', search_plain(search_tail(noted))), 'D') AS words
FROM ticket_text
"""
POSTGRESQL_KEEP = """
CREATE FUNCTION ticket_search_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_search (ticket_id, words)
    SELECT id, words FROM ticket_words WHERE id IN (SELECT DISTINCT {number} FROM touched)
    ON CONFLICT (ticket_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END $$
"""
POSTGRESQL_KEEP_ONE = """
CREATE FUNCTION ticket_search_keep_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_search (ticket_id, words) SELECT id, words FROM ticket_words WHERE id = new.id
    ON CONFLICT (ticket_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END $$
"""


def upgrade():
    op.drop_column("ticket", "haystack")
    if op.get_bind().dialect.name == "sqlite":
        on_sqlite()
    else:
        on_postgresql()


def on_sqlite():
    op.execute(SQLITE_TEXT)
    op.execute(SQLITE_INDEX)
    op.execute(SQLITE_FILL)
    op.execute("INSERT INTO ticket_search (ticket_search) VALUES ('optimize')")
    for name, when, number in SQLITE_TRIGGERS:
        op.execute(
            f"CREATE TRIGGER ticket_search_{name} AFTER {when} BEGIN "  # noqa: S608
            f"DELETE FROM ticket_search WHERE rowid = {number}; {SQLITE_FILL} WHERE id = {number}; END"
        )
    op.execute(
        "CREATE TRIGGER ticket_search_ticket_gone AFTER DELETE ON ticket BEGIN "
        "DELETE FROM ticket_search WHERE rowid = old.id; END"
    )


def on_postgresql():
    by_icu = op.get_bind().scalar(sa.text("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'"))
    run(POSTGRESQL_PLAIN.replace("{collation}", ' COLLATE "und-x-icu"' if by_icu else ""))
    run(POSTGRESQL_TAIL)
    run(POSTGRESQL_TEXT)
    run(POSTGRESQL_WORDS)
    op.create_table('ticket_search',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.dialects.postgresql.TSVECTOR(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name='fk_ticket_search_ticket_id_ticket', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', name='pk_ticket_search')
    )
    run("INSERT INTO ticket_search (ticket_id, words) SELECT id, words FROM ticket_words")
    run("CREATE INDEX ix_ticket_search_words ON ticket_search USING gin (words)")
    run(POSTGRESQL_KEEP_ONE)
    run(POSTGRESQL_KEEP.replace("{number}", "ticket_id"))
    each, all_at_once = "FOR EACH ROW EXECUTE FUNCTION ticket_search_keep_one()", "EXECUTE FUNCTION ticket_search_keep()"
    for name, when, how in [
        ("ticket_filed", "INSERT ON ticket", each),
        ("ticket_changed", "UPDATE OF title, description, details, external_id, solution ON ticket", each),
        ("comment_made", "INSERT ON comment", f"REFERENCING NEW TABLE AS touched {all_at_once}"),
        ("comment_changed", "UPDATE ON comment", f"REFERENCING NEW TABLE AS touched {all_at_once}"),
        ("comment_gone", "DELETE ON comment", f"REFERENCING OLD TABLE AS touched {all_at_once}"),
    ]:
        run(f"CREATE TRIGGER ticket_search_{name} AFTER {when} {how}")


def run(statement):
    """To the driver as it is: no colon in it is a parameter, no percent sign a format."""
    op.get_bind().exec_driver_sql(statement)


def downgrade():
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("ticket", sa.Column("haystack", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE ticket SET haystack = (SELECT lower(w.title || ' ' || w.facts) FROM ticket_text w WHERE w.id = ticket.id)"
    )
    for name in ("comment_gone", "comment_changed", "comment_made", "ticket_changed", "ticket_filed"):
        op.execute(f"DROP TRIGGER ticket_search_{name}" + ("" if sqlite else f" ON {name.split('_')[0]}"))
    if sqlite:
        op.execute("DROP TRIGGER ticket_search_ticket_gone")
        op.execute("DROP TABLE ticket_search")
        op.execute("DROP VIEW ticket_text")
        return
    op.drop_table("ticket_search")
    op.execute("DROP FUNCTION ticket_search_keep()")
    op.execute("DROP FUNCTION ticket_search_keep_one()")
    op.execute("DROP VIEW ticket_words")
    op.execute("DROP VIEW ticket_text")
    op.execute("DROP FUNCTION search_tail(text)")
    op.execute("DROP FUNCTION search_plain(text)")
