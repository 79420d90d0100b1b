"""Announcements are told once, whoever else announces and whatever dies in between."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import OperationalError

from tests.factories import at, person, ticket
from tests.support.databases import dispose
from tests.support.mailing import MAIL_NOWHERE, announcement, mailing_desk, rung
from ticketing import create_app
from ticketing.extensions import db
from ticketing.jobs.outbox.announce import announce_all
from ticketing.models import Notification, Outbox


@pytest.fixture
def desk(make_app):
    with mailing_desk(make_app):
        yield


def many(how_many: int) -> None:
    """So many announcements about one ticket. Commits."""
    person("mara"), person("ann")
    made = ticket()
    db.session.flush()
    rows = [announcement(made, number=n, at=at(60)) for n in range(how_many)]
    columns = ("dedupe_key", "channel", "payload", "made_at", "next_try_at")
    db.session.execute(insert(Outbox), [{name: getattr(row, name) for name in columns} for row in rows])
    db.session.commit()


def assert_each_told_once(how_many: int) -> None:
    db.session.expire_all()
    assert {handle: len(keys) for handle, keys in rung().items()} == {"ann": how_many, "mara": how_many}
    assert set(Counter(db.session.scalars(select(Notification.dedupe_key))).values()) == {2}
    assert db.session.scalar(select(func.count()).where(Outbox.channel == "email")) == 2 * how_many
    done = select(func.count()).where(Outbox.channel == "sla", Outbox.sent_at.is_not(None), Outbox.attempts == 1)
    assert db.session.scalar(done) == how_many


def settings_of(database_url, tmp_path):
    return {
        "SQLALCHEMY_DATABASE_URI": database_url,
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "x" * 32,
        "MAIL": MAIL_NOWHERE,
    }


def one_announcer(settings, gate):
    app = create_app(settings)
    with app.app_context():
        gate.wait()
        announce_all(at(61))
        db.session.remove()
    dispose(app)


def test_eight_announcers_at_once_tell_each_once(app, database_url, tmp_path):
    with app.app_context():
        many(600)
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(8, timeout=120)
    crowd = [spawn.Process(target=one_announcer, args=(settings_of(database_url, tmp_path), gate)) for _ in range(8)]
    [one.start() for one in crowd]
    [one.join(120) for one in crowd]
    assert [one.exitcode for one in crowd] == [0] * 8
    with app.app_context():
        assert_each_told_once(600)


class Killed(BaseException):
    """Not an Exception: nothing may catch it, as nothing catches a kill."""


def test_a_kill_before_any_one_statement_loses_and_doubles_nothing(desk):
    many(3)
    for nth in range(1, 200):
        seen = 0

        def kill(*_, nth=nth):
            nonlocal seen
            seen += 1
            if seen == nth:
                raise Killed

        event.listen(db.engine, "before_cursor_execute", kill)
        try:
            announce_all(at(61))
            break
        except Killed:
            db.session.rollback()
        finally:
            event.remove(db.engine, "before_cursor_execute", kill)
            db.session.remove()
    assert nth > 5
    assert_each_told_once(3)


def test_a_process_killed_in_the_middle_and_run_again_tells_each_once(app, database_url, tmp_path):
    with app.app_context():
        many(400)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TICKETING_")}
    environ |= {"TICKETING_DATABASE_URL": database_url, "TICKETING_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "outbox", "send"]

    def told_now():
        with app.app_context():
            return db.session.scalar(select(func.count()).select_from(Notification))

    killed = 0
    for _ in range(3):
        before = told_now()
        process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while told_now() == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    with app.app_context():
        counts = Counter(db.session.execute(select(Notification.user_id, Notification.dedupe_key)).all())
        assert (len(counts), set(counts.values())) == (800, {1})


def test_a_busy_database_makes_one_wait_and_buries_none(desk, monkeypatch):
    many(2)
    busy = iter([True])

    def stumble(*_):
        if next(busy, False):
            raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(
        "ticketing.jobs.outbox.announce._Telling._facts", lambda self, row, level: stumble() or row.payload
    )
    assert announce_all(at(61)) == 1
    assert db.session.scalar(select(func.count()).where(Outbox.dead_at.is_not(None))) == 0
    db.session.rollback()
    assert announce_all(at(62)) == 1
    assert_each_told_once(2)
