"""The manager's view of now over HTTP: what it lists, and how a ticket changes hands on it."""

import re

import pytest

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Hold
from ticketing.rules.taxonomy import HoldReason, Priority, Status, TicketType

HX = {"HX-Request": "true"}
S = Status


@pytest.fixture
def mate(app, people):
    """A second engineer in ann's team, with nothing to do."""
    with app.app_context():
        made = make.person("liv", name="Liv Strand", team=make.team("technical_support"))
        db.session.commit()
        db.session.refresh(made)
        db.session.expunge_all()
    return made


@pytest.fixture
def waiting(app, people, that_morning):
    """T-1 critical and without an owner, filed just now: half of its 15 min are gone after 8."""
    with app.app_context():
        made = make.ticket("Logins fail", priority=Priority.CRITICAL, moment=make.at(20), routed=False,
                           category=make.category("user_system"))  # fmt: skip
        db.session.commit()
        return made.key


def ids(page, list_id):
    found = re.search(rf'<section class="panel now__list" id="{list_id}".*?</section>', page, re.S)
    return re.findall(rf'<li class="now__row" id="{list_id}-(\d+)"', found[0]) if found else None


def total(page, list_id):
    return int(re.search(rf'id="{list_id}-title"[^>]*>[^<]*<span class="count">(\d+)', page)[1])


def give(client, read, key, to, headers=HX, **fields):
    form = {"owner": to, "version": read(key, "version"), "context": "now", "from": read(key, "status"), **fields}
    return client.post(f"/tickets/{key}/owner", data=form, headers=headers)


def test_what_waits_for_an_owner_is_there_once_half_of_its_target_is_gone(waiting, mara):
    page = mara.get("/reports/now").text
    assert ids(page, "unowned") == ["1"]
    assert total(page, "unowned") == 1
    assert "no owner since" in page


def test_only_managers_have_it(waiting, people, client_for):
    assert client_for(people.ann).get("/reports/now").status_code == 403
    assert client_for(people.rita).get("/reports/now").status_code == 403
    assert client_for(people.ada).get("/reports/now").status_code == 200


def test_a_click_gives_the_ticket_to_whoever_has_least_to_do(waiting, mate, people, mara, read):
    page = mara.get("/reports/now").text
    assert re.search(r'name="owner" value="ann" aria-label="Give T-1 to Ann Haddad, 0 open"', page)
    answer = give(mara, read, "T-1", "ann")
    assert answer.status_code == 200
    assert read("T-1", "owner_id", "status") == (people.ann.id, S.ASSIGNED)
    assert '<hx-partial hx-target="#now" hx-swap="outerMorph">' in answer.text
    assert ids(answer.text, "unowned") is None or ids(answer.text, "unowned") == []
    assert "assigned to Ann Haddad" in answer.text
    assert re.search(rf'id="load-{people.ann.id}".*?<span aria-hidden="true">1</span>', answer.text, re.S)


def test_a_plain_form_comes_back_to_the_list(waiting, mara, read, people):
    answer = give(mara, read, "T-1", "ann", headers={}, return_to="/reports/now#unowned")
    assert (answer.status_code, answer.location) == (303, "/reports/now#unowned")
    assert read("T-1", "owner_id") == people.ann.id


def test_the_picker_goes_by_the_version_that_was_shown(waiting, mara, read, people):
    href = re.search(r'id="unowned-others-1" href="([^"]+)"', mara.get("/reports/now").text)[1].replace("&amp;", "&")
    shown = read("T-1", "version")
    give(mara, read, "T-1", "ann")
    menu = mara.get(href, headers=HX).text
    assert f'name="version" value="{shown}"' in menu
    assert 'name="context" value="now"' in menu
    assert 'name="return_to" value="/reports/now"' in menu
    assert "1 open" in menu
    assert "<h1>Assign T-1</h1>" in mara.get(href).text  # without script it is a page


def test_who_was_faster_is_told_and_the_lists_are_as_they_are(waiting, mate, mara, read, people, client_for):
    shown = read("T-1", "version")
    give(client_for(people.ada), read, "T-1", "liv")
    answer = give(mara, read, "T-1", "ann", version=shown)
    assert answer.status_code == 409
    assert read("T-1", "owner_id") == mate.id
    assert 'data-kind="conflict"' in answer.text
    assert "Liv Strand" in answer.text
    assert '<hx-partial hx-target="#now" hx-swap="outerMorph">' in answer.text


def test_who_wants_what_is_so_already_is_content(waiting, mara, read, people):
    shown = read("T-1", "version")
    give(mara, read, "T-1", "ann")
    assert give(mara, read, "T-1", "ann", version=shown).status_code == 200


def test_an_unclassified_ticket_asks_for_what_its_move_needs(app, people, that_morning, mara, read):
    with app.app_context():
        make.ticket("Nobody has looked at it", priority=Priority.CRITICAL, moment=make.at(10))
        db.session.commit()
    answer = give(mara, read, "T-1", "ann")
    assert answer.status_code == 422
    assert 'name="context" value="now"' in answer.text
    form = {"ticket": "T-1", "to": "assigned", "version": read("T-1", "version"), "from": "new", "context": "now",
            "owner": "ann", "type": "incident", "priority": "critical", "category": "user_system"}  # fmt: skip
    done = mara.post("/board/moves", data=form, headers=HX)
    assert done.status_code == 200
    assert '<hx-partial hx-target="#now"' in done.text
    assert read("T-1", "owner_id") == people.ann.id


def test_an_engineer_who_says_the_page_is_theirs_gets_no_lists(waiting, people, client_for, read):
    answer = give(client_for(people.ann), read, "T-1", "ann")
    assert "now__row" not in answer.text
    assert "Load by engineer" not in answer.text


def test_the_overloaded_are_named_with_what_could_be_handed_on(app, people, mate, that_morning, mara):
    with app.app_context():
        for number in range(6):
            make.ticket_in(S.ASSIGNED, title=f"Work {number}")
        begun = make.ticket_in(S.CORRECTION, title="Begun")
        held = make.ticket_in(S.DIAGNOSTICS, title="Held")
        held.hold(Hold(HoldReason.PROVIDER), by=make.person("mara"), at=make.at(10))
        db.session.commit()
        numbers = {"begun": str(begun.id), "held": str(held.id)}
    page = mara.get("/reports/now").text
    assert "One person is overloaded." in page
    row = re.search(rf'<li class="rows__row" id="load-{people.ann.id}" data-overloaded>.*?</li>', page, re.S)[0]
    assert "1 over" in row  # the median of 7 and 0 is 3.5, so that six are the most
    assert "8 open: 0 breached, 0 at risk, 7 on track, 1 on hold" in row
    assert total(page, "handed-on") == 7
    assert len(ids(page, "handed-on")) == 5
    assert numbers["held"] not in ids(page, "handed-on")
    assert numbers["begun"] not in ids(page, "handed-on")  # what nobody has begun comes first
    assert 'value="liv"' in page


def test_a_title_is_text_and_restricted_ones_are_the_managers_to_see(app, people, that_morning, mara, read):
    with app.app_context():
        make.ticket("<b>Leak</b>", type=TicketType.SECURITY_ALERT, category=make.category("security_events"),
                    priority=Priority.CRITICAL, moment=make.at(10))  # fmt: skip
        db.session.commit()
    page = mara.get("/reports/now").text
    assert "&lt;b&gt;Leak&lt;/b&gt;" in page
    assert "<b>Leak</b>" not in page


def test_nothing_to_do_is_said_calmly(people, mara):
    page = mara.get("/reports/now").text
    for words in ("Nothing waits too long.", "Nothing breaches within the hour.", "Nobody is overloaded."):
        assert words in page


def test_looking_again_brings_the_lists_alone(waiting, mara):
    answer = mara.get("/reports/now", headers=HX)
    assert answer.text.lstrip().startswith('<div class="now" id="now"')
    assert "<html" not in answer.text


def test_the_page_asks_a_fixed_number_of_times(app, people, that_morning, client_for):
    def asked():
        client = client_for(people.mara)
        with statements(app) as seen:
            assert client.get("/reports/now").status_code == 200
        return len(seen)

    def fill(n):
        with app.app_context():
            for number in range(n):
                make.ticket(f"Waits {number}", priority=Priority.CRITICAL, moment=make.at(10))
                make.ticket_in(S.ASSIGNED, title=f"Work {number}", priority=Priority.HIGH, moment=make.at(-20))
            db.session.commit()

    fill(6)
    first = asked()
    fill(30)
    assert asked() == first <= 12


def test_a_ticket_can_go_to_somebody_with_a_full_desk_too(waiting, mara, read, people):
    with_menu = mara.get("/board/people?ticket=T-1&context=now&version=1", headers=HX).text
    assert 'value="bo"' in with_menu
    assert give(mara, read, "T-1", "bo").status_code == 200
    assert read("T-1", "owner_id") == people.bo.id


def test_the_board_has_its_own_menu_still(waiting, mara):
    menu = mara.get("/board/people?ticket=T-1", headers=HX).text
    assert 'name="context" value="board"' in menu
    assert "return_to" not in menu


def test_a_ticket_knows_its_owner_after_all(app, waiting, mara, read):
    give(mara, read, "T-1", "ann")
    with app.app_context():
        assert db.session.get(Ticket, 1).owner.handle == "ann"
