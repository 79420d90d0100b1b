"""`flask sla recompute --open`: open clocks go on under the terms that are in force now (sla.md R12).

What would change is worked out in memory first; only tickets that it concerns are locked and changed, each in a
transaction of its own, by the verb of the ticket. A second run finds nothing left to do, a kill leaves whole tickets.
"""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select

from ticketing.extensions import db
from ticketing.jobs.reads import one_moment
from ticketing.jobs.sla.replay import Course, Library
from ticketing.jobs.sla.replay_reading import IDS, grouped, library, page
from ticketing.models import CalendarVersion, SlaClock, Ticket
from ticketing.models.sla import current_terms, hours_of
from ticketing.rules.clockwork import Clock
from ticketing.rules.sla import ACTIVE, ClockKind, ClockState
from ticketing.rules.sla_terms import Terms
from ticketing.rules.taxonomy import Status

log = logging.getLogger(__name__)
CAUSE = "policy_change"

_FACTS = ("type", "category_id", "priority", "status", "hold_reason", "hold_until", "cycle", "reacted_at")
_TICKETS = (Ticket.id, *(getattr(Ticket, name) for name in _FACTS))
# What was imported, or is older than the clocks, gets them only by being reopened.
_FOLLOWS = (Ticket.status != Status.CLOSED, Ticket.cycle > 0)
_LOCKED = select(Ticket).where(Ticket.id == bindparam("ticket")).with_for_update()
_LOCKED = _LOCKED.execution_options(populate_existing=True)
_OF_CLOCK = tuple(name for name in Clock.__dataclass_fields__ if name != "calendar")
_CLOCKS = (
    select(SlaClock.ticket_id, *(getattr(SlaClock, name) for name in _OF_CLOCK), CalendarVersion.body)
    .join(CalendarVersion, CalendarVersion.id == SlaClock.calendar_id)
    .where(SlaClock.ticket_id.in_(IDS))
    .order_by(SlaClock.id)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one active clock stands: what it runs under, and when it is due (None: paused, or never)."""

    state: ClockState
    policy: str
    target_s: int
    warn_pct: int
    calendar_id: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """What recomputing does to one clock. `old` is None for a clock that starts or goes on, `new` for one that ends."""

    ticket: int
    kind: ClockKind
    old: Standing | None
    new: Standing | None

    @property
    def key(self) -> str:
        return f"T-{self.ticket}"

    @property
    def old_due(self) -> datetime | None:
        return self.old and self.old.due_at

    @property
    def new_due(self) -> datetime | None:
        return self.new and self.new.due_at


@dataclass(slots=True)
class Failures:
    """Tickets that could not be changed: "T-142: what went wrong"."""

    told: list[str] = field(default_factory=list)

    def add(self, number: int, problem: Exception) -> None:
        log.exception("SLA recompute: T-%s could not be changed", number)
        self.told.append(f"T-{number}: {type(problem).__name__}: {next(iter(str(problem).splitlines()), '')[:200]}")


@dataclass(slots=True)
class Portion:
    """How far one call goes: at most so many tickets, those after a number. Then `after` is where the next one goes on,
    `tickets` how many were tried, and `more` whether any are left.
    """

    most: int
    after: int | None = None
    tickets: int = 0
    more: bool = False


def recompute_open(now: datetime, policy: str | None = None, dry_run: bool = False,
                   failures: Failures | None = None, portion: Portion | None = None) -> list[Change]:  # fmt: skip
    """Let every open clock follow the present terms from `now` on; the changes, in the order of the tickets.

    `policy` is a policy's key: only tickets that run, or would run, under it. A dry run only says what would change.
    A ticket that fails is put into `failures` and left as it is; without them the first failure is raised. A `portion`
    is counted up as it is done.
    """
    changes: list[Change] = []
    portion = portion or Portion(sys.maxsize)
    for planned in _plans(now, policy, portion.after):
        if portion.tickets >= portion.most:
            portion.more = True
            break
        number = portion.after = planned[0].ticket
        portion.tickets += 1
        if dry_run:
            changes += planned
            continue
        try:
            changes += _apply(number, now)
            db.session.commit()
        except Exception as problem:
            db.session.rollback()
            if failures is None:
                raise
            failures.add(number, problem)
    return changes


def _plans(now: datetime, policy: str | None, last: int | None) -> Iterator[list[Change]]:
    """The changes of each ticket after `last` that has any.

    Between two portions nothing is held, so that the taker may write.
    """
    while True:
        with one_moment():
            tickets = page(_TICKETS, *_FOLLOWS, after=last)
            if not tickets:
                return
            last = tickets[-1].id
            known, terms = library(), current_terms()
            clocks = grouped(_CLOCKS, [ticket.id for ticket in tickets])
        for ticket in tickets:
            if found := _plan(ticket, clocks[ticket.id], known, terms, now, policy):
                yield found


def _plan(ticket, rows: list, known: Library, terms: Terms, now: datetime, policy: str | None) -> list[Change]:
    course = _course(ticket, rows, known)
    course.end_expired_hold(now)
    course.settle(now)
    before = _standing(course.clockwork.active)
    would = terms.policy_for(course.type, course.category).key
    if policy is not None and policy not in {would, *(standing.policy for standing in before.values())}:
        return []
    return _changes(ticket.id, before, course) if course.retermed(terms, now, CAUSE) else []


def _course(ticket, rows: list, known: Library) -> Course:
    """A ticket as its rows say it stands."""
    course = Course(known)
    course.type, course.priority, course.in_status = ticket.type, ticket.priority, ticket.status
    course.category = None if ticket.category_id is None else known.categories[ticket.category_id]
    course.held, course.hold_until = ticket.hold_reason is not None, ticket.hold_until
    course.cycle, course.reacted_at = ticket.cycle, ticket.reacted_at
    for row in rows:
        facts = {name: getattr(row, name) for name in _OF_CLOCK}
        course.clocks.append(Clock(calendar=hours_of(row.body), **facts))
    return course


def _apply(number: int, now: datetime) -> list[Change]:
    ticket = db.session.scalar(_LOCKED, {"ticket": number})
    ticket.settle(now)
    before = _standing(ticket.clockwork.active)
    return _changes(number, before, ticket) if ticket.follow_terms(current_terms(), now, CAUSE) else []


def _standing(clocks: Iterable) -> dict[ClockKind, Standing]:
    return {
        clock.kind: Standing(clock.state, clock.policy, clock.target_s, clock.warn_pct, clock.calendar_id, clock.due_at)
        for clock in clocks
    }


def _changes(number: int, before: Mapping[ClockKind, Standing], whose) -> list[Change]:
    after = _standing(clock for clock in whose.clockwork.clocks if clock.state in ACTIVE)
    return [
        Change(number, kind, before.get(kind), after.get(kind))
        for kind in ClockKind
        if before.get(kind) != after.get(kind)
    ]
