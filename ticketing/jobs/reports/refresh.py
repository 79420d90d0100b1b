"""Brings the facts and sheets of the reports up to date with what has happened since the last time.

It goes by the events: every change of a ticket has one, but for a clock that runs out unseen. Facts of a portion of
tickets are written in one transaction, with a note of the days whose sheets they soil; each sheet's day is then read
at leisure and written in a short one. A run that is killed leaves notes that the next one works off, and two at once
do the same work twice, not wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Select, delete, false, func, select, text

from ticketing.extensions import db
from ticketing.jobs.reads import one_moment
from ticketing.jobs.reports.facts import count_tickets
from ticketing.jobs.reports.sheets import sheets_of, write_sheets
from ticketing.jobs.runs import begin_run, end_run
from ticketing.models import Event, ReportFact, ReportSheet, SlaClock
from ticketing.models.report import week_of
from ticketing.models.report_state import RULES, State, read_state, write_state
from ticketing.models.sla import WAITS

JOB = "reports"
PORTION = 300
# A transaction that writes events may be open for so long; meanwhile later ones are seen and its own are not.
OVERLAP = timedelta(hours=1)


@dataclass(slots=True)
class Counts:
    tickets: int = 0
    days: int = 0
    anew: bool = False
    failed: list[str] = field(default_factory=list)  # tickets that could not be counted, each with what went wrong


def run(now: datetime, zone: str, *, anew: bool = False) -> Counts:
    """Refresh, and note the run; commits. `zone` names the zone whose days are counted."""
    number = begin_run(JOB, now)
    try:
        counts = refresh(now, zone, anew=anew)
    except BaseException as problem:
        db.session.rollback()
        end_run(number, now, {}, error=f"{type(problem).__name__}: {problem}"[:400])
        raise
    end_run(number, now, {"tickets": counts.tickets, "days": counts.days, "failed": len(counts.failed)})
    return counts


def refresh(now: datetime, zone: str, *, anew: bool = False) -> Counts:
    """Count what has changed; everything where the zone or the rules are others than last time, or `anew`. Commits."""
    counts = Counts()
    state = read_state(zone)
    if anew or state.zone != zone or state.rules != RULES:
        state, counts.anew = _start_over(zone), True
    since, reached = _look(state, now)
    for ids in chain(_portions(_with_events(since)), _portions(_run_out(state.counted_at, now))):
        if not _count(ids, now, reached, counts.failed):
            return counts
        counts.tickets += len(ids)
    while dirty := sorted(read_state(zone).dirty, key=_weeks_last):
        for day in dirty:
            counts.days += _sum_up(day, zone) and day > 0
    _arrive(reached, now)
    return counts


def _weeks_last(day: int) -> tuple[bool, int]:
    """A week's sheets are made of those of its days."""
    return day < 0, day


def _start_over(zone: str) -> State:
    before = read_state(zone, to_write=True)
    db.session.execute(delete(ReportSheet))
    db.session.execute(delete(ReportFact))
    state = State(zone, era=before.era + 1, turn=before.turn)
    write_state(state)
    db.session.commit()
    return state


def _look(state: State, now: datetime) -> tuple[int, State]:
    """The number after which there are events that are not counted, and how far the counting is once they are.

    Numbers are given before events can be seen. Of those that may still appear it is known how many there were: if
    there are more now, all of them are looked at again.
    """
    with one_moment():
        is_late = _events_between(state.event, state.newest) != state.seen
        newest = max(state.newest, db.session.scalar(select(func.max(Event.id))) or 0)
        reached = replace(state, newest=newest)
        if state.marked_at is None or state.marked_at <= now - OVERLAP:
            reached.event, reached.mark, reached.marked_at = max(state.event, state.mark), newest, now
        reached.seen = _events_between(reached.event, newest)
    return (state.event if is_late else state.newest), reached


def _events_between(after: int, last: int) -> int:
    return db.session.scalar(select(func.count()).select_from(Event).where(Event.id > after, Event.id <= last))


def _with_events(counted: int) -> Select:
    return select(Event.ticket_id).where(Event.id > counted)


def _run_out(before: datetime | None, now: datetime) -> Select:
    """Tickets with a clock that breached since that time without anybody having looked: they have no event of it."""
    unseen = (text(WAITS), SlaClock.next_at <= now, SlaClock.breached_at.is_(None), SlaClock.due_at < now)
    return select(SlaClock.ticket_id).where(*unseen, SlaClock.due_at >= before if before else false())


def _portions(numbers: Select) -> Iterator[list[int]]:
    """The tickets that this finds, a portion at a time, in the order of their numbers."""
    [column] = numbers.selected_columns
    query, last = numbers.distinct().order_by(column).limit(PORTION), 0
    while True:
        with one_moment():
            ids = list(db.session.scalars(query.where(column > last)))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _count(ids: list[int], now: datetime, reached: State, failed: list[str]) -> bool:
    """Write the facts of these tickets. False when somebody has started over since: they count it all."""
    state = read_state(reached.zone, to_write=True)
    if state.era != reached.era:
        db.session.rollback()
        return False
    state.judged_at = max(state.judged_at or now, now)
    state.soil(count_tickets(ids, state.judged_at, state.zone, failed))
    write_state(state)
    db.session.commit()
    return True


def _arrive(reached: State, now: datetime) -> None:
    """Note how far the counting is now, unless somebody has started over, or is further."""
    state = read_state(reached.zone, to_write=True)
    if state.era == reached.era:
        if reached.newest >= state.newest:
            state.event, state.newest, state.seen = reached.event, reached.newest, reached.seen
            state.mark, state.marked_at = reached.mark, reached.marked_at
        state.counted_at = max(state.counted_at or now, now)
        write_state(state)
    db.session.commit()


def _sum_up(day: int, zone: str) -> bool:
    """Write the sheets of a day or week, unless its facts have changed since they were read: then it stays noted."""
    with one_moment():
        dirty = read_state(zone).dirty
        if day < 0 and any(other > 0 and week_of(other) == day for other in dirty):
            return False  # one of its days was soiled again meanwhile, and comes first
        before, sheets = dirty.get(day), sheets_of(day)
    state = read_state(zone, to_write=True)
    if before is None or state.dirty.get(day) != before:
        db.session.rollback()
        return False
    write_sheets(day, sheets)
    del state.dirty[day]
    write_state(state)
    db.session.commit()
    return True
