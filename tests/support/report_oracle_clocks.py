"""How the clocks of one ticket went, told by its history and the terms alone: sla.md R1–R12 with plain loops.

Only the working hours and the look-up of a target are the desk's own; both are proved elsewhere.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models import CalendarVersion, SlaTerms
from ticketing.rules.sla_calendars import read_calendar
from ticketing.rules.sla_terms import read_terms
from ticketing.rules.taxonomy import Priority, TicketType
from ticketing.rules.working_hours import Calendar, NeverOpen


@dataclass
class Course:
    """One clock of one cycle. `worked` are working seconds, `since` when it began to run, None while it stands."""

    kind: str
    opened_by: int | None
    target: int
    warn: int
    hours: Calendar
    since: datetime | None
    stood_at: datetime | None = None  # since when it stands still
    worked: int = 0
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    ending: str = ""  # met, breached, self, cancelled, no target

    @property
    def goes_on(self) -> bool:
        return self.ended_at is None

    def look(self, at: datetime) -> None:
        """Is it later than due (R9)?"""
        if not self.goes_on or self.since is None or self.breached_at is not None:
            return
        try:
            due = self.hours.add(self.since, max(0, self.target - self.worked))
        except NeverOpen:
            return
        if due < at:
            self.breached_at = due

    def stand(self, at: datetime) -> None:
        if self.since is not None:
            at = max(at, self.since)
            self.worked += self.hours.work(self.since, at)
            self.since, self.stood_at = None, at

    def run(self, at: datetime) -> None:
        if self.goes_on and self.since is None:
            self.since = max(at, self.stood_at or at)

    def end(self, at: datetime, ending: str) -> None:
        """What has breached is breached, however it ends."""
        self.stand(at)
        self.ended_at, self.ending = at, "breached" if self.breached_at is not None else ending
        if self.ending == "self":
            self.worked = 0

    def outcome(self) -> tuple[str, datetime, int | None] | None:
        if self.ended_at is not None:
            told = self.worked if self.ending in ("met", "breached") else None
            return {"no target": "cancelled"}.get(self.ending, self.ending), self.ended_at, told
        return None if self.breached_at is None else ("breached", self.breached_at, None)


class Lived:
    """`through` gives (kind, outcome, when, working seconds or None) of all that counts in a report."""

    def __init__(self, categories: dict[int, str]):
        self.categories = categories
        self.courses: list[Course] = []  # of all cycles
        self.present: dict[str, Course] = {}  # of the present one, by kind
        self.facts: list[tuple] = []
        self.status, self.held, self.reacted, self.cycles, self.opener = "new", False, False, 0, None
        self.type = self.priority = self.category = None

    def through(self, history: list, now: datetime) -> list[tuple]:
        for event in history:
            self._follow(event)
        for course in self.courses:
            course.look(now)
            if (ended := course.outcome()) is not None:
                outcome, at, seconds = ended
                self.facts.append((course.kind, outcome, at, seconds))
        return self.facts

    def _follow(self, event) -> None:
        told, at = event.payload, event.at
        if event.kind == "created":
            self.type, self.priority, self.category = told["type"], told["priority"], told.get("category")
            if "terms" in told:
                self._open(told["terms"], event, with_reaction=True)
            return
        if event.kind not in ("resumed", "reopened"):
            for course in self.courses:
                course.look(event.noticed_at if event.kind == "sla_level" and _is(course, told) else at)
        resolution = self.present.get("resolution")
        if event.kind == "reacted":
            self._react(event)
        elif event.kind == "held":
            self.held = True
            if resolution and resolution.goes_on:
                resolution.stand(at)
        elif event.kind == "resumed":
            self.held = False
            if resolution:
                resolution.run(at)
        elif event.kind == "moved":
            if resolution and resolution.goes_on and told["to"] == "solution_check":
                resolution.stand(at)
            elif resolution and self.status == "solution_check":
                resolution.run(at)
            self.status = told["to"]
        elif event.kind == "closed":
            self.status = "closed"
            self._close(told["resolution_code"], at)
        elif event.kind == "reopened":
            self.status = told["to"]
            if "terms" in told:
                self.reacted = not told["reaction"]
                self._open(told["terms"], event, told["reaction"])
        elif event.kind == "classified":
            self._classify(told, at)
        elif event.kind == "retermed" and "calendars" in told:
            self._change({kind: self._other_hours(kind, number) for kind, number in told["calendars"].items()}, at)
        elif event.kind == "retermed":
            self._change(self._promised(told["terms"]), at)

    def _open(self, terms: int, event, with_reaction: bool) -> None:
        self.cycles, self.present, self.opener = self.cycles + 1, {}, event.actor_id
        for kind, promise in self._promised(terms).items():
            if promise is not None and (kind == "resolution" or with_reaction):
                self._begin(kind, promise, event.at, event.actor_id)

    def _begin(self, kind: str, promise: tuple, at: datetime, opened_by: int | None) -> Course:
        target, warn, hours = promise
        course = Course(kind, opened_by, target, warn, hours, since=at)
        self.courses.append(course)
        self.present[kind] = course
        return course

    def _react(self, event) -> None:
        if not self.cycles:
            return
        self.reacted = True
        course = self.present.get("reaction")
        if course and course.goes_on:
            course.end(event.at, "self" if course.opened_by == event.actor_id else "met")

    def _close(self, code: str, at: datetime) -> None:
        for course in self.courses:
            if course.goes_on:
                left_out = code in ("duplicate", "invalid") or course.kind == "reaction"
                course.end(at, "cancelled" if left_out else "met")

    def _classify(self, told: dict, at: datetime) -> None:
        for name in ("type", "priority", "category"):
            if name in told["changes"]:
                setattr(self, name, told["changes"][name][1])
        if "terms" in told and self.cycles:
            self._change(self._promised(told["terms"]), at)

    def _promised(self, terms: int) -> dict:
        """{kind: (target, threshold, hours) or None} of this ticket under these terms."""
        body = db.session.scalar(select(SlaTerms.body).where(SlaTerms.id == terms))
        category = self.categories[self.category] if self.category else None
        deals = _terms(body, terms).deals(TicketType(self.type), category, Priority(self.priority))
        return {
            str(kind): deal and (deal.target_s, deal.warn_pct, deal.calendar) for kind, deal in deals.items()
        }  # fmt: skip

    def _other_hours(self, kind: str, number: int) -> tuple:
        body = db.session.scalar(select(CalendarVersion.body).where(CalendarVersion.id == number))
        course = self.present[kind]
        return course.target, course.warn, read_calendar(json.loads(body))

    def _change(self, promises: dict, at: datetime) -> None:
        """R7, R8: what has been worked stays, the rest is another deal from now on."""
        for kind, promise in promises.items():
            course = self.present.get(kind)
            if course is not None and course.goes_on:
                self._change_one(course, promise, at)
            elif promise is None or (kind == "reaction" and self.reacted):
                continue
            elif course is None:
                self._gain(self._begin(kind, promise, at, self._opened_by()), at)
            elif course.ending == "no target":
                course.ended_at, course.ending, course.stood_at = None, "", None
                course.target, course.warn, course.hours = promise
                course.since = at
                self._gain(course, at)

    def _opened_by(self) -> int | None:
        """Nobody's where the cycle began without any clock."""
        return self.opener if self.present else None

    def _gain(self, course: Course, at: datetime) -> None:
        if course.kind == "resolution" and (self.held or self.status == "solution_check"):
            course.since, course.stood_at = None, at
        if course.worked >= course.target:
            course.breached_at = at

    def _change_one(self, course: Course, promise: tuple | None, at: datetime) -> None:
        if promise is not None and (course.target, course.warn, course.hours) == promise:
            return
        runs = course.since is not None
        begins = max(at, course.since) if runs else at
        course.stand(at)
        if course.breached_at is not None and (promise is None or promise[0] > course.worked):
            self.facts.append((course.kind, "superseded", at, None))
            course.breached_at = None
        if promise is None:
            course.ended_at, course.ending = at, "no target"
            return
        course.target, course.warn, course.hours = promise
        if course.breached_at is None and course.worked >= course.target:
            course.breached_at = begins
        if runs:
            course.since = begins


@lru_cache(maxsize=64)
def _terms(body: str, number: int):
    return read_terms(json.loads(body), number)


def _is(course: Course, told: dict) -> bool:
    return course.kind == told["clock"]
