"""The clocks of one ticket, following what happens to it (sla.md R1, R2, R4, R7, R10, R11, R17).

The verbs of the desk drive it with rows, a replay of the history with plain objects: one machine, so that
`flask sla verify` and the what-if cannot have rules of their own.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import datetime

from ticketing.rules import sla
from ticketing.rules.sla import ACTIVE, NO_TARGET, TICKING, ClockKind, ClockState, Deal, Ledger
from ticketing.rules.taxonomy import ResolutionCode, Status
from ticketing.rules.working_hours import Calendar


@dataclass(slots=True)
class Clock:
    """One clock of one cycle. Instants are aware UTC datetimes, durations whole seconds of working time."""

    kind: ClockKind
    cycle: int
    target_s: int
    warn_pct: int
    calendar: Calendar
    calendar_id: int
    terms_id: int
    policy: str
    started_at: datetime
    opened_by_id: int | None = None
    state: ClockState = ClockState.RUNNING
    elapsed_before_s: int = 0
    segment_start: datetime | None = None
    paused_at: datetime | None = None
    generation: int = 1
    level: int = 0  # how many of LEVELS this generation has recorded
    told: int = 0  # how many an earlier generation had recorded that still hold: those are not told again
    warn_at: datetime | None = None
    due_at: datetime | None = None
    next_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    cause: str | None = None
    superseded: int = 0  # breaches that a manager's change took back
    id: int | None = None  # the row's, where there is one


Deals = Mapping[ClockKind, Deal | None]
# What a clock's terms depend on, in the order in which a change of several names its cause (R7).
DECIDES_TERMS = ("priority", "type", "category")
LEFT_OUT = frozenset({ResolutionCode.DUPLICATE, ResolutionCode.INVALID})


def cause_of(changes: Container[str]) -> str | None:
    """The cause of a change of these facts, None when the terms do not depend on them."""
    return next((f"{name}_change" for name in DECIDES_TERMS if name in changes), None)


class Clockwork:
    """`clocks` are those the ticket has, `make(**facts)` adds one, `ledger` keeps segments and levels.

    Every verb calls `settle` first, then what happened, in the order of R17. What stops, pauses or changes a clock
    settles it once more: a hold that the same act has ended may have left levels that are due at this moment.
    """

    def __init__(self, clocks: list, make: Callable, ledger: Ledger):
        self.clocks = clocks
        self._make = make
        self._ledger = ledger

    @property
    def active(self) -> list:
        return [clock for clock in self.clocks if clock.state in ACTIVE]

    @property
    def reaction_runs(self) -> bool:
        return self._active(ClockKind.REACTION) is not None

    def settle(self, at: datetime, checking: bool = False) -> bool:
        """Record every level that is due by `at`; True if there was one."""
        settled = [sla.settle(clock, at, self._ledger, checking) for clock in self.active]
        return any(settled)

    def open(self, cycle: int, deals: Deals, at: datetime, opened_by_id: int | None, reaction: bool = True) -> None:
        """Start a cycle: filed, or reopened (then with a reaction only if the reopener is no person of the staff)."""
        for kind, deal in deals.items():
            if deal is not None and (reaction or kind is ClockKind.RESOLUTION):
                self._start(kind, cycle, deal, at, opened_by_id, paused=False)

    def react(self, at: datetime, by_id: int | None) -> None:
        """A human member of staff reacted (R2). Whoever opened the cycle reacts to themselves."""
        clock = self._active(ClockKind.REACTION)
        if clock is None:
            return
        sla.settle(clock, at, self._ledger)
        if clock.opened_by_id is not None and clock.opened_by_id == by_id:
            sla.stop_as_own(clock, at, self._ledger)
        else:
            sla.stop(clock, at, self._ledger, "reacted")

    def pause(self, at: datetime, why: str) -> None:
        """On hold, or in solution check: the resolution stands still; the reaction never does (R3, R4)."""
        if clock := self._active(ClockKind.RESOLUTION):
            sla.settle(clock, at, self._ledger)
            sla.pause(clock, at, why, self._ledger)

    def resume(self, at: datetime) -> None:
        if clock := self._active(ClockKind.RESOLUTION):
            sla.resume(clock, at)

    def move(self, origin: Status, target: Status, code: ResolutionCode | None, at: datetime) -> None:
        """Pause, go on or end as the new status says (R4, R11); `code` is that of a closing."""
        if target is Status.CLOSED:
            self.close(code, at)
        elif target is Status.SOLUTION_CHECK:
            self.pause(at, "solution_check")
        elif origin is Status.SOLUTION_CHECK:
            self.resume(at)

    def close(self, code: ResolutionCode, at: datetime) -> None:
        """The ticket closed. A reaction that still runs was not stopped by a person, and is left out (R11)."""
        for clock in self.active:
            sla.settle(clock, at, self._ledger)
            if code in LEFT_OUT:
                sla.cancel(clock, at, self._ledger, code)
            elif clock.kind is ClockKind.REACTION:
                sla.cancel(clock, at, self._ledger, "closed")
            else:
                sla.stop(clock, at, self._ledger, "closed")

    def relaxed(self, deals: Deals, reaction_stops: bool = False) -> bool:
        """Would these deals give a breached clock that goes on more time (R8)?"""
        return any(
            sla.relaxes(clock, deals[clock.kind])
            for clock in self.active
            if not (reaction_stops and clock.kind is ClockKind.REACTION)
        )

    def change(self, cycle: int, deals: Deals, at: datetime, cause: str, *, reacted: bool, paused: bool,
               checking: bool = False) -> bool:  # fmt: skip
        """Priority, type, category or the terms changed (R7). Returns whether any clock did.

        A kind that gains a target starts, or goes on; a reaction only if nobody has reacted in this cycle.
        """
        changed = False
        for kind, deal in deals.items():
            clock = self._of_cycle(kind, cycle)
            if clock is not None and clock.state in ACTIVE:
                sla.settle(clock, at, self._ledger, checking)
                changed |= sla.change(clock, deal, at, cause, self._ledger, checking)
            elif deal is not None and not (kind is ClockKind.REACTION and reacted):
                changed |= self._gain(clock, kind, cycle, deal, at, cause, paused)
        return changed

    def shown(self, cycle: int, is_open: bool) -> tuple[datetime | None, datetime | None, dict | None]:
        """What a card copies of the nearest running clock (R18): when it is due, when the first warning is, and a face.

        A face is {kind, calendar, target} of what runs, {kind, left, target} of what stands still, {outcome} once the
        ticket is closed (met or missed, by the clocks of its last cycle), or None.
        """
        ticking = [clock for clock in self.active if clock.state in TICKING and clock.due_at is not None]
        nearest = min(ticking, key=lambda clock: (clock.due_at, clock.kind), default=None)
        warn_at = min((clock.warn_at for clock in ticking if clock.warn_at), default=None)
        return nearest and nearest.due_at, warn_at, self._face(nearest, cycle, is_open)

    def _face(self, nearest, cycle: int, is_open: bool) -> dict | None:
        if nearest is not None:
            return {"kind": nearest.kind, "calendar": nearest.calendar_id, "target": nearest.target_s}
        for clock in self.active:
            if clock.state is ClockState.PAUSED:
                return {"kind": clock.kind, "left": clock.target_s - clock.elapsed_before_s, "target": clock.target_s}
        ends = [clock.state for clock in self.clocks if clock.cycle == cycle]
        if not is_open and ClockState.STOPPED_LATE in ends:
            return {"outcome": "missed"}
        return {"outcome": "met"} if not is_open and ClockState.MET in ends else None

    def _gain(self, clock, kind: ClockKind, cycle: int, deal: Deal, at: datetime, cause: str, paused: bool) -> bool:
        paused = paused and kind is ClockKind.RESOLUTION
        if clock is None:
            opened_by_id = next((one.opened_by_id for one in self.clocks if one.cycle == cycle), None)
            self._start(kind, cycle, deal, at, opened_by_id, paused)
        elif clock.state is ClockState.CANCELLED and clock.cause == NO_TARGET:
            sla.revive(clock, deal, at, cause, paused, self._ledger)
        else:
            return False
        return True

    def _start(self, kind, cycle, deal: Deal, at: datetime, opened_by_id: int | None, paused: bool) -> None:
        clock = self._make(
            kind=kind, cycle=cycle, target_s=deal.target_s, warn_pct=deal.warn_pct, calendar_id=deal.calendar_id,
            calendar=deal.calendar, terms_id=deal.terms_id, policy=deal.policy, started_at=at,
            opened_by_id=opened_by_id,
        )  # fmt: skip
        sla.start(clock, at, paused)
        self.clocks.append(clock)

    def _active(self, kind: ClockKind):
        return next((clock for clock in self.active if clock.kind is kind), None)

    def _of_cycle(self, kind: ClockKind, cycle: int):
        return next((c for c in self.clocks if c.kind is kind and c.cycle == cycle), None)
