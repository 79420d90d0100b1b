"""Hundreds of thousands of tickets as plain rows: the same facts and events that the verbs would have written."""

from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random

from sqlalchemy import func, select, text

from ticketing.extensions import db
from ticketing.jobs.demo.bulk_cases import draw_cases
from ticketing.jobs.demo.bulk_rows import COMMENT, EVENT, TICKET, Writer
from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.sequences import follow_sequences
from ticketing.models import Comment, Ticket
from ticketing.models.board_count import rebuild_counts

DAYS = 730
_BATCH = 5000


def fill(count: int, seed: int, cast: Cast, now: datetime, tell: Callable[[int], object]) -> None:
    """Add `count` tickets spread over the last two years, five thousand a transaction, and set the counts right."""
    rng = Random(f"{seed}/bulk")
    writer = Writer(
        rng, draw_cases(rng, cast), cast, int(now.timestamp()), count,
        next_ticket=_highest(Ticket) + 1, next_comment=_highest(Comment) + 1,
    )  # fmt: skip
    done = 0
    while done < count:
        size = min(_BATCH, count - done)
        tickets, comments, events = writer.write(size)
        _insert("ticket", TICKET, tickets)
        _insert("comment", COMMENT, comments)
        _insert("event", EVENT, events)
        db.session.commit()
        done += size
        tell(size)
    rebuild_counts()
    follow_sequences("ticket", "comment")
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE ticket, comment, event"))
        db.session.commit()


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
