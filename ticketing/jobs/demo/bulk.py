"""Hundreds of thousands of tickets as plain rows: the same facts and events that the verbs would have written."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func, select, text
from sqlalchemy.schema import AddConstraint, CreateIndex, DropConstraint, DropIndex

from ticketing.extensions import db
from ticketing.jobs.demo.bulk_cases import draw_cases
from ticketing.jobs.demo.bulk_rows import TABLES, Writer
from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.sequences import follow_sequences
from ticketing.models import Comment, SlaClock, Ticket, search_index
from ticketing.models.board_count import rebuild_counts
from ticketing.models.sla import current_terms

DAYS = 730
_BATCH = 5000
_LARGE = 20_000
_AHEAD = timedelta(days=400)


def fill(count: int, seed: int, cast: Cast, now: datetime, tell: Callable[[int], object]) -> None:
    """Add `count` tickets spread over the last two years and set the kept counts right; commits.

    Five thousand a transaction. A large load on PostgreSQL is one transaction without indexes and foreign
    keys, which are built and checked at its end: row by row they cost five times as much.
    """
    rng = Random(f"{seed}/bulk")
    writer = Writer(
        rng, draw_cases(rng, cast, current_terms(), now - timedelta(days=DAYS + 60), now + _AHEAD), cast,
        int(now.timestamp()), count, next_ticket=_highest(Ticket) + 1, next_comment=_highest(Comment) + 1,
        next_clock=_highest(SlaClock) + 1,
    )  # fmt: skip
    at_once = count >= _LARGE and db.engine.dialect.name == "postgresql"
    if at_once:
        with search_index.many_rows(writer.ticket, most=True):
            _strip()
            for size in _portions(count):
                _write(writer, size)
                tell(size)
            _dress()
    else:
        for size in _portions(count):
            with search_index.many_rows(writer.ticket):
                _write(writer, size)
            db.session.commit()
            tell(size)
    rebuild_counts()
    search_index.tidy()
    follow_sequences("ticket", "comment", "sla_clock")
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"ANALYZE {', '.join(TABLES)}, ticket_search"))
        db.session.commit()


def _portions(count: int) -> list[int]:
    return [min(_BATCH, count - done) for done in range(0, count, _BATCH)]


def _write(writer: Writer, size: int) -> None:
    for (table, columns), rows in zip(TABLES.items(), writer.write(size), strict=True):
        _insert(table, columns, rows)


def _strip() -> None:
    connection = db.session.connection()
    for table in map(db.metadata.tables.get, reversed(TABLES)):
        for key in table.foreign_key_constraints:
            connection.execute(DropConstraint(key))
        for index in table.indexes:
            connection.execute(DropIndex(index))


def _dress() -> None:
    connection = db.session.connection()
    for table in map(db.metadata.tables.get, TABLES):
        for index in table.indexes:
            connection.execute(CreateIndex(index))
        for key in table.foreign_key_constraints:
            connection.execute(AddConstraint(key, isolate_from_table=False))


def _highest(model) -> int:
    return db.session.scalar(select(func.max(model.id))) or 0


def _insert(table: str, columns: tuple[str, ...], rows: Iterable[tuple]) -> None:
    """Rows in the driver's own fastest way; the values are as they are stored."""
    connection = db.session.connection()
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
