"""The weekly report: which week, which figures, to whom, and once."""

from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from tests.factories import people, person, team, ticket_in
from tests.support.mailing import mail_to, mailed
from tests.support.post_office import post_office
from ticketing.extensions import db
from ticketing.jobs.outbox.send import send_all
from ticketing.jobs.reports.weekly import Sent, last_week, send_weekly, weekly_facts
from ticketing.jobs.reports.weekly_letter import write_weekly
from ticketing.models import Outbox
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.rules.taxonomy import Role, Status

MONDAY = datetime(2026, 5, 11, 7, 0, tzinfo=UTC)  # a week after the tickets of the factories


@pytest.fixture
def office():
    with post_office() as office:
        yield office


@pytest.fixture
def desk(make_app, office):
    """Mara and Ada manage; one ticket was closed last week, one is open, nothing came the week before."""
    app = make_app(MAIL=mail_to(office), BASE_URL="https://desk.example")
    with app.app_context():
        people()
        ticket_in(Status.CLOSED)
        ticket_in(Status.DIAGNOSTICS, title="Still open")
        db.session.commit()
        yield app


@pytest.mark.parametrize(
    ("now", "zone", "first"),
    [
        ("2026-05-11T07:00", "UTC", date(2026, 5, 4)),
        ("2026-05-10T23:30", "UTC", date(2026, 4, 27)),
        ("2026-05-10T23:30", "Europe/Berlin", date(2026, 5, 4)),  # Monday has begun there
        ("2026-05-11T03:00", "America/New_York", date(2026, 4, 27)),
        ("2026-03-30T07:00", "Europe/Berlin", date(2026, 3, 23)),  # the week in which the clocks went forward
        ("2027-01-06T07:00", "UTC", date(2026, 12, 28)),
    ],
)
def test_the_week_is_the_last_full_one_of_the_desk(now, zone, first):
    scope = last_week(datetime.fromisoformat(now).replace(tzinfo=UTC), zone)
    assert (scope.first, scope.days, scope.first.weekday()) == (first, 7, 0)


def test_it_tells_the_week_against_the_one_before(desk):
    facts = weekly_facts(MONDAY, "UTC")
    figures = {one["name"]: (one["now"], one["before"]) for one in facts["figures"]}
    assert (facts["first"], facts["last"], facts["counted_at"]) == ("2026-05-04", "2026-05-10", MONDAY.isoformat())
    assert figures["created"] == (2, 0)
    assert figures["closed"] == (1, 0)
    assert figures["open_at_end"] == (1, 0)
    assert figures["reaction_kept"] == (1.0, None)
    assert [one["name"] for one in facts["teams"]] == [team("technical_support").name]


def test_the_letter_says_better_and_worse_in_words(desk):
    subject, text, html = write_weekly(weekly_facts(MONDAY, "UTC"))
    assert subject == "Ticketing, the week from Mon 4 May to Sun 10 May 2026"
    assert "Open at the end        1            +1, worse (before: 0)" in text
    assert "Created                2            +2, more (before: 0)" in text
    assert "Reaction kept          100%         nothing to compare with (before: –)" in text
    assert "https://desk.example/reports?first=2026-05-04&last=2026-05-10" in text
    assert "Counted at 07:00, Mon 11 May (UTC)." in text
    assert 'href="https://desk.example/reports?first=2026-05-04&amp;last=2026-05-10"' in html
    assert "style=" not in html and "<script" not in html


def test_names_are_escaped_in_the_letter(desk):
    team("technical_support").name = "<b>Bold</b> & co"
    db.session.commit()
    _subject, text, html = write_weekly(weekly_facts(MONDAY, "UTC"))
    assert "<b>Bold</b> & co" in text
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; co" in html


def test_every_manager_gets_it_once_however_often_cron_comes(desk, office):
    _facts, first = send_weekly(MONDAY, "UTC")
    _facts, second = send_weekly(MONDAY.replace(hour=8), "UTC")
    assert (first, second) == (Sent(2, 0), Sent(0, 2))
    assert mailed() == ["ada@desk.example", "mara@desk.example"]
    assert send_all(MONDAY.replace(hour=9)).sent == 2
    assert sorted(mail["To"] for mail in office.arrived) == [
        "Ada Admin <ada@desk.example>", "Mara Lindqvist <mara@desk.example>",
    ]  # fmt: skip
    assert {mail["Subject"] for mail in office.arrived} == {"Ticketing, the week from Mon 4 May to Sun 10 May 2026"}
    _facts, third = send_weekly(MONDAY.replace(hour=10), "UTC")
    assert third == Sent(0, 2)
    _facts, next_week = send_weekly(MONDAY.replace(day=18), "UTC")
    assert next_week == Sent(2, 0)


def test_two_crons_at_once_send_it_once(desk):
    together, done = Barrier(2), []

    def go():
        with desk.app_context():
            together.wait()
            done.append(send_weekly(MONDAY, "UTC")[1].queued)
            db.session.remove()

    threads = [Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 2
    assert db.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.channel == "email")) == 2


def test_it_goes_to_the_addresses_that_are_named_and_to_nobody_else(desk, office):
    _facts, sent = send_weekly(MONDAY, "UTC", ["Board@desk.example", "mara@desk.example", "board@desk.example"])
    assert sent == Sent(2, 0)
    assert mailed() == ["board@desk.example", "mara@desk.example"]
    assert send_weekly(MONDAY, "UTC")[1] == Sent(1, 1)  # Ada; Mara had hers
    assert send_all(MONDAY).sent == 3


def test_who_manages_no_longer_does_not_get_what_waits(desk):
    send_weekly(MONDAY, "UTC")
    person("mara").role = Role.SUPPORT_ENGINEER
    person("ada").disable()
    db.session.commit()
    counts = send_all(MONDAY)
    assert (counts.sent, counts.withdrawn) == (0, 2)


def test_what_stands_in_the_way_is_said(make_app, desk):
    with pytest.raises(Invalid, match="invalid"):
        send_weekly(MONDAY, "UTC", ["not an address"])
    person("mara").active = person("ada").active = False
    db.session.commit()
    with pytest.raises(Conflict, match="nobody_to_tell"):
        send_weekly(MONDAY, "UTC")
    with make_app().app_context(), pytest.raises(Conflict, match="no_mail_server"):
        send_weekly(MONDAY, "UTC")


def test_a_week_in_which_nothing_happened_is_told_too(desk):
    _subject, text, _html = write_weekly(weekly_facts(datetime(2026, 9, 7, 7, tzinfo=UTC), "UTC"))
    assert "Created                0            no change (before: 0)" in text
    assert "Most time was spent" not in text and "By team" not in text
