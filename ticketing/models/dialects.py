"""The two databases where they differ: which one is asked, and how each adds a row unless it is there."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from ticketing.extensions import db

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def dialect_name() -> str:
    """sqlite or postgresql."""
    return db.engine.dialect.name


def insert_unless_there(table: type[db.Model] | Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that leaves a row alone which has the same key already, whoever wrote it a moment ago."""
    return _INSERT[dialect_name()](table).on_conflict_do_nothing()
