"""Two people at once: one wins, the other is told, nothing is lost or doubled. Threads here; processes below."""

import multiprocessing
import threading

import pytest
from sqlalchemy import func, select

from tests.factories import at, person, ticket_in
from tests.support.databases import dispose
from ticketing import create_app
from ticketing.extensions import db
from ticketing.models import BoardCount, Event, Ticket, User
from ticketing.models.answers import Answers
from ticketing.models.event import EventKind
from ticketing.rules.refusals import Stale
from ticketing.rules.taxonomy import Status

S = Status


def locked(number):
    query = select(Ticket).where(Ticket.id == number).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def move(app, number, version, target, who, results, gate):
    with app.app_context():
        gate.wait()
        try:
            found = locked(number)
            found.move_to(target, by=db.session.get(User, who), at=at(30), version=version, answers=Answers(why="x"))
            db.session.commit()
            results.append("moved")
        except Stale:
            db.session.rollback()
            results.append("stale")
        finally:
            db.session.remove()


def test_of_two_who_drag_one_card_exactly_one_wins(app):
    with app.app_context():
        card = ticket_in(S.DIAGNOSTICS)
        number, version, ann, mara = card.id, card.version, person("ann").id, person("mara").id
        db.session.commit()
    results, gate = [], threading.Barrier(2)
    wishes = [(S.CORRECTION, ann), (S.ASSIGNED, mara)]
    threads = [
        threading.Thread(target=move, args=(app, number, version, target, who, results, gate)) for target, who in wishes
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(results) == ["moved", "stale"]
    with app.app_context():
        moves = select(func.count()).where(Event.ticket_id == number, Event.kind == EventKind.MOVED, Event.at == at(30))
        assert db.session.scalar(moves) == 1


def comment(url, data_dir, number, who, times):
    """One process of its own that writes on one ticket again and again."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": data_dir, "SECRET_KEY": "x" * 32})
    for turn in range(times):
        with app.app_context():
            found = locked(number)
            found.say(f"Turn {turn}", internal=True, by=db.session.get(User, who), at=at(40))
            db.session.commit()
    dispose(app)


@pytest.mark.parametrize("writers", [4])
def test_processes_that_write_at_once_lose_nothing(app, database_url, tmp_path, writers):
    with app.app_context():
        number, who = ticket_in(S.DIAGNOSTICS).id, person("ann").id
        db.session.commit()
    dispose(app)
    spawn = multiprocessing.get_context("spawn")
    arguments = (database_url, str(tmp_path), number, who, 15)
    processes = [spawn.Process(target=comment, args=arguments) for _ in range(writers)]
    [process.start() for process in processes]
    [process.join() for process in processes]
    assert [process.exitcode for process in processes] == [0] * writers
    with app.app_context():
        assert db.session.get(Ticket, number).comment_count == writers * 15
        said = select(func.count()).where(Event.ticket_id == number, Event.kind == EventKind.COMMENTED)
        assert db.session.scalar(said) == writers * 15


def test_moves_in_opposite_directions_keep_the_counts_and_never_lock_each_other_out(app):
    with app.app_context():
        there = [ticket_in(S.DIAGNOSTICS).id for _ in range(6)]
        back = [ticket_in(S.CORRECTION).id for _ in range(6)]
        mara = person("mara").id
        db.session.commit()
    results, gate = [], threading.Barrier(2)

    def walk(numbers, target):
        gate.wait()
        for number in numbers:
            move(app, number, None, target, mara, results, threading.Barrier(1))

    threads = [
        threading.Thread(target=walk, args=(there, S.CORRECTION)),
        threading.Thread(target=walk, args=(back, S.DIAGNOSTICS)),
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert results == ["moved"] * 12
    with app.app_context():
        query = select(BoardCount.status, func.sum(BoardCount.n)).group_by(BoardCount.status)
        kept = dict(db.session.execute(query).all())
        assert (kept[S.DIAGNOSTICS], kept[S.CORRECTION]) == (6, 6)
