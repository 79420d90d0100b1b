"""Several countings at once, and countings that die: what stands in the end is what one alone would have counted."""

import multiprocessing
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from sqlalchemy import event

from tests.factories import at, person, ticket, ticket_in
from tests.support.databases import dispose
from tests.support.report_sheets import assert_as_anew, assert_complete
from ticketing import create_app
from ticketing.extensions import db
from ticketing.jobs.reports import refresh as job
from ticketing.jobs.reports.refresh import refresh
from ticketing.models import Ticket
from ticketing.models.report_state import read_state
from ticketing.rules.taxonomy import Status


class Killed(Exception):
    """Whatever is open is rolled back, as by a real one; nothing else happens any more."""


@pytest.fixture
def context(app):
    with app.app_context():
        yield


def some_work(minute: float) -> None:
    """A ticket of two days, and one that went to somebody else with all of its past."""
    made = ticket_in(Status.DIAGNOSTICS, moment=at(minute))
    made.move_to(Status.CORRECTION, by=person("ann"), at=at(minute + 1500))
    older = db.session.get(Ticket, max(1, made.id - 3))
    if older.is_open and older.owner_id:
        older.assign(person(["ann", "bo", "ben"][made.id % 3]), by=person("mara"), at=at(minute + 1501))
    db.session.commit()


def elsewhere(app, work) -> None:
    """Do this in a transaction of its own, beside what the caller has open."""
    problems = []

    def inside():
        with app.app_context():
            try:
                work()
            except Killed:
                db.session.rollback()
            except BaseException as problem:
                problems.append(problem)
            finally:
                db.session.remove()

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert problems == []


def dying(how: str, nth: int):
    """Patch what a counting does so that it dies before or after its nth commit, or before its nth statement."""
    seen = 0
    commit = db.session.commit

    def counted_commit():
        nonlocal seen
        seen += 1
        if how == "before" and seen == nth:
            raise Killed
        commit()
        if how == "after" and seen == nth:
            raise Killed

    return patch.object(db.session, "commit", counted_commit)


def dies(how: str, nth: int, now) -> bool:
    """Count, and die there; False if it came through."""
    try:
        with dying(how, nth):
            refresh(now, "UTC")
    except Killed:
        return True
    finally:
        db.session.remove()
    return False


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_counting_killed_at_any_commit_and_run_again_counts_all_once(context, monkeypatch, how):
    monkeypatch.setattr(job, "PORTION", 1)
    killed, now = 0, 0
    for nth in range(1, 40):
        some_work(4000 * nth)
        some_work(4000 * nth + 5)
        now = at(4000 * nth + 2000)
        killed += (dead := dies(how, nth, now))
        refresh(now, "UTC")
        assert_complete()
        if not dead:
            break
    assert killed >= 5
    assert_as_anew(now)


def test_a_counting_killed_before_any_one_statement_and_run_again_counts_all_once(context, monkeypatch):
    monkeypatch.setattr(job, "PORTION", 2)
    engine, now, killed = db.engine, None, 0
    for nth in range(1, 120, 3):
        some_work(4000 * nth)
        now, seen = at(4000 * nth + 2000), [0]

        def kill(*_, seen=seen, nth=nth):
            seen[0] += 1
            if seen[0] == nth:
                raise Killed

        event.listen(engine, "before_cursor_execute", kill)
        try:
            refresh(now, "UTC")
            dead = False
        except Killed:
            dead = True
        finally:
            event.remove(engine, "before_cursor_execute", kill)
            db.session.remove()
        killed += dead
        refresh(now, "UTC")
        assert_complete()
        if not dead:
            break
    assert killed >= 10
    assert_as_anew(now)


def test_counting_from_the_start_that_is_killed_is_gone_on_with(context, monkeypatch):
    monkeypatch.setattr(job, "PORTION", 1)
    for n in range(4):
        some_work(10 * n)
    refresh(at(2000), "UTC")
    for nth in range(1, 12):
        try:
            with dying("after", nth):
                refresh(at(2000 + nth), "UTC", anew=True)
        except Killed:
            db.session.rollback()
        refresh(at(2000 + nth), "UTC")
        assert_as_anew(at(2000 + nth))


def test_countings_in_many_threads_while_people_work_end_in_what_one_would_have_counted(app, monkeypatch):
    monkeypatch.setattr(job, "PORTION", 2)
    with app.app_context():
        for n in range(6):
            some_work(10 * n)
    gate = threading.Barrier(5, timeout=60)

    def counting(number: int) -> None:
        with app.app_context():
            gate.wait()
            for turn in range(4):
                refresh(at(5000 + turn), "UTC", anew=number == 0 and turn == 2)
                db.session.remove()

    def working() -> None:
        with app.app_context():
            gate.wait()
            for n in range(6):
                some_work(1000 + 10 * n)
                db.session.remove()

    with ThreadPoolExecutor(5) as pool:
        all_of_them = [pool.submit(counting, number) for number in range(4)] + [pool.submit(working)]
        [one.result(120) for one in all_of_them]
    with app.app_context():
        refresh(at(6000), "UTC")
        assert_as_anew(at(6000))


def one_counting(url, data_dir, gate):
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": data_dir, "SECRET_KEY": "x" * 32})
    with app.app_context():
        gate.wait()
        counts = refresh(at(50_000), "UTC")
        db.session.remove()
    dispose(app)
    sys.exit(0 if counts.tickets else 1)


def test_the_very_first_countings_of_three_processes_at_once(app, database_url, tmp_path):
    with app.app_context():
        for n in range(30):
            ticket_in(list(Status)[n % 7], moment=at(700 * n))
        db.session.commit()
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(3)
    crowd = [spawn.Process(target=one_counting, args=(database_url, str(tmp_path), gate)) for _ in range(3)]
    [one.start() for one in crowd]
    [one.join(120) for one in crowd]
    assert [one.exitcode for one in crowd] == [0] * 3
    with app.app_context():
        assert refresh(at(50_000), "UTC").tickets == 0
        assert_as_anew(at(50_000))


def test_sheets_that_were_read_before_another_counted_are_not_written(app, context):
    """The day was noted, worked off and noted again by somebody else while these sheets were being made."""
    made = ticket_in(Status.DIAGNOSTICS)
    db.session.commit()
    really, calls = job.sheets_of, []

    def give_to(handle, minute, dies=False):
        def work():
            db.session.get(Ticket, made.id).assign(person(handle), by=person("mara"), at=at(minute))
            db.session.commit()
            with patch.object(job, "sheets_of", (lambda day: die()) if dies else really):
                refresh(at(minute), "UTC")

        return work

    def slow(day):
        calls.append(day)
        found = really(day)
        if len(calls) == 1:
            elsewhere(app, give_to("bo", 60))
            elsewhere(app, give_to("ben", 70, dies=True))
        return found

    with patch.object(job, "sheets_of", slow):
        refresh(at(50), "UTC")
    assert len(calls) > 1
    refresh(at(71), "UTC")
    assert_as_anew(at(71))


def test_a_week_waits_for_a_day_of_it_that_changed_again(app, context):
    """Else it would be noted as right, with the old sheet of that day in it."""
    made = ticket_in(Status.DIAGNOSTICS)
    db.session.commit()
    really, seen = job.sheets_of, []

    def give_away():
        db.session.get(Ticket, made.id).assign(person("bo"), by=person("mara"), at=at(60))
        db.session.commit()
        with patch.object(job, "sheets_of", lambda day: die()):
            refresh(at(60), "UTC")

    def slow(day):
        seen.append(day)
        found = really(day)
        if len(seen) == 1:
            elsewhere(app, give_away)
        return found

    with patch.object(job, "sheets_of", slow):
        refresh(at(61), "UTC")
    assert [day for day in seen if day < 0] == [-(seen[0] + -seen[0] % 7)]  # once, when its day was right
    assert seen.count(seen[0]) == 2
    assert_as_anew(at(61))


def die():
    raise Killed


@pytest.mark.parametrize("busy", [True, False])
def test_whoever_meets_a_new_beginning_leaves_the_counting_to_it(app, context, busy):
    """Somebody starts over and dies; what another had begun before must not pass for all there is."""
    for n in range(5):
        ticket_in(Status.ASSIGNED, moment=at(n))
    db.session.commit()
    refresh(at(10), "UTC")
    if busy:
        ticket(moment=at(20))
        db.session.commit()
    really = job._look

    def begin_anew():
        with patch.object(job, "_look", lambda *_: die()):
            refresh(at(30), "UTC", anew=True)

    def look(state, now):
        found = really(state, now)
        elsewhere(app, begin_anew)
        return found

    with patch.object(job, "_look", look):
        refresh(at(31), "UTC")
    assert read_state("UTC").counted_at is None
    assert refresh(at(32), "UTC").tickets == 5 + busy
    assert_as_anew(at(32))
