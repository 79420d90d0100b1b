"""The sender: each mail once, whoever else sends, and what becomes of those that are refused."""

import pytest
from sqlalchemy import select, update

from tests.factories import at, category, person, ticket
from tests.support.post_office import post_office
from ticketing.extensions import db
from ticketing.jobs.outbox.announce import announce_all
from ticketing.jobs.outbox.send import ATTEMPTS, send_all, wait_after
from ticketing.jobs.sla import check
from ticketing.models import Notification, Outbox
from ticketing.rules.taxonomy import Priority, TicketType


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
        for handle in ("ann", "bo", "mara", "rita", "ada"):
            person(handle)
        db.session.commit()
        yield app


def critical(**facts):
    made = ticket(priority=Priority.CRITICAL, category=category("user_system"), **facts)
    db.session.commit()
    return made


def mails():
    return list(db.session.scalars(select(Outbox).where(Outbox.channel == "email").order_by(Outbox.id)))


def told(level=None):
    query = select(Notification).order_by(Notification.user_id)
    return [row.user_id for row in db.session.scalars(query)]


def test_a_late_reaction_reaches_the_manager_once_and_says_how_late(desk, office):
    critical()
    check.settle_all(at(30))
    announce_all(at(30))
    db.session.remove()
    assert (send_all(at(31)).sent, send_all(at(32)).sent) == (1, 0)
    (mail,) = office.arrived
    assert mail["To"] == "Mara Lindqvist <mara@desk.example>"
    assert mail["Subject"] == "T-1 escalated: reaction due 09:15 (Deposits time out)"
    assert (mail["Auto-Submitted"], mail["X-Ticketing-Key"]) == ("auto-generated", "sla:1:1:escalate:3")
    text = mail.get_body(("plain",)).get_content()
    assert "breached 09:15, detected 15 min late" in text
    assert "https://desk.example/tickets/T-1" in text
    assert "<strong>The reaction target of 15 min" in mail.get_body(("html",)).get_content()


@pytest.mark.parametrize(
    ("minute", "handles"),
    [(12, ["ben"]), (16, ["ben", "mara"]), (23, ["mara"])],  # warn: the team; breach: and managers; escalate: managers
)
def test_who_is_told_of_a_ticket_without_an_owner(desk, minute, handles):
    critical(team_id=person("ben").team_id)
    check.settle_all(at(minute))
    announce_all(at(minute))
    assert told() == sorted(person(handle).id for handle in handles)


def test_an_announcement_is_told_once_however_often_it_is_asked_for(desk):
    critical()
    check.settle_all(at(16))
    first, second = announce_all(at(16)), announce_all(at(17))
    assert (first, second) == (1, 0)
    assert len(told()) == len(set(told()))


def test_who_may_not_see_a_restricted_ticket_is_not_told(desk):
    made = ticket(priority=Priority.CRITICAL, type=TicketType.SECURITY_ALERT, team_id=person("bo").team_id)
    db.session.commit()
    assert made.restricted
    check.settle_all(at(11))
    announce_all(at(11))
    assert person("ann").id not in told()
    assert person("bo").id in told()


def test_nobody_is_told_as_the_reporter(desk):
    critical(by=person("rita"))
    check.settle_all(at(16))
    announce_all(at(16))
    assert person("rita").id not in told()


def test_without_a_mail_server_the_bell_still_rings(app):
    with app.app_context():
        person("mara")
        critical()
        check.settle_all(at(16))
        announce_all(at(16))
        assert (mails(), len(told())) == ([], 1)
        assert send_all(at(17)).sent == 0


def test_a_server_that_is_away_costs_no_attempt(make_app):
    with post_office() as office:
        away = mail_to(office)
    app = make_app(MAIL=away, BASE_URL="https://desk.example")
    with app.app_context():
        person("mara")
        critical()
        check.settle_all(at(16))
        announce_all(at(16))
        db.session.remove()
        counts = send_all(at(17))
        assert counts.trouble
        assert [(row.attempts, row.sent_at, row.dead_at) for row in mails()] == [(0, None, None)]


def test_waits_grow_to_an_hour():
    assert [wait_after(n).total_seconds() // 60 for n in (1, 2, 3, 7, ATTEMPTS)] == [1, 2, 4, 60, 60]


def test_a_dead_letter_can_be_tried_again_from_the_command_line(desk, office):
    critical()
    check.settle_all(at(16))
    announce_all(at(16))
    db.session.execute(update(Outbox).where(Outbox.channel == "email").values(
        next_try_at=None, dead_at=at(17), error="550 no such mailbox"))  # fmt: skip
    db.session.commit()
    runner = desk.test_cli_runner()
    assert "550 no such mailbox" in runner.invoke(args=["outbox", "list", "--dead"]).output
    assert runner.invoke(args=["outbox", "retry", "--all-dead"]).exit_code == 0
    answer = runner.invoke(args=["outbox", "send"])
    assert (answer.exit_code, len(office.arrived)) == (0, len(mails()))
    assert runner.invoke(args=["outbox", "retry", "999"]).exit_code == 2
