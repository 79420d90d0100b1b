"""Changes made on the ticket page: owner, hold, closing, fields; and who was faster."""

import pytest

from tests import factories as make
from ticketing.extensions import db
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, Status, TicketType

HX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("that_morning")


def test_assigning_answers_with_the_changed_parts(client_for, people, ticket, read):
    key = ticket()
    answer = client_for(people.ann).post(f"/tickets/{key}/owner", data={"owner": "ben", "version": 4}, headers=HX)
    assert answer.status_code == 200
    assert 'hx-target="#ticket-head"' in answer.text and 'hx-target="#ticket-side"' in answer.text
    assert "assigned to Ben Weber" in answer.text and "<html" not in answer.text
    assert read(key, "owner_id", "team_id", "version") == (people.ben.id, people.ben.team_id, 5)


def test_a_plain_form_is_sent_back_to_the_page(client_for, people, ticket):
    key = ticket()
    client = client_for(people.ann)
    answer = client.post(f"/tickets/{key}/owner", data={"owner": "me", "version": 4})
    assert (answer.status_code, answer.location) == (303, f"/tickets/{key}")
    evil = client.post(
        f"/tickets/{key}/owner", data={"owner": "ben", "version": 4, "return_to": "https://elsewhere.example"}
    )
    assert evil.location == f"/tickets/{key}"


def test_assigning_an_unclassified_ticket_asks_for_its_category(app, client_for, people, read):
    with app.app_context():
        key = make.ticket().key
        db.session.commit()
    client = client_for(people.ann)
    asked = client.post(f"/tickets/{key}/owner", data={"owner": "me", "version": 1}, headers=HX)
    assert asked.status_code == 422 and 'name="category"' in asked.text and "<dialog" in asked.text
    assert read(key, "status") == Status.NEW
    data = {"owner": "me", "version": 1, "category": "user_system", "type": "incident", "priority": "high", "asked": 1}
    assert client.post(f"/tickets/{key}/owner", data=data, headers=HX).status_code == 200
    assert read(key, "status", "priority", "owner_id") == (Status.ASSIGNED, Priority.HIGH, people.ann.id)


def test_taking_the_owner_off_asks_why(client_for, people, ticket, read):
    key = ticket(Status.ASSIGNED)
    client = client_for(people.ann)
    asked = client.post(f"/tickets/{key}/owner", data={"owner": "none", "version": 3}, headers=HX)
    assert asked.status_code == 422 and 'name="why"' in asked.text
    client.post(f"/tickets/{key}/owner", data={"owner": "none", "version": 3, "why": "On leave"}, headers=HX)
    assert read(key, "status", "owner_id") == (Status.CLASSIFIED, None)


def test_a_stale_change_is_told_who_was_faster(client_for, people, ticket, read):
    key = ticket()
    client_for(people.mara).post(f"/tickets/{key}/fields", data={"priority": "critical", "version": 4})
    late = client_for(people.ann).post(f"/tickets/{key}/fields", data={"priority": "low", "version": 4}, headers=HX)
    assert late.status_code == 409
    assert "Mara Lindqvist set the priority from Normal to Critical" in late.text
    assert 'data-kind="conflict"' in late.text and 'hx-target="#ticket-head"' in late.text
    assert read(key, "priority") == Priority.CRITICAL


def test_a_stale_plain_form_gets_the_page_as_it_is_now(client_for, people, ticket):
    key = ticket()
    client_for(people.mara).post(f"/tickets/{key}/fields", data={"priority": "critical", "version": 4})
    late = client_for(people.ann).post(f"/tickets/{key}/fields", data={"priority": "low", "version": 4})
    assert late.status_code == 409 and "<html" in late.text
    assert "Mara Lindqvist set the priority from Normal to Critical" in late.text


def test_what_was_typed_survives_a_conflict(client_for, people, ticket):
    key = ticket()
    client_for(people.mara).post(f"/tickets/{key}/fields", data={"priority": "critical", "version": 4})
    client = client_for(people.ann)
    title = {"title": "A better title", "field": "title", "version": 4}
    late = client.post(f"/tickets/{key}/fields", data=title, headers=HX)
    assert late.status_code == 409
    assert 'value="A better title"' in late.text and 'name="version" value="5"' in late.text
    hold = client.post(
        f"/tickets/{key}/hold", data={"reason": "other", "text": "Waiting for Bo", "version": 4}, headers=HX
    )
    assert hold.status_code == 409
    assert 'value="Waiting for Bo"' in hold.text and "<dialog" in hold.text


def test_hold_and_resume(client_for, people, ticket, read):
    key = ticket()
    client = client_for(people.ann)
    data = {"reason": "provider", "text": "PayNetix looks into it", "until": "2999-01-02T08:30", "version": 4}
    assert client.post(f"/tickets/{key}/hold", data=data, headers=HX).status_code == 200
    reason, text, until = read(key, "hold_reason", "hold_text", "hold_until")
    assert (reason, text, until.hour) == (HoldReason.PROVIDER, "PayNetix looks into it", 8)
    assert client.post(f"/tickets/{key}/resume", data={"version": 5}, headers=HX).status_code == 200
    assert read(key, "hold_reason") is None


def test_until_is_read_on_the_persons_own_clock(app, client_for, people, ticket, read):
    with app.app_context():
        make.person("ann").time_zone = "Europe/Riga"
        db.session.commit()
    key = ticket()
    data = {"reason": "vendor", "until": "2999-01-02T08:30", "version": 4}
    client_for(people.ann).post(f"/tickets/{key}/hold", data=data, headers=HX)
    assert read(key, "hold_until").strftime("%H:%M") == "06:30"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "This is needed."),
        ({"reason": "lunch"}, "This value is not known."),
        ({"reason": "other"}, "This is needed."),
        ({"reason": "vendor", "until": "tomorrow"}, "This is not a date and time."),
        ({"reason": "vendor", "until": "2001-01-01T00:00"}, "This has passed already."),
        ({"reason": "vendor", "text": "x" * 201}, "This is too long."),
    ],
)
def test_a_hold_that_is_badly_filled_in(client_for, people, ticket, read, data, told):
    key = ticket()
    client = client_for(people.ann)
    for headers in (HX, {}):
        answer = client.post(f"/tickets/{key}/hold", data=data | {"version": 4}, headers=headers)
        assert answer.status_code == 422 and told in answer.text
    assert read(key, "hold_reason") is None


def test_only_those_who_work_on_it_hold_it(client_for, people, ticket):
    key = ticket()
    answer = client_for(people.bo).post(f"/tickets/{key}/hold", data={"reason": "vendor", "version": 4}, headers=HX)
    assert answer.status_code == 403 and "For its owner, its team or a manager" in answer.text


def test_closing_as_a_duplicate_links_the_other_ticket(client_for, people, ticket, read):
    key, other = ticket(), ticket()
    client = client_for(people.ann)
    missing = client.post(f"/tickets/{key}/closing", data={"resolution_code": "duplicate", "version": 4}, headers=HX)
    assert missing.status_code == 422 and "This is needed." in missing.text
    unknown = {"resolution_code": "duplicate", "duplicate_of": "T-999", "version": 4}
    assert "There is no such ticket." in client.post(f"/tickets/{key}/closing", data=unknown, headers=HX).text
    known = unknown | {"duplicate_of": other[2:], "comment": "The same trace"}
    assert client.post(f"/tickets/{key}/closing", data=known, headers=HX).status_code == 200
    assert read(key, "status", "resolution_code") == (Status.CLOSED, ResolutionCode.DUPLICATE)
    assert "Duplicated by" in client.get(f"/tickets/{other}").text


def test_an_early_closing_takes_an_early_code_only(client_for, people, ticket, read):
    key = ticket()
    answer = client_for(people.ann).post(
        f"/tickets/{key}/closing", data={"resolution_code": "fixed", "version": 4}, headers=HX
    )
    assert answer.status_code == 422 and read(key, "status") == Status.DIAGNOSTICS


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        ({"title": "  New   title "}, {"title": "New title"}),
        ({"description": "What\r\nhappens"}, {"description": "What\nhappens"}),
        ({"priority": "low"}, {"priority": Priority.LOW}),
        ({"type": "payment_issue"}, {"type": TicketType.PAYMENT_ISSUE}),
        ({"provider": "Reelworks"}, {"details": {"provider": "Reelworks"}}),
    ],
)
def test_a_field_is_edited_in_its_place(client_for, people, ticket, read, data, facts):
    key = ticket()
    field = next(iter(data))
    answer = client_for(people.bo).post(
        f"/tickets/{key}/fields", data=data | {"version": 4, "field": field}, headers=HX
    )
    assert answer.status_code == 200
    assert {name: read(key, name) for name in facts} == facts
    assert read(key, "version") == 5


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"title": ""}, "This is needed."),
        ({"title": "x" * 10_000}, "This is too long."),
        ({"description": "x" * 20_001}, "This is too long."),
        ({"priority": "urgent"}, "This value is not known."),
        ({"type": ""}, "This is needed."),
        ({"team": "nowhere"}, "This value is not known."),
        ({"category": "nothing"}, "This value is not known."),
        ({"environment": "moon"}, "This value is not known."),
        ({"version": "eleven", "priority": "low"}, "This value is not known."),
    ],
)
def test_a_wrong_field_is_told_at_the_field(client_for, people, ticket, read, data, told):
    key = ticket()
    client = client_for(people.ann)
    for headers in (HX, {}):
        data = {"version": "4", "field": next(iter(data))} | data
        answer = client.post(f"/tickets/{key}/fields", data=data, headers=headers)
        assert answer.status_code == 422, answer.text
        assert told in answer.text or "version" in data
    assert read(key, "version") == 4


def test_one_detail_leaves_the_others_alone(client_for, people, ticket, read):
    key = ticket(type=TicketType.PAYMENT_ISSUE, details={"provider": "PayNetix", "player_id": "8841207"})
    client = client_for(people.ann)
    client.post(f"/tickets/{key}/fields", data={"amount": "12,50", "currency": "eur", "version": 4, "field": "amount"})
    assert read(key, "details") == {
        "provider": "PayNetix", "player_id": "8841207", "amount": "12.50", "currency": "EUR",
    }  # fmt: skip
    wrong = client.post(f"/tickets/{key}/fields", data={"amount": "much", "version": 5, "field": "amount"}, headers=HX)
    assert wrong.status_code == 422 and "Write an amount such as 120.50." in wrong.text and 'value="much"' in wrong.text


def test_the_team_from_diagnostics_on_needs_a_new_owner(client_for, people, ticket, read):
    key = ticket()
    client = client_for(people.ann)
    asked = client.post(f"/tickets/{key}/fields", data={"team": "backend", "version": 4, "field": "team"}, headers=HX)
    assert asked.status_code == 422 and 'name="owner"' in asked.text and "<dialog" in asked.text
    data = {"team": "backend", "owner": "ben", "version": 4, "field": "team"}
    assert client.post(f"/tickets/{key}/fields", data=data, headers=HX).status_code == 200
    assert read(key, "team_id", "owner_id") == (people.ben.team_id, people.ben.id)


def test_everything_is_edited_on_one_page_without_script(client_for, people, ticket, read):
    key = ticket()
    client = client_for(people.ann)
    page = client.get(f"/tickets/{key}/edit").text
    assert 'name="title"' in page and 'name="affected_service"' in page and 'name="csrf_token"' in page
    data = {
        "title": "Other",
        "type": "incident",
        "priority": "high",
        "description": "",
        "brand": "Northspin",
        "version": 4,
    }
    assert client.post(f"/tickets/{key}/fields", data=data).status_code == 303
    assert read(key, "title", "priority", "details") == ("Other", Priority.HIGH, {"brand": "Northspin"})


def test_who_makes_it_a_security_alert_may_lose_sight_of_it(client_for, people, ticket):
    key = ticket()
    answer = client_for(people.bo).post(
        f"/tickets/{key}/fields", data={"type": "security_alert", "version": 4}, headers=HX
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/board")
    assert client_for(people.bo).get(f"/tickets/{key}").status_code == 404


@pytest.mark.parametrize(
    ("path", "data", "second"),
    [
        ("owner", {"owner": "ben"}, 200),  # it is as wanted already
        ("hold", {"reason": "vendor"}, 409),
        ("closing", {"resolution_code": "invalid"}, 200),
        ("fields", {"priority": "low", "field": "priority"}, 409),
    ],
)
def test_from_the_board_the_answer_is_the_boards(client_for, people, ticket, path, data, second):
    key = ticket()
    data = data | {"version": 4, "context": "board", "query": "priority=normal"}
    answer = client_for(people.ann).post(f"/tickets/{key}/{path}", data=data, headers=HX)
    assert answer.status_code == 200
    assert "ticket-head" not in answer.text and 'hx-target="#landing"' in answer.text
    stale = client_for(people.ann).post(f"/tickets/{key}/{path}", data=data, headers=HX)
    assert stale.status_code == second and "ticket-head" not in stale.text


def test_the_boards_filters_travel_through_menu_and_dialog(client_for, people, ticket):
    key = ticket()
    client = client_for(people.ann)
    menu = client.get(f"/tickets/{key}/actions?context=board&query=priority%3Dhigh", headers=HX).text
    assert "query=priority%3Dhigh" in menu and 'name="query" value="priority=high"' in menu
    hold = client.get(f"/tickets/{key}/hold?context=board&query=priority%3Dhigh", headers=HX).text
    assert 'name="query" value="priority=high"' in hold and 'name="context" value="board"' in hold
