"""The pages of the radar, and the parent that one click makes."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Event, Link, Ticket
from ticketing.models.event import EventKind
from ticketing.models.link import link
from ticketing.rules.taxonomy import LinkKind, Priority, Status, TicketType

NOW = make.at(0)


@pytest.fixture(autouse=True)
def that_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def flare(app, people):
    """`flare(4)` files so many in the last hours; their keys, and the address of their page."""

    def file(count=3, provider="Reelworks", code="HTTP 502", status=Status.CLASSIFIED, **facts):
        with app.app_context():
            details = {"provider": provider, "error_code": code}
            made = [
                make.ticket_in(status, moment=NOW - timedelta(hours=1 + n), category_key="provider_integration",
                               details=details, title=f"Launch {n} fails", **facts)
                for n in range(count)
            ]  # fmt: skip
            db.session.commit()
            return [one.key for one in made], f"/reports/recurring/{made[0].signature}-{made[0].category_id}"

    return file


@pytest.fixture
def ann(people, client_for):
    return client_for(people.ann)


def test_a_calm_desk_says_so(ann):
    page = ann.get("/reports/recurring").text
    assert "Nothing flares" in page and "Nothing has come back" in page


def test_a_flare_stands_on_top_with_why_it_is_one(ann, flare):
    _keys, address = flare()
    page = ann.get("/reports/recurring").text
    assert "Reelworks: error 502" in page and f'href="{address}"' in page
    assert "Category Provider Integration, provider Reelworks (field), error code 502 (field)" in page
    assert "Make parent" in page
    page = ann.get(address).text
    assert "Why these are one" in page and "T-1" in page and "Launch 2 fails" in page


def click(client, address, **form):
    return client.post(f"{address}/parent", data=form)


def children(app, parent):
    with app.app_context():
        query = select(Link.target_id).where(Link.kind == LinkKind.PARENT, Link.source_id == int(parent[2:]))
        return [f"T-{number}" for number in sorted(db.session.scalars(query))]


def test_one_click_makes_a_parent_of_all_that_is_open(app, ann, flare, read):
    keys, address = flare(4, priority=Priority.NORMAL)
    old, _ = flare(1, priority=Priority.HIGH)
    flare(1, status=Status.CLOSED)
    flare(1, provider="Novaplay")
    answer = click(ann, address)
    assert answer.status_code == 303
    parent = answer.location.rpartition("/")[2]
    assert parent == "T-8" and children(app, parent) == sorted([*keys, *old])
    facts = read(parent, "title", "type", "details", "priority", "owner_id", "child_count", "restricted")
    assert facts == (
        "Reelworks: error 502", TicketType.INCIDENT, {"provider": "Reelworks", "error_code": "HTTP 502"},
        Priority.HIGH, None, 5, False,
    )  # fmt: skip
    with app.app_context():
        assert db.session.get(Ticket, 8).category.key == "provider_integration"
        linked = select(Event.ticket_id, Event.payload).where(Event.kind == EventKind.LINKED)
        told = [(row.ticket_id, row.payload["side"], row.payload["ticket"]) for row in db.session.execute(linked)]
        assert sorted(told) == sorted(
            [(n, "target", 8) for n in (1, 2, 3, 4, 5)] + [(8, "source", n) for n in (1, 2, 3, 4, 5)]
        )
        assert db.session.scalar(select(Event.actor_id).where(Event.kind == EventKind.LINKED).limit(1)) is not None
    page = ann.get(answer.location).text
    assert "T-8 was made" in page and "It is the parent of 5 open tickets." in page


def test_a_second_click_makes_no_second_parent_but_offers_the_first(app, ann, flare):
    _keys, address = flare(3)
    parent = click(ann, address).location.rpartition("/")[2]
    again = click(ann, address)
    assert (again.status_code, again.location) == (303, address)
    page = ann.get(address).text
    assert "There is a parent already" in page and f"Open {parent}" in page and "Make parent" not in page
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Ticket)) == 4


def test_what_came_since_is_added_to_the_parent_there_is(app, ann, flare):
    keys, address = flare(3)
    parent = click(ann, address).location.rpartition("/")[2]
    more, _ = flare(2)
    page = ann.get("/reports/recurring").text
    assert parent in page and "Add 2" in page
    answer = click(ann, address, parent=parent)
    assert answer.location == address and f"Added to {parent}" in ann.get(address).text
    assert children(app, parent) == sorted([*keys, *more])


def test_a_parent_of_another_name_in_the_form_is_not_believed(app, ann, flare):
    _keys, address = flare(3)
    others, _ = flare(1, provider="Novaplay")
    parent = click(ann, address).location.rpartition("/")[2]
    flare(1)
    click(ann, address, parent=others[0])
    assert children(app, others[0]) == [] and len(children(app, parent)) == 3


def test_an_open_member_that_has_children_is_the_parent(app, ann, flare):
    keys, address = flare(3)
    with app.app_context():
        mara = make.person("mara")
        link(db.session.get(Ticket, 2), make.ticket("Another"), LinkKind.PARENT, by=mara, at=NOW)
        db.session.commit()
    assert "Add 2" in ann.get(address).text
    click(ann, address, parent=keys[1])
    assert children(app, keys[1]) == ["T-1", "T-3", "T-4"]


def test_nothing_open_is_a_clear_refusal(app, ann, flare):
    _keys, address = flare(3, status=Status.CLOSED)
    assert "Nothing is open" in ann.get(address).text
    answer = click(ann, address)
    assert answer.status_code == 409 and "None of its tickets is open" in answer.text


def test_a_reporter_gets_nowhere(people, client_for, flare):
    _keys, address = flare(3)
    rita = client_for(people.rita)
    assert [rita.get(path).status_code for path in ("/reports/recurring", address)] == [403, 403]
    assert click(rita, address).status_code == 403


@pytest.mark.parametrize("place", ["x", "0" * 20, "0" * 20 + "-1", "0" * 20 + "-99999999999", "Z" * 20 + "-1", "a-b-c"])
def test_an_address_of_no_trouble_is_not_found(ann, place):
    assert ann.get(f"/reports/recurring/{place}").status_code == 404
    assert click(ann, f"/reports/recurring/{place}").status_code == 404


def test_pages_of_tickets_end_where_they_end(ann, flare):
    _keys, address = flare(3)
    assert ann.get(f"{address}?page=1").status_code == 200
    for page in ("2", "0", "-1", "x", "99999999999"):
        assert ann.get(f"{address}?page={page}").status_code == 404


@pytest.fixture
def secret(app, people):
    """Three security alerts of the same kind; the address of their page."""
    with app.app_context():
        made = [
            make.ticket(f"Credential stuffing on login {n}", moment=NOW - timedelta(hours=n), by=people.mara,
                        type=TicketType.SECURITY_ALERT, details={"affected_service": "vault-api"})
            for n in (1, 2, 3)
        ]  # fmt: skip
        for one in made:
            one.team_id = make.team("devops").id
        db.session.commit()
        return f"/reports/recurring/{made[0].signature}-0"


def test_restricted_tickets_are_no_flare_for_whoever_may_not_see_them(ann, mara, secret):
    page = ann.get("/reports/recurring").text
    assert "Nothing flares" in page and "vault-api" not in page
    assert ann.get(secret).status_code == 404 and click(ann, secret).status_code == 404
    assert "vault-api" in mara.get("/reports/recurring").text


def test_a_parent_of_restricted_tickets_alone_is_restricted(app, mara, secret, read):
    parent = click(mara, secret).location.rpartition("/")[2]
    assert read(parent, "type", "restricted") == (TicketType.SECURITY_ALERT, True)
    assert len(children(app, parent)) == 3


def test_a_restricted_child_is_left_alone_by_who_may_not_see_it_and_its_words_are_not_told(app, ann, mara, flare, read):
    keys, address = flare(3)
    with app.app_context():
        hidden = db.session.get(Ticket, 2)
        hidden.restricted, hidden.title, hidden.team_id = True, "Hush hush", make.team("devops").id
        db.session.commit()
    assert "Hush" not in ann.get(address).text and "2 in all" in ann.get(address).text
    parent = click(ann, address).location.rpartition("/")[2]
    assert children(app, parent) == [keys[0], keys[2]] and "T-2" not in read(parent, "description")
    click(mara, address, parent=parent)
    assert children(app, parent) == keys


def test_what_a_manager_makes_tells_no_restricted_words(app, mara, flare, read):
    keys, address = flare(3, code="", provider="Reelworks")
    keys, address = flare(3)
    with app.app_context():
        for number in (4, 5):
            hidden = db.session.get(Ticket, number)
            hidden.restricted, hidden.title = True, "Hush hush"
        db.session.commit()
    parent = click(mara, address).location.rpartition("/")[2]
    title, description, kind = read(parent, "title", "description", "type")
    assert "Hush" not in title + description and "T-4" not in description and kind is TicketType.INCIDENT


def test_the_parent_of_payments_says_the_payment_system_in_its_title(app, ann, people, read):
    with app.app_context():
        made = [
            make.ticket("Refund sent twice", moment=NOW - timedelta(hours=n), type=TicketType.PAYMENT_ISSUE,
                        details={"payment_system": "PayNetix", "error_code": "E-0042"}) for n in (1, 2, 3)
        ]  # fmt: skip
        db.session.commit()
        address = f"/reports/recurring/{made[0].signature}-0"
    parent = click(ann, address).location.rpartition("/")[2]
    assert read(parent, "title", "details") == ("PayNetix: error E-42", {"error_code": "E-0042"})
    assert f"{parent}" in ann.get(address).text


def test_titles_are_escaped(app, ann, people):
    with app.app_context():
        for n in range(3):
            made = make.ticket("<b>Lobby</b> & 'wallet' gone", moment=NOW - timedelta(hours=n))
        db.session.commit()
        address = f"/reports/recurring/{made.signature}-0"
    for path in ("/reports/recurring", address):
        assert "<b>Lobby" not in ann.get(path).text and "&lt;b&gt;Lobby" in ann.get(path).text


def test_older_rules_are_told_to_managers(app, ann, mara):
    with app.app_context():
        db.session.execute(db.text("UPDATE setting SET value = '0' WHERE key = 'recurrence_rules'"))
        db.session.commit()
    assert "flask recurrence rebuild" in mara.get("/reports/recurring").text
    assert "flask recurrence rebuild" not in ann.get("/reports/recurring").text


def test_the_pages_ask_the_database_a_fixed_number_of_times(app, ann, flare):
    found = []
    for n in (1, 4):
        _keys, address = flare(3)
        for k in range(n):
            flare(4, provider=f"Provider {'x' * k}", code=f"E-1{k}")
        for path in ("/reports/recurring", address):
            ann.get(path)
            with statements(app) as seen:
                ann.get(path)
            found.append(len(seen))
    assert found == [17, 18, 17, 18]
