"""Long reads of jobs, which must keep nobody from writing: SQLite would else ask for its one write lock."""

from collections.abc import Iterator
from contextlib import contextmanager

from ticketing.extensions import db, reading


@contextmanager
def only_reading() -> Iterator[None]:
    """What is read inside asks for no lock, and leaves no transaction open."""
    mark = reading.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        reading.reset(mark)


@contextmanager
def one_moment() -> Iterator[None]:
    """The same, and everything read inside is of one moment."""
    with only_reading():
        db.session.rollback()
        if db.engine.dialect.name == "postgresql":
            db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield
