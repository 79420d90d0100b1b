"""What a screen on the wall shows, against a plain count over all tickets; nothing of it restricted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Hold
from ticketing.queries.wall import load_wall
from ticketing.rules.taxonomy import OPEN_STATUSES, HoldReason, Priority, Status

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def desk(app, people):
    """A ticket of every status, each once more restricted; one on hold, one without an owner for long."""
    with app.app_context():
        for restricted in (False, True):
            for place, status in enumerate(Status):
                ticket = make.ticket_in(status, moment=make.at(10 * place), priority=Priority.HIGH)
                ticket.title = f"{'Secret' if restricted else 'Plain'} {status}"
                ticket.restricted = restricted
        held = make.ticket_in(Status.DIAGNOSTICS)
        held.hold(Hold(HoldReason.PROVIDER), by=make.person("ann"), at=make.at(9))
        db.session.commit()
    return app


def plain(at):
    """(tickets that are not restricted, all open ones of these)."""
    found = [one for one in db.session.scalars(select(Ticket)) if not one.restricted]
    return found, [one for one in found if one.status in OPEN_STATUSES]


def test_every_number_equals_a_plain_count(desk):
    now = make.at(130)
    with desk.app_context():
        wall = load_wall(now, BERLIN)
        every, still = plain(now)
        assert wall.open == len(still) == 7
        assert wall.unowned == sum(one.owner_id is None for one in still)
        assert wall.tallies["held"] == 1
        assert wall.tallies["breached"] == sum(one.due_at is not None and one.due_at < now for one in still) > 0
        assert {column.status: column.total for column in wall.columns} == {
            status: sum(one.status is status for one in still) for status in OPEN_STATUSES
        }
        assert sum(total for _name, total, _unowned in wall.teams) == len(still)
        assert sum(unowned for _name, _total, unowned in wall.teams) == wall.unowned
        assert (wall.created, wall.closed) == (len(every), sum(one.status is Status.CLOSED for one in every))


def test_the_clocks_are_the_next_to_be_due_and_none_that_stands_still(desk):
    with desk.app_context():
        wall = load_wall(make.at(130), BERLIN)
        running = sorted(
            (one.due_at, one.id) for one in plain(make.at(130))[1] if one.due_at is not None
        )[:7]  # fmt: skip
        assert [(card.due_at, card.id) for card, _face in wall.clocks] == running and len(running) > 2
        assert all(card.title.startswith(("Plain", "Deposits")) for card, _face in wall.clocks)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "America/New_York", "UTC"])
def test_the_hours_are_those_of_the_desks_day(app, people, zone):
    """Over the night in which Berlin has 25 hours, and elsewhere as it is."""
    here, start = ZoneInfo(zone), datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    with app.app_context():
        for step in range(58):
            make.ticket(moment=start + timedelta(minutes=41 * step))
        db.session.commit()
        now = start + timedelta(hours=40)
        wall = load_wall(now, here)
        midnight = datetime.combine(now.astimezone(here).date(), datetime.min.time(), here).astimezone(UTC)
        hours = [0] * (int((now - midnight).total_seconds() // 3600) + 1)
        for ticket in db.session.scalars(select(Ticket)):
            if midnight <= ticket.created_at <= now:
                hours[int((ticket.created_at - midnight).total_seconds() // 3600)] += 1
        assert [created for created, _closed in wall.hours] == hours and sum(hours)


def test_a_long_day_has_an_hour_more(app, people):
    with app.app_context():
        for day, hours in ((24, 24), (25, 25)):
            evening = datetime(2026, 10, day, 23, 59, tzinfo=BERLIN).astimezone(UTC)
            assert len(load_wall(evening, BERLIN).hours) == hours


def test_an_empty_desk_is_a_wall_too(app, people):
    with app.app_context():
        wall = load_wall(make.NOW, BERLIN)
        assert (wall.open, wall.unowned, wall.clocks, wall.teams, wall.created) == (0, 0, [], [], 0)


def test_it_asks_as_often_with_many_tickets_as_with_few(desk):
    def count():
        with statements(desk) as sent, desk.app_context():
            load_wall(make.at(130), BERLIN)
        return len(sent)

    first = count()
    with desk.app_context():
        for place in range(20):
            make.ticket_in(list(Status)[place % 6])
        db.session.commit()
    assert count() == first == 7
