"""Each number of an engineer's load is the length of the list it leads to."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import at, category, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Hold
from ticketing.queries.counts import is_open
from ticketing.queries.filters import Filters
from ticketing.queries.workload import load
from ticketing.rules.taxonomy import HoldReason, Priority, Status


@pytest.fixture
def desk(app):
    """Late, soon late, in time, held, without a clock, and one that nobody owns."""
    with app.app_context():
        for priority, minutes in (
            (Priority.CRITICAL, 0),
            (Priority.HIGH, 30),
            (Priority.LOW, 60),
            (Priority.NORMAL, 90),
        ):
            ticket_in(Status.DIAGNOSTICS, moment=at(minutes), priority=priority, category=category("user_system"))
        held = ticket_in(Status.DIAGNOSTICS, moment=at(0))
        held.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=at(20))
        ticket("Nobody's")
        ticket_in(Status.CLOSED)
        db.session.commit()
        yield


@pytest.mark.parametrize("hours", [1, 4, 8, 30, 200])
def test_every_number_leads_to_as_many_tickets(desk, hours):
    mara, now = person("mara"), at(0) + timedelta(hours=hours)

    def listed(**filters) -> int:
        wanted = Filters(**{name: (value,) for name, value in filters.items()}).conditions(mara, now)
        return db.session.scalar(select(func.count()).select_from(Ticket).where(is_open(), *wanted))

    for one in load(None, mara, now):
        owner = one.handle or "none"
        assert one.open == listed(owner=owner)
        for name in ("breached", "at_risk", "on_track"):
            assert getattr(one, name) == listed(owner=owner, due=name), (owner, name)
        assert one.hold == listed(owner=owner, hold="yes")
