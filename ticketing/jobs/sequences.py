"""PostgreSQL counts the numbers of its rows apart from the rows; after rows with set numbers it must catch up."""

from sqlalchemy import text

from ticketing.extensions import db
from ticketing.models.dialects import dialect_name


def follow_sequences(*tables: str) -> None:
    """Let the next number of each table be one above the highest. Nothing to do on SQLite."""
    if dialect_name() != "postgresql":
        return
    for table in tables:
        named = db.metadata.tables[table].name
        highest = text(f"SELECT setval(pg_get_serial_sequence('{named}', 'id'), max(id)) FROM {named}")  # noqa: S608
        db.session.execute(highest)
