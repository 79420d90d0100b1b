"""The check finds what is due by an index, however many clocks there are, and so it does with holds that are over."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from tests.factories import at, category, person, ticket
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.models import SlaClock, Ticket
from ticketing.models.answers import Hold
from ticketing.rules.taxonomy import HoldReason, Priority

CROWD = 3_000  # with fewer rows PostgreSQL reads them all, and rightly so
LATER = timedelta(days=400)


@pytest.fixture
def crowded(app):
    """Very many clocks and holds that wait, and two of each that are due."""
    with app.app_context():
        made = ticket(priority=Priority.CRITICAL, category=category("user_system"))
        made.take(by=person("ann"), at=at(1))
        made.hold(Hold(HoldReason.VENDOR, until=at(5)), by=person("ann"), at=at(2))
        running = ticket(priority=Priority.CRITICAL)
        db.session.commit()
        held, clock = _row(Ticket, made.id), _row(SlaClock, running.clockwork.clocks[0].id)
        numbers = range(running.id + 1, running.id + 1 + CROWD)
        waits = [held | {"id": number, "hold_until": held["hold_until"] + LATER} for number in numbers]
        db.session.execute(insert(Ticket.__table__), waits)
        clock.pop("id")
        clock["next_at"] += LATER
        db.session.execute(insert(SlaClock.__table__), [clock | {"ticket_id": number} for number in numbers])
        db.session.commit()
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("ANALYZE ticket, sla_clock, sla_calendar_version"))
            db.session.commit()
        yield


def _row(model, number: int) -> dict:
    return dict(db.session.execute(select(model.__table__).where(model.id == number)).mappings().one())


def plan_of(statement) -> str:
    """How the database would answer it."""
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    return "\n".join(str(line) for line in db.session.execute(text(f"{explain} {compiled}")))


def test_due_clocks_are_read_by_their_next_instant(crowded):
    plan = plan_of(check._CLOCKS.statement.params(now=at(20), most=200))
    assert_walks(plan, "sla_clock", "ix_sla_clock_next")


def test_expired_holds_are_read_by_their_end(crowded):
    plan = plan_of(check._HOLDS.params(now=at(20), most=200))
    assert_walks(plan, "ticket", "ix_ticket_hold_until")


def assert_walks(plan: str, table: str, index: str) -> None:
    """From the beginning of the index as far as it is due, in its own order, so that a batch costs a batch."""
    if db.engine.dialect.name == "sqlite":
        assert re.search(rf"SEARCH {table} USING (COVERING )?INDEX {index} \(\w+<\?\)", plan), plan
    else:
        assert re.search(rf"Index (Only )?Scan using {index} on {table}", plan), plan
        assert "Index Cond: (" in plan and f"Seq Scan on {table} " not in plan, plan
    assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan


def test_and_what_is_due_is_found(crowded):
    counts = check.settle_all(at(20))
    assert (counts.holds, counts.clocks, counts.failed) == (1, 1, [])
