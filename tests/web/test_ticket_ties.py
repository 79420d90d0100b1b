"""What ties a ticket to people and to other tickets: watchers, links, pins, and what its reporter may do."""

import pytest

from tests import factories as make
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Answers
from ticketing.rules.taxonomy import ResolutionCode, RootCause, Status, TicketType

HX = {"HX-Request": "true"}


def test_watching_on_and_off(app, client_for, people, ticket):
    key = ticket()
    client = client_for(people.bo)
    page = client.post(f"/tickets/{key}/watchers", data={"watch": "1"}, headers=HX).text
    assert "Watching" in page and "Bo Bondar watches" in page
    client.post(f"/tickets/{key}/watchers", data={"user": "ida"}, headers=HX)
    assert client.post(f"/tickets/{key}/watchers", data={"user": "ida", "watch": "0"}, headers=HX).status_code == 403
    assert (
        client_for(people.mara).post(f"/tickets/{key}/watchers", data={"user": "ida", "watch": "0"}).status_code == 303
    )
    assert client.post(f"/tickets/{key}/watchers", data={"user": "rita"}, headers=HX).status_code == 422
    client.post(f"/tickets/{key}/watchers", data={"watch": "0"}, headers=HX)
    with app.app_context():
        assert not db.session.get(Ticket, int(key[2:])).is_watched_by(make.person("bo"))


def test_links_are_made_and_taken_off_from_either_side(client_for, people, ticket):
    key, other = ticket(), ticket()
    client = client_for(people.ann)
    made = client.post(f"/tickets/{key}/links", data={"kind": "blocks:back", "other": other}, headers=HX)
    assert made.status_code == 200 and ">Blocked by<" in made.text
    assert ">Blocks<" in client.get(f"/tickets/{other}").text
    gone = client.post(f"/tickets/{key}/links", data={"kind": "blocks:back", "other": other, "remove": 1}, headers=HX)
    assert ">Blocked by<" not in gone.text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"kind": "cousin", "other": "T-1"}, "This value is not known."),
        ({"kind": "blocks", "other": ""}, "This is needed."),
        ({"kind": "blocks", "other": "T-777"}, "There is no such ticket."),
        ({"kind": "blocks", "other": "itself"}, "A ticket cannot be linked to itself."),
    ],
)
def test_a_link_that_cannot_be(client_for, people, ticket, data, told):
    key = ticket()
    data = data | ({"other": key} if data["other"] == "itself" else {})
    answer = client_for(people.ann).post(f"/tickets/{key}/links", data=data, headers=HX)
    assert answer.status_code == 422 and told in answer.text


def test_nobody_links_to_what_they_may_not_see(app, client_for, people, ticket):
    key = ticket()
    with app.app_context():
        alert = make.ticket(type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id).key
        db.session.commit()
    answer = client_for(people.ann).post(f"/tickets/{key}/links", data={"kind": "related", "other": alert}, headers=HX)
    assert answer.status_code == 422 and "There is no such ticket." in answer.text


def test_a_manager_pins_three_and_no_more(client_for, people, ticket, read):
    keys = [ticket() for _ in range(4)]
    client = client_for(people.mara)
    for key in keys[:3]:
        assert client.post(f"/tickets/{key}/pin", data={"version": 4}, headers=HX).status_code == 200
    full = client.post(f"/tickets/{keys[3]}/pin", data={"version": 4}, headers=HX)
    assert full.status_code == 409 and "unpin one first" in full.text
    client.post(f"/tickets/{keys[0]}/pin", data={"version": 5, "pinned": "0"}, headers=HX)
    assert client.post(f"/tickets/{keys[3]}/pin", data={"version": 4}, headers=HX).status_code == 200
    assert client_for(people.ann).post(f"/tickets/{keys[0]}/pin", headers=HX).status_code == 403


def test_a_reporter_changes_nothing(client_for, people, ticket, read):
    key = ticket()
    client = client_for(people.rita)
    for path in ("owner", "hold", "resume", "fields", "watchers", "links", "pin"):
        data = {"version": 4, "owner": "me", "reason": "other", "text": "x", "kind": "related", "other": key}
        assert client.post(f"/tickets/{key}/{path}", data=data, headers=HX).status_code == 403, path
    assert (
        client.post(
            f"/tickets/{key}/closing", data={"resolution_code": "invalid", "version": 4}, headers=HX
        ).status_code
        == 403
    )
    for path in ("edit", "hold", "links"):
        assert client.get(f"/tickets/{key}/{path}").status_code == 403
    assert read(key, "version") == 4


def test_the_reporter_confirms_and_reopens(app, client_for, people, read):
    with app.app_context():
        now = make.at()
        made = make.ticket_in(Status.SOLUTION_CHECK, moment=now)
        db.session.commit()
        key = made.key
    client = client_for(people.rita)
    assert "Confirm and close" in client.get(f"/tickets/{key}").text
    data = {
        "ticket": key,
        "to": "closed",
        "version": read(key, "version"),
        "from": "solution_check",
        "context": "ticket",
    }
    assert client.post("/board/moves", data=data).status_code == 303
    assert read(key, "status", "root_cause") == (Status.CLOSED, None)
    assert "Reopen" in client.get(f"/tickets/{key}").text
    data |= {"to": "diagnostics", "version": read(key, "version"), "from": "closed", "why": "It is back"}
    assert client.post("/board/moves", data=data).status_code == 303
    assert read(key, "status") == Status.DIAGNOSTICS


def test_after_the_window_nothing_reopens(app, client_for, people):
    with app.app_context():
        made = make.ticket_in(Status.SOLUTION_CHECK)
        made.move_to(Status.CLOSED, by=make.person("mara"), at=make.at(10),
                     answers=Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.USER))  # fmt: skip
        db.session.commit()
        key = made.key
    client = client_for(people.ann)  # the history lies months back
    assert 'id="move-next"' not in client.get(f"/tickets/{key}").text
    assert "The time to reopen it is over" in client.get(f"/tickets/{key}/actions", headers=HX).text


def test_a_reporters_move_answers_with_nothing_of_the_board(client_for, people, ticket, read):
    key = ticket()
    for to, code in (("closed", 409), ("diagnostics", 200)):
        data = {"ticket": key, "to": to, "version": read(key, "version"), "from": "new", "context": "board"}
        answer = client_for(people.rita).post("/board/moves", data=data, headers=HX)
        assert answer.status_code in (code, 403), answer.text
        assert "column__head" not in answer.text
        assert 'class="card"' not in answer.text
