"""`flask sla verify`: replays histories and reports where a row says something else. It only reads."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ticketing.jobs.reads import one_moment
from ticketing.jobs.sla.replay import Course, Ledger, Library
from ticketing.jobs.sla.replay_reading import IDS, events_of, grouped, library, portions
from ticketing.models import SlaClock, SlaLevel, SlaSegment, Ticket

COPIES = ("cycle", "reacted_at", "due_at", "warn_at", "clock_face", "lane")
OF_CLOCK = (
    "state", "target_s", "warn_pct", "calendar_id", "terms_id", "policy", "opened_by_id", "started_at",
    "elapsed_before_s", "segment_start", "paused_at", "generation", "level", "told", "warn_at", "due_at", "next_at",
    "breached_at", "stopped_at", "cause", "superseded",
)  # fmt: skip
_TICKETS = (Ticket.id, *(getattr(Ticket, name) for name in COPIES))
_CLOCKS = (
    select(SlaClock.ticket_id, SlaClock.id, SlaClock.kind, SlaClock.cycle, *(getattr(SlaClock, n) for n in OF_CLOCK))
    .where(SlaClock.ticket_id.in_(IDS))
    .order_by(SlaClock.id)
)
_SEGMENTS = (
    select(SlaSegment.clock_id, SlaSegment.start_at, SlaSegment.end_at, SlaSegment.calendar_id, SlaSegment.counted_s,
           SlaSegment.why)
    .where(SlaSegment.clock_id.in_(IDS)).order_by(SlaSegment.id)
)  # fmt: skip
_LEVELS = (
    select(SlaLevel.clock_id, SlaLevel.generation, SlaLevel.level, SlaLevel.due_at, SlaLevel.detected_at)
    .where(SlaLevel.clock_id.in_(IDS)).order_by(SlaLevel.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """`clock` is "resolution 1" (kind and cycle), or empty for the ticket's own columns.

    `expected` is what the replay made of it, `found` what the row says; None where there is nothing.
    """

    ticket: str
    clock: str
    field: str
    expected: object
    found: object


@dataclass(slots=True)
class Tally:
    """What a verification has looked at so far."""

    tickets: int = 0
    clocks: int = 0


def verify(numbers: Collection[int] = (), tally: Tally | None = None) -> Iterator[Difference]:
    """Where rows differ from their replayed histories, ticket by ticket; of all tickets unless `numbers` are given."""
    tally = tally or Tally()
    with one_moment():
        known = library()
    asked = [Ticket.id.in_(numbers)] if numbers else []
    for tickets in portions(_TICKETS, *asked):
        yield from _compare_portion(tickets, known, tally)


def _compare_portion(tickets: list, known: Library, tally: Tally) -> Iterator[Difference]:
    ids = [ticket.id for ticket in tickets]
    events, clocks = events_of(ids), grouped(_CLOCKS, ids)
    clock_ids = [clock.id for found in clocks.values() for clock in found]
    segments, levels = grouped(_SEGMENTS, clock_ids), grouped(_LEVELS, clock_ids)
    tally.tickets += len(tickets)
    tally.clocks += len(clock_ids)
    for ticket in tickets:
        ledger = Ledger()
        course = Course(known, ledger)
        try:
            course.run(events[ticket.id])
        except (LookupError, ValueError, TypeError, AttributeError) as problem:
            yield Difference(f"T-{ticket.id}", "", "history", "one that can be replayed",
                             f"{type(problem).__name__}: {problem}")  # fmt: skip
            continue
        yield from _compare_ticket(ticket, course)
        yield from _compare_clocks(f"T-{ticket.id}", course, ledger, clocks[ticket.id], segments, levels)


def _compare_ticket(ticket, course: Course) -> Iterator[Difference]:
    made = course.copies()
    # A ticket without clocks may come from elsewhere, with a history that another system wrote.
    names = COPIES if course.cycle or ticket.cycle else ("cycle", "due_at", "warn_at", "clock_face")
    yield from _fields(f"T-{ticket.id}", "", names, made.get, ticket)


def _compare_clocks(key: str, course: Course, ledger: Ledger, rows: list, segments, levels) -> Iterator[Difference]:
    made = {(clock.kind, clock.cycle): clock for clock in course.clocks}
    there = {(row.kind, row.cycle): row for row in rows}
    for name in sorted(made.keys() | there.keys(), key=lambda name: (name[1], name[0])):
        clock, row, label = made.get(name), there.get(name), f"{name[0]} {name[1]}"
        if clock is None or row is None:
            yield Difference(key, label, "clock", clock and clock.state, row and row.state)
            continue
        yield from _fields(key, label, OF_CLOCK, lambda field, clock=clock: getattr(clock, field), row)
        ours, theirs = ledger.segments.get(name, []), [tuple(found[1:]) for found in segments[row.id]]
        yield from _lists(key, label, "segment", dict(enumerate(ours, 1)), dict(enumerate(theirs, 1)))
        ours, theirs = ledger.levels_of.get(name, []), [tuple(found[1:]) for found in levels[row.id]]
        yield from _lists(key, label, "level", _by_level(ours), _by_level(theirs))


def _fields(key: str, label: str, names, expected, row) -> Iterator[Difference]:
    for name in names:
        if expected(name) != getattr(row, name):
            yield Difference(key, label, name, expected(name), getattr(row, name))


def _lists(key: str, label: str, what: str, ours: dict, theirs: dict) -> Iterator[Difference]:
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield Difference(key, label, f"{what} {name}", ours.get(name), theirs.get(name))


def _by_level(rows: list[tuple]) -> dict[str, tuple[datetime, datetime]]:
    return {f"{generation}.{level}": (due_at, detected_at) for generation, level, due_at, detected_at in rows}
