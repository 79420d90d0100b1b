"""The bell: its number on every page, the menu and the page of what somebody was told, and what reading it does."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories as make
from tests.support.pulse import beat
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import JobRun, Notification, SlaTerms, Ticket
from ticketing.rules.taxonomy import TicketType

HX = {"HX-Request": "true"}


@pytest.fixture
def tell(app, people):
    """`tell("ann", level="breach")`: one notification of hers, about a new ticket unless `ticket` names one."""

    def write(handle, level="breach", ticket=None, minute=0, **facts):
        with app.app_context():
            about = db.session.get(Ticket, ticket) if ticket else make.ticket(**facts)
            payload = {
                "ticket": about.id, "clock": "resolution", "cycle": 1, "level": level, "cause": None, "target_s": 14400,
                "level_due_at": "2026-05-04T13:00:00Z", "due_at": "2026-05-04T13:00:00Z",
                "detected_at": "2026-05-04T13:15:00Z", "ground": "team",
            }  # fmt: skip
            count = db.session.query(Notification).count()
            row = Notification(user_id=make.person(handle).id, ticket_id=about.id, dedupe_key=f"sla:{count}:1:{level}",
                               payload=payload, made_at=make.at(minute))  # fmt: skip
            db.session.add(row)
            db.session.commit()
            return row.id, about.id

    return write


def bell(text):
    return re.search(r'id="bell-count"[^>]*><span class="visually-hidden">([^<]*)<', text)[1]


def unseen(app):
    with app.app_context():
        return list(db.session.scalars(select(Notification.id).where(Notification.seen_at.is_(None))))


def test_the_bell_counts_what_is_unread(client_for, people, tell):
    tell("ann")
    tell("ann", "warn")
    browser = client_for(people.ann)
    assert bell(browser.get("/notifications").text) == "Notifications, 2 unread"
    assert bell(client_for(people.bo).get("/notifications").text) == "Notifications"


def test_opening_one_marks_it_read_and_leads_to_its_ticket(app, client_for, people, tell):
    number, about = tell("ann")
    answer = client_for(people.ann).post(f"/notifications/{number}/opening")
    assert (answer.status_code, answer.location) == (303, f"/tickets/T-{about}")
    assert unseen(app) == []


def test_nobody_opens_what_somebody_else_was_told(app, client_for, people, tell):
    number, _about = tell("ann")
    assert client_for(people.bo).post(f"/notifications/{number}/opening").status_code == 404
    assert unseen(app) == [number]


def test_marking_all_as_read_leaves_what_came_since(app, client_for, people, tell):
    first, _about = tell("ann")
    second, _about = tell("ann", "warn")
    browser = client_for(people.ann)
    assert browser.post("/notifications/reading", data={"up_to": first}).status_code == 303
    assert unseen(app) == [second]
    assert browser.post("/notifications/reading", data={"up_to": "x"}).status_code == 422


def test_a_ticket_one_may_no_longer_see_is_not_spoken_of(client_for, people, tell):
    tell("ann", type=TicketType.SECURITY_ALERT, title="Stolen accounts", team_id=people.bo.team_id)
    page = client_for(people.ann).get("/notifications").text
    assert "Stolen accounts" not in page
    assert bell(page) == "Notifications"


def test_the_menu_and_the_minute_by_minute_number_are_fragments(client_for, people, tell):
    tell("ann")
    browser = client_for(people.ann)
    assert "breached its resolution target" in browser.get("/notifications/latest", headers=HX).text
    assert "Notifications, 1 unread" in browser.get("/notifications/bell", headers=HX).text
    assert browser.get("/notifications/latest").status_code == 302


def test_managers_are_told_when_the_check_is_dead_and_health_turns_bad(app, client_for, people):
    with app.app_context():
        terms = db.session.get(SlaTerms, 1)
        terms.made_at = now() - timedelta(hours=1)
        db.session.commit()
    assert "notice notice--breach notice--strip" in client_for(people.mara).get("/notifications").text
    assert "notice notice--breach notice--strip" not in client_for(people.ann).get("/notifications").text
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "bad")
    beat(app)
    assert "notice notice--breach notice--strip" not in client_for(people.mara).get("/notifications").text
    assert app.test_client().get("/healthz").status_code == 200


def test_an_administrator_sets_who_is_on_call(client_for, people):
    browser = client_for(people.ada)
    for nowhere in ("no address", "ü@desk.example", "x" * 70 + "@desk.example"):  # no mail of the desk goes there
        assert browser.post("/settings/messages", data={"address": nowhere}).status_code == 422
    assert browser.post("/settings/messages", data={"address": "oncall@desk.example"}).status_code == 303
    assert "oncall@desk.example" in browser.get("/settings/messages").text


@pytest.mark.parametrize(("minutes", "status"), [(10, 200), (16, 503)])
def test_a_check_that_is_meant_to_run_every_five_minutes_is_dead_after_fifteen(app, minutes, status):
    with app.app_context():
        ran = now() - timedelta(minutes=minutes)
        db.session.add(JobRun(job="sla_check", started_at=ran, finished_at=ran, counts={"every_s": 300}, error=""))
        db.session.commit()
    assert app.test_client().get("/healthz").status_code == status
