"""Replies and notes: who may write which, what becomes of the text, and what a refused one leaves behind."""

import pytest

from tests import factories as make
from tests.support.signing import sign_in
from ticketing.extensions import db
from ticketing.models import Comment, Ticket
from ticketing.rules.taxonomy import HoldReason, TicketType

HX = {"HX-Request": "true"}


@pytest.fixture
def comments(app):
    def get():
        with app.app_context():
            return [(row.body, row.internal) for row in db.session.query(Comment).order_by(Comment.id)]

    return get


def test_a_reply_is_answered_with_the_timeline_and_an_empty_box(client_for, people, key, comments):
    data = {"body": "Looking into it\r\nnow", "visibility": "public"}
    answer = client_for(people.ann).post(f"/tickets/{key}/comments", data=data, headers=HX)
    assert answer.status_code == 200 and "Reply sent" in answer.text
    assert 'hx-target="#composer"' in answer.text and "data-sent" in answer.text
    assert comments() == [("Looking into it\nnow", False)]


def test_a_note_is_for_staff(client_for, people, key, comments):
    data = {"body": "Their chain has no staple", "visibility": "internal"}
    assert client_for(people.bo).post(f"/tickets/{key}/comments", data=data).status_code == 303
    assert comments() == [("Their chain has no staple", True)]
    assert "staple" not in client_for(people.rita).get(f"/tickets/{key}").text


def test_a_reporter_writes_replies_and_never_notes(client_for, people, key, comments):
    client = client_for(people.rita)
    assert client.post(f"/tickets/{key}/comments", data={"body": "Still broken"}).status_code == 303
    refused = client.post(f"/tickets/{key}/comments", data={"body": "x", "visibility": "internal"}, headers=HX)
    assert refused.status_code == 403
    assert comments() == [("Still broken", False)]


def test_a_stranger_writes_nothing(client_for, people, key, comments):
    assert client_for(people.sam).post(f"/tickets/{key}/comments", data={"body": "x"}).status_code == 404
    assert comments() == []


@pytest.mark.parametrize(("body", "told"), [("  \n ", "Write something"), ("x" * 20_001, "This is too long.")])
def test_a_text_that_is_refused_stays_in_the_box(client_for, people, key, comments, body, told):
    client = client_for(people.ann)
    part = client.post(f"/tickets/{key}/comments", data={"body": body}, headers=HX)
    assert part.status_code == 422 and told in part.text
    assert 'hx-target="#composer-error"' in part.text and "<textarea" not in part.text
    page = client.post(f"/tickets/{key}/comments", data={"body": body, "visibility": "internal"})
    assert page.status_code == 422 and told in page.text and 'aria-invalid="true"' in page.text
    assert comments() == []


def test_a_mention_adds_a_watcher_and_is_marked(app, client_for, people, key):
    data = {"body": "@bo, is this yours? a@b.example is not @nobody", "visibility": "internal"}
    page = client_for(people.ann).post(f"/tickets/{key}/comments", data=data, headers=HX).text
    assert '<span class="mention" title="Bo Bondar">@bo</span>' in page and ">@nobody" not in page
    with app.app_context():
        assert db.session.get(Ticket, int(key[2:])).is_watched_by(make.person("bo"))


def test_a_mention_lets_somebody_into_a_restricted_ticket(app, client_for, people):
    with app.app_context():
        key = make.ticket(type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id).key
        db.session.commit()
    assert client_for(people.ann).get(f"/tickets/{key}").status_code == 404
    client_for(people.bo).post(f"/tickets/{key}/comments", data={"body": "@ann please look", "visibility": "internal"})
    assert client_for(people.ann).get(f"/tickets/{key}").status_code == 200


def test_a_reply_may_wait_for_the_reporter_whose_answer_ends_it(app, client_for, people, key):
    data = {"body": "Which player?", "visibility": "public", "wait": "reporter"}
    client_for(people.ann).post(f"/tickets/{key}/comments", data=data)
    with app.app_context():
        assert db.session.get(Ticket, int(key[2:])).hold_reason is HoldReason.REPORTER
    client_for(people.rita).post(f"/tickets/{key}/comments", data={"body": "8841207"})
    with app.app_context():
        assert db.session.get(Ticket, int(key[2:])).hold_reason is None


def test_a_form_from_elsewhere_is_refused(csrf_app, people, key, comments):
    client = sign_in(csrf_app.test_client(), people.ann)
    assert client.post(f"/tickets/{key}/comments", data={"body": "x"}).status_code == 400
    assert comments() == []


def test_who_may_be_mentioned(client_for, people, key):
    client = client_for(people.ann)
    names = client.get("/tickets/people?as=mentions&q=bo", headers=HX).text
    assert 'data-handle="bo"' in names and "rita" not in names
    assert "rita" in client.get("/tickets/people?q=Sal").text
    assert client.get("/tickets/people?as=mentions&q=%25").text.strip() == ""
    assert client_for(people.rita).get("/tickets/people?q=b").status_code == 403
