"""The bell: its number on every page, the menu and the page of what somebody was told, and what reading it does."""

import re

import pytest
from sqlalchemy import select

from tests import factories as make
from ticketing.extensions import db
from ticketing.models import Notification, Ticket

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


def test_try(app, people, client_for, tell):
    tell("ann")
    tell("ann", "warn")
    c = client_for(people.ann)
    print(c.get("/notifications").text)
    print(c.get("/notifications/latest", headers=HX).text)
    print(client_for(people.ada).get("/notifications/bell", headers=HX).text)
    print(client_for(people.ada).get("/settings/messages", headers=HX).text)
    assert 0
