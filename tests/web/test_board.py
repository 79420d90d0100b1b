"""The board over HTTP: what it shows, how it moves, and how it says no."""

import re

import pytest

from tests.factories import category, person, ticket, ticket_in
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.rules.taxonomy import Priority, Status, TicketType

S = Status
HX = {"HX-Request": "true"}


@pytest.fixture
def desk(app, people):
    """Two tickets in diagnostics owned by ann, one new."""
    with app.app_context():
        first = ticket_in(S.DIAGNOSTICS, title="First of ann")
        second = ticket_in(S.DIAGNOSTICS, title="Second of ann", priority=Priority.HIGH)
        new = ticket("A new one")
        db.session.commit()
        return {"first": first.key, "second": second.key, "new": new.key}


def version(app, key):
    with app.app_context():
        return db.session.get(Ticket, int(key[2:])).version


def status(app, key):
    with app.app_context():
        return db.session.get(Ticket, int(key[2:])).status


def drop(client, app, key, to, headers=HX, **fields):
    form = {"ticket": key, "to": to, "version": version(app, key), **fields}
    return client.post("/board/moves", data=form, headers=headers)


def test_the_board_shows_every_column_and_its_cards(desk, client_for, people):
    page = client_for(people.ann).get("/board").text
    assert [s for s in S if f'id="column-{s}"' in page] == list(S)
    assert page.index("Second of ann") < page.index("First of ann")  # the higher priority first


def test_a_card_carries_its_legal_targets(desk, client_for, people):
    page = client_for(people.ann).get("/board").text
    card = re.search(rf'<li class="card"[^>]*id="card-{desk["first"][2:]}"[^>]*>', page)[0]
    assert 'data-moves="assigned correction solution_check"' in card
    other = client_for(people.bo).get("/board").text
    card = re.search(rf'<li class="card"[^>]*id="card-{desk["first"][2:]}"[^>]*>', other)[0]
    assert 'data-moves=""' in card


def test_a_move_answers_with_the_card_and_the_two_headers(desk, app, client_for, people):
    answer = drop(client_for(people.ann), app, desk["first"], "correction", **{"from": "diagnostics"})
    assert answer.status_code == 200
    assert status(app, desk["first"]) is S.CORRECTION
    assert set(re.findall(r'id="head-(\w+)"', answer.text)) == {"diagnostics", "correction"}
    assert answer.text.count('<li class="card"') == 1


def test_a_move_names_the_card_it_now_stands_after(desk, app, client_for, people):
    drop(client_for(people.ann), app, desk["second"], "correction")
    answer = drop(client_for(people.ann), app, desk["first"], "correction")
    assert f'data-after="card-{desk["second"][2:]}"' in answer.text


@pytest.mark.parametrize(("to", "code"), [("nowhere", 422), ("", 422), ("closed", 409), ("new", 409)])
def test_an_unknown_or_illegal_target_is_refused(desk, app, client_for, people, to, code):
    assert drop(client_for(people.ann), app, desk["first"], to).status_code == code
    assert status(app, desk["first"]) is S.DIAGNOSTICS


def test_a_move_somebody_may_not_make_is_403_and_says_who_may(desk, app, client_for, people):
    answer = drop(client_for(people.bo), app, desk["first"], "correction")
    assert answer.status_code == 403
    assert "owner, its team or a manager" in answer.text


def test_a_move_that_needs_input_asks_for_only_what_is_missing(desk, app, client_for, people):
    answer = drop(client_for(people.ann), app, desk["first"], "solution_check")
    assert answer.status_code == 422
    assert re.findall(r'<(?:select|textarea|input)[^>]* id="ask-(\w+)"', answer.text) == ["solution", "comment"]
    answer = drop(client_for(people.ann), app, desk["first"], "solution_check", solution="Raised the timeout")
    assert answer.status_code == 200


def test_an_unknown_answer_is_told_at_its_field_and_keeps_the_rest(desk, app, client_for, people):
    answer = drop(client_for(people.ann), app, desk["new"], "classified", category="nonsense", comment="Kept")
    assert answer.status_code == 422
    assert 'id="ask-category-error"' in answer.text
    assert "Kept" in answer.text


def test_a_stale_move_is_told_who_and_where(desk, app, client_for, people):
    drop(client_for(people.mara), app, desk["first"], "correction")
    form = {"ticket": desk["first"], "to": "assigned", "from": "diagnostics", "version": 1, "why": "x"}
    answer = client_for(people.ann).post("/board/moves", data=form, headers=HX)
    assert answer.status_code == 409
    assert re.search(r"Moved to Correction by Mara Lindqvist \d+ s ago", answer.text)
    assert 'data-list="cards-correction"' in answer.text


def test_the_wish_that_is_true_already_is_a_success(desk, app, client_for, people):
    drop(client_for(people.mara), app, desk["first"], "correction")
    form = {"ticket": desk["first"], "to": "correction", "from": "diagnostics", "version": 1}
    assert client_for(people.ann).post("/board/moves", data=form, headers=HX).status_code == 200


def test_a_plain_form_moves_too_and_comes_back(desk, app, client_for, people):
    answer = drop(client_for(people.ann), app, desk["first"], "correction", headers={})
    assert (answer.status_code, answer.location) == (303, "/board")
    page = drop(client_for(people.ann), app, desk["first"], "solution_check", headers={})
    assert page.status_code == 422
    assert "<html" in page.text
    assert 'name="solution"' in page.text


def test_a_foreign_restricted_ticket_is_not_there(app, people, client_for):
    with app.app_context():
        hidden = ticket("Leak", type=TicketType.SECURITY_ALERT, category=category("security_events"), by=person("rita"))
        db.session.commit()
        key = hidden.key
    ann = client_for(people.ann)
    assert drop(ann, app, key, "classified").status_code == 404
    assert key not in ann.get("/board").text
    assert key in client_for(people.bo).get("/board").text


def test_counts_are_the_viewers_own(app, people, client_for):
    with app.app_context():
        for number in range(3):
            ticket(f"Leak {number}", type=TicketType.SECURITY_ALERT, category=category("security_events"))
        ticket("Open to all")
        watched = ticket("Watched leak", type=TicketType.SECURITY_ALERT, category=category("security_events"))
        watched.watch(person("ann"), by=person("mara"), at=watched.created_at)
        db.session.commit()

    def count(who):
        return re.search(r"Tickets: </span>(\d+)", client_for(who).get("/board").text)[1]

    assert [count(who) for who in (people.ann, people.bo, people.mara)] == ["2", "5", "5"]


def test_a_filter_shows_how_many_of_how_many(desk, client_for, people):
    page = client_for(people.ann).get("/board?priority=high").text
    assert "1 of 2" in page
    assert "First of ann" not in page


def test_an_unknown_filter_value_is_named(client_for, people):
    assert client_for(people.ann).get("/board?status=lost").status_code == 422


def test_a_column_shows_thirty_and_then_thirty_more(app, people, client_for):
    with app.app_context():
        for number in range(70):
            ticket(f"Number {number}")
        db.session.commit()
    ann = client_for(people.ann)
    page = ann.get("/board").text
    assert page.count('<li class="card"') == 30
    assert "offset=30" in page
    more = ann.get("/board/columns/new?offset=60", headers=HX).text
    assert more.count('<li class="card"') == 10


def test_collapsing_is_remembered_for_the_person(desk, client_for, people):
    ann = client_for(people.ann)
    ann.post("/board/columns/diagnostics/collapse", data={"folded": "1"}, headers=HX)
    page = client_for(people.ann).get("/board").text
    assert re.search(r'column--collapsed" id="column-diagnostics"', page)
    assert "First of ann" not in page
    assert "First of ann" in client_for(people.mara).get("/board").text


def test_a_soft_limit_colours_and_never_blocks(desk, app, client_for, people):
    client_for(people.mara).post("/board/columns/diagnostics/limit", data={"limit": "1"}, headers=HX)
    assert 'data-wip="over"' in client_for(people.ann).get("/board").text
    assert client_for(people.ann).post("/board/columns/new/limit", data={"limit": "1"}).status_code == 403


def test_the_board_asks_the_database_a_fixed_number_of_times(app, people, client_for):
    ann = client_for(people.ann)
    with app.app_context():
        for status_ in S:
            ticket_in(status_)
        db.session.commit()

    def count(path):
        ann.get(path)
        with statements(app) as seen:
            ann.get(path)
        return len(seen)

    few = count("/board")
    with app.app_context():
        for number in range(60):
            ticket(f"Number {number}")
        db.session.commit()
    assert count("/board") == few == 8
    assert count("/board?priority=normal&q=number") == 10  # with the search itself
