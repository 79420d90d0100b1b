"""Writers that stop half-way, and processes that move the same ticket: nothing half-written, nothing lost."""

import multiprocessing
import os
import sys

import pytest
from sqlalchemy import event, select

from tests.support.crowds import HX, assert_counts_are_true, at_once, drop, facts, save, statuses
from tests.support.databases import dispose
from tests.support.signing import sign_in
from ticketing import create_app
from ticketing.extensions import db
from ticketing.models import Event
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import Status

pytestmark = pytest.mark.both_databases
S, K = Status, EventKind


def stop_writers(end):
    """Call `end` when whatever has written is between its flush and its commit; gives what takes this back."""

    def note(session, _context):
        session.info["wrote"] = True

    def stop(session):
        session.flush()
        if session.info.pop("wrote", False):
            end()

    event.listen(db.session, "after_flush", note)
    event.listen(db.session, "before_commit", stop)
    return lambda: (event.remove(db.session, "after_flush", note), event.remove(db.session, "before_commit", stop))


@pytest.fixture
def untouched(app, people):
    """A ticket in diagnostics, and `assert_untouched()`, which finds everything as it was."""
    [key] = save(app, 1, S.DIAGNOSTICS)
    tables = [table for table in db.metadata.sorted_tables if table.name not in ("user_account", "user_session")]

    def contents():
        with app.app_context():
            return {table.name: sorted(map(repr, db.session.execute(select(table)))) for table in tables}

    before = contents()

    def assert_untouched():
        assert contents() == before
        assert_counts_are_true(app)

    return key, assert_untouched


def fail():
    raise RuntimeError("stopped between flush and commit")


def test_a_writer_that_fails_between_flush_and_commit_leaves_nothing(app, people, untouched):
    key, assert_untouched = untouched
    writes = [
        drop(people.ann, key, S.CORRECTION, 4),
        (people.ann, "/tickets", {"title": "Never was", "type": "incident"}),
        (people.ann, f"/tickets/{key}/comments", {"body": "Never said"}),
        (people.mara, f"/tickets/{key}/pin", {"version": 4}),
    ]
    clients = [sign_in(app.test_client(), who) for who, _url, _form in writes]
    undo = stop_writers(fail)
    try:
        answers = [
            client.post(url, data=form, headers=HX) for client, (_who, url, form) in zip(clients, writes, strict=True)
        ]
    finally:
        undo()
    assert statuses(answers) == [500] * 4
    assert_untouched()


def settings(url, folder):
    return {
        "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": folder, "SECRET_KEY": "only for tests, and long enough",
        "WTF_CSRF_ENABLED": False,
    }  # fmt: skip


def spawn(target, *argument_lists):
    """Run `target` in a process for each list of arguments; their exit codes."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=target, args=arguments) for arguments in argument_lists]
    [process.start() for process in processes]
    [process.join(60) for process in processes]
    return [process.exitcode for process in processes]


def die_while_writing(url, folder, key, who):
    app = create_app(settings(url, folder))
    client = sign_in(app.test_client(), who)
    stop_writers(lambda: os._exit(9))
    client.post("/board/moves", data={"ticket": key, "to": S.CORRECTION, "version": 4}, headers=HX)


def test_a_process_killed_between_flush_and_commit_leaves_nothing_and_no_lock(
    app, database_url, tmp_path, people, untouched
):
    key, assert_untouched = untouched
    dispose(app)
    assert spawn(die_while_writing, (database_url, str(tmp_path), key, people.ann.get_id())) == [9]
    assert_untouched()
    assert statuses(at_once(app, drop(people.ann, key, S.CORRECTION, 4))) == [200]


def walk_to_and_fro(url, folder, key, who, turns):
    """Move a ticket between diagnostics and correction, from wherever somebody else has just put it."""
    app = create_app(settings(url, folder))
    client = sign_in(app.test_client(), who)
    for _ in range(turns):
        status, version = facts(app, key, "status", "version")
        target = S.CORRECTION if status is S.DIAGNOSTICS else S.DIAGNOSTICS
        form = {"ticket": key, "to": target, "version": version, "why": "Once more"}
        answer = client.post("/board/moves", data=form, headers=HX)
        if answer.status_code not in (200, 409):
            sys.exit(f"{answer.status_code} instead of 200 or 409")
    dispose(app)


def test_two_processes_that_move_one_ticket_ten_times_each_write_one_unbroken_history(
    app, database_url, tmp_path, people
):
    [key] = save(app, 1, S.DIAGNOSTICS)
    dispose(app)
    walks = [(database_url, str(tmp_path), key, who.get_id(), 10) for who in (people.ann, people.mara)]
    assert spawn(walk_to_and_fro, *walks) == [0, 0]
    with app.app_context():
        query = select(Event.payload).where(Event.ticket_id == int(key[2:]), Event.kind == K.MOVED)
        steps = [(payload["from"], payload["to"]) for payload in db.session.scalars(query.order_by(Event.id))]
    assert [to for _, to in steps[:-1]] == [origin for origin, _ in steps[1:]]
    assert facts(app, key, "status", "version") == (steps[-1][1], 1 + len(steps))
    assert len(steps) >= 3 + 10
    assert_counts_are_true(app)
