"""Moves made on the ticket page: its own parts come back, with the right status, and plain forms still redirect."""

import re

import pytest

from tests import factories as make
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Answers
from ticketing.models.event import Event, EventKind
from ticketing.rules.taxonomy import ResolutionCode, RootCause, Status

HX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("that_morning")
PARTS = ("ticket-head", "activity", "ticket-side")


@pytest.fixture
def move(app, key):
    def send(client, to, headers=HX, **fields):
        with app.app_context():
            version = db.session.get(Ticket, int(key[2:])).version
        form = {"ticket": key, "to": to, "version": version, "context": "ticket", "return_to": f"/tickets/{key}"}
        return client.post("/board/moves", data=form | fields, headers=headers)

    return send


def parts(answer):
    return [name for name in PARTS if f'<hx-partial hx-target="#{name}"' in answer.text]


def test_a_move_renews_the_parts_of_the_page(client_for, people, key, move):
    answer = move(client_for(people.ann), "correction")
    assert (answer.status_code, parts(answer)) == (200, list(PARTS))
    assert "HX-Redirect" not in answer.headers
    assert f"{key} moved to Correction" in answer.text
    assert f'data-say="{key} moved from Diagnostics to Correction"' in answer.text


def test_a_plain_form_leads_back_to_the_ticket(client_for, people, key, move):
    answer = move(client_for(people.ann), "correction", headers={})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/tickets/{key}")


def test_nothing_to_change_says_nothing(client_for, people, move):
    answer = move(client_for(people.ann), "diagnostics")
    assert (answer.status_code, parts(answer)) == (200, list(PARTS))
    assert "toast" not in answer.text


@pytest.mark.parametrize(("who", "to", "status"), [("ann", "new", 409), ("bo", "correction", 403)])
def test_a_refused_move_shows_the_ticket_as_it_is(client_for, people, key, move, who, to, status):
    answer = move(client_for(getattr(people, who)), to)
    assert (answer.status_code, parts(answer)) == (status, list(PARTS))
    assert f"{key} stays in Diagnostics" in answer.text


def test_who_was_faster_is_told_and_what_was_answered_travels_on(client_for, people, move):
    answer = move(client_for(people.ann), "correction", version=1, comment="Half done", **{"from": "assigned"})
    assert (answer.status_code, parts(answer)) == (409, list(PARTS))
    toast = answer.text[answer.text.index('data-kind="conflict"') :]
    for name, value in (("context", "ticket"), ("comment", "Half done"), ("to", "correction")):
        assert f'name="{name}" value="{value}"' in toast


def test_the_offer_to_reopen_is_answered_on_the_same_page(app, client_for, people, key, move):
    with app.app_context():
        made = db.session.get(Ticket, int(key[2:]))
        made.move_to(Status.CORRECTION, by=make.person("ann"), at=now())
        made.move_to(Status.SOLUTION_CHECK, by=make.person("ann"), at=now(), answers=Answers(solution="Restarted"))
        db.session.commit()
    client = client_for(people.mara)
    answer = move(client, "closed", resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)
    assert answer.status_code == 200
    form = re.search(r'<form method="post" action="/board/moves" hx-post="/board/moves" hx-swap="none">.*?</form>',
                     answer.text, re.DOTALL)[0]  # fmt: skip
    assert 'name="context" value="ticket"' in form


def test_on_the_board_a_move_is_read_out_with_what_the_column_holds(client_for, people, key, move):
    answer = move(client_for(people.ann), "correction", context="")
    assert f'data-say="{key} moved from Diagnostics to Correction, 1 ticket"' in answer.text


def test_a_reassignment_from_one_to_the_same_is_told_plainly(app, client_for, people, key):
    with app.app_context():
        number = int(key[2:])
        for groups in ({}, {"groups": ["Desk", "Desk"]}):
            db.session.add(Event(ticket_id=number, kind=EventKind.REASSIGNED, at=now(), noticed_at=now(),
                                 payload={"from": 2, "to": 2} | groups))  # fmt: skip
        db.session.commit()
    page = client_for(people.ann).get(f"/tickets/{key}?activity=history").text
    assert page.count("It was reassigned") == 2
    assert "handed this from" not in page


def test_the_page_that_asks_for_more_has_margins(client_for, people, move):
    answer = move(client_for(people.ann), "solution_check", headers={})
    assert answer.status_code == 422
    assert 'class="page__inner formpage"' in answer.text
