"""Acts that the clocks decide on: Take, hold, more time for a breached clock, the reporter's words during a hold."""

import re

import pytest

from tests import factories as make
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.models.event import Event, EventKind
from ticketing.rules.taxonomy import HoldReason, Priority, Status

HX = {"HX-Request": "true"}
S = Status
pytestmark = pytest.mark.usefixtures("that_morning")


@pytest.fixture
def given(app, people):
    """The key of a ticket that mara gave to ann while filing it: nobody has reacted yet."""
    with app.app_context():
        category = make.category("user_system")
        made = make.ticket(by=make.person("mara"), owner=make.person("ann"), category=category)
        db.session.commit()
        return made.key


@pytest.fixture
def late(app, people):
    """The key of a critical ticket in Diagnostics whose resolution breached at minute 20."""
    with app.app_context():
        made = make.ticket_in(S.DIAGNOSTICS, priority=Priority.CRITICAL, moment=make.at(-220))
        db.session.commit()
        return made.key


def version(app, key):
    with app.app_context():
        return db.session.get(Ticket, int(key[2:])).version


def events(app, key, kind):
    with app.app_context():
        return [row.payload for row in db.session.query(Event).filter_by(ticket_id=int(key[2:]), kind=kind)]


@pytest.mark.parametrize("context", ["ticket", "board"])
def test_take_on_ones_own_ticket_acknowledges_it(app, client_for, people, given, read, context):
    client = client_for(people.ann)
    assert ">Take</button>" in client.get(f"/tickets/{given}").text
    assert "Take</span>" in client.get(f"/tickets/{given}/actions?context=board", headers=HX).text
    data = {"owner": "me", "version": version(app, given), "context": context}
    assert client.post(f"/tickets/{given}/owner", data=data, headers=HX).status_code == 200
    assert read(given, "reacted_at", "clock_face")[1]["kind"] == "resolution"
    assert events(app, given, EventKind.REACTED) == [{"how": "take"}]
    assert ">Take</button>" not in client.get(f"/tickets/{given}").text
    assert "Take</span>" not in client.get(f"/tickets/{given}/actions?context=board", headers=HX).text


def test_somebody_elses_take_is_an_assignment(app, client_for, people, given, read):
    data = {"owner": "me", "version": version(app, given)}
    client_for(people.ben).post(f"/tickets/{given}/owner", data=data, headers=HX)
    assert read(given, "owner_id") == people.ben.id and events(app, given, EventKind.REACTED) == [{"how": "owner"}]


def test_taking_many_in_the_queue_acknowledges_ones_own(app, client_for, people, given, read):
    data = {"assign": "me", "ticket": f"{given}:{version(app, given)}"}
    assert client_for(people.ann).post("/queue/bulk", data=data, headers=HX).status_code == 200
    assert read(given, "reacted_at") is not None


@pytest.mark.parametrize("context", ["ticket", "board"])
def test_no_hold_while_the_reaction_runs_and_the_way_to_begin(app, client_for, people, given, read, context):
    client = client_for(people.ann)
    data = {"reason": "vendor", "version": version(app, given), "context": context}
    for answer in (
        client.get(f"/tickets/{given}/hold?context={context}", headers=HX),
        client.post(f"/tickets/{given}/hold", data=data, headers=HX),
    ):
        assert answer.status_code == 409
        assert "Take it first: the reaction clock is still running." in answer.text
        toast = re.search(r'<form method="post" action="/tickets/[^"]*/owner".*?</form>', answer.text, re.DOTALL)[0]
        assert 'name="owner" value="me"' in toast and f'name="context" value="{context}"' in toast and "Take" in toast
    assert 'data-behaviour="dialog-ends"' in answer.text
    assert read(given, "hold_reason") is None
    plain = client.post(f"/tickets/{given}/hold", data=data)
    assert plain.status_code == 409 and "Take it first" in plain.text


def test_the_hold_dialog_offers_ends_on_the_viewers_clock(app, client_for, people, ticket):
    with app.app_context():
        make.person("ann").time_zone = "Europe/Berlin"
        db.session.commit()
    page = client_for(people.ann).get(f"/tickets/{ticket()}/hold", headers=HX).text
    found = dict(re.findall(r'data-fill="until" data-value="([^"]+)">([^<]+)<', page))
    assert found == {
        "2026-05-04T12:30": "in 1 h", "2026-05-04T15:30": "in 4 h", "2026-05-05T09:00": "tomorrow 09:00",
        "2026-05-11T09:00": "Monday 09:00",
    }  # fmt: skip
    assert "In your time, Europe/Berlin." in page


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"reason": "other"}, "text", "This is needed."),
        ({"reason": "vendor", "until": "2026-05-04T09:00"}, "until", "This has passed already."),
        ({"reason": "vendor", "until": "soon"}, "until", "This is not a date and time."),
    ],
)
def test_a_wrong_hold_is_told_at_its_field(client_for, people, ticket, read, data, field, words):
    key = ticket()
    answer = client_for(people.ann).post(f"/tickets/{key}/hold", data=data | {"version": 4}, headers=HX)
    assert answer.status_code == 422
    assert words in re.search(rf'id="{field}-error".*?</p>', answer.text, re.DOTALL)[0]
    assert read(key, "hold_reason") is None


def test_a_present_hold_can_be_changed(app, client_for, people, ticket, read):
    key = ticket()
    client = client_for(people.ann)
    client.post(f"/tickets/{key}/hold", data={"reason": "vendor", "until": "2026-05-04T12:00", "version": 4})
    assert "Change the hold…" in client.get(f"/tickets/{key}/actions?part=more", headers=HX).text
    assert 'value="2026-05-04T12:00"' in client.get(f"/tickets/{key}/hold", headers=HX).text
    client.post(f"/tickets/{key}/hold", data={"reason": "provider", "until": "", "version": 5})
    assert read(key, "hold_reason", "hold_until") == (HoldReason.PROVIDER, None)


# More time for a breached clock (R8)


def test_more_time_is_a_managers(app, client_for, people, late, read):
    data = {"priority": "low", "field": "priority", "version": version(app, late)}
    answer = client_for(people.ann).post(f"/tickets/{late}/fields", data=data, headers=HX)
    assert answer.status_code == 403
    assert "Only a manager may give a breached clock more time" in answer.text and 'class="toast"' in answer.text
    assert read(late, "priority") is Priority.CRITICAL


def test_the_priority_menu_asks_a_manager_why(app, client_for, people, late, read):
    mara = client_for(people.mara)
    data = {"priority": "low", "field": "priority", "version": version(app, late)}
    asked = mara.post(f"/tickets/{late}/fields", data=data, headers=HX)
    assert asked.status_code == 422 and "<dialog" in asked.text and 'name="why"' in asked.text
    assert 'name="priority" value="low"' in asked.text and "field__error" not in asked.text
    again = mara.post(f"/tickets/{late}/fields", data=data | {"asked": "1"}, headers=HX)
    assert again.status_code == 422 and "This is needed." in again.text
    assert mara.post(f"/tickets/{late}/fields", data=data | {"why": "No harm"}, headers=HX).status_code == 200
    assert read(late, "priority") is Priority.LOW
    [superseded] = events(app, late, EventKind.SUPERSEDED)
    assert (superseded["clock"], superseded["why"]) == ("resolution", "No harm")


def test_the_page_of_all_facts_asks_why_too(app, client_for, people, late, read):
    mara, data = client_for(people.mara), {"priority": "low", "version": version(app, late)}
    assert 'name="why"' not in mara.get(f"/tickets/{late}/edit").text
    asked = mara.post(f"/tickets/{late}/fields", data=data)
    assert asked.status_code == 422 and 'id="why-error"' in asked.text
    assert mara.post(f"/tickets/{late}/fields", data=data | {"why": "No harm"}).status_code == 303
    assert read(late, "priority") is Priority.LOW


def test_an_engineers_whole_edit_that_needs_a_manager_keeps_what_was_typed(app, client_for, people, late, read):
    form = {"version": version(app, late), "priority": "low", "title": "Written anew"}
    answer = client_for(people.ann).post(f"/tickets/{late}/fields", data=form)
    assert answer.status_code == 403
    assert "Only a manager may give a breached clock more time" in answer.text
    assert 'value="Written anew"' in answer.text
    assert read(late, "title") != "Written anew"


@pytest.fixture
def unread(app, people):
    """The key of a new critical ticket whose reaction breached, and that a move would make a low one."""
    with app.app_context():
        made = make.ticket(priority=Priority.CRITICAL)
        made.edit(by=make.person("mara"), at=make.at(1), category=make.category("user_system"))
        db.session.commit()
        return made.key


def test_a_move_asks_why_when_its_answers_give_more_time(app, client_for, people, unread, read):
    mara = client_for(people.mara)
    data = {"ticket": unread, "to": "classified", "priority": "low", "version": version(app, unread)}
    asked = mara.post("/board/moves", data=data, headers=HX)
    assert asked.status_code == 422 and 'id="ask-why"' in asked.text
    assert "This gives a breached clock more time." in asked.text
    assert mara.post("/board/moves", data=data | {"why": "No harm"}, headers=HX).status_code == 200
    assert read(unread, "status", "priority") == (S.CLASSIFIED, Priority.LOW)


def test_many_moves_ask_why_once(app, client_for, people, unread, read):
    mara = client_for(people.mara)
    data = {"move": "classified", "priority": "low", "ticket": f"{unread}:{version(app, unread)}"}
    asked = mara.post("/queue/bulk", data=data, headers=HX)
    assert asked.status_code == 422 and 'name="why"' in asked.text
    data |= {"asked": "1", "fields": ["priority", "why"], "why": "No harm"}
    assert mara.post("/queue/bulk", data=data, headers=HX).status_code == 200
    assert read(unread, "priority") is Priority.LOW
    told = client_for(people.ann).post("/queue/bulk", headers=HX, data={
        "move": "assigned", "priority": "low", "ticket": f"{unread}:{version(app, unread)}",
    })  # fmt: skip
    assert told.status_code == 200


# The reporter's words during a hold (R5)


@pytest.fixture
def held(app, people):
    """The key of a ticket that waits for its vendor."""
    with app.app_context():
        made = make.ticket_in(S.DIAGNOSTICS)
        made.hold(Hold(HoldReason.VENDOR), by=make.person("ann"), at=make.at(10))
        db.session.commit()
        return made.key


def mark(client, key):
    return f'id="card-{key[2:]}"' in (page := client.get("/board").text) and "Reporter wrote" in page


def test_a_card_on_hold_shows_that_the_reporter_wrote_until_somebody_answers(client_for, people, held):
    ann, rita = client_for(people.ann), client_for(people.rita)
    assert not mark(ann, held)
    rita.post(f"/tickets/{held}/comments", data={"body": "Any news?"})
    assert mark(ann, held) and "Reporter wrote" in ann.get(f"/tickets/{held}").text
    ann.post(f"/tickets/{held}/comments", data={"body": "Look at this", "visibility": "internal"})
    assert mark(ann, held)
    ann.post(f"/tickets/{held}/comments", data={"body": "We wait for them"})
    assert not mark(ann, held)


def test_resuming_takes_the_mark_off(app, client_for, people, held, read):
    client_for(people.rita).post(f"/tickets/{held}/comments", data={"body": "Any news?"})
    client_for(people.ann).post(f"/tickets/{held}/resume", data={"version": version(app, held)})
    assert read(held, "reporter_wrote_at") is None and not mark(client_for(people.ann), held)


def test_what_fell_due_by_itself_was_nobody_faster(app, client_for, people, late):
    with app.app_context():
        row = db.session.get(Ticket, int(late[2:]))
        row.edit(by=make.person("mara"), at=make.at(0), title="Another title")
        row.settle(make.at(25), checking=True)
        db.session.commit()
    answer = client_for(people.ann).post(
        f"/tickets/{late}/owner", data={"owner": "ben", "version": version(app, late) - 1}, headers=HX
    )
    assert answer.status_code == 409 and "Mara Lindqvist changed the title" in answer.text


def test_a_reaction_is_no_change_of_facts_to_have_missed(app, client_for, people, given):
    with app.app_context():
        row = db.session.get(Ticket, int(given[2:]))
        row.say("Looking", internal=False, by=make.person("bo"), at=make.at(20))
        answers = Answers(why="Not ours")
        row.move_to(S.CLASSIFIED, by=make.person("mara"), at=make.at(21), answers=answers)
        db.session.commit()
    data = {"owner": "ben", "version": 1}
    answer = client_for(people.ann).post(f"/tickets/{given}/owner", data=data, headers=HX)
    assert answer.status_code == 409 and "moved this from Assigned to Classified" in answer.text
