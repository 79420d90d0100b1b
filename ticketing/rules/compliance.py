"""How cycles count in a report (sla.md R19).

A cycle counts on the day it stopped, or breached while it still runs; compliance is met / (met + breached). What was
cancelled, and what people did for themselves, stands apart and decides nothing.
"""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ticketing.rules.sla import SELF, TICKING, ClockState
from ticketing.rules.spread import Spread


class Outcome(StrEnum):
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"
    SELF = "self"


_STOPPED = {
    ClockState.MET: Outcome.MET, ClockState.STOPPED_LATE: Outcome.BREACHED, ClockState.CANCELLED: Outcome.CANCELLED,
}  # fmt: skip


def judge(clock, now: datetime) -> tuple[Outcome, datetime] | None:
    """How a clock counts at `now`, and when; None while that is open.

    `clock` has state, cause, due_at, breached_at and stopped_at. One whose due has passed is breached, whether or not
    a check has seen it yet.
    """
    if outcome := _STOPPED.get(clock.state):
        own = outcome is Outcome.MET and clock.cause == SELF
        return (Outcome.SELF if own else outcome), clock.stopped_at
    if clock.breached_at is not None:
        return Outcome.BREACHED, clock.breached_at
    if clock.state in TICKING and clock.due_at is not None and clock.due_at < now:
        return Outcome.BREACHED, clock.due_at
    return None


@dataclass(slots=True)
class Compliance:
    """The cycles of one group. `times` are whole seconds of working time, of those that stopped, met or late."""

    met: int = 0
    breached: int = 0
    cancelled: int = 0
    self: int = 0
    superseded: int = 0  # breaches that a manager's change took back, of whatever cycle
    times: Spread = field(default_factory=Spread)

    @property
    def counted(self) -> int:
        return self.met + self.breached

    @property
    def share(self) -> float | None:
        """Compliance from 0 to 1; None where nothing counts."""
        return self.met / self.counted if self.counted else None

    @property
    def median_s(self) -> int | None:
        return self.times.median_s

    @property
    def p90_s(self) -> int | None:
        return self.times.p90_s

    @property
    def mean_s(self) -> int | None:
        return self.times.mean_s


class Tally:
    """Cycles counted one by one."""

    def __init__(self):
        self._counts: Counter = Counter()
        self._times = array("q")

    def add(self, outcome: Outcome, clock) -> None:
        """Count a clock as `judge` has it; it has state, elapsed_before_s and superseded besides."""
        self._counts[outcome.value] += 1
        self._counts["superseded"] += clock.superseded
        if clock.state in (ClockState.MET, ClockState.STOPPED_LATE) and outcome is not Outcome.SELF:
            self._times.append(clock.elapsed_before_s)

    @property
    def compliance(self) -> Compliance:
        return Compliance(**self._counts, times=Spread(len(self._times), [array("q", sorted(self._times))]))
