"""Which statements a block sends to the database."""

from contextlib import contextmanager

from sqlalchemy import event

from ticketing.extensions import db


@contextmanager
def statements(app):
    """A list that fills with the SQL of `app` while the block runs; beginning and ending a transaction aside."""
    seen = []

    def note(_connection, _cursor, sql, *_rest):
        if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(sql)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
