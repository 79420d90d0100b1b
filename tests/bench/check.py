"""The SLA check: a thousand due clocks among few and among many, and a run that finds nothing due."""

import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flask_migrate
from sqlalchemy import insert, select

from tests import factories
from tests.bench import floor
from tests.bench.data import Store, settle_file
from tests.bench.servers import ROOT, clean_environ
from tests.support.databases import dispose
from ticketing import create_app
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.models import SlaClock, Ticket
from ticketing.rules.taxonomy import Priority

DUE = 1_000
SIZES, QUICK_SIZES = (10_000, 1_000_000), (1_000, 2_000)
NOW = datetime(2026, 5, 6, 15, 0, tzinfo=UTC)
_CALM = NOW - timedelta(hours=1)  # filed then, nothing of a Normal ticket is due for hours of work to come
_BATCH = 20_000


@dataclass(slots=True)
class Checked:
    """What one size has cost, round after round, in milliseconds."""

    size: int
    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    floor_ms: list[float] = field(default_factory=list)
    idle_ms: list[float] = field(default_factory=list)
    command_ms: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """CPU as a multiple of the floor's, within a round."""
        return statistics.median(a / b for a, b in zip(self.cpu_ms, self.floor_ms, strict=True))


def measure(store: Store, sizes: tuple[int, ...], due: int, rounds: int, tell) -> list[Checked]:
    """Every round works on fresh copies, the sizes beside one another, each between two runs of the floor."""
    made = {size: store.cached(size, f"clocks-{due}", lambda path, n=size: make_desk(path, n, due)) for size in sizes}
    floors = {size: store.cached(size, "floor", lambda path, n=size: floor.make_database(path, n)) for size in sizes}
    found = [Checked(size) for size in sizes]
    for turn in range(rounds):
        tell(f"The check, round {turn + 1} of {rounds}")
        for one in found:
            home = store.folder / f"check-{one.size}-{turn}"
            home.mkdir()
            _copy(made[one.size], home / "ticketing.db")
            _copy(floors[one.size], home / "floor.db")
            _run_round(one, home, due)
            shutil.rmtree(home)
    return found


def _copy(source: Path, target: Path) -> None:
    """A copy that is on the disk: else the first commit that must be would pay for writing all of it."""
    shutil.copyfile(source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _run_round(one: Checked, home: Path, due: int) -> None:
    app = create_app({"DATA_DIR": str(home), "SQLALCHEMY_DATABASE_URI": f"sqlite:///{home / 'ticketing.db'}"})
    try:
        with app.app_context():
            check.settle_all(NOW - timedelta(minutes=30))  # opens the connections; nothing was due by then
            before = _floor_ms(home, due)
            wall, cpu = time.perf_counter(), time.process_time()
            counts = check.settle_all(NOW)
            one.cpu_ms.append((time.process_time() - cpu) * 1000)
            one.wall_ms.append((time.perf_counter() - wall) * 1000)
            if (counts.clocks, counts.levels, counts.failed) != (due, due, []):
                raise RuntimeError(f"not every clock was settled once: {counts}")
            one.floor_ms.append((before + _floor_ms(home, due)) / 2)
            one.idle_ms.append(statistics.median(_idle_ms() for _ in range(9)))
    finally:
        dispose(app)
    one.command_ms.append(_command_ms(home))


def _idle_ms() -> float:
    started = time.perf_counter()
    check.run(NOW)
    return (time.perf_counter() - started) * 1000


def _command_ms(home: Path) -> float:
    environ = clean_environ() | {"TICKETING_DATA_DIR": str(home)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "sla", "check", "--now", NOW.isoformat()]
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - started) * 1000


def _floor_ms(home: Path, due: int) -> float:
    """As many escalations as SQLite can do on the floor's own tables: found by index, each with its event, all in one
    transaction."""
    connection = sqlite3.connect(home / "floor.db", isolation_level=None)
    connection.execute("PRAGMA synchronous=normal")
    connection.execute("CREATE INDEX IF NOT EXISTS ix_due ON ticket (due) WHERE status <> 'closed'")
    waiting = "FROM ticket WHERE status <> 'closed'"
    now = connection.execute(f"SELECT due {waiting} ORDER BY due LIMIT 1 OFFSET ?", (due - 1,)).fetchone()[0]
    later = connection.execute(f"SELECT max(due) {waiting}").fetchone()[0]
    started = time.process_time()
    found = connection.execute(f"SELECT id {waiting} AND due <= ? ORDER BY due", (now,)).fetchall()
    connection.execute("BEGIN IMMEDIATE")
    for (number,) in found:
        connection.execute("UPDATE ticket SET priority = 'critical', due = ? WHERE id = ?", (later + 3600, number))
        connection.execute("INSERT INTO event (ticket_id, kind, at) VALUES (?, 'escalated', ?)", (number, now))
    connection.execute("COMMIT")
    spent = (time.process_time() - started) * 1000
    connection.close()
    return spent


def make_desk(path: Path, size: int, due: int) -> None:
    """A desk with `size` running clocks on half as many tickets; `due` of them, evenly spread, breach by NOW."""
    app = create_app({"DATA_DIR": str(path.parent), "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}"})
    with app.app_context():
        flask_migrate.upgrade()
        # Both calendars: day and night, and office hours. Each kind of ticket once as it should be, once as it is due.
        calm = [_filed(priority, _CALM) for priority in (Priority.LOW, Priority.NORMAL)]
        late = [_filed(Priority.CRITICAL, NOW - timedelta(minutes=15, seconds=20)),
                _filed(Priority.NORMAL, NOW - timedelta(hours=5, seconds=20))]  # fmt: skip
        every = size // 2 // due
        number = max(ticket["id"] for ticket, _ in calm + late)
        for done in range(0, size // 2, _BATCH):
            rows = range(done, min(done + _BATCH, size // 2))
            chosen = [(number + n + 1, (late if n % every == 0 else calm)[n // every % 2]) for n in rows]
            db.session.execute(insert(Ticket.__table__), [ticket | {"id": key} for key, (ticket, _) in chosen])
            clocks = [clock | {"ticket_id": key} for key, (_, clocks) in chosen for clock in clocks]
            db.session.execute(insert(SlaClock.__table__), clocks)
            db.session.commit()
    dispose(app)
    settle_file(path)


def _filed(priority: Priority, moment: datetime) -> tuple[dict, list[dict]]:
    """The rows of a ticket filed then and of its clocks, as the check would have left them just before NOW."""
    made = factories.ticket(priority=priority, moment=moment)
    db.session.commit()
    check.settle_all(NOW - timedelta(minutes=4))  # the warning is no news any more
    db.session.expire_all()
    rows = db.session.execute(select(SlaClock.__table__).where(SlaClock.ticket_id == made.id)).mappings()
    ticket = db.session.execute(select(Ticket.__table__).where(Ticket.id == made.id)).mappings().one()
    clocks = [{name: value for name, value in row.items() if name != "id"} for row in rows]
    db.session.execute(SlaClock.__table__.update().where(SlaClock.ticket_id == made.id).values(next_at=None))
    db.session.commit()
    return dict(ticket), clocks
