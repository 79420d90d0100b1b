"""One act on many tickets: each in its own transaction with its own version."""

import re

import pytest
from sqlalchemy import select

from tests import factories
from ticketing.extensions import db
from ticketing.models import Link, Ticket
from ticketing.rules.taxonomy import LinkKind, Status, TicketType

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def three(app, people):
    """T-1 and T-2 in diagnostics, T-3 new."""
    with app.app_context():
        for _ in range(2):
            factories.ticket_in(Status.DIAGNOSTICS)
        factories.ticket("Fresh")
        db.session.commit()
        return [f"T-{ticket.id}:{ticket.version}" for ticket in db.session.scalars(select(Ticket).order_by(Ticket.id))]


def statuses(app):
    with app.app_context():
        return [str(status) for status in db.session.scalars(select(Ticket.status).order_by(Ticket.id))]


def post(client, tickets, headers=FRAGMENT, **fields):
    return client.post("/queue/bulk", data={"ticket": tickets, **fields}, headers=headers)


def test_what_may_move_moves_and_the_rest_is_told_with_its_rule(app, three, people, client_for):
    answer = post(client_for(people.ann), three, move="correction")
    assert answer.status_code == 200
    assert "2 of 3 tickets moved to Correction" in answer.text
    assert "Needs diagnostics first" in answer.text
    assert statuses(app) == ["correction", "correction", "new"]
    assert re.search(r'hx-target="#row-1".*data-stage="correction"', answer.text, re.DOTALL)


def test_when_all_move_a_toast_says_so(app, three, people, client_for):
    answer = post(client_for(people.ann), three[:2], move="correction")
    assert "2 tickets moved to Correction" in answer.text
    assert "<dialog" not in answer.text


def test_a_move_that_asks_for_something_asks_once_and_writes_nothing_yet(app, three, people, client_for):
    client = client_for(people.ann)
    asked = post(client, three, move="solution_check")
    assert asked.status_code == 422
    assert 'name="solution"' in asked.text
    assert "This is needed." not in asked.text
    assert "T-3" in asked.text
    assert statuses(app) == ["diagnostics", "diagnostics", "new"]
    again = post(client, three, move="solution_check", asked="1", fields="solution", solution="  ")
    assert again.status_code == 422
    assert "This is needed." in again.text
    done = post(client, three, move="solution_check", asked="1", fields="solution", solution="Restarted it")
    assert done.status_code == 200
    assert statuses(app) == ["solution_check", "solution_check", "new"]


def test_an_answer_that_is_none_comes_back_at_its_field(three, people, client_for):
    answer = post(
        client_for(people.ann), three[2:], move="classified", asked="1", fields="category", category="nonsense"
    )
    assert answer.status_code == 422
    assert 'id="ask-category-error"' in answer.text


def test_a_stale_version_is_refused_and_the_others_go_on(app, three, people, client_for):
    answer = post(client_for(people.ann), [three[0], "T-2:1"], move="correction")
    assert "1 of 2 tickets moved to Correction" in answer.text
    assert "Somebody changed it meanwhile" in answer.text
    assert statuses(app)[:2] == ["correction", "diagnostics"]


def test_a_hidden_ticket_is_refused_as_one_that_does_not_exist(app, people, client_for):
    with app.app_context():
        factories.ticket("Attack", type=TicketType.SECURITY_ALERT, team_id=factories.team("devops").id)
        db.session.commit()
    answer = post(client_for(people.ann), ["T-1:1", "T-99:1"], assign="me")
    assert answer.text.count("There is no such ticket") == 2
    assert "Attack" not in answer.text
    assert statuses(app) == ["new"]


def test_many_are_assigned_at_once(app, three, people, client_for):
    answer = post(client_for(people.mara), three[:2], assign="bo")
    assert "2 tickets assigned to Bo Bondar" in answer.text
    with app.app_context():
        assert set(db.session.scalars(select(Ticket.owner_id))) == {people.bo.id, None}


def test_assigning_a_new_ticket_asks_for_its_category(app, three, people, client_for):
    client = client_for(people.mara)
    asked = post(client, three, assign="ann")
    assert asked.status_code == 422
    assert 'name="category"' in asked.text
    done = post(client, three[2:], assign="ann", asked="1", fields="category", category="user_system")
    assert done.status_code == 200
    assert statuses(app)[2] == "assigned"


def test_taking_the_owner_away_later_is_refused(app, three, people, client_for):
    answer = post(client_for(people.mara), three[:1], assign="none")
    assert "From Diagnostics on an owner is replaced, not removed" in answer.text


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("duplicate_of", (LinkKind.DUPLICATE_OF, 1, 3)), ("back:blocks", (LinkKind.BLOCKS, 3, 1))],
)
def test_many_are_linked_to_one(app, three, people, client_for, kind, expected):
    answer = post(client_for(people.ann), three[:2], link="1", kind=kind, key="t-3")
    assert "2 tickets linked to T-3" in answer.text
    with app.app_context():
        rows = {(link.kind, link.source_id, link.target_id) for link in db.session.scalars(select(Link))}
    assert len(rows) == 2
    assert expected in rows


def test_a_ticket_is_not_linked_to_itself(three, people, client_for):
    answer = post(client_for(people.ann), three, link="1", kind="related", key="T-3")
    assert "2 of 3 tickets linked to T-3" in answer.text
    assert "A ticket cannot be linked to itself." in answer.text


def test_a_selection_becomes_a_file(three, people, client_for):
    answer = post(client_for(people.ann), [three[0], three[2]], headers={}, export="csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="tickets-')
    assert re.findall(r"^T-\d", answer.data.decode(), re.MULTILINE) == ["T-1", "T-3"]


@pytest.mark.parametrize(
    ("tickets", "fields"),
    [
        ([], {"move": "correction"}),
        (["T-1"], {"move": "correction"}),
        (["T-1:1; drop"], {"move": "correction"}),
        ([f"T-{number}:1" for number in range(1, 302)], {"move": "correction"}),
        (["T-1:1"], {"move": "limbo"}),
        (["T-1:1"], {"assign": "nobody-of-that-name"}),
        (["T-1:1"], {}),
        (["T-1:1"], {"link": "1", "kind": "friend", "key": "T-2"}),
        (["T-1:1"], {"link": "1", "kind": "related", "key": "T-77"}),
    ],
)
def test_what_makes_no_sense_is_422_and_writes_nothing(app, three, people, client_for, tickets, fields):
    assert post(client_for(people.ann), tickets, **fields).status_code == 422
    assert statuses(app) == ["diagnostics", "diagnostics", "new"]


def test_without_script_the_same_works_as_pages(app, three, people, client_for):
    client = client_for(people.ann)
    asked = post(client, three[:2], {}, move="solution_check", next="/queue?view=mine")
    assert asked.status_code == 422
    assert "<html" in asked.text
    assert 'name="solution"' in asked.text
    told = post(client, three, {}, move="correction", next="/queue?view=mine")
    assert "2 of 3 tickets moved to Correction" in told.text
    assert 'href="/queue?view=mine"' in told.text
    fresh = [re.sub(r":\d+", f":{version + 1}", one) for one, version in zip(three, [4, 4], strict=False)]
    back = post(client, fresh[:1], {}, assign="me", next="https://evil.example/")
    assert back.status_code in (200, 303)
    assert "evil" not in back.headers.get("Location", "")
