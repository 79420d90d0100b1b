"""How fast a story goes: when each act falls, measured against what the desk has promised for such a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ticketing.jobs.demo.hours import working
from ticketing.jobs.demo.story import Act, Story
from ticketing.rules.sla import ClockKind
from ticketing.rules.sla_terms import Terms
from ticketing.rules.taxonomy import Priority, Status
from ticketing.rules.working_hours import Calendar

_ALWAYS = Calendar.always()
_HOUR = 3600
_LEAST_S = 25  # nobody does two things at once


@dataclass(frozen=True, slots=True)
class Promise:
    """Targets in working seconds, and the hours they count in."""

    reaction_s: int
    resolution_s: int
    hours: Calendar


@dataclass(frozen=True, slots=True)
class Fate:
    """What of each target is used up: at the first reaction, and when the work was done, or by now."""

    reacts: float
    resolves: float


@dataclass(slots=True)
class _Step:
    """On the way to an act: seconds of work, or while the clock stands still a wait in seconds."""

    worked: float = 0.0
    waited: float | None = None


class Pace:
    """The moments of one story. The same for the same random numbers, wherever the present lies."""

    def __init__(self, story: Story, fate: Fate, terms: Terms, rng: Random):
        self.story, self.fate = story, fate
        self.shares = [rng.random() for _ in range(len(story.acts) + 1)]
        kind, category = story.scenario.type, story.scenario.category
        filed_as = story.priority if story.urgent else Priority.NORMAL
        self.filed = _promise(terms, kind, None, filed_as)
        self.classified = _promise(terms, kind, category, story.priority)
        self.changed = story.later and _promise(terms, kind, category, story.later)
        self.still_runs = story.goal not in (Status.SOLUTION_CHECK, Status.CLOSED) and not story.held
        self.steps = self._steps()

    def walk(self, filed_at: datetime, by_night: bool = False) -> tuple[list[datetime], datetime]:
        """A moment for each act of a ticket that was filed then, and the moment at which its tail is over.

        `by_night` lets somebody classify it whenever that is.
        """
        hours = _ALWAYS if by_night else self.filed.hours
        moments, moment = [], filed_at
        for act, step, share in zip([*self.story.acts, None], self.steps, self.shares, strict=True):
            moment = self._after(moment, step, hours, share, tail=act is None)
            if act is not None:
                moments.append(moment)
                hours = self._hours_after(act, hours)
        return moments, moment

    def counts_on(self, end: datetime, now: datetime) -> bool:
        """Would more than a little of its time be used up from that end to now?"""
        if not self.still_runs:
            return False
        hours = self.filed.hours if self.story.goal is Status.NEW else (self.changed or self.classified).hours
        return hours.work(end, now) > _HOUR / 4

    def _after(self, moment: datetime, step: _Step, hours: Calendar, share: float, tail: bool) -> datetime:
        if step.waited is None:
            return hours.add(moment, round(max(step.worked, 0 if tail else _LEAST_S)))
        later = moment + timedelta(seconds=round(step.waited))
        return later if tail or self.story.urgent else working(later, share).replace(microsecond=0)

    def _hours_after(self, act: Act, hours: Calendar) -> Calendar:
        if act.verb == "classify":
            return self.classified.hours
        return self.changed.hours if act.verb == "reprioritise" else hours

    def _steps(self) -> list[_Step]:
        """One for each act and one for what has passed since the last."""
        marks, acts = self._marks(), self.story.acts
        steps, start = [], 0
        for mark in sorted(marks):
            weights = {n: self._weight(n) for n in range(start, mark + 1) if not self.story.stands_still[n]}
            whole = sum(weights.values())
            for n in range(start, mark + 1):
                worked = marks[mark] * weights[n] / whole if n in weights else 0.0
                steps.append(_Step(worked, None if n in weights else self._wait(n)))
            start = mark + 1
        steps += [_Step(waited=self._wait(n)) for n in range(start, len(acts) + 1)]
        return steps

    def _weight(self, place: int) -> float:
        acts, share = self.story.acts, self.shares[place]
        return share * 0.8 + 0.6 if place == len(acts) else acts[place].weight * (share * 1.2 + 0.4)

    def _marks(self) -> dict[int, float]:
        """{place of an act: seconds of work since the mark before}. The place after the last act is the present."""
        found: dict[int, float] = {}
        for cycle, (first, last) in enumerate(self._cycles(), 1):
            reached = self._reached(cycle, first, last)
            before = 0.0
            for place in sorted(reached):
                later = [reached[other] for other in reached if other > place]
                target = max(min([reached[place], *(one * 0.8 for one in later)]), before + _LEAST_S)
                found[place], before = target - before, target
        return found

    def _reached(self, cycle: int, first: int, last: int) -> dict[int, float]:
        """{place of an act: seconds of work since the cycle began}."""
        acts, fate = self.story.acts, self.fate
        verbs = {place: acts[place].verb for place in range(first, min(last, len(acts) - 1) + 1)}
        promise = self.changed or self.classified
        reached: dict[int, float] = {}
        ends_here = last == len(acts)
        resolves = fate.resolves if ends_here or cycle == self.story.cycles else 0.5
        if cycle == 1:
            self._reach_reaction(verbs, reached, last, ends_here)
        elif said := _places(verbs, "say"):
            reached[said[0]] = promise.reaction_s * (0.1 + 0.5 * self.shares[0])
        if changed := _places(verbs, "reprioritise"):
            old, new = self.classified.resolution_s, promise.resolution_s
            reached[changed[0]] = old * 1.04 if self.story.relaxed else new * 0.08
        checks = _places(verbs, "check")
        for place in checks:
            reached[place] = promise.resolution_s * resolves * (1 if place == checks[-1] else 0.8)
        if ends_here and self.story.held:
            reached[last - 1] = promise.resolution_s * resolves
        elif ends_here and self.still_runs and (cycle > 1 or _places(verbs, "assign")):
            reached[last] = promise.resolution_s * resolves
        return reached

    def _reach_reaction(self, verbs: dict[int, str], reached: dict[int, float], last: int, ends_here: bool) -> None:
        classified, reacted = _places(verbs, "classify"), _places(verbs, "assign") or _places(verbs, "close_as")
        promise = self.classified if classified else self.filed
        at = self.fate.reacts * promise.reaction_s
        if classified:  # long before it is late: a change that gives more time would ask for a manager
            most = min(self.filed.reaction_s, self.classified.reaction_s)
            reached[classified[0]] = min(at * 0.4, most * (0.1 + 0.4 * self.shares[-1]))
        if reacted:
            reached[reacted[0]] = at
        elif ends_here:
            reached[last] = at

    def _cycles(self) -> list[tuple[int, int]]:
        """First and last place of each cycle."""
        acts = self.story.acts
        reopened = _places(dict(enumerate(act.verb for act in acts)), "reopen")
        starts = [0, *(place + 1 for place in reopened)]
        return list(zip(starts, [*reopened, len(acts)], strict=True))

    def _wait(self, place: int) -> float:
        """How long it stood still before the act at this place, or until now."""
        acts, share = self.story.acts, self.shares[place]
        if place == len(acts):
            return _HOUR * ((2 + 60 * share**2) if self.story.held else (1 + 40 * share**2))
        verb = acts[place].verb
        if verb == "reopen":
            return _HOUR * (3 + 60 * share)
        if verb in ("resume", "expire"):
            return _HOUR * (1 + 30 * share**2) / (4 if self.story.urgent else 1)
        return _HOUR * (0.2 + 16 * share**2) / (4 if self.story.urgent else 1)


def _places(verbs: dict[int, str], verb: str) -> Sequence[int]:
    return [place for place, one in verbs.items() if one == verb]


def _promise(terms: Terms, kind, category: str | None, priority: Priority) -> Promise:
    """What such a ticket is promised; where nothing is, what people would do anyway."""
    deals = terms.deals(kind, category, priority)
    reaction, resolution = deals[ClockKind.REACTION], deals[ClockKind.RESOLUTION]
    some = reaction or resolution
    return Promise(
        reaction.target_s if reaction else 4 * _HOUR, resolution.target_s if resolution else 16 * _HOUR,
        some.calendar if some else _ALWAYS,
    )  # fmt: skip
