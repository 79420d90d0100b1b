"""The desks that are measured: made once by `flask demo`, kept in a cache, copied for each run."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.bench import floor
from tests.bench.servers import ROOT, clean_environ
from tests.support.databases import PostgreSQLServer
from ticketing import create_app

SEED = 7
# What a desk of the cache was made by; when one of these changes, it is made anew.
_MAKERS = (
    "migrations/versions/*.py", "ticketing/jobs/demo/*.py", "ticketing/models/*.py", "ticketing/rules/*.py",
    "ticketing/jobs/reports/*.py",
    "tests/bench/floor.py", "tests/bench/check.py",
)  # fmt: skip


@dataclass
class Desk:
    """A copy of a desk for one run: where it lies, and what is on it that the tasks ask for."""

    size: int
    data_dir: Path
    url: str
    floor: Path
    ten_entries: list[str] = field(default_factory=list)
    movable: list[tuple[str, str, int]] = field(default_factory=list)  # (e-mail of a worker, key, version)
    rare: str = ""
    common: str = ""

    @property
    def environ(self) -> dict[str, str]:
        return {"TICKETING_DATA_DIR": str(self.data_dir), "TICKETING_DATABASE_URL": self.url}


class Store:
    """The cache, and a folder for the copies of this run, which goes with it."""

    def __init__(self, engine: str = "sqlite"):
        self.engine = engine
        self.cache = Path(tempfile.gettempdir()) / f"ticketing-bench-{os.getuid()}"
        self.cache.mkdir(exist_ok=True, mode=0o700)
        self._open = ExitStack()
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="ticketing-bench-")))
        self._server = None

    def desk(self, size: int) -> Desk:
        """A fresh copy of the desk with `size` tickets, and of the floor with as many."""
        home = self.folder / str(size)
        home.mkdir()
        floor_copy = home / "floor.sqlite3"
        shutil.copyfile(self.cached(size, "floor", lambda path: floor.make_database(path, size)), floor_copy)
        if self.engine == "postgresql":
            url = self._postgresql(size, home)
        else:
            url = f"sqlite:///{home / 'ticketing.db'}"
            made = self.cached(size, "desk", lambda path: _make_desk(size, f"sqlite:///{path}", home))
            shutil.copyfile(made, home / "ticketing.db")
        desk = Desk(size, home, url, floor_copy)
        look_round(desk)
        return desk

    def close(self) -> None:
        self._open.close()

    def cached(self, size: int, what: str, make) -> Path:
        """The database that `make` writes at a path, made if there is none of this size and day yet."""
        name = f"{what}-{size}-{_fingerprint()}.sqlite3"
        if not (self.cache / name).exists():
            for old in self.cache.glob(f"{what}-{size}-*"):
                old.unlink()
            print(f"Making {what} of {size:,} tickets", file=sys.stderr, flush=True)
            unfinished = self.cache / f"unfinished-{os.getpid()}-{name}"
            make(unfinished)
            settle_file(unfinished)
            unfinished.rename(self.cache / name)
        return self.cache / name

    def _postgresql(self, size: int, home: Path) -> str:
        if self._server is None:
            self._server = PostgreSQLServer(create_app, f"bench-{os.getpid()}")
            self._open.callback(self._server.stop)
        url = self._open.enter_context(self._server.fresh(home))
        _make_desk(size, url, home)
        return url


def _make_desk(size: int, url: str, data_dir: Path) -> None:
    environ = clean_environ() | {"TICKETING_DATA_DIR": str(data_dir), "TICKETING_DATABASE_URL": url}
    for command in (["db", "upgrade"], ["demo", "--tickets", str(size), "--seed", str(SEED)]):
        flask = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
        done = subprocess.run(flask, cwd=ROOT, env=environ, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"flask {' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def settle_file(path: Path) -> None:
    """Everything into the one file, so that a copy of it is whole."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _fingerprint() -> str:
    """Of what makes a desk, and of the day: on an old desk nothing was closed in the last week."""
    seen = hashlib.sha256(datetime.now(UTC).strftime("%Y-%m-%d").encode())
    for pattern in _MAKERS:
        for path in sorted(ROOT.glob(pattern)):
            seen.update(path.read_bytes())
    return seen.hexdigest()[:12]


_TEN = """SELECT ticket_id FROM event JOIN ticket t ON t.id = ticket_id AND NOT t.restricted
          GROUP BY ticket_id HAVING count(*) = 10
          ORDER BY sum(CASE WHEN kind = 'commented' THEN 1 ELSE 0 END) DESC, ticket_id LIMIT 20"""
_MOVABLE = """SELECT u.email, t.id, t.version FROM ticket t JOIN user_account u ON u.team_id = t.team_id
              WHERE t.status = 'diagnostics' AND t.hold_reason IS NULL AND u.role <> 'reporter'
              ORDER BY t.id DESC, u.id"""
_HAYSTACKS = """SELECT lower(w.title || ' ' || w.facts) FROM ticket t JOIN ticket_text w ON w.id = t.id
                WHERE t.status <> 'closed' ORDER BY t.id DESC LIMIT 20000"""


def look_round(desk: Desk) -> None:
    """Fill in what the tasks ask for, as it is now."""
    engine = create_engine(desk.url)
    with engine.connect() as connection:
        desk.ten_entries = [f"T-{number}" for number in connection.scalars(text(_TEN))]
        taken = set()
        desk.movable = []
        for email, number, version in connection.execute(text(_MOVABLE)):
            if number not in taken and sum(worker == email for worker, *_ in desk.movable) < 40:
                taken.add(number)
                desk.movable.append((email, f"T-{number}", version))
        lines = list(connection.scalars(text(_HAYSTACKS)))
    engine.dispose()
    if not desk.rare:  # the first time: the run itself writes tickets with words of its own
        desk.rare, desk.common = _words(lines)


def _words(lines: list[str]) -> tuple[str, str]:
    """A word that stands in about five of the texts, as part of another word too, and the commonest one."""
    seen = Counter(word for line in lines for word in set(line.split()) if word.isalpha() and len(word) > 4)
    ordered = sorted(seen, key=lambda word: (seen[word], word))
    found = {word: sum(word in line for line in lines) for word in ordered[:60]}
    return min(found, key=lambda word: (abs(found[word] - 5), word)), ordered[-1]
