"""Why a clock is due when it is due: each clock of a ticket with what it counted, and what it did not (sla.md R18).

Two statements, and one for the history where the caller has not read it. The stored clocks are settled in memory first,
so that a hold whose time is over and a level that is due show even if no check has run.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ticketing.models.event import EventKind
from ticketing.models.ticket import Ticket
from ticketing.queries.clock_rows import MOVES, Bodies, read_bodies, read_clocks, read_events
from ticketing.rules import sla
from ticketing.rules.clockwork import Clock, Clockwork
from ticketing.rules.sla import ACTIVE, LEVELS, SELF, TICKING, ClockKind, ClockState, Level
from ticketing.rules.taxonomy import Status
from ticketing.rules.working_hours import Calendar

# A solution check that has lasted longer than this is marked: a clock that stands still must not hide work (R4).
CHECK_STALE = timedelta(hours=24)
HOLD, CHECK, RUNNING = "hold", "solution_check", "running"


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of time. With a calendar it counted, and `what` ended it (or it is still running); without one the
    clock stood still, and `what` is why: hold, solution_check, no_target."""

    start: datetime
    end: datetime | None
    calendar_name: str | None
    counted_s: int
    what: str


@dataclass(slots=True)
class ClockStory:
    """One clock of one cycle as it stands now. Durations are whole seconds of working time, instants aware and UTC."""

    kind: ClockKind
    cycle: int
    state: ClockState
    target_s: int
    warn_pct: int
    policy: str  # its name
    terms_id: int
    calendar_name: str
    calendar_zone: str
    elapsed_s: int
    left_s: int  # negative: over the target
    due_at: datetime | None
    breached_at: datetime | None
    stopped_at: datetime | None
    detected_at: datetime | None  # when the breach was noticed
    overrun_s: int
    cause: str | None
    superseded: int  # breaches that a manager's change took back
    opened_by_self: bool  # whoever opened the cycle reacted to it, which counts 0 s and nowhere else
    lines: list[Line] = field(default_factory=list)
    levels: list[tuple[Level, datetime, datetime | None]] = field(default_factory=list)  # (level, due, noticed)
    started_at: datetime | None = None
    warn_at: datetime | None = None
    calendar_id: int = 0
    hours: Calendar | None = None
    ahead: tuple[Level, datetime] | None = None  # the level that falls due next

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def ticking(self) -> bool:
        return self.state in TICKING


def explain(ticket: Ticket, now: datetime, events: Iterable | None = None) -> list[ClockStory]:
    """The ticket's clocks, oldest cycle first, the reaction before the resolution.

    `events` are rows of its history with kind, at and payload, oldest first, where they are at hand.
    """
    found = read_clocks(ticket.id)
    if not found:
        return []
    bodies = read_bodies(ticket.id)
    for clock, _segments, _levels in found:
        clock.calendar = bodies.hours(clock.calendar_id)
    noticed = _Noticed()
    work = Clockwork([clock for clock, _segments, _levels in found], _makes_none, noticed)
    over = ticket.hold_until is not None and ticket.hold_until <= now
    if over:
        work.resume(ticket.hold_until)
    work.settle(now)
    pauses = _pauses(read_events(ticket.id) if events is None else events)
    if over:
        pauses = [(what, start, end or ticket.hold_until) for what, start, end in pauses]
    stories = [
        _story(clock, segments, [*levels, *noticed.of(clock)], pauses, bodies, now) for clock, segments, levels in found
    ]
    return sorted(stories, key=lambda story: (story.cycle, story.kind))


def check_is_stale(ticket: Ticket, now: datetime) -> bool:
    """Has the present solution check lasted so long that somebody should look (R4)?"""
    return ticket.status is Status.SOLUTION_CHECK and now - ticket.status_since > CHECK_STALE


def _story(clock: Clock, segments: list, levels: list, pauses: list, bodies: Bodies, now: datetime) -> ClockStory:
    elapsed = sla.elapsed(clock, now)
    # A change of terms records the breach anew under its generation; it was noticed when that was done first.
    noticed = [at for level, due, at in levels if level is Level.BREACH and due == clock.breached_at and at]
    body = bodies.calendar(clock.calendar_id)
    return ClockStory(
        kind=clock.kind, cycle=clock.cycle, state=clock.state, target_s=clock.target_s, warn_pct=clock.warn_pct,
        policy=bodies.policy(clock.terms_id, clock.policy), terms_id=clock.terms_id, calendar_name=body["name"],
        calendar_zone=body["time_zone"], elapsed_s=elapsed, left_s=clock.target_s - elapsed, due_at=clock.due_at,
        breached_at=clock.breached_at, stopped_at=clock.stopped_at,
        detected_at=min(noticed, default=None), overrun_s=sla.overrun(clock, now),
        cause=clock.cause, superseded=clock.superseded, opened_by_self=clock.cause == SELF,
        lines=list(_lines(clock, segments, pauses, bodies, now)), levels=levels, started_at=clock.started_at,
        warn_at=clock.warn_at, calendar_id=clock.calendar_id, hours=clock.calendar, ahead=_ahead(clock),
    )  # fmt: skip


def _ahead(clock: Clock) -> tuple[Level, datetime] | None:
    if clock.next_at is None:
        return None
    level = LEVELS[clock.level]
    return level, clock.due_at if level is Level.BREACH else clock.next_at


def _lines(clock: Clock, segments: list, pauses: list, bodies: Bodies, now: datetime):
    """What counted and what did not, without a gap from the start to the end, or to now."""
    reached, why = clock.started_at, HOLD
    for segment in segments:
        yield from _still(reached, segment.from_at, why, pauses)
        name = bodies.calendar(segment.calendar)["name"]
        yield Line(segment.from_at, segment.to_at, name, segment.n, segment.code)
        reached, why = segment.to_at, segment.code
    if clock.segment_start is not None:
        yield from _still(reached, clock.segment_start, why, pauses)
        counted = clock.calendar.work(clock.segment_start, now)
        yield Line(clock.segment_start, None, bodies.calendar(clock.calendar_id)["name"], counted, RUNNING)
    elif clock.state is ClockState.PAUSED:
        yield from _still(reached, None, why, pauses)
    elif clock.stopped_at is not None:
        yield from _still(reached, clock.stopped_at, why, pauses)


def _still(start: datetime, end: datetime | None, why: str, pauses: list):
    """A stretch that did not count, cut where the hold became a solution check or the other way round."""
    if end is not None and end <= start:
        return
    cuts = sorted({at for _what, *ends in pauses for at in ends if at and at > start and (end is None or at < end)})
    pieces = []
    for piece_start, piece_end in zip([start, *cuts], [*cuts, end], strict=True):
        what = next(
            (what for what, since, until in pauses if since <= piece_start and (not until or until > piece_start)), why
        )
        if pieces and pieces[-1][2] == what:
            pieces[-1] = (pieces[-1][0], piece_end, what)
        else:
            pieces.append((piece_start, piece_end, what))
    for piece_start, piece_end, what in pieces:
        yield Line(piece_start, piece_end, None, 0, what)


def _pauses(events: Iterable) -> list[tuple[str, datetime, datetime | None]]:
    """(what, from, to) of every solution check and every hold in the history."""
    since: dict[str, datetime] = {}
    found = []

    def end(what: str, at: datetime) -> None:
        if what in since:
            found.append((what, since.pop(what), at))

    for row in events:
        if row.kind is EventKind.HELD:
            since.setdefault(HOLD, row.at)
        elif row.kind is EventKind.RESUMED:
            end(HOLD, row.at)
        elif row.kind in MOVES:
            if row.payload.get("from") == Status.SOLUTION_CHECK:
                end(CHECK, row.at)
            if row.payload.get("to") == Status.SOLUTION_CHECK:
                since.setdefault(CHECK, row.at)
    return found + [(what, at, None) for what, at in since.items()]


class _Noticed:
    """A ledger for what has happened by itself and no check has written down yet."""

    def __init__(self):
        self.passed: list[tuple[int, Level, datetime]] = []

    def segment(self, clock, start, end, counted_s, why) -> None:
        raise AssertionError("settling closes no segment")

    def levels(self, clock, passed, at, checking) -> None:
        self.passed += [(clock.id, level, due) for level, due in passed]

    def of(self, clock: Clock) -> list:
        return [(level, due, None) for number, level, due in self.passed if number == clock.id]


def _makes_none(**_facts):
    raise AssertionError("settling starts no clock")
