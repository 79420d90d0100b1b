"""The tickets behind a bar of the backlog, and the names that reports are grouped by."""

from datetime import date, timedelta

import pytest

from tests.factories import NOW, people, ticket, ticket_in
from ticketing.extensions import db
from ticketing.queries.report_aged import CODES, tickets_of_age
from ticketing.queries.report_names import read_names
from ticketing.queries.report_scope import Scope
from ticketing.queries.workload import backlog
from ticketing.rules.taxonomy import Status

SCOPE = Scope(date(2026, 5, 1), date(2026, 5, 4))
AGES = (timedelta(0), timedelta(hours=24), timedelta(hours=24, seconds=1), timedelta(days=3), timedelta(days=8),
        timedelta(days=28), timedelta(days=400))  # fmt: skip


@pytest.fixture
def cast(app):
    with app.app_context():
        yield people()


def test_behind_each_age_stand_as_many_as_are_counted_the_oldest_first(cast):
    for age in AGES:
        ticket(f"Filed {age} ago", moment=NOW - age)
    ticket_in(Status.CLOSED, moment=NOW - timedelta(days=8))
    db.session.commit()
    counted = {age.code: age.count for age in backlog(SCOPE, cast.mara, NOW).ages}
    listed = {code: tickets_of_age(code, SCOPE, cast.mara, NOW, "UTC").rows for code in CODES}
    assert {code: len(rows) for code, rows in listed.items()} == counted
    assert sum(counted.values()) == len(AGES)
    for rows in listed.values():
        assert [row.seconds for row in rows] == sorted((row.seconds for row in rows), reverse=True)


def test_a_page_says_whether_more_come_and_the_next_goes_on(cast):
    for minute in range(4):
        ticket(moment=NOW - timedelta(hours=1, minutes=minute))
    db.session.commit()
    pages = [tickets_of_age("1d", SCOPE, cast.mara, NOW, "UTC", offset, 3) for offset in (0, 3)]
    assert [(len(page.rows), page.more) for page in pages] == [(3, True), (1, False)]
    assert len({row.id for page in pages for row in page.rows}) == 4


def test_the_day_of_filing_is_that_of_the_desk(cast):
    ticket(moment=NOW.replace(hour=2))
    db.session.commit()
    days = {
        zone: tickets_of_age("1d", SCOPE, cast.mara, NOW, zone).rows[0].day.day for zone in ("UTC", "America/New_York")
    }
    assert days == {"UTC": 4, "America/New_York": 3}


def test_filters_and_permissions_are_in_the_question(cast):
    ticket("Plain", moment=NOW)
    ticket("Secret", moment=NOW).restricted = True
    db.session.commit()
    seen = {who.handle: [row.title for row in tickets_of_age("1d", SCOPE, who, NOW, "UTC").rows]
            for who in (cast.mara, cast.ann, cast.ben)}  # fmt: skip
    assert seen == {"mara": ["Plain", "Secret"], "ann": ["Plain", "Secret"], "ben": ["Plain"]}  # ann is of its team
    other = Scope(date(2026, 5, 1), date(2026, 5, 4), team="devops")
    assert tickets_of_age("1d", other, cast.mara, NOW, "UTC").rows == []


def test_names_know_what_is_offered_no_longer(cast):
    cast.ann.active = False
    db.session.flush()
    names = read_names()
    assert (names.people["ann"].name, names.people["ann"].offered, names.people["bo"].offered) == (
        "Ann Haddad", False, True,
    )  # fmt: skip
    assert "rita" not in names.people
    assert [one.key for one in names.teams.values()][0] == "technical_support"
