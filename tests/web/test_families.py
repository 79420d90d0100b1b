"""A parent incident and its children through the pages: who is shown, told and closed, and what is never spoken of."""

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select

from tests import factories as make
from ticketing.extensions import db
from ticketing.models import Comment, Event, Ticket
from ticketing.models.answers import Hold
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, RootCause, Status, TicketType

HX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("that_morning")


@pytest.fixture
def family(app, people):
    """T-1, in solution check, with the children T-2 (new, critical), T-3 (held), T-4 (closed) and the hidden T-5."""
    with app.app_context():
        parent = make.ticket_in(Status.SOLUTION_CHECK, title="All deposits fail")
        fresh = make.ticket("Mine fails", priority=Priority.CRITICAL, by=make.person("sam"), moment=make.at(20))
        held = make.ticket_in(Status.DIAGNOSTICS, title="Mine too")
        held.hold(Hold(HoldReason.PROVIDER), by=make.person("ann"), at=make.at(6))
        closed = make.ticket_in(Status.CLOSED, title="Over")
        hidden = make.ticket("Attack", type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id)
        parent.adopt([fresh, held, closed, hidden], by=make.person("mara"), at=make.at(21))
        db.session.commit()
        return parent.key


@pytest.fixture
def rows(app):
    """`rows("T-1", "status")`: of several tickets, one fact."""

    def get(name, *keys):
        with app.app_context():
            return [getattr(db.session.get(Ticket, int(key[2:])), name) for key in keys]

    return get


def panel(page: str) -> str:
    return page.split('id="ticket-family"')[1].split("</section>")[0] if 'id="ticket-family"' in page else ""


def closing(key, version=6, **fields):
    data = {"ticket": key, "to": "closed", "version": version, "from": "solution_check"}
    return data | {"resolution_code": "provider_fixed", "root_cause": "provider"} | fields


# What is shown


def test_a_parent_lists_its_children_with_status_owner_and_clock(client_for, people, family):
    page = client_for(people.ann).get(f"/tickets/{family}").text
    shown = panel(page)
    assert "2 of 3 open" in shown
    assert re.findall(r">(T-\d)<", shown) == ["T-2", "T-3", "T-4"]
    assert "Diagnostics" in shown and "Ann Haddad" in shown and "Nobody yet" in shown and "Provider" in shown
    assert re.search(r'data-sla="ok".*min left', shown) and "paused, 15 h left" in shown
    assert "Attack" not in page and "T-5" not in page


def test_a_manager_sees_the_restricted_child_too(client_for, people, family):
    shown = panel(client_for(people.mara).get(f"/tickets/{family}").text)
    assert "3 of 4 open" in shown and "Attack" in shown


def test_a_child_names_its_parent_and_a_reporter_sees_neither(client_for, people, family):
    shown = panel(client_for(people.ann).get("/tickets/T-3").text)
    assert "Parent incident" in shown and "All deposits fail" in shown and "Solution check" in shown
    assert panel(client_for(people.rita).get("/tickets/T-3").text) == ""


def test_the_card_shows_how_many_children_one_may_see_and_who_has_a_parent(client_for, people, family):
    def card(who, number):
        page = client_for(who).get("/board").text
        return page.split(f'id="card-{number}"')[1].split("</li>")[0]

    assert re.search(r'title="Child tickets">.*?3</span>', card(people.ann, 1), re.DOTALL)
    assert re.search(r'title="Child tickets">.*?4</span>', card(people.mara, 1), re.DOTALL)
    assert "Has a parent" in card(people.ann, 3)


def test_a_parent_one_may_not_see_marks_no_card_and_no_page(app, client_for, people):
    with app.app_context():
        alert = make.ticket("Attack", type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id)
        child = make.ticket("Login fails")
        alert.adopt([child], by=make.person("mara"), at=make.at(1))
        db.session.commit()
        key = child.key
    client = client_for(people.ann)
    assert "Has a parent" not in client.get("/board").text
    page = client.get(f"/tickets/{key}").text
    assert panel(page) == "" and "linked this" not in page


# One update


def test_an_update_reaches_the_open_children_one_may_see(app, client_for, people, family, rows):
    client = client_for(people.ann)
    assert "Also write it on its 2 open children" in client.get(f"/tickets/{family}").text
    data = {"body": "Restarted at **noon**", "visibility": "public", "to_children": "1"}
    answer = client.post(f"/tickets/{family}/comments", data=data, headers=HX)
    assert answer.status_code == 200 and "Also written on 2 children." in answer.text
    assert "wrote this on <a" in answer.text and "T-5" not in answer.text
    assert rows("comment_count", "T-1", "T-2", "T-3", "T-4", "T-5") == [1, 1, 1, 0, 0]
    told = client.get("/tickets/T-2").text
    assert "<strong>noon</strong>" in told and "from T-1" in told
    theirs = client_for(people.sam).get("/tickets/T-2").text
    assert "<strong>noon</strong>" in theirs and "T-1" not in theirs
    with app.app_context():
        payload = db.session.scalar(select(Event.payload).where(Event.kind == EventKind.PASSED_ON))
    assert payload["tickets"] == [2, 3]


def test_a_note_reaches_them_as_a_note(app, client_for, people, family):
    data = {"body": "Keep calm", "visibility": "internal", "to_children": "1"}
    assert client_for(people.ann).post(f"/tickets/{family}/comments", data=data).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Comment.internal)) == 3
    assert "Keep calm" not in client_for(people.sam).get("/tickets/T-2").text


def test_without_the_wish_nothing_goes_further(client_for, people, family, rows):
    client_for(people.ann).post(f"/tickets/{family}/comments", data={"body": "Only here"}, headers=HX)
    assert rows("comment_count", "T-1", "T-2", "T-3") == [1, 0, 0]


def test_what_the_rules_refuse_is_written_nowhere(client_for, people, family, rows):
    client = client_for(people.ann)
    empty = client.post(f"/tickets/{family}/comments", data={"body": " ", "to_children": "1"}, headers=HX)
    assert empty.status_code == 422
    with_file = {"body": "", "to_children": "1", "files": (BytesIO(b"x"), "a.txt")}
    files = client.post(f"/tickets/{family}/comments", data=with_file, headers=HX)
    assert files.status_code == 422 and "Files stay on this ticket" in files.text
    theirs = client_for(people.rita).post(f"/tickets/{family}/comments", data={"body": "All", "to_children": "1"})
    assert theirs.status_code == 403
    assert rows("comment_count", "T-1", "T-2", "T-3") == [0, 0, 0]


# One closing


def test_the_closing_asks_whether_its_children_go_too_and_counts_only_what_one_sees(client_for, people, family):
    asking = closing(family, resolution_code="", root_cause="")
    for who, words in ((people.bo, "its 3 open children"), (people.ben, "its 2 open children")):
        asked = client_for(who).post("/board/moves", data=asking, headers=HX)
        assert asked.status_code == 422 and words in asked.text, who
    plain = client_for(people.ann).post("/board/moves", data=asking | {"close_children": "1"})
    assert plain.status_code == 422
    assert re.search(r'name="close_children" value="1" checked', plain.text)


def test_a_drop_on_closed_takes_the_children_along_with_code_and_cause(client_for, people, family, rows):
    answer = client_for(people.ben).post("/board/moves", data=closing(family, close_children="1"), headers=HX)
    assert answer.status_code == 200 and "2 children were closed with it." in answer.text
    assert rows("status", "T-1", "T-2", "T-3", "T-5") == [Status.CLOSED, Status.CLOSED, Status.CLOSED, Status.NEW]
    assert set(rows("resolution_code", "T-1", "T-2", "T-3")) == {ResolutionCode.PROVIDER_FIXED}
    assert set(rows("root_cause", "T-1", "T-2", "T-3")) == {RootCause.PROVIDER}
    assert len(set(rows("closed_at", "T-1", "T-2", "T-3"))) == 1
    for number in (2, 3):  # their cards leave their columns, whose headers are drawn anew
        assert f'data-behaviour="placement" data-ticket="{number}"' in answer.text
    for status in ("new", "diagnostics", "closed"):
        assert f'id="head-{status}"' in answer.text or f"head-{status}" in answer.text


def test_on_the_page_it_is_said_on_both_sides(client_for, people, family):
    client = client_for(people.ben)
    data = closing(family, close_children="1", context="ticket")
    page = client.post("/board/moves", data=data, headers=HX)
    assert "2 children were closed with it." in page.text
    told = re.sub(r"<[^>]+>", "", client.get(f"/tickets/{family}?activity=history").text)
    assert "Ben Weber closed T-2 and T-3 with this" in told
    child = re.sub(r"<[^>]+>", "", client.get("/tickets/T-2?activity=history").text)
    assert "Ben Weber closed this with T-1: Fixed by the provider, cause: Provider" in child


def test_without_the_wish_the_children_stay_open(client_for, people, family, rows):
    assert client_for(people.ben).post("/board/moves", data=closing(family), headers=HX).status_code == 200
    assert rows("status", "T-1", "T-2") == [Status.CLOSED, Status.NEW]


def test_close_as_takes_them_along_too(client_for, people, family, rows):
    client = client_for(people.ann)
    assert "its 2 open children" in client.get(f"/tickets/{family}/closing", headers=HX).text
    data = {"resolution_code": "invalid", "version": 6, "close_children": "1"}
    answer = client.post(f"/tickets/{family}/closing", data=data, headers=HX)
    assert answer.status_code == 200 and "2 children were closed with it." in answer.text
    assert set(rows("resolution_code", "T-1", "T-2", "T-3")) == {ResolutionCode.INVALID}


def test_whom_the_second_pair_of_eyes_stops_is_named_with_the_reason(app, client_for, people, family, rows):
    with app.app_context():
        guarded = make.ticket_in(Status.SOLUTION_CHECK, priority=Priority.CRITICAL)
        db.session.get(Ticket, 1).adopt([guarded], by=make.person("mara"), at=make.at(22))
        db.session.commit()
    answer = client_for(people.ann).post("/board/moves", data=closing(family, close_children="1"), headers=HX)
    assert "2 children were closed with it." in answer.text
    assert "T-6 stays open: somebody other than who solved it must confirm." in answer.text
    assert rows("status", "T-6") == [Status.SOLUTION_CHECK]


def test_a_stale_closing_takes_nothing_along(client_for, people, family, rows):
    answer = client_for(people.ben).post("/board/moves", data=closing(family, 5, close_children="1"), headers=HX)
    assert answer.status_code == 409
    assert rows("status", "T-1", "T-2") == [Status.SOLUTION_CHECK, Status.NEW]


def test_whoever_comes_second_is_told_that_the_children_stay(client_for, people, family, rows):
    client_for(people.ben).post("/board/moves", data=closing(family), headers=HX)
    answer = client_for(people.ida).post("/board/moves", data=closing(family, close_children="1"), headers=HX)
    assert answer.status_code == 200 and "Its open children stay as they are." in answer.text
    assert rows("status", "T-2") == [Status.NEW]


# In the queue


def test_a_bulk_closing_takes_the_children_of_all_along(client_for, people, family, rows):
    client = client_for(people.ben)
    data = {"ticket": f"{family}:6", "move": "closed"}
    asked = client.post("/queue/bulk", data=data, headers=HX)
    assert asked.status_code == 422 and "its 2 open children" in asked.text
    data |= {"asked": "1", "fields": ["resolution_code", "root_cause"], "resolution_code": "fixed"}
    done = client.post("/queue/bulk", data=data | {"root_cause": "provider", "close_children": "1"}, headers=HX)
    assert done.status_code == 200 and "2 children were closed with it." in done.text
    assert 'data-behaviour="rows-elsewhere"' in done.text
    assert rows("status", "T-2", "T-3", "T-5") == [Status.CLOSED, Status.CLOSED, Status.NEW]


def test_in_bulk_too_what_stays_open_is_listed(app, client_for, people, family, rows):
    with app.app_context():
        guarded = make.ticket_in(Status.SOLUTION_CHECK, priority=Priority.CRITICAL, title="Guarded")
        db.session.get(Ticket, 1).adopt([guarded], by=make.person("mara"), at=make.at(22))
        db.session.commit()
    data = {"ticket": f"{family}:6", "move": "closed", "asked": "1", "fields": ["resolution_code", "root_cause"],
            "resolution_code": "fixed", "root_cause": "provider", "close_children": "1"}  # fmt: skip
    for headers in (HX, {}):
        done = client_for(people.ann).post("/queue/bulk", data=data, headers=headers)
        if headers:
            assert "Guarded" in done.text and "Somebody other than who solved it must confirm" in done.text
    assert rows("status", "T-2", "T-6") == [Status.CLOSED, Status.SOLUTION_CHECK]


def test_many_get_one_parent(client_for, people, ticket, rows):
    keys = [ticket() for _ in range(3)]
    client = client_for(people.ann)
    assert "Make it their parent" in client.get("/queue").text
    picked = [f"{key}:4" for key in keys]
    done = client.post("/queue/bulk", data={"ticket": picked, "parent": "1", "parent_key": keys[0]}, headers=HX)
    assert done.status_code == 200
    assert f"2 of 3 tickets made children of {keys[0]}" in done.text
    assert "A ticket cannot be linked to itself." in done.text
    assert rows("parent_id", *keys) == [None, 1, 1]


@pytest.mark.parametrize(("given", "told"), [("", "This is needed."), ("T-99", "This value is not known.")])
def test_a_parent_that_is_none(client_for, people, ticket, given, told):
    data = {"ticket": f"{ticket()}:4", "parent": "1", "parent_key": given}
    answer = client_for(people.ann).post("/queue/bulk", data=data, headers=HX)
    assert answer.status_code == 422 and told in answer.text, answer.text


# By the form of links


def test_children_come_and_go_by_the_form_of_links(client_for, people, ticket, rows):
    key, other, third = ticket(), ticket(), ticket()
    client = client_for(people.ann)
    assert '<option value="parent">' in client.get(f"/tickets/{key}/links", headers=HX).text
    made = client.post(f"/tickets/{key}/links", data={"kind": "parent", "other": other}, headers=HX)
    assert "1 of 1 open" in panel(made.text)
    back = client.post(f"/tickets/{third}/links", data={"kind": "parent:back", "other": key}, headers=HX)
    assert "Parent incident" in panel(back.text)
    assert rows("parent_id", key, other, third) == [None, 1, 1]
    refused = client.post(f"/tickets/{other}/links", data={"kind": "parent", "other": third}, headers=HX)
    assert refused.status_code == 409 and "It has a parent already" in refused.text
    data = {"kind": "parent", "other": other, "remove": "1"}
    gone = client.post(f"/tickets/{key}/links", data=data, headers=HX)
    assert "1 of 1 open" in panel(gone.text) and rows("parent_id", other) == [None]
