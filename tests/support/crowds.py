"""Many people who do something in the same moment, and what came of it."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from tests import factories as make
from tests.support.signing import sign_in
from ticketing.extensions import db
from ticketing.models import BoardCount, Event, Ticket

HX = {"HX-Request": "true"}


def save(app, how_many, status, **facts):
    """So many tickets in this status; their keys."""
    with app.app_context():
        made = [make.ticket_in(status, **facts) for _ in range(how_many)]
        db.session.commit()
        return [one.key for one in made]


def crowd(app, how_many, **facts):
    """So many engineers, or whatever `facts` make of them."""
    with app.app_context():
        found = [make.person(f"helper{n}", **facts) for n in range(how_many)]
        db.session.commit()
        return found


def at_once(app, *requests):
    """Send every (who, address, form) from a browser of its own, all in the same moment; the answers in order."""
    gate = threading.Barrier(len(requests), timeout=30)

    def send(request):
        who, address, form = request
        client = sign_in(app.test_client(), who)
        gate.wait()
        return client.post(address, data=form, headers=HX)

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def statuses(answers):
    return sorted(answer.status_code for answer in answers)


def events(app, kind, key=None):
    with app.app_context():
        query = select(func.count()).where(Event.kind == kind)
        return db.session.scalar(query.where(Event.ticket_id == int(key[2:])) if key else query)


def facts(app, key, *names):
    with app.app_context():
        row = db.session.get(Ticket, int(key[2:]))
        return tuple(getattr(row, name) for name in names)


def assert_counts_are_true(app):
    """What the headers of the board add up is what stands in the table."""
    owned = Ticket.owner_id.is_not(None)
    real = select(Ticket.status, Ticket.team_id, Ticket.restricted, owned, func.count()).group_by(
        Ticket.status, Ticket.team_id, Ticket.restricted, owned
    )
    kept = select(BoardCount.status, BoardCount.team_id, BoardCount.restricted, BoardCount.owned, BoardCount.n)
    with app.app_context():
        assert sorted(map(tuple, db.session.execute(real))) == sorted(
            map(tuple, db.session.execute(kept.where(BoardCount.n != 0)))
        )


def drop(who, key, to, version, **form):
    return who, "/board/moves", {"ticket": key, "to": to, "version": version, **form}
