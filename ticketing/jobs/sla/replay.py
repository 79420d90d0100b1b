"""One ticket lived through again from its history, on plain clocks and the engine of the verbs (rules.clockwork).

`flask sla verify` compares what comes out with the rows, a what-if gives the same history other terms.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ticketing.models.event import EventKind
from ticketing.models.ticket_row import lane_of
from ticketing.rules import sla
from ticketing.rules.clockwork import Clock, Clockwork, Deals, cause_of
from ticketing.rules.sla import ClockKind, Deal, Level
from ticketing.rules.sla_terms import Terms
from ticketing.rules.taxonomy import Priority, ResolutionCode, Status, TicketType
from ticketing.rules.working_hours import Calendar


class Told(Protocol):
    """What a replay needs of an event; events come in the order of their numbers, which is that of the acts."""

    kind: EventKind
    actor_id: int | None
    at: datetime
    noticed_at: datetime
    payload: dict


@dataclass(frozen=True, slots=True)
class Library:
    """Where a replay looks up what events only name: terms by number, a category's key by its id, and the hours of a
    calendar by its version's number."""

    terms: Callable[[int], Terms]
    categories: Mapping[int, str]
    hours: Callable[[int], Calendar]


@dataclass(slots=True)
class Ledger:
    """Keeps segments and levels by (kind, cycle), as tuples in the order of the rows' columns."""

    segments: dict = field(default_factory=dict)
    levels_of: dict = field(default_factory=dict)

    def segment(self, clock, start: datetime, end: datetime, counted_s: int, why: str) -> None:
        row = (start, end, clock.calendar_id, counted_s, why)
        self.segments.setdefault((clock.kind, clock.cycle), []).append(row)

    def levels(self, clock, passed: list[tuple[Level, datetime]], at: datetime, checking: bool) -> None:
        rows = [(clock.generation, level, due, at) for level, due in passed]
        self.levels_of.setdefault((clock.kind, clock.cycle), []).extend(rows)


class NoLedger:
    """For whoever only wants to know how the clocks end."""

    def segment(self, *_) -> None: ...

    def levels(self, *_) -> None: ...


class Course:
    """A ticket as far as its clocks depend on it. `follow` takes it through one event after the other."""

    def __init__(self, library: Library, ledger: sla.Ledger | None = None):
        self.library = library
        self.ledger = ledger or NoLedger()
        self.clockwork = Clockwork([], Clock, self.ledger)
        self.type, self.category, self.priority = TicketType.INCIDENT, None, Priority.NORMAL
        self.in_status, self.held, self.hold_until, self.pinned = Status.NEW, False, None, False
        self.cycle = 0
        self.reacted_at: datetime | None = None

    @property
    def clocks(self) -> list[Clock]:
        return self.clockwork.clocks

    @property
    def is_open(self) -> bool:
        return self.in_status is not Status.CLOSED

    @property
    def paused(self) -> bool:
        """Does a resolution stand still in this status?"""
        return self.held or self.in_status is Status.SOLUTION_CHECK

    def copies(self) -> dict:
        """What the ticket's row must say of its clocks."""
        due_at, warn_at, face = self.clockwork.shown(self.cycle, self.is_open)
        return {
            "cycle": self.cycle, "reacted_at": self.reacted_at, "due_at": due_at, "warn_at": warn_at,
            "clock_face": face, "lane": lane_of(self.pinned, self.held, due_at),
        }  # fmt: skip

    def run(self, events: Iterable[Told]) -> "Course":
        for event in events:
            self.follow(event)
        return self

    def follow(self, event: Told) -> None:
        """Do what the verb behind an event did to the clocks. What a verb found due before it acted has events too."""
        if act := _ACTS.get(event.kind):
            act(self, event, event.payload)

    def settle(self, at: datetime) -> None:
        if self.cycle and self.is_open:
            self.clockwork.settle(at)

    def end_expired_hold(self, at: datetime) -> None:
        """A hold that was to end by `at` ended when it should have (R5)."""
        if self.hold_until is not None and self.hold_until <= at:
            self._resume(self.hold_until)

    def retermed(self, terms: Terms, at: datetime, cause: str) -> bool:
        """Go on under these terms (R7, R12). Returns whether any clock did."""
        return self._change(terms.deals(self.type, self.category, self.priority), at, cause)

    def _change(self, deals: Deals, at: datetime, cause: str) -> bool:
        return self.clockwork.change(
            self.cycle, deals, at, cause, reacted=self.reacted_at is not None, paused=self.paused
        )

    def _created(self, event: Told, facts: dict) -> None:
        self.type, self.priority = TicketType(facts["type"]), Priority(facts["priority"])
        self.category = self._category(facts.get("category"))
        if "terms" in facts:  # otherwise it came from elsewhere, or is older than the clocks
            self._open(event, facts, reaction=True)

    def _open(self, event: Told, facts: dict, reaction: bool) -> None:
        self.cycle += 1
        deals = self.library.terms(facts["terms"]).deals(self.type, self.category, self.priority)
        self.clockwork.open(self.cycle, deals, event.at, event.actor_id, reaction)

    def _moved(self, event: Told, facts: dict) -> None:
        origin, self.in_status = self.in_status, Status(facts.get("to", Status.CLOSED))
        code = facts.get("resolution_code")
        if event.kind is EventKind.REOPENED and "terms" in facts:
            self.reacted_at = None if facts["reaction"] else event.at
            self._open(event, facts, facts["reaction"])
        if event.kind is EventKind.CLOSED:
            self.pinned = False
        if self.cycle:
            self.clockwork.move(origin, self.in_status, code and ResolutionCode(code), event.at)

    def _held(self, event: Told, facts: dict) -> None:
        until = facts.get("until")
        self.held, self.hold_until = True, until and datetime.fromisoformat(until)
        if self.cycle:
            self.clockwork.pause(event.at, "hold")

    def _resumed(self, event: Told, facts: dict) -> None:
        self._resume(event.at)

    def _resume(self, at: datetime) -> None:
        self.held, self.hold_until = False, None
        if self.cycle:
            self.clockwork.resume(at)

    def _reacted(self, event: Told, facts: dict) -> None:
        if not self.cycle:
            return
        self.reacted_at = event.at
        self.clockwork.react(event.at, event.actor_id)

    def _classified(self, event: Told, facts: dict) -> None:
        changes = facts["changes"]
        if "type" in changes:
            self.type = TicketType(changes["type"][1])
        if "category" in changes:
            self.category = self._category(changes["category"][1])
        if "priority" in changes:
            self.priority = Priority(changes["priority"][1])
        if "terms" in facts and self.cycle:
            self.retermed(self.library.terms(facts["terms"]), event.at, cause_of(changes))

    def _retermed(self, event: Told, facts: dict) -> None:
        if not self.cycle:
            return
        if "calendars" in facts:
            self._change(self._on_calendars(facts["calendars"]), event.at, facts["cause"])
        elif "terms" in facts:
            self.retermed(self.library.terms(facts["terms"]), event.at, facts["cause"])

    def _on_calendars(self, versions: Mapping[str, int]) -> dict[ClockKind, Deal]:
        """What the active clocks run under, with these versions' hours."""
        return {
            clock.kind: Deal(clock.target_s, clock.warn_pct, self.library.hours(versions[clock.kind]),
                             versions[clock.kind], clock.terms_id, clock.policy)
            for clock in self.clockwork.active if clock.kind in versions
        }  # fmt: skip

    def _level(self, event: Told, facts: dict) -> None:
        """Recorded when somebody looked: the check looks at one clock at a time."""
        for clock in self.clockwork.active:
            if (clock.kind, clock.cycle) == (facts["clock"], facts["cycle"]):
                sla.settle(clock, event.noticed_at, self.ledger, checking=True)

    def _pinned(self, event: Told, facts: dict) -> None:
        self.pinned = event.kind is EventKind.PINNED

    def _category(self, number: int | None) -> str | None:
        return None if number is None else self.library.categories[number]


_ACTS = {
    EventKind.CREATED: Course._created,
    EventKind.MOVED: Course._moved,
    EventKind.CLOSED: Course._moved,
    EventKind.REOPENED: Course._moved,
    EventKind.HELD: Course._held,
    EventKind.RESUMED: Course._resumed,
    EventKind.REACTED: Course._reacted,
    EventKind.CLASSIFIED: Course._classified,
    EventKind.RETERMED: Course._retermed,
    EventKind.SLA_LEVEL: Course._level,
    EventKind.PINNED: Course._pinned,
    EventKind.UNPINNED: Course._pinned,
}
# The events that a replay reads; the others leave the clocks alone.
KINDS = frozenset(_ACTS)
