"""flask report weekly: printed, or sent."""

import pytest
import time_machine

from tests.factories import people, ticket_in
from ticketing.extensions import db
from ticketing.rules.taxonomy import Status

MONDAY = "2026-05-11T07:00:00Z"
MAIL = {"host": "127.0.0.1", "port": 9, "security": "none", "sender": "desk@desk.example", "sender_name": "Ticketing",
        "user": "", "password": "", "timeout_s": 5}  # fmt: skip


@pytest.fixture
def desk(app):
    with app.app_context():
        people()
        ticket_in(Status.CLOSED)
        db.session.commit()
    with time_machine.travel(MONDAY, tick=False):
        yield app


def test_without_mail_it_is_printed(desk, flask):
    said = flask("report", "weekly").stdout
    assert said.startswith("Ticketing, the week from Mon 4 May to Sun 10 May 2026\n\nThe week from Mon 4 May")
    assert "Closed                 1            +1, more (before: 0)" in said


def test_with_mail_it_says_how_many_wait_and_how_many_had_it(desk, flask):
    desk.config["MAIL"] = MAIL
    assert flask("report", "weekly", "--mail").stdout == (
        "The report of 2026-05-04 to 2026-05-10 waits to leave for 2.\n"
    )
    assert flask("report", "weekly", "--mail", "--to", "heads@desk.example").stdout.endswith("leave for 1.\n")
    assert flask("report", "weekly", "--mail").stdout.endswith("waits to leave for 0; 2 had it already.\n")


def test_the_messages_tell_what_waits(desk, flask):
    desk.config["MAIL"] = MAIL
    flask("report", "weekly", "--mail", "--to", "heads@desk.example")
    assert "heads@desk.example" in flask("outbox", "list").stdout


def test_a_list_that_is_cut_says_so(desk, flask, monkeypatch):
    desk.config["MAIL"] = MAIL
    flask("report", "weekly", "--mail")
    assert flask("outbox", "list").stderr == ""
    monkeypatch.setattr("ticketing.cli.outbox._LISTED", 1)
    for more in ((), ("--json",)):
        listed = flask("outbox", "list", *more)
        assert listed.stdout.count("@desk.example") == 1
        assert listed.stderr == "There are more: these are the first 1.\n"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--to", "a@b.example"), "--to goes with --mail."),
        (("--mail",), "No mail server is set (TICKETING_SMTP_URL)"),
        (("--mail", "--to", "nowhere"), "--to: nowhere: is not an e-mail address"),
    ],
)
def test_it_says_what_it_needs(desk, flask, given, says):
    assert says in flask("report", "weekly", *given, code=2).stderr
