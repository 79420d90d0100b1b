"""SQLite's index takes the signs that Unicode got after 2012, and some numerals, for letters: 🙂Wallet was one word, which
no search for a wallet found. Now whatever is a gap between words in a search is one in the index too."""

import re

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# As in search_plain of migration 0003, beyond ASCII, where FTS5 knows them by itself.
GAP = re.compile(
    "[\x80-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u2000-\u206f\u20a0-\u20ff\u2190-\u2bff\u3000-\u303f"
    "\ufe00-\ufe0f\ufeff\U0001f000-\U0001faff]"
)
SIGNS = "".join(filter(GAP.match, map(chr, range(0x80, 0x1FB00))))
COLUMNS = "title, facts, description, said, noted, state"
PLAIN = "unicode61 remove_diacritics 2"


def upgrade():
    index_by(f"{PLAIN} separators '{SIGNS}'")


def downgrade():
    index_by(PLAIN)


def index_by(tokenizer):
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("DROP TABLE ticket_search")
    op.get_bind().exec_driver_sql(
        f"CREATE VIRTUAL TABLE ticket_search USING fts5({COLUMNS}, prefix = '1 2 3', tokenize = \"{tokenizer}\")"
    )
    op.execute(f"INSERT INTO ticket_search (rowid, {COLUMNS}) SELECT id, {COLUMNS} FROM ticket_text")  # noqa: S608
    op.execute("INSERT INTO ticket_search (ticket_search) VALUES ('optimize')")
