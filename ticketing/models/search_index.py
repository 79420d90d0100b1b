"""The index of words beside the tickets. The database keeps it itself, by triggers (migration 0003).

Not by the verbs: a row of a comment or a ticket is written by verbs, imports and jobs alike, and whoever writes one
cannot forget the index, nor can it stand without the row: both are one transaction. On SQLite it is an FTS5 table with
its own copy of the text; on PostgreSQL a vector of words for each ticket. The view `ticket_text` says what is read.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Integer, String, column, event, func, select, table, text
from sqlalchemy.exc import DatabaseError

from ticketing.extensions import db
from ticketing.models.dialects import dialect_name
from ticketing.models.ticket import Ticket

# The index as queries ask it: on SQLite, whose table is a column of itself, and on PostgreSQL.
fts = table("ticket_search", column("rowid", Integer()), column("ticket_search", String()))
vectors = table("ticket_search", column("ticket_id", Integer()), column("words"))
_COLUMNS = "title, facts, description, said, noted, state"
_AGAIN = (
    "DELETE FROM ticket_search WHERE rowid = {0}; "
    "INSERT INTO ticket_search (rowid, {1}) SELECT id, {1} FROM ticket_text WHERE id = {0};"
)
_ONE, _MANY = "FOR EACH ROW EXECUTE FUNCTION ticket_search_keep_one()", "EXECUTE FUNCTION ticket_search_keep()"
# When the index follows, as in migration 0003: what must happen, and what the trigger does, or to which ticket.
_TRIGGERS = {
    "sqlite": {
        "ticket_filed": ("INSERT ON ticket", "new.id"),
        "ticket_changed": (
            "UPDATE OF title, description, details, external_id, solution, closed_at ON ticket",
            "new.id",
        ),
        "comment_made": ("INSERT ON comment", "new.ticket_id"),
        "comment_changed": ("UPDATE OF body, internal ON comment", "new.ticket_id"),
        "comment_gone": ("DELETE ON comment", "old.ticket_id"),
        "ticket_gone": ("DELETE ON ticket", "old.id"),
    },
    "postgresql": {
        "ticket_filed": ("INSERT ON ticket", _ONE),
        "ticket_changed": ("UPDATE OF title, description, details, external_id, solution ON ticket", _ONE),
        "comment_made": ("INSERT ON comment", f"REFERENCING NEW TABLE AS touched {_MANY}"),
        "comment_changed": ("UPDATE ON comment", f"REFERENCING NEW TABLE AS touched {_MANY}"),
        "comment_gone": ("DELETE ON comment", f"REFERENCING OLD TABLE AS touched {_MANY}"),
    },
}
# PostgreSQL's indexes of it: of all words, and of those in titles.
_GIN = {"ix_ticket_search_words": "words", "ix_ticket_search_title": "ts_filter(words, '{a}')"}
_MERGED = 500  # pages
_FILL = {
    "sqlite": f"INSERT INTO ticket_search (rowid, {_COLUMNS}) SELECT id, {_COLUMNS} FROM ticket_text "  # noqa: S608
    "WHERE id BETWEEN :first AND :last",
    "postgresql": "INSERT INTO ticket_search (ticket_id, words) SELECT id, words FROM ticket_words "
    "WHERE id BETWEEN :first AND :last",
}
_CLEAR = {
    "sqlite": "DELETE FROM ticket_search WHERE rowid BETWEEN :first AND :last",
    "postgresql": "DELETE FROM ticket_search WHERE ticket_id BETWEEN :first AND :last",
}
_PROBES = {
    "sqlite": "SELECT rowid FROM ticket_search WHERE ticket_search MATCH '\"a\"*' ORDER BY rowid LIMIT 1",
    "postgresql": "SELECT ticket_id FROM ticket_search LIMIT 1",
}
# A ticket whose words are missing or old, and words whose ticket is gone.
_WRONG = {
    "sqlite": [
        "SELECT w.id FROM ticket_text w LEFT JOIN ticket_search s ON s.rowid = w.id "
        "WHERE w.id BETWEEN :first AND :last AND (s.rowid IS NULL OR (s.title, s.facts, s.description, s.said, "
        "s.noted, s.state) <> (w.title, w.facts, w.description, w.said, w.noted, w.state))",
        "SELECT rowid FROM ticket_search WHERE rowid BETWEEN :first AND :last AND rowid NOT IN (SELECT id FROM ticket)",
    ],
    "postgresql": [
        "SELECT w.id FROM ticket_words w LEFT JOIN ticket_search s ON s.ticket_id = w.id "
        "WHERE w.id BETWEEN :first AND :last AND s.words IS DISTINCT FROM w.words",
    ],
}


def is_index(name: str | None) -> bool:
    """Is a table of this name part of the index? Then it is no model's, and the migrations alone know it."""
    return name is not None and (name == "ticket_search" or name.startswith("ticket_search_"))


def highest_number() -> int:
    """The last number that a ticket or a row of the index has."""
    last = db.session.scalar(select(func.max(Ticket.id))) or 0
    if dialect_name() == "sqlite":
        last = max(last, db.session.scalar(text("SELECT max(rowid) FROM ticket_search")) or 0)
    return last


def wrong_numbers(first: int, last: int) -> list[int]:
    """The tickets from number `first` to `last` whose words in the index are not what the ticket says."""
    statements = _WRONG[dialect_name()]
    bounds = {"first": first, "last": last}
    return sorted({number for one in statements for number in db.session.scalars(text(one), bounds)})


def missing_triggers() -> list[str]:
    """The triggers that keep the index and are not there, as after a table was made anew by hand."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }
    there = set(db.session.scalars(text(query[dialect_name()])))
    return sorted(f"ticket_search_{name}" for name in _TRIGGERS[dialect_name()] if f"ticket_search_{name}" not in there)


def restore_triggers() -> None:
    """Make those that are missing anew."""
    engine, connection = dialect_name(), db.session.connection()
    for trigger in missing_triggers():
        when, then = _TRIGGERS[engine][trigger.removeprefix("ticket_search_")]
        if engine == "postgresql":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger} ON {when.rpartition(' ')[2]}")
        else:
            again = _AGAIN.format(then, _COLUMNS)
            then = f"BEGIN {again.partition('; ')[0] + ';' if trigger.endswith('ticket_gone') else again} END"
        connection.exec_driver_sql(f"CREATE TRIGGER {trigger} AFTER {when} {then}")


def is_whole() -> bool:
    """Does SQLite find its own index consistent with the text it holds? PostgreSQL has nothing to ask."""
    if dialect_name() == "sqlite":
        try:
            db.session.execute(text("INSERT INTO ticket_search (ticket_search) VALUES ('integrity-check')"))
        except DatabaseError:
            return False
    return True


def is_readable() -> bool:
    """Can it be asked and written at all?"""
    try:
        with db.session.begin_nested():
            db.session.execute(text(_PROBES[dialect_name()])).first()
    except DatabaseError:
        return False
    return True


def write_anew(first: int, last: int) -> None:
    """Index the tickets from number `first` to `last` again, whatever stands there."""
    engine, bounds = dialect_name(), {"first": first, "last": last}
    db.session.execute(text(_CLEAR[engine]), bounds)
    db.session.execute(text(_FILL[engine]), bounds)


def start_over() -> None:
    """An empty index, for one that SQLite cannot read any more."""
    if dialect_name() == "sqlite":
        made = db.session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'ticket_search'"))
        db.session.execute(text("DROP TABLE ticket_search"))
        db.session.connection().exec_driver_sql(made)
    else:
        db.session.execute(text("DELETE FROM ticket_search"))


def tidy() -> None:
    """After many rows: SQLite keeps what was written last in small pieces, which are read faster as one."""
    if dialect_name() == "sqlite":
        db.session.execute(text("INSERT INTO ticket_search (ticket_search) VALUES ('optimize')"))


def tidy_some(first: bool) -> bool:
    """The same in portions that keep nobody from writing for long; the `first` begins anew. False: all is tidy."""
    if dialect_name() != "sqlite":
        return False
    count, pages = text("SELECT total_changes()"), -_MERGED if first else _MERGED
    before = db.session.scalar(count)
    merge = text("INSERT INTO ticket_search (ticket_search, rank) VALUES ('merge', :pages)")
    db.session.execute(merge, {"pages": pages})
    return db.session.scalar(count) - before >= 2


@event.listens_for(db.metadata, "before_drop")
def _let_go(_metadata, connection, **_) -> None:
    """No table can be dropped while a view looks at it."""
    for what in ("TABLE ticket_search", "VIEW ticket_words", "VIEW ticket_text"):
        connection.exec_driver_sql(f"DROP {what.replace(' ', ' IF EXISTS ')}")


@contextmanager
def many_rows(first: int, *, most: bool = False) -> Iterator[None]:
    """Within one transaction, new tickets from number `first` on are indexed at the end and not row by row.

    `most` says that these are most of all tickets: PostgreSQL then builds its indexes of them at once.
    """
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        kept = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ticket_search_%'"
        ).all()
        for name, _sql in kept:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield
        for _name, sql in kept:
            connection.exec_driver_sql(sql)
        _fill(first)
    else:
        _switch(connection, "DISABLE")
        yield
        _switch(connection, "ENABLE")
        if most:
            connection.exec_driver_sql(f"DROP INDEX {', '.join(_GIN)}")
            connection.exec_driver_sql("ANALYZE ticket, comment")
        _fill(first)
        if most:
            for name, words in _GIN.items():
                connection.exec_driver_sql(f"CREATE INDEX {name} ON ticket_search USING gin ({words})")


def _fill(first: int) -> None:
    db.session.execute(text(_FILL[dialect_name()]), {"first": first, "last": highest_number()})


def _switch(connection, how: str) -> None:
    for name in sorted(_TRIGGERS["postgresql"]):
        connection.exec_driver_sql(f"ALTER TABLE {name.split('_')[0]} {how} TRIGGER ticket_search_{name}")
