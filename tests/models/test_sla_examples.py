"""The worked examples E1–E15 of the SLA rules, through the real verbs. Times are Berlin's; CEST unless said."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import category, person, ticket
from tests.support.mondays import clock
from tests.support.terms import berlin, document, set_target, use
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.models import Event, Outbox, SlaClock, SlaLevel, SlaSegment
from ticketing.models.answers import Answers, Hold
from ticketing.models.event import EventKind
from ticketing.rules.sla import ClockState, elapsed
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, RootCause, Status
from ticketing.rules.working_hours import WEEKDAYS

S, P = Status, Priority
NIGHT = {
    "name": "Nights",
    "time_zone": "Europe/Berlin",
    "exceptions": {},
    "weekly": {day: [["00:00", "06:00"], ["22:00", "24:00"]] for day in WEEKDAYS},
}
pytestmark = pytest.mark.usefixtures("app_context")


def filed(moment: str, priority: Priority = P.NORMAL, **facts):
    made = ticket(moment=berlin(moment), priority=priority, category=category("user_system"), **facts)
    db.session.flush()
    return made


def levels(found: SlaClock) -> list:
    query = select(SlaLevel).where(SlaLevel.clock_id == found.id).order_by(SlaLevel.id)
    return [(one.level.value, one.due_at) for one in db.session.scalars(query)]


def messages() -> list:
    return [row.payload for row in db.session.scalars(select(Outbox).order_by(Outbox.id))]


def walk(made, *steps) -> None:
    """Take a ticket along: (moment, status, by) each, with what the move asks for."""
    answers = {
        S.SOLUTION_CHECK: {"solution": "Restarted"},
        S.CLOSED: {"resolution_code": ResolutionCode.FIXED, "root_cause": RootCause.SOFTWARE},
    }
    for moment, status, by in steps:
        made.move_to(status, by=person(by), at=berlin(moment), answers=Answers(**answers.get(status, {})))


def test_e1_a_critical_runs_through_the_holiday():
    made = filed("2026-04-30 23:50", P.CRITICAL)
    assert clock(made).due_at == berlin("2026-05-01 00:05")


def test_e2_a_normal_waits_over_night_holiday_and_weekend():
    made = filed("2026-04-30 16:30")
    assert (clock(made).due_at, clock(made).warn_at) == (berlin("2026-05-04 11:30"), berlin("2026-05-04 10:30"))
    assert (made.due_at, made.warn_at) == (berlin("2026-05-04 11:30"), berlin("2026-05-04 10:30"))


def test_e3_the_lunch_break_does_not_count():
    set_target("normal", 60, 960)
    assert clock(filed("2026-05-04 12:40")).due_at == berlin("2026-05-04 14:40")


def test_e4_a_hold_stops_the_resolution():
    set_target("normal", 240, 480)
    made = filed("2026-05-04 09:00")
    made.take(by=person("ann"), at=berlin("2026-05-04 09:30"))
    resolution = clock(made, "resolution")
    assert resolution.due_at == berlin("2026-05-04 18:00")
    made.hold(Hold(HoldReason.PROVIDER), by=person("ann"), at=berlin("2026-05-04 15:00"))
    assert (resolution.state, resolution.elapsed_before_s, resolution.due_at) == (ClockState.PAUSED, 5 * 3600, None)
    assert made.due_at is None
    assert made.clock_face == {"kind": "resolution", "left": 3 * 3600, "target": 8 * 3600}
    made.resume(by=person("ann"), at=berlin("2026-05-06 10:00"))
    assert (resolution.due_at, made.due_at) == (berlin("2026-05-06 13:00"), berlin("2026-05-06 13:00"))
    kept = db.session.scalars(select(SlaSegment).where(SlaSegment.clock_id == resolution.id)).one()
    assert (kept.start_at, kept.end_at) == (berlin("2026-05-04 09:00"), berlin("2026-05-04 15:00"))
    assert (kept.counted_s, kept.why) == (5 * 3600, "hold")


def test_e5_a_raise_outside_hours_starts_from_nothing():
    made = filed("2026-05-08 18:30")
    made.edit(priority=P.CRITICAL, by=person("ann"), at=berlin("2026-05-09 12:00"))
    assert clock(made).elapsed_before_s == 0
    assert (clock(made).due_at, clock(made).breached_at) == (berlin("2026-05-09 12:15"), None)


def test_e6_a_raise_that_leaves_no_time_breaches_now_with_one_message():
    made = filed("2026-05-04 09:00")
    made.edit(priority=P.CRITICAL, by=person("ann"), at=berlin("2026-05-04 09:40"))
    now = berlin("2026-05-04 09:40")
    assert (clock(made).state, clock(made).breached_at, clock(made).due_at) == (ClockState.BREACHED, now, now)
    assert clock(made).cause == "priority_change"
    assert levels(clock(made)) == [("warn", now), ("breach", now), ("escalate", now)]
    assert [(m["clock"], m["level"], m["cause"]) for m in messages()] == [("reaction", "escalate", "priority_change")]
    db.session.commit()
    assert check.settle_all(now).levels == 0
    assert len(messages()) == 1


def test_e7_a_raise_that_leaves_time_goes_on_from_what_was_used():
    made = filed("2026-05-04 09:00")
    made.edit(priority=P.HIGH, by=person("ann"), at=berlin("2026-05-04 09:40"))
    assert (clock(made).due_at, clock(made).elapsed_before_s) == (berlin("2026-05-04 10:00"), 40 * 60)
    assert clock(made).breached_at is None


def test_e8_a_manager_gives_a_breached_clock_time_and_the_breach_is_kept():
    made = filed("2026-05-11 09:00", P.CRITICAL)
    made.edit(priority=P.NORMAL, by=person("mara"), at=berlin("2026-05-11 09:30"), why="One player, not all")
    found = clock(made)
    assert (found.elapsed_before_s, found.due_at) == (30 * 60, berlin("2026-05-11 13:00"))
    assert (found.state, found.breached_at, found.superseded) == (ClockState.RUNNING, None, 1)
    kept = db.session.scalars(select(Event).where(Event.kind == EventKind.SUPERSEDED)).one()
    assert kept.payload["breached_at"] == "2026-05-11T07:15:00+00:00"
    assert kept.payload["why"] == "One player, not all"
    assert ("breach", berlin("2026-05-11 09:15")) in levels(found)


def test_e9_a_reporter_who_reopens_starts_both_clocks_anew():
    made = filed("2026-05-11 09:00")
    walk(made, ("2026-05-11 09:10", S.ASSIGNED, "ann"), ("2026-05-11 09:20", S.DIAGNOSTICS, "ann"),
         ("2026-05-12 10:00", S.SOLUTION_CHECK, "ann"), ("2026-05-12 11:00", S.CLOSED, "mara"))  # fmt: skip
    frozen = [(c.state, c.elapsed_before_s, c.stopped_at, c.due_at) for c in made.clockwork.clocks]
    made.move_to(S.DIAGNOSTICS, by=person("rita"), at=berlin("2026-05-14 17:30"), answers=Answers(why="Again"))
    assert clock(made, "reaction", 2).due_at == berlin("2026-05-15 12:30")
    assert clock(made, "resolution", 2).due_at == berlin("2026-05-18 17:30")
    first = [c for c in made.clockwork.clocks if c.cycle == 1]
    assert [(c.state, c.elapsed_before_s, c.stopped_at, c.due_at) for c in first] == frozen
    assert [c.state for c in first] == [ClockState.MET, ClockState.MET]


def test_e10_a_solution_check_pauses_and_a_bounce_goes_on():
    set_target("high", 60, 240, "always")
    made = filed("2026-05-04 10:00", P.HIGH)
    walk(made, ("2026-05-04 10:05", S.ASSIGNED, "ann"), ("2026-05-04 10:06", S.DIAGNOSTICS, "ann"))
    assert clock(made, "resolution").due_at == berlin("2026-05-04 14:00")
    walk(made, ("2026-05-04 12:30", S.SOLUTION_CHECK, "ann"))
    assert (clock(made, "resolution").due_at, made.due_at) == (None, None)
    made.move_to(S.CORRECTION, by=person("mara"), at=berlin("2026-05-04 15:00"), answers=Answers(why="Still failing"))
    assert clock(made, "resolution").due_at == berlin("2026-05-04 16:30")


@pytest.mark.parametrize(
    ("example", "start", "due"),
    [
        ("E11", "2026-03-28 23:00", "2026-03-29 06:00"),
        ("E12", "2026-10-24 23:00", "2026-10-25 04:00"),
    ],
)
def test_e11_and_e12_nights_on_which_the_clocks_change(example, start, due):
    changed = document()
    changed["calendars"]["nights"] = dict(NIGHT)
    rest = changed["policies"][-1]
    rest["targets"]["normal"] = {
        "reaction_min": 360,
        "resolution_min": 360,
        "at_risk_percent": 75,
        "calendar": "nights",
    }
    use(changed)
    made = filed(start)
    assert clock(made).due_at == berlin(due)
    if example == "E12":
        assert clock(made).due_at == berlin("2026-10-25 01:00") + timedelta(hours=4)  # 04:00 CET is a fifth hour
        assert elapsed(clock(made), berlin("2026-10-25 06:00")) == 8 * 3600
    else:
        assert elapsed(clock(made), berlin("2026-03-29 06:00")) == 6 * 3600


def test_e13_a_check_that_was_down_sends_one_message_that_says_how_late():
    made = filed("2026-05-04 10:00", P.CRITICAL)
    db.session.commit()
    counts = check.settle_all(berlin("2026-05-04 10:30"))
    assert (counts.clocks, counts.levels, counts.failed) == (1, 3, [])
    db.session.expire_all()
    assert levels(clock(made)) == [
        ("warn", berlin("2026-05-04 10:11:15")),
        ("breach", berlin("2026-05-04 10:15")),
        ("escalate", berlin("2026-05-04 10:22:30")),
    ]
    (told,) = messages()
    assert (told["level"], told["due_at"], told["detected_at"]) == (
        "escalate",
        "2026-05-04T08:15:00Z",
        "2026-05-04T08:30:00Z",
    )
    assert clock(made).breached_at == berlin("2026-05-04 10:15")


def test_e14_an_owner_by_rule_has_not_reacted_until_they_take_it():
    rule = person("router", machine=True)
    made = filed("2026-05-04 09:00", P.CRITICAL, by=rule, owner=person("ann"))
    assert made.owner is person("ann")
    assert clock(made).state is ClockState.RUNNING
    assert made.take(by=person("ann"), at=berlin("2026-05-04 09:09"))
    assert (clock(made).state, clock(made).elapsed_before_s, clock(made).cause) == (ClockState.MET, 9 * 60, None)


def test_e15_closing_what_is_on_hold_ends_the_hold_first():
    made = filed("2026-05-04 09:00")
    made.take(by=person("ann"), at=berlin("2026-05-04 09:30"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=berlin("2026-05-04 10:00"))
    made.close_as(ResolutionCode.AUTO_RESOLVED, by=person("ann"), at=berlin("2026-05-04 12:00"))
    found = clock(made, "resolution")
    assert (found.state, found.elapsed_before_s, found.stopped_at) == (
        ClockState.MET,
        3600,
        berlin("2026-05-04 12:00"),
    )
    kinds = list(db.session.scalars(select(Event.kind).where(Event.ticket_id == made.id).order_by(Event.id)))
    assert kinds[-2:] == [EventKind.RESUMED, EventKind.CLOSED]
    assert made.clock_face == {"outcome": "met"}
