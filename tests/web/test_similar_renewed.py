"""Closing a ticket or taking it up again changes what can be done about similar ones: their panel is renewed."""

import pytest

from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.rules.taxonomy import Status

HX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("that_morning")
TITLE = "Trustera payouts stay pending for German IBANs"
FIXED = {"resolution_code": "fixed", "root_cause": "software"}


@pytest.fixture
def alike(ticket):
    """`alike(status)`: the key of a ticket in that status, of which another one says the same."""

    def save(status):
        ticket(Status.NEW, title=TITLE)
        return ticket(status, title=TITLE)

    return save


@pytest.fixture
def send(app, people, client_for):
    """`send(key, path, who="ann", **fields)`: the answer to a form of the ticket's page."""

    def post(key, path, who="ann", headers=HX, **fields):
        with app.app_context():
            version = db.session.get(Ticket, int(key[2:])).version
        form = {"ticket": key, "version": version, "context": "ticket", "return_to": f"/tickets/{key}"}
        return client_for(getattr(people, who)).post(path, data=form | fields, headers=headers)

    return post


def renews(answer, key):
    return f'hx-get="/tickets/{key}/similar" hx-trigger="load" hx-target="#similar"' in answer.text


def panel(client, key):
    return client.get(f"/tickets/{key}/similar", headers=HX).text


def test_a_closing_renews_it(alike, send, client_for, people):
    key, mara = alike(Status.SOLUTION_CHECK), client_for(people.mara)
    assert "It is a duplicate" in panel(mara, key)
    answer = send(key, "/board/moves", "mara", to="closed", **FIXED)
    assert answer.status_code == 200 and renews(answer, key)
    assert "It is a duplicate" not in panel(mara, key)


@pytest.mark.parametrize("code", ["invalid", "duplicate"])
def test_an_early_closing_renews_it(alike, send, code):
    key = alike(Status.DIAGNOSTICS)
    answer = send(key, f"/tickets/{key}/closing", resolution_code=code, duplicate_of="T-1", comment="Not ours")
    assert answer.status_code == 200 and renews(answer, key)


def test_taking_it_up_again_renews_it(alike, send, client_for, people):
    key, mara = alike(Status.CLOSED), client_for(people.mara)
    assert "It is a duplicate" not in panel(mara, key)
    answer = send(key, "/board/moves", "mara", to="diagnostics", why="It is back")
    assert answer.status_code == 200 and renews(answer, key)
    assert "It is a duplicate" in panel(mara, key)


def test_a_move_between_open_statuses_leaves_it(alike, send):
    key = alike(Status.DIAGNOSTICS)
    answer = send(key, "/board/moves", to="correction")
    assert answer.status_code == 200 and not renews(answer, key)


def test_a_refused_closing_leaves_it(alike, send):
    key = alike(Status.DIAGNOSTICS)
    answer = send(key, "/board/moves", to="closed", **FIXED)
    assert answer.status_code == 409 and not renews(answer, key)


def test_on_the_board_there_is_no_such_panel(alike, send):
    key = alike(Status.SOLUTION_CHECK)
    answer = send(key, "/board/moves", "mara", to="closed", context="board", **FIXED)
    assert answer.status_code == 200 and "/similar" not in answer.text


def test_a_reporter_who_reopens_is_told_of_none(app, alike, send):
    key = alike(Status.CLOSED)
    answer = send(key, "/board/moves", "rita", to="diagnostics", why="It is back")
    assert answer.status_code == 200 and "/similar" not in answer.text
    with app.app_context():
        assert db.session.get(Ticket, int(key[2:])).status is Status.DIAGNOSTICS
