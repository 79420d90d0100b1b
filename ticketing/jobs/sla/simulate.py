"""What if other policies or calendars had held: the history replayed under them, and compliance before and after.

Before is what the rows of the clocks say, after is what comes out of a replay. Nothing is written, not even a run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from sqlalchemy import func, or_, select

from ticketing.extensions import db
from ticketing.jobs.reads import one_moment
from ticketing.jobs.sla.replay import KINDS, Course, Library
from ticketing.jobs.sla.replay_reading import IDS, categories, events_of, grouped, portions
from ticketing.models import SlaClock, Team, Ticket
from ticketing.models.event import EventKind
from ticketing.rules.compliance import Compliance, Outcome, Tally, judge
from ticketing.rules.sla import ClockKind, overrun
from ticketing.rules.sla_terms import Terms, read_terms
from ticketing.rules.taxonomy import Priority

_TICKETS = (Ticket.id, Ticket.priority, Ticket.team_id)
_ROWS = (
    "kind", "cycle", "state", "cause", "elapsed_before_s", "due_at", "breached_at", "stopped_at", "superseded",
)  # fmt: skip
_CLOCKS = select(SlaClock.ticket_id, *(getattr(SlaClock, name) for name in _ROWS)).where(SlaClock.ticket_id.in_(IDS))
_KINDS = KINDS - {EventKind.SLA_LEVEL, EventKind.PINNED, EventKind.UNPINNED}  # levels fall due by other targets


@dataclass(slots=True)
class Pair:
    """The same cycles before and after: how each side is counted, and what it came to."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {"before": Tally(), "after": Tally()})

    @property
    def before(self) -> Compliance:
        return self.tallies["before"].compliance

    @property
    def after(self) -> Compliance:
        return self.tallies["after"].compliance

    @property
    def moved(self) -> float | None:
        """By how much compliance rises (from -1 to 1); None where it cannot be told on both sides."""
        shares = self.before.share, self.after.share
        return None if None in shares else shares[1] - shares[0]


@dataclass(frozen=True, slots=True)
class Turned:
    """A cycle that would have ended otherwise.

    `due_at` is when it would have been due (None if that is not known), `late_s` the working time past it.
    """

    ticket: int
    kind: ClockKind
    cycle: int
    priority: Priority
    team_id: int
    before: Outcome | None
    after: Outcome | None
    due_at: datetime | None
    late_s: int


@dataclass(slots=True)
class Result:
    """`total`, `priorities` and `teams` hold a Pair for each kind of clock; groups without cycles are left out.

    `breaching` are cycles that would have breached and did not, `sparing` those that breached and would not have; each
    list holds at most as many as were asked for, the counts tell how many there are. `tickets` of `of_tickets` were
    replayed, the newest ones.
    """

    since: datetime | None
    now: datetime
    of_tickets: int = 0
    tickets: int = 0
    total: dict[ClockKind, Pair] = field(default_factory=dict)
    priorities: dict[Priority, dict[ClockKind, Pair]] = field(default_factory=dict)
    teams: dict[int, dict[ClockKind, Pair]] = field(default_factory=dict)
    team_names: dict[int, str] = field(default_factory=dict)
    breaching: list[Turned] = field(default_factory=list)
    breaching_count: int = 0
    sparing: list[Turned] = field(default_factory=list)
    sparing_count: int = 0

    @property
    def is_capped(self) -> bool:
        return self.tickets < self.of_tickets


class _WhatIf(Course):
    """A course under terms that never change: that calendars were changed on the way is no part of it."""

    def _on_calendars(self, versions) -> dict:
        return {}


def simulate(document: Mapping, now: datetime, since: datetime | None = None, *, most: int | None = None,
             keep: int | None = None) -> Result:  # fmt: skip
    """Replay the tickets with a cycle that counts from `since` to `now`, under the terms of a checked document.

    `most` tickets, the newest first, if there is a limit; `keep` cycles in each of the two lists.
    """
    terms = _terms(document)
    with one_moment():
        asked = [Ticket.cycle > 0]
        if since is not None:
            asked.append(or_(Ticket.closed_at.is_(None), Ticket.closed_at >= since))
        names = dict(db.session.execute(select(Team.id, Team.name).order_by(Team.id)).all())
        of_tickets = db.session.scalar(select(func.count()).select_from(Ticket).where(*asked))
        library = Library(lambda _number: terms, categories(), cache(lambda _number: None))
    result = Result(since, now, of_tickets, team_names=names)
    run = _Run(result, library, keep)
    for tickets in portions(_TICKETS, *asked, newest_first=True):
        if most is not None:
            tickets = tickets[: most - result.tickets]
        run.take(tickets)
        if most is not None and result.tickets >= most:
            break
    return result


def _terms(document: Mapping) -> Terms:
    """The document's terms. Each calendar gets a number of its own, which no saved version has."""
    numbered = {key: body | {"version": -number} for number, (key, body) in enumerate(document["calendars"].items(), 1)}
    return read_terms({**document, "calendars": numbered}, 0)


class _Run:
    def __init__(self, result: Result, library: Library, keep: int | None):
        self.result, self.library, self.keep = result, library, keep

    def take(self, tickets: list) -> None:
        ids = [ticket.id for ticket in tickets]
        events, rows = events_of(ids, _KINDS), grouped(_CLOCKS, ids)
        for ticket in tickets:
            course = _WhatIf(self.library).run(events[ticket.id])
            course.end_expired_hold(self.result.now)
            course.settle(self.result.now)
            self._compare(ticket, rows[ticket.id], course)
        self.result.tickets += len(tickets)

    def _compare(self, ticket, rows: list, course: Course) -> None:
        before = {(row.kind, row.cycle): row for row in rows}
        after = {(clock.kind, clock.cycle): clock for clock in course.clocks}
        for name in sorted(before.keys() | after.keys(), key=lambda name: (name[1], name[0])):
            was, would = self._judge(before.get(name)), self._judge(after.get(name))
            for side, judged, clock in (("before", was, before.get(name)), ("after", would, after.get(name))):
                if self._counts(judged):
                    for pair in self._pairs(ticket, name[0]):
                        pair.tallies[side].add(judged[0], clock)
            self._note(ticket, name, was, would, before.get(name), after.get(name))

    def _judge(self, clock) -> tuple[Outcome, datetime] | None:
        return None if clock is None else judge(clock, self.result.now)

    def _counts(self, judged: tuple[Outcome, datetime] | None) -> bool:
        """Is it settled, and of the period?"""
        since = self.result.since
        return judged is not None and judged[1] <= self.result.now and (since is None or judged[1] >= since)

    def _pairs(self, ticket, kind: ClockKind) -> list[Pair]:
        """Of everything, of the ticket's priority and of its team."""
        result = self.result
        groups = [result.total]
        for place, key in ((result.priorities, ticket.priority), (result.teams, ticket.team_id)):
            groups.append(place.setdefault(key, {}))
        return [group.setdefault(kind, Pair()) for group in groups]

    def _note(self, ticket, name, was, would, row, clock) -> None:
        breached, breaches = _is_breach(was), _is_breach(would)
        result = self.result
        if breaches and not breached and self._counts(would):
            result.breaching_count += 1
            kept, late_s, due_at = result.breaching, overrun(clock, result.now), clock.breached_at
        elif breached and not breaches and self._counts(was):
            result.sparing_count += 1
            kept, late_s, due_at = result.sparing, 0, clock and clock.due_at
        else:
            return
        if self.keep is None or len(kept) < self.keep:
            ends = was and was[0], would and would[0]
            kept.append(Turned(ticket.id, *name, ticket.priority, ticket.team_id, *ends, due_at, late_s))


def _is_breach(judged: tuple[Outcome, datetime] | None) -> bool:
    return judged is not None and judged[0] is Outcome.BREACHED
