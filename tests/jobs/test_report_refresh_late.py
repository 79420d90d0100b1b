"""What is learned of late: clocks that run out unseen, breaches found afterwards, events that become visible late."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import at, category, person, ticket
from tests.support.report_sheets import assert_as_anew
from ticketing.extensions import db
from ticketing.jobs.reports.refresh import OVERLAP, refresh
from ticketing.jobs.sla import check
from ticketing.models import Event, ReportFact
from ticketing.models.event import EventKind
from ticketing.models.report_state import read_state
from ticketing.queries.report_behind import tickets_behind
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import load_report
from ticketing.rules.report_facts import Figure
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import Priority, ResolutionCode

ALL = Scope(at(0).date() - timedelta(days=200), at(0).date() + timedelta(days=190))


@pytest.fixture
def context(app):
    with app.app_context():
        yield


def test_a_clock_that_runs_out_unseen_is_late_at_the_next_counting(context):
    """Nobody looked: there is no event of it, and the check may have been dead for days."""
    ticket(priority=Priority.CRITICAL, category=category("user_system"))  # due after 15 min and 4 h
    db.session.commit()
    late = []
    for minute in (10, 15, 16, 17, 239, 241, 242):
        refresh(at(minute), "UTC")
        report = load_report(ALL, person("mara"), "UTC")
        late.append([report.headline.clocks[kind].breached for kind in ClockKind])
    assert late == [[0, 0], [0, 0], [1, 0], [1, 0], [1, 0], [1, 1], [1, 1]]
    assert_as_anew(at(242))


def test_a_breach_that_the_check_found_later_counts_once_and_on_the_day_it_was_due(context):
    ticket(priority=Priority.CRITICAL, category=category("user_system"), moment=at(14 * 60 + 55))  # due at 00:10
    db.session.commit()
    refresh(at(15 * 60 + 20), "UTC")
    check.settle_all(at(3000))
    refresh(at(3001), "UTC")
    [row] = tickets_behind("reaction_breached", ALL, person("mara")).rows
    assert (row.day, row.seconds) == (at(1440).date(), None)
    assert_as_anew(at(3001))


def test_a_clock_of_the_machine_that_goes_back_does_not_take_a_breach_back(context):
    ticket(priority=Priority.CRITICAL, category=category("user_system"))
    db.session.commit()
    refresh(at(20), "UTC")
    ticket()
    db.session.commit()
    refresh(at(5), "UTC")
    assert load_report(ALL, person("mara"), "UTC").headline.clocks[ClockKind.REACTION].breached == 1
    assert read_state("UTC").counted_at == at(20)


@pytest.mark.postgresql_only
def test_an_event_that_becomes_visible_late_is_counted_by_the_next_run(app, context):
    slow, quick = ticket(), ticket()
    db.session.commit()
    refresh(at(2), "UTC")
    for minute in (10, 40, 200):
        with db.engine.connect() as other:  # its number comes first, its commit last
            other.execute(Event.__table__.insert().values(reassigned(slow.id, minute)))
            db.session.execute(Event.__table__.insert().values(reassigned(quick.id, minute)))
            db.session.commit()
            assert refresh(at(minute + 1), "UTC").tickets == 1
            assert refresh(at(minute + 2), "UTC").tickets == 0
            other.commit()
        assert refresh(at(minute + 3), "UTC").tickets >= 1
        assert refresh(at(minute + 4), "UTC").tickets == 0
        assert_as_anew(at(minute + 4))
    figures = select(func.count()).where(ReportFact.figure == Figure.REASSIGNED.number)
    assert db.session.scalar(figures) == 6


@pytest.mark.postgresql_only
def test_an_old_history_that_is_brought_in_hides_no_event_that_is_still_being_written(context):
    """Imported events were noticed long ago; that says nothing of who else is writing."""
    slow, old = ticket(), ticket()
    db.session.commit()
    refresh(at(300), "UTC")
    with db.engine.connect() as other:
        other.execute(Event.__table__.insert().values(reassigned(slow.id, 301)))
        db.session.execute(Event.__table__.insert().values(reassigned(old.id, -90_000)))
        db.session.commit()
        refresh(at(302), "UTC")
        other.commit()
    refresh(at(303), "UTC")
    assert_as_anew(at(303))


def reassigned(number: int, minute: float) -> dict:
    return {
        "ticket_id": number, "kind": EventKind.REASSIGNED, "actor_id": None, "at": at(minute),
        "noticed_at": at(minute), "payload": {"from": None, "to": None},
    }  # fmt: skip


def test_what_is_looked_at_again_moves_on(context):
    """The numbers that may still change are those of the last hour or two, not all there ever were."""
    made = ticket()
    db.session.commit()
    refresh(at(1), "UTC")
    for hours in range(1, 6):
        db.session.execute(Event.__table__.insert().values(reassigned(made.id, 60 * hours)))
        db.session.commit()
        refresh(at(60 * hours) + OVERLAP, "UTC")
    state = read_state("UTC")
    newest = db.session.scalar(select(func.max(Event.id)))
    assert (state.newest, state.mark, state.event, state.seen) == (newest, newest, newest - 1, 1)


def test_a_day_that_loses_its_only_fact_is_summed_up_again(context):
    """A breach counts on the day of its stop once there is one; the day on which it was due has nothing left."""
    made = ticket(priority=Priority.CRITICAL, category=category("user_system"), moment=at(14 * 60 + 55))
    db.session.commit()
    refresh(at(15 * 60 + 20), "UTC")
    assert breaches() == [at(1440).date()]
    made.close_as(ResolutionCode.INVALID, by=person("mara"), at=at(4000))
    db.session.commit()
    refresh(at(4001), "UTC")
    assert breaches() == [at(4000).date()]
    assert load_report(Scope(at(1440).date(), at(1440).date()), person("mara"), "UTC").headline.clocks[
        ClockKind.REACTION
    ].breached == 0  # fmt: skip
    assert_as_anew(at(4001))


def breaches() -> list:
    return [row.day for row in tickets_behind("reaction_breached", ALL, person("mara")).rows]
