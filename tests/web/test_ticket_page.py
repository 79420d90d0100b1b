"""The ticket page: what it shows to whom, and how many statements it takes."""

import re

import pytest

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.models.link import link
from ticketing.rules.taxonomy import HoldReason, LinkKind, Priority, Status, TicketType

HX = {"HX-Request": "true"}


@pytest.fixture
def told(app, people):
    """The key of a ticket in Diagnostics, owned by ann, with a reply, a note and ten entries."""
    with app.app_context():
        made = make.ticket_in(Status.DIAGNOSTICS, description="It **times out**")
        for minute in range(5):
            made.say(f"Reply {minute}", internal=False, by=make.person("ann"), at=make.at(10 + minute))
            made.say(f"Secret {minute}", internal=True, by=make.person("ann"), at=make.at(20 + minute))
        db.session.commit()
        return made.key


def test_staff_see_replies_notes_and_changes(client_for, people, told):
    page = client_for(people.bo).get(f"/tickets/{told}").text
    assert "Reply 3" in page and "Secret 3" in page
    assert "<strong>times out</strong>" in page
    assert "Move to Correction" not in page  # bo is of another team
    assert "moved this from Assigned to <b>Diagnostics</b>" in page


def test_the_reporter_sees_visible_comments_status_owner_and_priority_only(client_for, people, told):
    page = client_for(people.rita).get(f"/tickets/{told}").text
    assert "Reply 3" in page and "Diagnostics" in page and "Ann Haddad" in page and "Normal" in page
    for hidden in ("Secret", "moved this", "Watchers", "Linked tickets", "Internal note", "User System", "Backend"):
        assert hidden not in page


def test_a_stranger_finds_nothing(client_for, people, told):
    assert client_for(people.sam).get(f"/tickets/{told}").status_code == 404


def test_a_restricted_ticket_is_not_found_by_other_teams(app, client_for, people):
    with app.app_context():
        key = make.ticket(type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id).key
        db.session.commit()
    assert client_for(people.ann).get(f"/tickets/{key}").status_code == 404
    assert client_for(people.bo).get(f"/tickets/{key}").status_code == 200
    assert client_for(people.mara).get(f"/tickets/{key}").status_code == 200


@pytest.mark.parametrize(
    ("activity", "shown", "hidden"),
    [
        ("replies", "Reply 1", "Secret 1"),
        ("notes", "Secret 1", "Reply 1"),
        ("history", "moved this", "Reply 1"),
        ("nonsense", "Reply 1", "nothing of the kind"),
    ],
)
def test_the_activity_is_filtered_by_its_address(client_for, people, told, activity, shown, hidden):
    client = client_for(people.ann)
    page = client.get(f"/tickets/{told}?activity={activity}").text
    assert shown in page and hidden not in page
    part = client.get(f"/tickets/{told}?activity={activity}", headers=HX).text
    assert shown in part and "<html" not in part


@pytest.mark.parametrize(("who", "count"), [("ann", 10), ("mara", 10), ("rita", 5)])
def test_the_page_takes_a_fixed_number_of_statements(app, client_for, people, told, who, count):
    client = client_for(getattr(people, who))
    client.get(f"/tickets/{told}")
    with statements(app) as seen:
        client.get(f"/tickets/{told}")
    assert len(seen) == count, "\n".join(seen)


def test_more_entries_take_no_more_statements(app, client_for, people, told):
    with app.app_context():
        made = db.session.get(Ticket, int(told[2:]))
        for minute in range(30):
            made.say(f"@bo look {minute}", internal=True, by=make.person("ida"), at=make.at(60 + minute))
            other = make.ticket(f"Other {minute}")
            link(made, other, LinkKind.BLOCKS, by=make.person("mara"), at=make.at(90))
        db.session.commit()
    client = client_for(people.ann)
    client.get(f"/tickets/{told}")
    with statements(app) as seen:
        client.get(f"/tickets/{told}")
    assert len(seen) == 10


def test_the_next_status_is_the_one_primary_action(client_for, people, told):
    page = client_for(people.ann).get(f"/tickets/{told}").text
    button = re.search(r'<button[^>]*id="move-next"[^>]*>', page)[0]
    assert 'value="correction"' in button
    assert page.count("btn--primary") == 4  # with the head of every page, the split and the composer


def test_the_menu_of_moves_says_why_not(client_for, people, told):
    menu = client_for(people.ann).get(f"/tickets/{told}/actions?part=moves", headers=HX).text
    names = re.findall(r'name="to" value="(\w+)"', menu)
    assert names == ["assigned", "correction", "solution_check"]
    assert "Needs a solution check first" in menu and "Goes back one step at a time" in menu


def test_without_script_the_actions_are_a_page_of_forms(client_for, people, told):
    page = client_for(people.bo).get(f"/tickets/{told}/actions").text
    assert "<html" in page and 'action="/board/moves"' in page and f'action="/tickets/{told}/owner"' in page


def test_time_spent_in_each_status_comes_from_the_history(app, client_for, people):
    with app.app_context():
        made = make.ticket()
        made.move_to(Status.CLASSIFIED, by=make.person("mara"), at=make.at(25),
                     answers=Answers(category=make.category("user_system")))  # fmt: skip
        made.assign(make.person("ann"), by=make.person("mara"), at=make.at(25 + 125))
        db.session.commit()
        key = made.key
    page = client_for(people.ann).get(f"/tickets/{key}").text
    steps = re.findall(r'class="step__time">([^<]*)', page)
    assert steps[:2] == ["25m", "2h 05m"]


def test_a_hold_is_shown_until_its_time_is_over(app, client_for, people, told):
    with app.app_context():
        made = db.session.get(Ticket, int(told[2:]))
        made.hold(Hold(HoldReason.PROVIDER, until=make.at(600)), by=make.person("ann"), at=make.at(60))
        db.session.commit()
    page = client_for(people.ann).get(f"/tickets/{told}").text  # read long after that
    assert 'data-sla="paused"' not in page and ">Resume<" not in page


def test_links_to_what_one_may_not_see_are_not_shown(app, client_for, people, told):
    with app.app_context():
        made = db.session.get(Ticket, int(told[2:]))
        alert = make.ticket("Credential stuffing", type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id)
        link(made, alert, LinkKind.RELATED, by=make.person("mara"), at=make.at(60))
        db.session.commit()
        alert_key = alert.key
    ann = client_for(people.ann).get(f"/tickets/{told}").text
    assert "Credential" not in ann and alert_key not in ann
    mara = client_for(people.mara).get(f"/tickets/{told}").text
    assert "Credential" in mara and "linked this" in mara
    assert told in client_for(people.bo).get(f"/tickets/{alert_key}").text  # bo is of the alert's team


def test_links_read_from_both_sides(app, client_for, people, told):
    with app.app_context():
        made = db.session.get(Ticket, int(told[2:]))
        other = make.ticket("Wallet drifts")
        link(made, other, LinkKind.BLOCKS, by=make.person("mara"), at=make.at(60))
        db.session.commit()
        other_key = other.key
    client = client_for(people.ann)
    assert ">Blocks<" in client.get(f"/tickets/{told}").text
    assert ">Blocked by<" in client.get(f"/tickets/{other_key}").text


def test_a_long_run_of_changes_is_folded(app, client_for, people):
    with app.app_context():
        made = make.ticket_in(Status.CORRECTION)
        for place, priority in enumerate((Priority.HIGH, Priority.LOW, Priority.CRITICAL)):
            made.edit(by=make.person("ann"), at=make.at(30 + place), priority=priority)
        db.session.commit()
        key = made.key
    client = client_for(people.ann)
    assert "more changes</summary>" in client.get(f"/tickets/{key}").text
    assert "<summary>" not in client.get(f"/tickets/{key}?activity=history").text.split('id="composer"')[0]


def test_a_title_is_text_and_never_markup(app, client_for, people):
    with app.app_context():
        key = make.ticket("<script>alert(1)</script>", description="<img src=x onerror=alert(1)>").key
        db.session.commit()
    page = client_for(people.ann).get(f"/tickets/{key}").text
    assert "<script>alert" not in page and "<img src=x" not in page


def test_the_back_button_gets_the_whole_page(client_for, people, told):
    headers = HX | {"HX-History-Restore-Request": "true"}
    assert "<html" in client_for(people.ann).get(f"/tickets/{told}?activity=notes", headers=headers).text


def test_ones_own_tickets(app, client_for, people, told):
    client = client_for(people.rita)
    page = client.get("/my").text
    assert told in page and "Deposits time out" in page and "Ann Haddad" in page
    assert "Nothing matches" in client.get("/my?q=nothing+of+the+kind").text
    assert told in client.get(f"/my?q={told.lower()}").text and told in client.get("/my?q=deposits").text
    assert "You have not reported anything yet" in client_for(people.sam).get("/my").text
    with statements(app) as seen:
        client.get("/my")
    assert len(seen) == 2
