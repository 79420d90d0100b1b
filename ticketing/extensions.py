"""The Flask extensions and the database engine's habits. Imports nothing of ours."""

import sqlite3
import threading
from contextvars import ContextVar

from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase

# SQLite takes its write lock at BEGIN unless the work only reads: the safe way is the default.
reading: ContextVar[bool] = ContextVar("reading", default=False)

_PRAGMAS = ("journal_mode=wal", "synchronous=normal", "busy_timeout=10000", "foreign_keys=on")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Rows stay readable after the commit: an answer tells what was just written without asking again.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection, _record) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we write BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if reading.get():
        connection.exec_driver_sql("BEGIN")
        return
    _take_turn(connection)
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        _give_turn(connection)
        raise


@event.listens_for(Engine, "commit")
@event.listens_for(Engine, "rollback")
def _end_sqlite(connection) -> None:
    _give_turn(connection)


# SQLite lets one write at a time and makes the others sleep in growing steps. The threads of a process take turns
# before they ask it, so that none sleeps past its chance; between processes SQLite still decides.
_turns: dict[str, threading.Lock] = {}
_TURN_S = 10


def _take_turn(connection) -> None:
    turn = _turns.setdefault(str(connection.engine.url), threading.Lock())
    if turn.acquire(timeout=_TURN_S):  # after that SQLite's own timeout says whether it is busy
        connection.info["turn"] = turn


def _give_turn(connection) -> None:
    turn = connection.info.pop("turn", None)
    if turn is not None:
        turn.release()
