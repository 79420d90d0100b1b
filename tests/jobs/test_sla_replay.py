"""Whatever happens to a ticket, its history tells how its clocks stand (sla.md, Properties worth testing)."""

from datetime import timedelta

import hypothesis
import pytest
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from tests.factories import at, category, person, ticket, ticket_in
from tests.support import lives
from tests.support.terms import document, set_target
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.jobs.sla.verify import Tally, verify
from ticketing.models import Event, SlaClock, SlaLevel, SlaSegment, Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.models.event import EventKind
from ticketing.models.sla import current_terms
from ticketing.rules.sla import ClockKind, ClockState
from ticketing.rules.taxonomy import HoldReason, Priority, Status

LIFE = {
    "beginning": lives.BEGINNINGS, "filer": st.sampled_from(["rita", "ann", "router"]),
    "priority": st.sampled_from(Priority), "walked": st.integers(0, len(lives.WALK)), "steps": lives.STEPS,
}  # fmt: skip
MANY = hypothesis.settings(max_examples=60, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])


def test_replaying_the_history_of_any_life_reproduces_every_row(app_context):
    original = document()

    @MANY
    @hypothesis.given(**LIFE)
    def holds(**life):
        db.session.rollback()
        lives.start_over(original)
        made, _end = lives.lead(**life)
        relatives = db.session.scalars(select(Ticket.id).where(Ticket.id >= made.id))  # children, parents, duplicates
        assert list(verify(list(relatives))) == []

    holds()


def test_families_and_merges_are_in_those_lives_and_leave_what_their_history_tells(app_context):
    """One of each in a row, so that no chance decides whether these acts were really tried."""
    original = document()
    steps = [
        (1, "adopt", "ann", 1), (7, "family_told", "ann", 1), (16, "adopt", "mara", 6), (1, "merged", "ann", 0),
        (60, "family_closed", "mara", 1), (7, "split", "ann", 0), (14, "reopen", "rita", 0),
        (61, "family_closed", "mara", 2), (1, "reopen", "ann", 0), (7, "family_closed", "mara", 0),
    ]  # fmt: skip
    made, _end = lives.lead("2026-03-28 23:50", "rita", Priority.CRITICAL, 0, steps)
    kinds = set(db.session.scalars(select(Event.kind).where(Event.ticket_id == made.id)))
    assert {EventKind.CHILDREN_CLOSED, EventKind.PASSED_ON, EventKind.UNLINKED} <= kinds
    alone, _end = lives.lead("2026-05-04 09:00", "rita", Priority.HIGH, 0, [(23, "with_parent", "ann", 1)])
    assert not alone.is_open
    assert list(verify()) == []
    lives.start_over(original)


def busy() -> Ticket:
    """A critical that warned and breached, was held and taken up again, and has an open resolution."""
    made = ticket(priority=Priority.CRITICAL, category=category("user_system"))
    db.session.commit()
    check.settle_all(at(16))
    made.take(by=person("ann"), at=at(20))
    made.hold(Hold(HoldReason.VENDOR, until=at(60)), by=person("ann"), at=at(30))
    db.session.commit()
    check.settle_all(at(61))
    return made


def found_in(number: int) -> list[tuple]:
    db.session.expire_all()
    return [(one.clock, one.field) for one in verify([number])]


def test_an_untouched_history_has_no_difference_and_everything_is_counted(app_context):
    busy()
    ticket_in(Status.CLOSED)
    db.session.commit()
    tally = Tally()
    assert list(verify(tally=tally)) == []
    assert (tally.tickets, tally.clocks) == (2, 4)


TAMPERED = {
    "state": ClockState.PAUSED, "target_s": 60, "warn_pct": 50, "elapsed_before_s": 7, "generation": 2, "level": 3,
    "told": 1, "policy": "security", "due_at": at(99), "warn_at": at(98), "next_at": at(97), "breached_at": at(96),
    "segment_start": at(61), "paused_at": at(30), "stopped_at": at(62), "started_at": at(1), "cause": "self",
    "superseded": 1,
}  # fmt: skip


@pytest.mark.parametrize("field", TAMPERED)
def test_a_changed_column_of_a_clock_is_found(app_context, field):
    made = busy()
    row = SlaClock.__table__
    whose = (row.c.ticket_id == made.id) & (row.c.kind == ClockKind.RESOLUTION)
    db.session.execute(update(row).where(whose).values({field: TAMPERED[field]}))
    db.session.commit()
    [one] = verify([made.id])
    assert (one.ticket, one.clock, one.field, one.found) == (made.key, "resolution 1", field, TAMPERED[field])
    assert one.expected != one.found


@pytest.mark.parametrize(
    ("field", "value"),
    [("due_at", at(5)), ("warn_at", None), ("clock_face", {"outcome": "met"}), ("lane", 3), ("cycle", 2),
     ("reacted_at", at(3))],
)  # fmt: skip
def test_a_changed_copy_on_the_ticket_is_found(app_context, field, value):
    made = busy()
    db.session.execute(update(Ticket.__table__).where(Ticket.id == made.id).values({field: value}))
    db.session.commit()
    assert found_in(made.id) == [("", field)]


def test_missing_and_changed_segments_and_levels_are_found(app_context):
    made = busy()
    reaction, resolution = sorted(made.clockwork.clocks, key=lambda clock: clock.id)
    db.session.execute(delete(SlaLevel).where(SlaLevel.clock_id == reaction.id, SlaLevel.level == "breach"))
    db.session.execute(
        update(SlaSegment.__table__).where(SlaSegment.clock_id == resolution.id).values(counted_s=1)
    )  # fmt: skip
    db.session.commit()
    assert found_in(made.id) == [("reaction 1", "level 1.breach"), ("resolution 1", "segment 1")]


def test_a_clock_too_few_or_too_many_is_found(app_context):
    made, other = busy(), ticket(priority=Priority.CRITICAL)
    numbers = select(SlaClock.id).where(SlaClock.ticket_id == made.id)
    for model in (SlaLevel, SlaSegment):
        db.session.execute(delete(model).where(model.clock_id.in_(numbers)))
    db.session.execute(delete(SlaClock.__table__).where(SlaClock.ticket_id == made.id))
    db.session.execute(
        update(SlaClock.__table__).where(SlaClock.ticket_id == other.id, SlaClock.kind == ClockKind.REACTION)
        .values(cycle=2)
    )  # fmt: skip
    db.session.commit()
    assert found_in(made.id) == [("reaction 1", "clock"), ("resolution 1", "clock")]
    assert found_in(other.id) == [("reaction 1", "clock"), ("reaction 2", "clock")]


def test_a_history_that_cannot_be_replayed_is_a_difference_and_the_rest_goes_on(app_context):
    made, other = busy(), busy()
    created = (Event.ticket_id == made.id, Event.kind == EventKind.CREATED)
    payload = db.session.scalar(select(Event.payload).where(*created))
    db.session.execute(update(Event.__table__).where(*created).values(payload=payload | {"terms": 999}))
    db.session.execute(update(Ticket.__table__).where(Ticket.id == other.id).values(lane=0))
    db.session.commit()
    assert [(one.ticket, one.field) for one in verify()] == [(made.key, "history"), (other.key, "lane")]


def test_portions_do_not_matter(app_context, monkeypatch):
    monkeypatch.setattr("ticketing.jobs.sla.replay_reading.PORTION", 2)
    made = [busy() for _ in range(5)]
    db.session.execute(update(Ticket.__table__).where(Ticket.id.in_([made[0].id, made[4].id])).values(lane=0))
    db.session.commit()
    tally = Tally()
    assert [one.ticket for one in verify(tally=tally)] == [made[0].key, made[4].key]
    assert tally.tickets == 5


def test_verifying_writes_nothing(app_context):
    made = busy()
    rows = db.session.execute(select(SlaClock.__table__)).all()
    list(verify([made.id]))
    assert db.session.execute(select(SlaClock.__table__)).all() == rows


def test_a_ticket_older_than_the_clocks_gets_them_by_being_reopened(app_context):
    made = ticket_in(Status.CLOSED, priority=Priority.CRITICAL)
    _as_if_older(made)
    db.session.commit()
    assert list(verify([made.id])) == []
    made.move_to(Status.DIAGNOSTICS, by=person("rita"), at=at(30), answers=Answers(why="Again"))
    assert not made.follow_terms(current_terms(), at(31))
    db.session.commit()
    assert (made.cycle, len(made.clockwork.clocks)) == (1, 2)
    assert list(verify([made.id])) == []


def _as_if_older(made: Ticket) -> None:
    """Filed and closed before there were clocks."""
    db.session.flush()
    numbers = select(SlaClock.id).where(SlaClock.ticket_id == made.id)
    db.session.execute(delete(SlaSegment).where(SlaSegment.clock_id.in_(numbers)))
    db.session.execute(delete(SlaClock.__table__).where(SlaClock.ticket_id == made.id))
    db.session.execute(delete(Event.__table__).where(Event.ticket_id == made.id, Event.kind == EventKind.REACTED))
    for event in db.session.execute(select(Event.id, Event.payload).where(Event.ticket_id == made.id)).all():
        payload = {name: value for name, value in event.payload.items() if name != "terms"}
        db.session.execute(update(Event.__table__).where(Event.id == event.id).values(payload=payload))
    made.cycle, made.due_at, made.warn_at, made.clock_face, made.reacted_at = 0, None, None, None, None
    made.relane()


def test_levels_that_a_hold_hid_are_recorded_before_the_same_act_stops_the_clock(app_context):
    """A rise in priority while on hold leaves no time; closing the ticket ends the hold and the clock in one save."""
    made = ticket(priority=Priority.NORMAL, category=category("user_system"))
    made.take(by=person("ann"), at=at(1))
    set_target("critical", 5, 30, "always")
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=at(60))
    made.edit(priority=Priority.CRITICAL, by=person("ann"), at=at(61))
    resolution = next(clock for clock in made.clockwork.clocks if clock.kind is ClockKind.RESOLUTION)
    assert (resolution.state, resolution.level, resolution.breached_at) == (ClockState.PAUSED, 0, at(61))
    made.move_to(Status.DIAGNOSTICS, by=person("ann"), at=at(70))
    made.move_to(Status.SOLUTION_CHECK, by=person("ann"), at=at(70), answers=Answers(solution="Restarted"))
    db.session.commit()
    assert (resolution.state, resolution.level) == (ClockState.PAUSED, 3)
    assert list(verify([made.id])) == []


def test_a_machine_whose_clock_goes_back_leaves_a_history_that_still_tells(app_context):
    made = busy()
    made.edit(priority=Priority.LOW, by=person("mara"), at=at(61) - timedelta(minutes=5), why="Less bad")
    db.session.commit()
    assert list(verify([made.id])) == []
