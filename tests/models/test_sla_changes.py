"""What changes a clock and makes it late (sla.md R7–R9), through the real verbs."""

import pytest
from sqlalchemy import select

from tests.factories import category, person, ticket
from tests.support.mondays import clock, filed, on
from tests.support.terms import berlin, set_target
from ticketing.extensions import db
from ticketing.models import Outbox, SlaClock, SlaLevel, SlaSegment
from ticketing.models.answers import Answers, Hold
from ticketing.rules.refusals import Invalid, NotAllowed
from ticketing.rules.sla import ClockState, overrun
from ticketing.rules.taxonomy import HoldReason, Priority, Status, TicketType

S, P, C = Status, Priority, ClockState
pytestmark = pytest.mark.usefixtures("app_context")


def messages() -> list[str]:
    """The levels that were announced, in order."""
    return [row.payload["level"] for row in db.session.scalars(select(Outbox).order_by(Outbox.id))]


# R7, R8: changes


def test_a_change_that_changes_no_promise_leaves_the_clock_alone():
    made = filed()
    made.edit(type=TicketType.SERVICE_REQUEST, by=person("ann"), at=on("09:05"))
    found = clock(made)
    assert (found.generation, found.segment_start) == (1, on("09:00"))
    assert db.session.query(SlaSegment).count() == 0


def test_a_paused_clock_stays_paused_through_a_change():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("09:30"))
    made.edit(priority=P.HIGH, by=person("ann"), at=on("10:00"))
    found = clock(made, "resolution")
    assert (found.state, found.target_s, found.due_at) == (C.PAUSED, 8 * 3600, None)
    made.resume(by=person("ann"), at=on("11:00"))
    assert found.due_at == on("18:30")


def test_a_stopped_clock_is_not_touched_by_a_change():
    made = filed(priority=P.NORMAL)
    made.take(by=person("ann"), at=on("09:20"))
    made.edit(priority=P.CRITICAL, by=person("ann"), at=on("09:30"))
    assert (clock(made).target_s, clock(made).state) == (240 * 60, C.MET)


def test_a_move_that_also_lowers_the_priority_does_not_save_the_late_reaction():
    """R17: the clocks stop before the priority changes."""
    made = ticket(moment=on("09:00"), priority=P.CRITICAL)
    answers = Answers(category=category("user_system"), priority=P.NORMAL)
    made.move_to(S.ASSIGNED, by=person("ann"), at=on("09:20"), answers=answers)
    assert (clock(made).state, clock(made).breached_at) == (C.STOPPED_LATE, on("09:15"))
    assert clock(made, "resolution").target_s == 960 * 60


def test_what_is_gained_starts_now_and_what_is_lost_is_cancelled():
    set_target("low", None, 2400)
    made = filed(priority=P.NORMAL)
    made.edit(priority=P.LOW, by=person("ann"), at=on("10:00"))
    assert (clock(made).state, clock(made).cause) == (C.CANCELLED, "no_target")
    made.edit(priority=P.NORMAL, by=person("ann"), at=on("11:00"))
    found = clock(made)
    assert (found.state, found.elapsed_before_s, found.segment_start) == (C.RUNNING, 3600, on("11:00"))
    assert found.due_at == berlin("2026-05-04 15:00")


def test_a_reaction_is_not_gained_by_who_has_reacted():
    set_target("low", None, 2400)
    made = filed(priority=P.LOW)
    made.take(by=person("ann"), at=on("09:30"))
    made.edit(priority=P.NORMAL, by=person("ann"), at=on("10:00"))
    assert [c.kind for c in made.clockwork.clocks] == ["resolution"]


def test_a_gained_resolution_waits_while_the_ticket_is_on_hold():
    set_target("low", 480, None)
    made = filed(priority=P.LOW)
    made.take(by=person("ann"), at=on("09:30"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("09:40"))
    made.edit(priority=P.NORMAL, by=person("ann"), at=on("10:00"))
    assert clock(made, "resolution").state is C.PAUSED
    made.resume(by=person("ann"), at=on("11:00"))
    assert (clock(made, "resolution").segment_start, clock(made, "resolution").elapsed_before_s) == (on("11:00"), 0)


@pytest.mark.parametrize(
    ("by", "why", "error"),
    [("ann", "Only one player", NotAllowed), ("mara", " ", Invalid), ("mara", "Only one player", None)],
)
def test_more_time_for_a_breached_clock_is_a_managers_decision_with_a_reason(by, why, error):
    made = filed()
    db.session.commit()
    if error is None:
        assert made.edit(priority=P.LOW, by=person(by), at=on("09:30"), why=why)
        return
    with pytest.raises(error):
        made.edit(priority=P.LOW, by=person(by), at=on("09:30"), why=why)
    db.session.rollback()
    assert (made.priority, db.session.query(SlaLevel).count()) == (P.CRITICAL, 0)


def test_a_second_breach_after_more_time_alerts_again():
    made = filed()
    made.edit(priority=P.HIGH, by=person("mara"), at=on("09:20"), why="Partly up again")
    assert (clock(made).due_at, messages()) == (on("10:00"), ["breach"])
    made.settle(on("10:05"), checking=True)
    assert (clock(made).breached_at, messages()) == (on("10:00"), ["breach", "breach"])
    assert clock(made).generation == 2


def test_a_standing_breach_is_not_told_again_when_the_target_shrinks():
    made = filed(priority=P.HIGH)
    made.settle(on("10:01"), checking=True)
    assert messages() == ["breach"]
    made.edit(priority=P.CRITICAL, by=person("ann"), at=on("10:02"))
    assert (clock(made).breached_at, clock(made).due_at) == (on("10:00"), on("10:00"))
    assert messages() == ["breach", "escalate"]  # 62 min are more than half over 15, and that is news


def test_more_time_that_is_not_enough_leaves_the_breach_standing():
    made = filed()
    made.settle(on("10:30"), checking=True)
    made.edit(priority=P.HIGH, by=person("mara"), at=on("10:30"), why="Partly up again")
    found = clock(made)
    assert (found.state, found.breached_at, found.superseded) == (C.BREACHED, on("09:15"), 0)


# R9: breaches


@pytest.mark.parametrize(("at", "state"), [("09:15:00", C.MET), ("09:15:01", C.STOPPED_LATE)])
def test_exactly_at_due_is_no_breach(at, state):
    made = filed()
    made.take(by=person("ann"), at=on(at))
    assert clock(made).state is state


def test_a_late_answer_between_two_checks_is_a_breach_dated_at_its_due():
    made = filed()
    made.take(by=person("ann"), at=on("09:20"))
    found = clock(made)
    assert (found.breached_at, overrun(found, on("12:00"))) == (on("09:15"), 5 * 60)
    (breach,) = db.session.scalars(select(SlaLevel).where(SlaLevel.level == "breach"))
    assert (breach.due_at, breach.detected_at) == (on("09:15"), on("09:20"))
    assert messages() == ["breach"]


def test_a_warning_that_an_act_finds_is_recorded_and_not_sent():
    made = filed()
    made.take(by=person("ann"), at=on("09:12"))
    assert [(x.level, x.due_at) for x in db.session.scalars(select(SlaLevel))] == [("warn", on("09:11:15"))]
    assert messages() == []


def test_a_hold_after_a_breach_leaves_it_standing_and_the_later_levels_go_on():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("13:30"))
    found = clock(made, "resolution")
    assert (found.state, found.breached_at, found.due_at, found.next_at) == (C.PAUSED, on("13:00"), None, None)
    made.resume(by=person("ann"), at=on("14:30"))
    assert (found.state, found.due_at, found.next_at) == (C.BREACHED, on("13:00"), on("16:00"))
    assert (made.due_at, messages()) == (on("13:00"), ["breach"])


def test_repeats_come_five_times_and_then_no_more():
    made = filed()
    made.settle(on("20:00"), checking=True)
    found = [(x.level, x.due_at) for x in db.session.scalars(select(SlaLevel).join(SlaClock).where(
        SlaClock.kind == "reaction").order_by(SlaLevel.id))]  # fmt: skip
    assert found[2:] == [("escalate", on("09:22:30"))] + [(f"repeat-{k}", on(f"{9 + k:02}:22:30")) for k in range(1, 6)]
    assert clock(made).next_at is None
