"""What a report counts of one ticket: dated facts, worked out from its history and its clocks (sla.md R19).

A fact belongs to the day on which it happened, in the desk's zone; what takes time belongs to the day it ended.
"""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from ticketing.rules.compliance import Outcome, judge
from ticketing.rules.sla import ClockKind, ClockState
from ticketing.rules.taxonomy import OPEN_STATUSES, HoldReason, Status

NO_TIME = -1  # of what counts, but has not taken a time that could be told


class Figure(StrEnum):
    """All that is counted. The place in this list is what is stored: new ones go to the end."""

    CREATED = "created"
    CLOSED = "closed"  # each closing; it took the time since the ticket was created
    REOPENED = "reopened"  # it had been closed for that long
    REASSIGNED = "reassigned"
    ENTERED_NEW = "entered_new"
    ENTERED_CLASSIFIED = "entered_classified"
    ENTERED_ASSIGNED = "entered_assigned"
    ENTERED_DIAGNOSTICS = "entered_diagnostics"
    ENTERED_CORRECTION = "entered_correction"
    ENTERED_SOLUTION_CHECK = "entered_solution_check"
    STAY_NEW = "stay_new"
    STAY_CLASSIFIED = "stay_classified"
    STAY_ASSIGNED = "stay_assigned"
    STAY_DIAGNOSTICS = "stay_diagnostics"
    STAY_CORRECTION = "stay_correction"
    STAY_SOLUTION_CHECK = "stay_solution_check"
    HOLD_REPORTER = "hold_reporter"
    HOLD_PROVIDER = "hold_provider"
    HOLD_VENDOR = "hold_vendor"
    HOLD_RELEASE_WINDOW = "hold_release_window"
    HOLD_OTHER = "hold_other"
    REACTION_MET = "reaction_met"
    REACTION_BREACHED = "reaction_breached"
    REACTION_CANCELLED = "reaction_cancelled"
    REACTION_SELF = "reaction_self"
    REACTION_SUPERSEDED = "reaction_superseded"
    RESOLUTION_MET = "resolution_met"
    RESOLUTION_BREACHED = "resolution_breached"
    RESOLUTION_CANCELLED = "resolution_cancelled"
    RESOLUTION_SELF = "resolution_self"
    RESOLUTION_SUPERSEDED = "resolution_superseded"

    @property
    def number(self) -> int:
        return _NUMBERS[self]

    @property
    def is_timed(self) -> bool:
        """Does it come with a time?"""
        return self in _TIMED


FIGURES = list(Figure)
_NUMBERS = {figure: place for place, figure in enumerate(FIGURES, 1)}
ENTERED = {status: Figure(f"entered_{status}") for status in OPEN_STATUSES}
STAYS = {status: Figure(f"stay_{status}") for status in OPEN_STATUSES}
HOLDS = {reason: Figure(f"hold_{reason}") for reason in HoldReason}
OUTCOMES = {(kind, outcome): Figure(f"{kind}_{outcome}") for kind in ClockKind for outcome in Outcome}
SUPERSEDED = {kind: Figure(f"{kind}_superseded") for kind in ClockKind}
_TIMED = {
    Figure.CLOSED, Figure.REOPENED, *STAYS.values(), *HOLDS.values(),
    *(figure for (_, outcome), figure in OUTCOMES.items() if outcome in (Outcome.MET, Outcome.BREACHED)),
}  # fmt: skip


def figure_of(number: int) -> Figure:
    return FIGURES[number - 1]


class Fact(NamedTuple):
    """`day` is the ordinal of the date, `seconds` how long it took: 0 where nothing takes time, NO_TIME where it is
    not over yet or counts for no median."""

    figure: Figure
    day: int
    seconds: int


class Happened(NamedTuple):
    """One event of the history, as far as reports read it."""

    kind: str
    at: datetime
    payload: dict


# The kinds of events that facts are made of; the others are not read.
_MOVES = ("moved", "closed", "reopened")
KINDS = (*_MOVES, "held", "resumed", "reassigned", "superseded")


def facts_of(created_at: datetime, status: Status, events: Iterable[Happened], clocks: Iterable, now: datetime,
             zone: tzinfo) -> list[Fact]:  # fmt: skip
    """All facts of a ticket that is in `status` now. `events` are those of KINDS in the order in which they were
    written; `clocks` have what rules.compliance.judge reads, kind and elapsed_before_s."""
    notes = _Notes(zone)
    notes.add(Figure.CREATED, created_at)
    _follow(notes, created_at, status, _in_order(list(events)))
    for clock in clocks:
        _judge(notes, clock, now)
    return notes.facts


def _in_order(events: list[Happened]) -> list[Happened]:
    """As they were written, which is the order of the acts even where the machine's clock went back. Only a history
    that came from elsewhere may list its moves in another order; then the instants have to tell."""
    moves = [event for event in events if event.kind in _MOVES]
    if all(_origin(then) is _target(before) for before, then in pairwise(moves)):
        return events
    return sorted(events, key=lambda event: event.at)


class _Notes:
    def __init__(self, zone: tzinfo):
        self.zone = zone
        self.facts: list[Fact] = []

    def add(self, figure: Figure, at: datetime, seconds: int = 0) -> None:
        self.facts.append(Fact(figure, at.astimezone(self.zone).toordinal(), seconds))

    def ended(self, figure: Figure, since: datetime, at: datetime) -> None:
        """A history that came from elsewhere may end things before it begins them; that took no time."""
        self.add(figure, at, max(0, int((at - since).total_seconds())))


def _follow(notes: _Notes, created_at: datetime, status: Status, events: list[Happened]) -> None:
    """Moves, holds and changes of owner. A history without moves has been in its status from the start.

    No status is left before it was entered, whatever the instants say, so that none ever holds less than nothing.
    """
    first = next((event for event in events if event.kind in _MOVES), None)
    here, since = _origin(first) if first else status, created_at
    held: tuple[HoldReason, datetime] | None = None
    _enter(notes, here, created_at, since, created_at)
    for event in events:
        at = event.at
        match event.kind:
            case "moved" | "closed" | "reopened":
                _leave(notes, here, since, at)
                if event.kind == "reopened":
                    _reopen(notes, here, since, at)
                here, since = _target(event), max(since, at)
                _enter(notes, here, created_at, since, at)
            case "held":
                if held:
                    notes.ended(HOLDS[held[0]], held[1], at)
                held = _reason(event), at
            case "resumed" if held:
                notes.ended(HOLDS[held[0]], held[1], at)
                held = None
            case "reassigned":
                notes.add(Figure.REASSIGNED, at)
            case "superseded":
                notes.add(SUPERSEDED[ClockKind(event.payload["clock"])], at)
    if here is not status:  # a history from elsewhere need not end where its ticket stands
        _leave(notes, here, since, since)
        _enter(notes, status, created_at, since, since)


def _enter(notes: _Notes, status: Status, created_at: datetime, since: datetime, at: datetime) -> None:
    if status is Status.CLOSED:
        notes.ended(Figure.CLOSED, created_at, at)
    else:
        notes.add(ENTERED[status], since)


def _leave(notes: _Notes, status: Status, since: datetime, at: datetime) -> None:
    if status is not Status.CLOSED:
        notes.ended(STAYS[status], since, max(since, at))


def _reopen(notes: _Notes, status: Status, since: datetime, at: datetime) -> None:
    """Elsewhere what waits for a check of its solution counts as done, and is reopened from there."""
    if status is Status.CLOSED:
        notes.ended(Figure.REOPENED, since, at)
    else:
        notes.add(Figure.REOPENED, at, NO_TIME)


def _origin(move: Happened) -> Status:
    return Status(_code(move.payload["from"]))


def _target(move: Happened) -> Status:
    return Status.CLOSED if move.kind == "closed" else Status(_code(move.payload["to"]))


def _reason(hold: Happened) -> HoldReason:
    reason = _code(hold.payload["reason"])
    return HoldReason(reason) if reason in set(HoldReason) else HoldReason.OTHER


def _code(told: object) -> str:
    """What came from elsewhere may write codes as people do: "Solution check"."""
    return str(told).strip().lower().replace(" ", "_").replace("-", "_")


def _judge(notes: _Notes, clock, now: datetime) -> None:
    judged = judge(clock, now)
    if judged is None:
        return
    outcome, at = judged
    figure = OUTCOMES[ClockKind(clock.kind), outcome]
    over = clock.state in (ClockState.MET, ClockState.STOPPED_LATE)
    notes.add(figure, at, (clock.elapsed_before_s if over else NO_TIME) if figure.is_timed else 0)
