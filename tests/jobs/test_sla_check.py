"""The check (sla.md R13–R16): everything due happens once, whoever else checks, and whatever dies in between."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import event, func, select

from tests.factories import at, category, person, ticket
from tests.support.clocks import due_clocks
from tests.support.databases import dispose
from ticketing import create_app
from ticketing.extensions import db
from ticketing.jobs.driver import Driver
from ticketing.jobs.sla import check
from ticketing.models import Event, JobRun, Outbox, SlaClock, SlaLevel, Ticket
from ticketing.models.answers import Hold
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import HoldReason, Priority


def criticals(how_many: int) -> list[Ticket]:
    made = [ticket(priority=Priority.CRITICAL, category=category("user_system")) for _ in range(how_many)]
    db.session.commit()
    return made


def held_until(minutes: float) -> Ticket:
    made = ticket(priority=Priority.CRITICAL, category=category("user_system"))
    made.take(by=person("ann"), at=at(1))
    made.hold(Hold(HoldReason.VENDOR, until=at(minutes)), by=person("ann"), at=at(5))
    db.session.commit()
    return made


def count(model, *conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def told() -> list[str]:
    return [row.payload["level"] for row in db.session.scalars(select(Outbox).order_by(Outbox.id))]


def test_a_second_check_at_the_same_instant_does_nothing(app_context):
    criticals(3)
    first, second = check.settle_all(at(16)), check.settle_all(at(16))
    assert (first.clocks, first.levels) == (3, 6)
    assert (second.clocks, second.levels, second.failed) == (0, 0, [])
    assert told() == ["breach"] * 3


def test_a_warning_is_told_when_nobody_acted(app_context):
    criticals(1)
    check.settle_all(at(12))
    check.settle_all(at(16))
    assert told() == ["warn", "breach"]


def test_a_clock_that_goes_back_doubles_nothing_and_breaks_nothing(app_context):
    criticals(1)
    for minute in (16, 3, 12, 16, 23, 0, 23):
        assert check.settle_all(at(minute)).failed == []
    assert told() == ["breach", "escalate"]
    assert count(SlaLevel) == 3


def test_an_expired_hold_ends_first_and_what_it_makes_due_follows(app_context):
    made = held_until(30)
    counts = check.settle_all(at(30 + 240 + 5))
    assert (counts.holds, counts.failed) == (1, [])
    db.session.refresh(made)
    resumed = db.session.scalars(select(Event).where(Event.kind == EventKind.RESUMED)).one()
    assert (resumed.at, resumed.noticed_at, made.hold_reason) == (at(30), at(275), None)
    # 5 min had run before the hold, so 235 were left from its end on.
    assert [(x.level, x.due_at) for x in db.session.scalars(select(SlaLevel).order_by(SlaLevel.id))][-1] == (
        "breach",
        at(265),
    )


def test_a_dry_run_writes_nothing(app_context, runner):
    criticals(2)
    held_until(10)
    answer = runner.invoke(args=["sla", "check", "--dry-run", "--now", at(16).isoformat()])
    assert (answer.exit_code, answer.output) == (0, "Would settle 4 levels of 2 clocks and 1 expired holds.\n")
    assert (count(SlaLevel), count(Outbox), count(JobRun), count(Event, Event.kind == EventKind.RESUMED)) == (
        0,
        0,
        0,
        0,
    )


def test_a_run_leaves_a_row(app_context, runner):
    criticals(2)
    answer = runner.invoke(args=["sla", "check", "--now", at(16).isoformat()])
    assert (answer.exit_code, answer.output) == (0, "Settled 4 levels of 2 clocks and 0 expired holds.\n")
    run = db.session.scalars(select(JobRun).where(JobRun.job == "sla_check")).one()
    assert (run.counts["clocks"], run.error) == (2, "")
    assert run.finished_at >= run.started_at


def test_one_poisonous_clock_is_named_and_stops_nothing(app_context, runner):
    bad, *_rest = criticals(4)
    key = bad.key
    number = db.session.scalar(select(SlaClock.id).where(SlaClock.ticket_id == bad.id, SlaClock.kind == "reaction"))
    db.session.add(SlaLevel(clock_id=number, generation=1, level="warn", due_at=at(0), detected_at=at(0)))
    db.session.commit()
    answer = runner.invoke(args=["sla", "check", "--now", at(16).isoformat()])
    assert answer.exit_code == 1
    assert "of 3 clocks" in answer.output
    assert f"{key}: IntegrityError" in answer.stderr
    assert "IntegrityError" in db.session.scalars(select(JobRun).where(JobRun.job == "sla_check")).one().error


def test_a_bad_instant_is_refused(app_context, runner):
    answer = runner.invoke(args=["sla", "check", "--now", "tomorrow"])
    assert answer.exit_code == 2
    assert "is not a day or an instant" in answer.stderr


def one_check(url, data_dir, minute, gate):
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": data_dir, "SECRET_KEY": "x" * 32})
    with app.app_context():
        gate.wait()
        counts = check.settle_all(at(minute))
        db.session.remove()
    dispose(app)
    sys.exit(1 if counts.failed else 0)


def test_eight_checks_at_once_record_ten_thousand_levels_once(app, database_url, tmp_path):
    with app.app_context():
        due_clocks(5_000, at(0))
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(8, timeout=120)
    crowd = [spawn.Process(target=one_check, args=(database_url, str(tmp_path), 241, gate)) for _ in range(8)]
    [one.start() for one in crowd]
    [one.join(240) for one in crowd]
    assert [one.exitcode for one in crowd] == [0] * 8
    with app.app_context():
        # By 4 h 1 min: of each reaction warn, breach, escalate and three repeats; of each resolution warn and breach.
        assert_each_level_once(reaction=6, resolution=2, tickets=5_000)


def assert_each_level_once(reaction: int, resolution: int, tickets: int) -> None:
    found = Counter(db.session.execute(select(SlaLevel.clock_id, SlaLevel.level)).all())
    assert set(found.values()) == {1}
    assert len(found) == tickets * (reaction + resolution)
    assert count(Event, Event.kind == EventKind.SLA_LEVEL) == len(found)
    assert count(Outbox) == 2 * tickets
    assert count(SlaClock, SlaClock.next_at <= at(241)) == 0


def test_a_check_killed_in_the_middle_and_run_again_loses_and_doubles_nothing(app, database_url, tmp_path):
    with app.app_context():
        due_clocks(600, at(0))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TICKETING_")}
    environ |= {"TICKETING_DATABASE_URL": database_url, "TICKETING_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "sla", "check", "--now", at(241).isoformat()]
    killed, dice = 0, random.Random(7)
    for _ in range(4):
        before = levels_now(app)
        process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while levels_now(app) == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(dice.random() / 50)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    with app.app_context():
        assert_each_level_once(reaction=6, resolution=2, tickets=600)


def levels_now(app) -> int:
    with app.app_context():
        return count(SlaLevel)


class Killed(Exception):
    """Whatever is open is rolled back, as by a real one; nothing else happens any more."""


def die(*_):
    raise Killed


def test_a_check_killed_before_any_one_statement_loses_and_doubles_nothing(app, monkeypatch):
    """A kill at every statement once, each among new work, and a run after it that comes through."""
    monkeypatch.setattr(check.log, "exception", die)  # it would go on to the next piece; a dead one does not
    with app.app_context():
        for nth in range(1, 200):
            criticals(2)
            held_until(10)
            killed = killed_at(nth)
            assert check.settle_all(at(23)).failed == []
            assert count(SlaLevel) == 6 * nth
            assert told() == ["escalate"] * 2 * nth
            assert count(Event, Event.kind == EventKind.RESUMED) == nth
            if not killed:
                break
        assert nth > 12


def killed_at(nth: int) -> bool:
    """Run a check that dies before its nth statement; False if it had no so many."""
    seen = 0

    def kill(*_):
        nonlocal seen
        seen += 1
        if seen == nth:
            raise Killed

    def killing(done):
        return lambda self, *args: (kill(), done(self, *args))[1]

    event.listen(db.engine, "before_cursor_execute", kill)
    try:
        # What goes to the driver itself is heard of by nobody else; dying before a commit is worth a try, too.
        with (
            patch.object(Driver, "exec_driver_sql", killing(Driver.exec_driver_sql)),
            patch.object(Driver, "commit", killing(Driver.commit)),
        ):
            check.settle_all(at(23))
    except Killed:
        return True
    finally:
        event.remove(db.engine, "before_cursor_execute", kill)
        db.session.remove()
    return False


def test_the_check_and_a_person_who_takes_the_ticket_do_not_both_tell(app_context):
    (made,) = criticals(1)
    made.take(by=person("ann"), at=at(20))
    db.session.commit()
    assert check.settle_all(at(20) + timedelta(minutes=1)).clocks == 0
    assert told() == ["breach"]


def test_once_a_day_a_check_keeps_the_medians_of_the_columns(app_context):
    check.run(at(1))
    check.run(at(2))
    assert count(JobRun, JobRun.job == "board_medians") == 1
    assert count(JobRun, JobRun.job == "sla_check") == 2


def test_a_run_that_breaks_off_says_so_in_its_row(app_context, monkeypatch):
    monkeypatch.setattr(check, "settle_all", lambda now: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        check.run(at(1))
    assert db.session.scalars(select(JobRun)).one().error == "ZeroDivisionError: division by zero"


def test_what_falls_due_behind_an_expired_hold_is_counted_dry_or_not(app_context):
    held_until(10)
    assert (check.what_is_due(at(300)).holds, check.what_is_due(at(300)).levels) == (1, 2)
    assert (count(SlaLevel), count(Event, Event.kind == EventKind.RESUMED)) == (0, 0)
    done = check.settle_all(at(300))
    assert (done.holds, done.levels, count(SlaLevel)) == (1, 2, 2)


def test_medians_that_cannot_be_taken_break_no_check(app_context, monkeypatch):
    monkeypatch.setattr(check, "refresh_medians", lambda now: 1 / 0)
    check.run(at(1))
    runs = {run.job: run.error for run in db.session.scalars(select(JobRun))}
    assert runs == {"sla_check": "", "board_medians": "ZeroDivisionError: division by zero", "tidying": ""}
