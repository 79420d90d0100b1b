"""The sender: each mail once, whoever else sends and whatever dies, and what becomes of those that are refused."""

import pytest
from sqlalchemy import select

from tests.factories import at, person, ticket
from tests.support.post_office import post_office
from ticketing.extensions import db
from ticketing.jobs.outbox.announce import announce_all
from ticketing.jobs.outbox.send import send_all
from ticketing.jobs.sla import check
from ticketing.models import Outbox
from ticketing.rules.taxonomy import Priority


@pytest.fixture
def office():
    with post_office() as office:
        yield office


def mail_to(office, **changes):
    return {
        "host": "127.0.0.1",
        "port": office.port,
        "security": "none",
        "sender": "desk@desk.example",
        "sender_name": "Ticketing",
        "user": "",
        "password": "",
        "timeout_s": 5,
    } | changes


@pytest.fixture
def desk(make_app, office):
    app = make_app(MAIL=mail_to(office), BASE_URL="https://desk.example")
    with app.app_context():
        yield app


def test_a_try(desk, office):
    person("ann")
    person("mara")
    made = ticket(priority=Priority.CRITICAL)
    db.session.commit()
    check.settle_all(at(30))
    print(announce_all(at(30)))
    print([(r.channel, r.dedupe_key, r.next_try_at) for r in db.session.scalars(select(Outbox))])
    db.session.remove()
    print(send_all(at(31)))
    for m in office.arrived:
        print(m.as_string())
        print(m.get_body(("plain",)).get_content())
        print(m.get_body(("html",)).get_content())
    assert 0
