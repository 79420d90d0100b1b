"""The Flask extensions and the database engine's habits. Imports nothing of ours."""

import sqlite3
import threading
import time
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

_BUSY_MS = 5000  # for what waits inside a transaction; beginning one has its own patience
_PRAGMAS = ("journal_mode=wal", "synchronous=normal", f"busy_timeout={_BUSY_MS}", "foreign_keys=on")


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
        if not _begin_soon(connection.connection.driver_connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # says that it is busy, as an error of the engine
    except BaseException:
        _give_turn(connection)
        raise


@event.listens_for(Engine, "commit")
@event.listens_for(Engine, "rollback")
def _end_sqlite(connection) -> None:
    _give_turn(connection)


# SQLite lets one write at a time and makes the others sleep in growing steps, up to a tenth of a second, while the
# database stands idle. The threads of a process therefore take turns before they ask it, and whoever's turn it is asks
# again every half millisecond: at most one thread of each process does.
_turns: dict[str, threading.Lock] = {}
_TURN_S = 10
_STEP_S = 0.0005


def _begin_soon(driver) -> bool:
    """BEGIN IMMEDIATE as soon as no other process writes. Returns False when that took too long."""
    wait_for_locks(driver, False)
    try:
        begin_writing(driver)
    except sqlite3.OperationalError as error:
        if _is_locked(error):
            return False
        raise
    finally:
        wait_for_locks(driver, True)
    return True


def begin_writing(driver: sqlite3.Connection) -> None:
    """Begin what writes, on SQLite's own connection that waits for no lock. Raises its error after ten seconds."""
    for _ in range(int(_TURN_S / _STEP_S)):
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if not _is_locked(error):
                raise
            time.sleep(_STEP_S)
    driver.execute("BEGIN IMMEDIATE")


def wait_for_locks(driver: sqlite3.Connection, patient: bool) -> None:
    """Let a connection wait as long as all do, or not at all."""
    driver.execute(f"PRAGMA busy_timeout={_BUSY_MS if patient else 0}")


def _is_locked(error: sqlite3.OperationalError) -> bool:
    return "locked" in str(error)


def _take_turn(connection) -> None:
    turn = _turns.setdefault(str(connection.engine.url), threading.Lock())
    if turn.acquire(timeout=_TURN_S):  # after that SQLite's own timeout says whether it is busy
        connection.__dict__["turn"] = turn  # not in its info, which one that broke no longer gives out


def _give_turn(connection) -> None:
    turn = connection.__dict__.pop("turn", None)
    if turn is not None:
        turn.release()
