"""One clock against an oracle that keeps nothing but when it ran, and the properties that sla.md asks for."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ticketing.rules import sla
from ticketing.rules.clockwork import Clock, Clockwork
from ticketing.rules.sla import LEVELS, TICKING, ClockKind, ClockState, Deal, Level, level_work
from ticketing.rules.taxonomy import ResolutionCode
from ticketing.rules.working_hours import WEEKDAYS, Calendar

START = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)  # a Friday before the night on which the clocks change
OFFICE = Calendar(
    "Europe/Berlin", {day: [("09:00", "13:00"), ("14:00", "18:00")] for day in WEEKDAYS[:5]}, {date(2026, 4, 3): []}
)
NIGHTS = Calendar("Europe/Berlin", {day: [("00:00", "06:00"), ("22:00", "24:00")] for day in WEEKDAYS})
CALENDARS = [Calendar.always(), OFFICE, NIGHTS]


@dataclass
class Kept:
    """A ledger in memory."""

    segments: list = field(default_factory=list)
    passed: list = field(default_factory=list)

    def segment(self, _clock, start, end, counted_s, why):
        self.segments.append((start, end, counted_s, why))

    def levels(self, clock, passed, at, _checking):
        self.passed += [(clock.generation, level, due, at) for level, due in passed]


def deal(target_min: int, calendar: int = 0, warn: int = 75) -> Deal:
    return Deal(target_min * 60, warn, CALENDARS[calendar], calendar + 1, 1, "everything_else")


def running(target_min: int, calendar: int = 0, warn: int = 75, at: datetime = START) -> Clock:
    made = Clock(ClockKind.RESOLUTION, 1, target_min * 60, warn, CALENDARS[calendar], calendar + 1, 1, "rest", at)
    sla.start(made, at)
    return made


ACTS = some.tuples(
    some.integers(0, 60 * 30).map(lambda minutes: minutes * 60),  # this long after the one before
    some.one_of(
        some.sampled_from(["pause", "resume", "check"]),
        some.tuples(some.integers(1, 60 * 12), some.integers(0, 2), some.integers(1, 99)),  # another deal
    ),
)
LIVES = some.tuples(some.integers(1, 60 * 20), some.integers(0, 2), some.integers(1, 99), some.lists(ACTS, max_size=8))
many = settings(max_examples=500)


def live(life, checks: bool = True):
    """Play a life; the clock, its ledger, when it ended, and (from, to, calendar) of each stretch it ran."""
    target, calendar, warn, acts = life
    clock, kept, now = running(target, calendar, warn), Kept(), START
    stretches, since = [], START
    for wait, act in acts:
        now += timedelta(seconds=wait)
        if act == "check" and not checks:
            continue
        sla.settle(clock, now, kept)
        ran = clock.state in TICKING
        if ran and act != "check" and act != "resume":
            stretches.append((since, now, clock.calendar))
        if act == "pause":
            sla.pause(clock, now, "hold", kept)
        elif act == "resume":
            sla.resume(clock, now)
            since = since if ran else now
        elif act != "check":
            new = deal(act[0], act[1], act[2])
            sla.change(clock, new, now, "priority_change", kept)
        if ran and act not in ("check", "resume", "pause"):
            since = now
    return clock, kept, now, stretches, since


@many
@given(LIVES)
def test_what_is_counted_is_the_work_of_the_stretches_in_which_it_ran(life):
    clock, kept, now, stretches, since = live(life)
    counted = sum(calendar.work(start, end) for start, end, calendar in stretches)
    if clock.state in TICKING:
        counted += clock.calendar.work(since, now)
    assert sla.elapsed(clock, now) == counted
    assert clock.elapsed_before_s == sum(segment[2] for segment in kept.segments)
    assert all(before[1] <= after[0] for before, after in zip(kept.segments, kept.segments[1:], strict=False))


@many
@given(LIVES)
def test_due_is_where_the_target_is_used_up_and_no_earlier(life):
    clock, _kept, now, *_ = live(life)
    if clock.due_at is None or clock.breached_at is not None:
        assert clock.state is not ClockState.RUNNING
        return
    left = clock.target_s - clock.elapsed_before_s
    assert clock.calendar.work(clock.segment_start, clock.due_at) == left
    if clock.due_at > clock.segment_start:
        assert clock.calendar.work(clock.segment_start, clock.due_at - timedelta(seconds=1)) == left - 1
    assert now <= clock.due_at or clock.next_at <= now


@many
@given(LIVES)
def test_levels_come_in_order_and_once_in_a_generation(life):
    clock, kept, now, *_ = live(life)
    sla.settle(clock, now, kept)
    seen = [(generation, LEVELS.index(level)) for generation, level, _due, _at in kept.passed]
    assert seen == sorted(set(seen))
    assert all(due <= at for _generation, _level, due, at in kept.passed)
    recorded = [level for generation, level, *_ in kept.passed if generation == clock.generation]
    assert recorded == list(LEVELS[: clock.level])


@many
@given(LIVES)
def test_when_the_check_came_does_not_change_what_happened(life):
    """Levels fall due at their instants, whoever notices them: at each act, or long before it."""
    seldom, often = live(life, checks=False), live(life, checks=True)
    for clock, kept, now, *_ in (seldom, often):
        sla.settle(clock, now, kept)
    assert seldom[0] == often[0]
    assert [one[:3] for one in seldom[1].passed] == [one[:3] for one in often[1].passed]
    assert seldom[1].segments == often[1].segments


@many
@given(LIVES)
def test_two_checks_at_the_same_instant_are_one(life):
    clock, kept, now, *_ = live(life)
    sla.settle(clock, now, kept)
    before, levels = replace(clock), list(kept.passed)
    assert not sla.settle(clock, now, kept)
    assert (clock, kept.passed) == (before, levels)


@many
@given(LIVES)
def test_a_pause_without_length_changes_nothing(life):
    clock, kept, now, *_ = live(life)
    sla.settle(clock, now, kept)
    if clock.state not in TICKING:
        return
    ahead = clock.warn_at if clock.warn_at and clock.warn_at > now else None  # what is past says only that it is past
    shown = (clock.state, clock.due_at, clock.next_at, clock.breached_at, clock.level, clock.generation)
    elapsed = sla.elapsed(clock, now)
    sla.pause(clock, now, "hold", kept)
    sla.resume(clock, now)
    assert shown == (clock.state, clock.due_at, clock.next_at, clock.breached_at, clock.level, clock.generation)
    assert sla.elapsed(clock, now) == elapsed
    assert ahead is None or clock.warn_at == ahead


@many
@given(LIVES, some.integers(0, 60 * 60 * 24 * 5))
def test_due_never_comes_earlier_by_a_hold(life, length):
    clock, kept, now, *_ = live(life)
    sla.settle(clock, now, kept)
    if clock.state not in TICKING or clock.due_at is None:
        return
    due = clock.due_at
    sla.pause(clock, now, "hold", kept)
    assert (clock.due_at, clock.next_at) == (None, None)
    sla.resume(clock, now + timedelta(seconds=length))
    assert clock.due_at >= due


@many
@given(LIVES)
def test_a_stopped_clock_is_late_exactly_when_it_had_breached(life):
    clock, kept, now, *_ = live(life)
    sla.settle(clock, now, kept)
    late, elapsed = clock.breached_at is not None, sla.elapsed(clock, now)
    sla.stop(clock, now, kept, "closed")
    assert clock.state is (ClockState.STOPPED_LATE if late else ClockState.MET)
    assert (clock.elapsed_before_s, clock.next_at, clock.stopped_at) == (elapsed, None, now)
    assert late or elapsed <= clock.target_s


@many
@given(LIVES)
def test_a_clock_that_is_not_late_has_time_left(life):
    clock, kept, now, *_ = live(life)
    sla.settle(clock, now, kept)
    assert (clock.breached_at is not None) or clock.target_s - sla.elapsed(clock, now) >= 0
    if clock.breached_at is not None:
        assert clock.breached_at <= now
        assert clock.target_s - sla.elapsed(clock, now) <= 0


@pytest.mark.parametrize(
    ("target", "warn", "expected"),
    [
        (900, 75, [675, 900, 1350, 4950, 8550, 12150, 15750, 19350]),
        (61, 75, [46, 61, 92, 3692, 7292, 10892, 14492, 18092]),  # 45.75 and 91.5 are rounded up
        (60, 99, [60, 60, 90, 3690, 7290, 10890, 14490, 18090]),
    ],
)
def test_levels_count_elapsed_working_time_rounded_up(target, warn, expected):
    assert [level_work(level, target, warn) for level in Level] == expected


def test_exactly_at_due_a_check_finds_no_breach_and_a_second_later_it_does():
    clock, kept = running(15), Kept()
    sla.settle(clock, START + timedelta(minutes=15), kept)
    assert clock.state is ClockState.RUNNING
    sla.settle(clock, START + timedelta(minutes=15, seconds=1), kept)
    assert (clock.state, clock.breached_at) == (ClockState.BREACHED, START + timedelta(minutes=15))


def test_a_calendar_that_never_opens_again_leaves_a_clock_without_due():
    closed_for_good = Calendar("UTC", {})
    clock = Clock(ClockKind.RESOLUTION, 1, 900, 75, closed_for_good, 1, 1, "rest", START)
    sla.start(clock, START)
    assert (clock.due_at, clock.warn_at, clock.next_at) == (None, None, None)
    assert not sla.settle(clock, START + timedelta(days=3650), Kept())


def _work(*clocks) -> tuple[Clockwork, Kept]:
    kept = Kept()
    return Clockwork(list(clocks), lambda **facts: Clock(**facts), kept), kept


def test_a_raise_during_a_hold_that_leaves_nothing_is_late_now_and_told_when_it_goes_on():
    clock = running(240)
    work, kept = _work(clock)
    work.pause(START + timedelta(minutes=60), "hold")
    now = START + timedelta(minutes=90)
    work.change(1, {ClockKind.RESOLUTION: deal(15)}, now, "priority_change", reacted=True, paused=True)
    assert (clock.state, clock.breached_at, clock.cause, kept.passed) == (
        ClockState.PAUSED,
        now,
        "priority_change",
        [],
    )
    later = START + timedelta(minutes=120)
    work.resume(later)
    work.settle(later)
    assert [(level, due) for _generation, level, due, _at in kept.passed] == [
        (Level.WARN, later),
        (Level.BREACH, now),
        (Level.ESCALATE, later),
    ]


def test_closing_cancels_a_reaction_that_no_person_stopped():
    work, _kept = _work()
    work.open(1, {kind: deal(60) for kind in ClockKind}, START, opened_by_id=7)
    work.close(ResolutionCode.AUTO_RESOLVED, START + timedelta(minutes=5))
    assert {clock.kind: clock.state for clock in work.clocks} == {
        ClockKind.REACTION: ClockState.CANCELLED,
        ClockKind.RESOLUTION: ClockState.MET,
    }
