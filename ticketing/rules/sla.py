"""The arithmetic of one clock (sla.md R3–R9, R13–R15), and nothing else.

A clock is whatever has the attributes of clockwork's `Clock`: a row of the desk, or a plain object of a replay. Its
functions change it in place and report what happened to a `Ledger`; they know no database, no ticket and no present.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from ticketing.rules.working_hours import Calendar, NeverOpen


class ClockKind(StrEnum):
    REACTION = "reaction"
    RESOLUTION = "resolution"


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"  # and still running
    STOPPED_LATE = "stopped_late"
    CANCELLED = "cancelled"


TICKING = frozenset({ClockState.RUNNING, ClockState.BREACHED})
ACTIVE = TICKING | {ClockState.PAUSED}


class Level(StrEnum):
    """In the order in which they fall due."""

    WARN = "warn"
    BREACH = "breach"
    ESCALATE = "escalate"
    REPEAT_1 = "repeat-1"
    REPEAT_2 = "repeat-2"
    REPEAT_3 = "repeat-3"
    REPEAT_4 = "repeat-4"
    REPEAT_5 = "repeat-5"


LEVELS = tuple(Level)
_ESCALATE = LEVELS.index(Level.ESCALATE)
REPEAT_EVERY_S = 3600
_SECOND = timedelta(seconds=1)

# Causes of a change that are no decision about the ticket but about the terms it runs under.
NO_TARGET = "no_target"
SELF = "self"


@dataclass(frozen=True, slots=True)
class Deal:
    """What a clock runs under: target in seconds, at-risk threshold in per cent, calendar, and where that stands."""

    target_s: int
    warn_pct: int
    calendar: Calendar
    calendar_id: int
    terms_id: int
    policy: str


class Ledger(Protocol):
    """Keeps what the clocks leave behind."""

    def segment(self, clock, start: datetime, end: datetime, counted_s: int, why: str) -> None: ...

    def levels(self, clock, passed: list[tuple[Level, datetime]], at: datetime, checking: bool) -> None: ...


def level_work(level: Level, target_s: int, warn_pct: int) -> int:
    """The elapsed working seconds at which a level falls due, rounded up (R13)."""
    place = LEVELS.index(level)
    if level is Level.WARN:
        return -(-target_s * warn_pct // 100)
    if level is Level.BREACH:
        return target_s
    return -(-target_s * 3 // 2) + (place - _ESCALATE) * REPEAT_EVERY_S


def start(clock, at: datetime, paused: bool = False) -> None:
    """Let a clock run from `at`, or stand ready in a pause."""
    clock.state, clock.stopped_at, clock.cause = ClockState.PAUSED, None, None
    clock.paused_at = at
    if paused:
        _schedule(clock)
    else:
        resume(clock, at)


def settle(clock, at: datetime, ledger: Ledger, checking: bool = False) -> bool:
    """Let every level that is due by `at` happen (R9, R15). Returns whether any did."""
    passed = []
    while clock.next_at is not None and clock.next_at <= at:
        level = LEVELS[clock.level]
        if level is Level.BREACH:
            clock.breached_at = clock.breached_at or clock.due_at
            clock.state = ClockState.BREACHED
        passed.append((level, clock.due_at if level is Level.BREACH else clock.next_at))
        clock.level += 1
        clock.next_at = _falls_due(clock)
    if passed:
        ledger.levels(clock, passed, at, checking)
    return bool(passed)


def pause(clock, at: datetime, why: str, ledger: Ledger) -> None:
    if clock.state not in TICKING:
        return
    clock.paused_at = _close_segment(clock, at, why, ledger)
    clock.state = ClockState.PAUSED
    _schedule(clock)


def resume(clock, at: datetime) -> None:
    if clock.state is not ClockState.PAUSED:
        return
    clock.segment_start = max(at, clock.paused_at)  # should the machine's clock have gone back, no second counts twice
    clock.paused_at = None
    clock.state = ClockState.BREACHED if clock.breached_at else ClockState.RUNNING
    _schedule(clock)


def stop(clock, at: datetime, ledger: Ledger, why: str) -> None:
    """End a clock that was settled at `at`: met, or late if it had breached."""
    if clock.state not in ACTIVE:
        return
    _end(clock, at, ledger, why, ClockState.STOPPED_LATE if clock.breached_at else ClockState.MET)


def stop_as_own(clock, at: datetime, ledger: Ledger) -> None:
    """The first reaction of whoever opened the cycle (R2): 0 seconds and no part of compliance, unless it is late."""
    if clock.breached_at or clock.state not in ACTIVE:
        stop(clock, at, ledger, "reacted")
        return
    if clock.segment_start is not None and at > clock.segment_start:
        ledger.segment(clock, clock.segment_start, at, 0, SELF)
    clock.segment_start = None
    clock.elapsed_before_s = 0
    clock.cause = SELF
    _end(clock, at, ledger, SELF, ClockState.MET)


def cancel(clock, at: datetime, ledger: Ledger, why: str) -> None:
    """Leave a clock out of compliance; what has breached by then stays breached (R11)."""
    if clock.state not in ACTIVE:
        return
    clock.cause = why
    _end(clock, at, ledger, why, ClockState.STOPPED_LATE if clock.breached_at else ClockState.CANCELLED)


def relaxes(clock, deal: Deal | None) -> bool:
    """Would this deal give a breached clock more time (R8)?"""
    return clock.breached_at is not None and (deal is None or deal.target_s > clock.target_s)


def change(clock, deal: Deal | None, at: datetime, cause: str, ledger: Ledger, checking: bool = False) -> bool:
    """Go on under another deal with what has elapsed (R7, R8). The clock was settled at `at`.

    Returns False when the deal is the one it runs under. Levels that the carried time has passed fall due at `at`;
    `checking` says that it is no person's act, so that a warning among them is told, too.
    """
    if deal is not None and _same(clock, deal):
        return False
    running = clock.state in TICKING
    end = _close_segment(clock, at, cause, ledger) if running else at
    if deal is None:
        if clock.breached_at is not None:
            clock.superseded, clock.breached_at = clock.superseded + 1, None
            clock.told = clock.level = 0  # should it breach again, that is news
        clock.state, clock.stopped_at, clock.cause, clock.paused_at = ClockState.CANCELLED, at, NO_TARGET, None
        clock.due_at = clock.warn_at = clock.next_at = None
        return True
    _take_on(clock, deal)
    left = clock.target_s - clock.elapsed_before_s
    if clock.breached_at is not None and left > 0:
        clock.superseded, clock.breached_at, clock.cause = clock.superseded + 1, None, None
    elif clock.breached_at is None and left <= 0:
        clock.breached_at, clock.cause = end, cause
    if running:
        clock.segment_start = end
        clock.state = ClockState.BREACHED if clock.breached_at else ClockState.RUNNING
    clock.told = min(clock.told, _carried(clock))
    _schedule(clock)
    settle(clock, end, ledger, checking)
    return True


def revive(clock, deal: Deal, at: datetime, cause: str, paused: bool, ledger: Ledger) -> None:
    """A clock that a policy without its target had cancelled goes on from what it had counted (R7)."""
    _take_on(clock, deal)
    start(clock, at, paused)
    if clock.target_s <= clock.elapsed_before_s:
        clock.breached_at, clock.cause = at, cause
        clock.state = ClockState.PAUSED if paused else ClockState.BREACHED
        _schedule(clock)
    clock.told = min(clock.told, _carried(clock))
    settle(clock, at, ledger)


def elapsed(clock, at: datetime) -> int:
    """Working seconds counted so far."""
    if clock.segment_start is None:
        return clock.elapsed_before_s
    return clock.elapsed_before_s + clock.calendar.work(clock.segment_start, at)


def overrun(clock, at: datetime) -> int:
    """Working seconds from the breach to the stop, or to `at` while it still runs; 0 without a breach (R9)."""
    if clock.breached_at is None:
        return 0
    return clock.calendar.work(clock.breached_at, clock.stopped_at or at)


def _same(clock, deal: Deal) -> bool:
    """The hours decide, not the number of their version: one that was only renamed opens when it did (R7)."""
    if (clock.target_s, clock.warn_pct) != (deal.target_s, deal.warn_pct):
        return False
    return clock.calendar_id == deal.calendar_id or clock.calendar == deal.calendar


def _take_on(clock, deal: Deal) -> None:
    clock.target_s, clock.warn_pct, clock.policy = deal.target_s, deal.warn_pct, deal.policy
    clock.calendar_id, clock.calendar, clock.terms_id = deal.calendar_id, deal.calendar, deal.terms_id
    clock.told = max(clock.told, clock.level)
    clock.generation += 1
    clock.level = 0


def _carried(clock) -> int:
    """How many levels the elapsed time has passed already; a level that is ahead again will be news."""
    passed = 0
    for level in LEVELS:
        by_breach = level is Level.BREACH and clock.breached_at is not None
        if not by_breach and level_work(level, clock.target_s, clock.warn_pct) > clock.elapsed_before_s:
            break
        passed += 1
    return passed


def _close_segment(clock, at: datetime, why: str, ledger: Ledger) -> datetime:
    """Count what ran until `at`. Returns where the segment ended: never before it began, whatever the machine says."""
    begun, end = clock.segment_start, max(at, clock.segment_start)
    counted = clock.calendar.work(begun, end)
    clock.elapsed_before_s += counted
    clock.segment_start = None
    if end > begun:
        ledger.segment(clock, begun, end, counted, why)
    return end


def _end(clock, at: datetime, ledger: Ledger, why: str, state: ClockState) -> None:
    if clock.segment_start is not None:
        _close_segment(clock, at, why, ledger)
    clock.state, clock.stopped_at, clock.paused_at, clock.next_at = state, at, None, None


def _schedule(clock) -> None:
    """The instants that follow from what is left; a paused clock has none (R6)."""
    if clock.segment_start is None:
        clock.warn_at = clock.due_at = clock.next_at = None
        return
    clock.warn_at = _reach(clock, Level.WARN)
    clock.due_at = clock.breached_at or _reach(clock, Level.BREACH)  # a breach keeps its due (R9)
    clock.next_at = _falls_due(clock)


def _falls_due(clock) -> datetime | None:
    """The first instant at which the next level is due. Exactly at due is no breach yet (R9)."""
    if clock.level >= len(LEVELS):
        return None
    level = LEVELS[clock.level]
    if level is Level.WARN:
        return clock.warn_at
    if level is not Level.BREACH:
        return _reach(clock, level)
    if clock.breached_at is not None:
        return clock.segment_start
    return None if clock.due_at is None else clock.due_at + _SECOND


def _reach(clock, level: Level) -> datetime | None:
    left = level_work(level, clock.target_s, clock.warn_pct) - clock.elapsed_before_s
    try:
        return clock.calendar.add(clock.segment_start, max(0, left))
    except NeverOpen:
        return None
