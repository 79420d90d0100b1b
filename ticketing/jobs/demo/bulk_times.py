"""When the acts of a bulk ticket were, measured against what the desk has promised for it; in seconds since 1970."""

from dataclasses import dataclass
from math import log as _log
from random import Random

from ticketing.jobs.demo.bulk_cases import Case

DAY, HOUR = 86_400, 3600
NEW, CLASSIFIED, ASSIGNED, DIAGNOSTICS, CORRECTION, SOLUTION_CHECK, CLOSED = range(1, 8)
_SPAN = 730 * DAY
_LATE_REACTIONS, _LATE_RESOLUTIONS, _LATE_NOW, _AT_RISK_NOW = 0.115, 0.1, 0.09, 0.15


@dataclass(slots=True)
class Times:
    """None where it did not happen."""

    created: int
    classified: int = 0
    assigned: int = 0
    started: int = 0
    replied: int | None = None
    noted: int | None = None
    held: int | None = None
    resumed: int | None = None
    corrected: int | None = None
    relaxed: int | None = None
    checked: int = 0
    closed: int = 0


@dataclass(slots=True)
class _Used:
    """Seconds of work of its clocks by then."""

    classified: float
    reacted: float
    done: float  # by the check, or by now


class Calendarium:
    """Draws the times of tickets on a desk whose last two years end at `now`."""

    def __init__(self, rng: Random, now: int):
        self.rng, self.now = rng, now
        self.day_times = [int(rng.triangular(6.5, 22, 11) * HOUR) for _ in range(997)]

    def filed(self, place: float) -> int:
        """Some time on the day that lies at this place, 0 to 1, of the two years."""
        day = (self.now - _SPAN + int(_SPAN * place)) // DAY
        weekday = (day + 3) % 7
        if weekday > 4 and self.rng.random() < 0.7:
            day -= weekday - 4
        return day * DAY + self.day_times[int(self.rng.random() * 997)]

    def invalid(self, case: Case, created: int) -> Times:
        """Closed early, in time or not."""
        closed = case.filed.hours.ahead(created, self._reacts() * case.filed.reaction_s)
        while closed >= self.now:
            created -= DAY
            closed = case.filed.hours.ahead(created, self._reacts() * case.filed.reaction_s)
        return Times(created, closed=closed)

    def over(self, case: Case, created: int, relaxed: bool) -> Times:
        """The whole way from filing to closing, which lies before now."""
        random = self.rng.random
        promise = case.relaxed_pledge if relaxed else case.pledge
        resolves = 0.7 if relaxed else self._late(0.3) if random() < _LATE_RESOLUTIONS else self._early(0.5)
        used = self._used(case, self._reacts(), resolves * promise.resolution_s)
        talks, hold = (random() < 0.6, random() < 0.2), self._wait(30) if random() < 0.1 else 0
        straight, check = not relaxed and random() < 0.2, self._wait(40)
        while True:
            found = self._forward(case, created, used, talks, hold, straight, relaxed)
            found.closed = self._weekday(found.checked + check)
            if found.closed < self.now:
                return found
            created -= 2 * DAY

    def again(self, case: Case, closed: int) -> Times | None:
        """A second cycle after a closing, if it is over by now."""
        random, hours = self.rng.random, case.pledge.hours
        reopened = closed + 3 * HOUR + int(50 * HOUR * random())
        replied = hours.ahead(reopened, case.pledge.reaction_s * (0.1 + 0.6 * random()))
        checked = hours.ahead(replied, case.pledge.resolution_s * (0.1 + 0.6 * random()))
        closed = self._weekday(checked + self._wait(30))
        return Times(reopened, replied=replied, checked=checked, closed=closed) if closed < self.now else None

    def open(self, case: Case, step: int, holds: bool) -> Times:
        """As far as `step`, filed so long ago that by now as much of its time is used up as it should be."""
        if step == NEW:
            return Times(case.filed.hours.back(self.now, self._by_now(0.05) * case.filed.reaction_s))
        hours, random = case.pledge.hours, self.rng.random
        still = holds or step == SOLUTION_CHECK
        until = self.now - self._wait(2000 if random() < 0.4 else 60) if still else self.now
        if step == CLASSIFIED:
            used = self._used(case, self._by_now(0.05), 0)
            used.done = used.reacted
        else:
            share = self._early(0.5) if still else self._by_now(0.02 * step)
            used = self._used(case, self._early(0.3), share * case.pledge.resolution_s)
        classified = hours.back(until, used.done - used.classified)
        created = case.filed.hours.back(classified, used.classified)
        if step == CLASSIFIED:
            return Times(created, classified)
        talks = (step > ASSIGNED and random() < 0.6, step > ASSIGNED and random() < 0.2)
        found = self._forward(case, created, used, talks, 0, step == SOLUTION_CHECK and random() < 0.2, False)
        # What was planned for the end is now, or when it came to a standstill.
        found.held = found.checked if holds else None
        return found

    def _forward(self, case: Case, created: int, used: _Used, talks: tuple[bool, bool], hold: int, straight: bool,
                 relaxed: bool) -> Times:  # fmt: skip
        hours, span = case.pledge.hours, used.done - used.reacted
        found = Times(created, classified=case.filed.hours.ahead(created, used.classified))
        found.assigned = hours.ahead(found.classified, used.reacted - used.classified)
        reached, at = 0.08, hours.ahead(found.assigned, 0.08 * span)
        found.started = at
        if talks[0]:
            found.replied = at = hours.ahead(at, 0.04 * span)
            reached += 0.04
        if talks[1]:
            found.noted = at = hours.ahead(at, 0.04 * span)
            reached += 0.04
        if hold:
            found.held, found.resumed = at, at + hold
            at += hold
        if not straight:
            found.corrected = at = hours.ahead(at, 0.4 * span)
            reached += 0.4
        if relaxed:  # a little after it was late
            late = 1.03 * case.pledge.resolution_s - used.reacted - reached * span
            found.relaxed = hours.ahead(at, max(late, 60))
            hours, left = case.relaxed_pledge.hours, used.done - used.reacted - reached * span - max(late, 60)
            found.checked = hours.ahead(found.relaxed, max(left, 60))
        else:
            found.checked = hours.ahead(at, (1 - reached) * span)
        return found

    def _used(self, case: Case, reacts: float, done: float) -> _Used:
        reacted = reacts * case.pledge.reaction_s
        reacted = min(reacted, 0.8 * done) if done else reacted
        least = min(case.filed.reaction_s, case.pledge.reaction_s)
        return _Used(min(0.4 * reacted, 0.4 * least), reacted, max(done, reacted + 60))

    def _reacts(self) -> float:
        return self._late(0.5) if self.rng.random() < _LATE_REACTIONS else self._early(0.3)

    def _early(self, usual: float) -> float:
        first, second = self.rng.random(), self.rng.random()
        return 0.05 + 0.9 * (usual * first + (1 - usual) * second * first)

    def _late(self, more: float) -> float:
        return 1.05 + min(-more * _log(1 - self.rng.random()), 2)

    def _by_now(self, least: float) -> float:
        drawn, random = self.rng.random(), self.rng.random()
        if drawn < _LATE_NOW:
            return 1.02 + 0.5 * random
        return 0.78 + 0.2 * random if drawn < _LATE_NOW + _AT_RISK_NOW else least + (0.72 - least) * random

    def _wait(self, most_hours: float) -> int:
        return int(HOUR * (0.5 + most_hours * self.rng.random() ** 2))

    def _weekday(self, moment: int) -> int:
        """Closings wait for Monday, mostly."""
        weekday = (moment // DAY + 3) % 7
        return moment + (7 - weekday) * DAY if weekday > 4 and self.rng.random() < 0.8 else moment
