"""What the reports must say, worked out again from the history with plain loops; slow, and sure of nothing else.

It reads the tickets as they are and their events, and knows no sheet, no fact and no clock of the desk. `Lived` in
report_oracle_clocks.py is the other half: how the clocks of a ticket went, by the rules alone (sla.md).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tests.support.report_oracle_clocks import Lived
from ticketing.extensions import db
from ticketing.models import Category, Event, Team, Ticket, User

OPEN = ("new", "classified", "assigned", "diagnostics", "correction", "solution_check")
KINDS = ("reaction", "resolution")
OUTCOMES = ("met", "breached", "cancelled", "self", "superseded")
PRIORITIES = ("critical", "high", "normal", "low")
REASONS = ("reporter", "provider", "vendor", "release_window", "other")


@dataclass
class Fact:
    """`seconds` is None where there is no time to tell."""

    ticket: int
    figure: str
    day: date
    seconds: int | None = None


@dataclass
class Story:
    """A ticket's own facts, and on which day it came into which status, in order."""

    id: int
    team: str
    type: str
    category: str
    category_id: int
    team_id: int
    priority: str
    owner: str
    owner_id: int
    restricted: bool
    entered: list[tuple[str, date]]

    def status_at_end_of(self, day: date) -> str | None:
        """Where it was when that day was over; None before it was filed."""
        found = None
        for status, since in self.entered:
            if since <= day:
                found = status
        return found


class Oracle:
    """Everything that happened by `now`, by days of `zone`."""

    def __init__(self, now: datetime, zone: str):
        self.now, self.zone = now, ZoneInfo(zone)
        self.facts: list[Fact] = []
        self.stories: dict[int, Story] = {}
        histories = defaultdict(list)
        for event in db.session.execute(select(Event.__table__).order_by(Event.id)):
            histories[event.ticket_id].append(event)
        teams = dict(db.session.execute(select(Team.id, Team.key)).all())
        categories = dict(db.session.execute(select(Category.id, Category.key)).all())
        self.handles = dict(db.session.execute(select(User.id, User.handle)).all())
        self.names = dict(db.session.execute(select(User.id, User.name)).all())
        for row in db.session.execute(select(Ticket.__table__)):
            story = Story(row.id, teams[row.team_id], str(row.type), categories.get(row.category_id, ""),
                          row.category_id or 0, row.team_id, str(row.priority), self.handles.get(row.owner_id, "none"),
                          row.owner_id or 0, row.restricted, [])  # fmt: skip
            self.stories[row.id] = story
            self._tell(story, row, histories[row.id])
            for kind, outcome, at, seconds in Lived(categories).through(histories[row.id], now):
                self._add(row.id, f"{kind}_{outcome}", at, seconds)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _add(self, ticket: int, figure: str, at: datetime, seconds: int | None = None) -> None:
        self.facts.append(Fact(ticket, figure, self._day(at), seconds))

    def _tell(self, story: Story, row, history: list) -> None:
        self._add(row.id, "created", row.created_at)
        status, since, hold = None, row.created_at, None
        for event in history:
            at, told = event.at, event.payload
            if event.kind in ("moved", "closed", "reopened"):
                if status is None:
                    status = told["from"]
                    story.entered.append((status, self._day(since)))
                if event.kind == "reopened":
                    self._add(row.id, "reopened", at)
                if status != "closed":
                    self._add(row.id, f"stay_{status}", max(since, at), max(0, _between(since, at)))
                since = max(since, at)
                status = "closed" if event.kind == "closed" else told["to"]
                story.entered.append((status, self._day(since)))
                if status == "closed":
                    self._add(row.id, "closed", at, max(0, _between(row.created_at, at)))
            if event.kind in ("held", "resumed") and hold is not None:
                self._add(row.id, f"hold_{hold[0]}", at, max(0, _between(hold[1], at)))
                hold = None
            if event.kind == "held":
                hold = told["reason"], at
            if event.kind == "reassigned":
                self._add(row.id, "reassigned", at)
        if status is None:
            story.entered.append((str(row.status), self._day(since)))

    # What a page asks for.

    def chosen(self, scope, manager: bool) -> dict[int, Story]:
        """The tickets that a scope counts for who may or may not see what is restricted."""
        return {
            number: one
            for number, one in self.stories.items()
            if (manager or not one.restricted)
            and scope.team in ("", one.team)
            and scope.type in ("", one.type)
            and scope.category in ("", one.category)
            and scope.priority in ("", one.priority)
            and scope.person in ("", one.owner)
        }

    def facts_in(self, chosen, first: date, last: date) -> list[Fact]:
        return [fact for fact in self.facts if fact.ticket in chosen and first <= fact.day <= last]

    def open_at(self, chosen, day: date) -> dict[str, int]:
        found = dict.fromkeys(OPEN, 0)
        for story in chosen.values():
            status = story.status_at_end_of(day)
            if status in found:
                found[status] += 1
        return found

    def report(self, scope, manager: bool) -> dict:
        """All figures of a scope as plain values; see `plain` in tests/queries/test_reports.py."""
        chosen = self.chosen(scope, manager)
        facts = self.facts_in(chosen, scope.first, scope.last)
        length = timedelta(days=(scope.last - scope.first).days + 1)
        stays = {status: spread(facts, f"stay_{status}") for status in OPEN}
        totals = {status: found["total"] for status, found in stays.items()}
        return {
            "headline": self._headline(chosen, scope.first, scope.last),
            "previous": self._headline(chosen, scope.first - length, scope.last - length),
            "weeks": self._weeks(chosen, scope), "days": self._days(chosen, facts, scope),
            "stays": stays, "bottleneck": max(OPEN, key=totals.get) if any(totals.values()) else None,
            "holds": {reason: spread(facts, f"hold_{reason}") for reason in REASONS},
            "by_priority": self._by(facts, lambda one: one.priority),
            "by_team": self._by(facts, lambda one: one.team_id), "by_type": self._by(facts, lambda one: one.type),
            "by_category": self._by(facts, lambda one: one.category_id), "owners": self._owners(facts),
        }  # fmt: skip

    def _headline(self, chosen, first: date, last: date) -> dict:
        facts = self.facts_in(chosen, first, last)
        counts = {name: count(facts, name) for name in ("created", "closed", "reopened", "reassigned")}
        share = counts["reopened"] / counts["closed"] if counts["closed"] else None
        return counts | {
            "open": sum(self.open_at(chosen, last).values()), "reopen_share": share, "clocks": clocks(facts),
        }  # fmt: skip

    def _weeks(self, chosen, scope) -> list:
        """Every day falls into the week of its Monday."""
        weeks = defaultdict(list)
        day = scope.first
        while day <= scope.last:
            weeks[day - timedelta(days=day.weekday())].append(day)
            day += timedelta(days=1)
        return [
            (days[0], days[-1], self._headline(chosen, days[0], days[-1])) for _monday, days in sorted(weeks.items())
        ]

    def _days(self, chosen, facts: list[Fact], scope) -> list:
        only_sundays = (scope.last - scope.first).days >= 26 * 7
        found, day = [], scope.first
        while day <= scope.last:
            if not only_sundays or day.weekday() == 6 or day == scope.last:
                closed = count([fact for fact in facts if fact.day <= day], "closed")
                found.append((day, self.open_at(chosen, day), closed))
            day += timedelta(days=1)
        return found

    def _by(self, facts: list[Fact], key) -> dict:
        groups = defaultdict(list)
        for fact in facts:
            groups[key(self.stories[fact.ticket])].append(fact)
        return {value: found for value, group in groups.items() if any_clock(found := clocks(group))}

    def _owners(self, facts: list[Fact]) -> list:
        groups = defaultdict(list)
        for fact in facts:
            groups[self.stories[fact.ticket].owner_id].append(fact)
        lines = []
        for owner, group in groups.items():
            counts = tuple(count(group, name) for name in ("created", "closed", "reopened"))
            found = clocks(group)
            if any(counts) or any_clock(found):
                lines.append((owner or None, self.names.get(owner, ""), *counts, found))
        return sorted(lines, key=lambda line: (line[0] is None, -line[3], line[1]))


def _between(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def count(facts: list[Fact], figure: str) -> int:
    return sum(fact.figure == figure for fact in facts)


def times(facts: list[Fact], *figures: str) -> list[int]:
    return sorted(fact.seconds for fact in facts if fact.figure in figures and fact.seconds is not None)


def clocks(facts: list[Fact]) -> dict:
    """{kind: its outcomes, compliance and times}."""
    found = {}
    for kind in KINDS:
        counts = {outcome: count(facts, f"{kind}_{outcome}") for outcome in OUTCOMES}
        decided = counts["met"] + counts["breached"]
        share = counts["met"] / decided if decided else None
        found[kind] = counts | {"share": share} | middle(times(facts, f"{kind}_met", f"{kind}_breached"))
    return found


def any_clock(found: dict) -> bool:
    return any(found[kind][outcome] for kind in KINDS for outcome in OUTCOMES)


def spread(facts: list[Fact], figure: str) -> dict:
    told = times(facts, figure)
    return {"count": len(told), "total": sum(told)} | middle(told)


def middle(ordered: list[int]) -> dict:
    """Median, 90th percentile and mean of sorted seconds, as anybody would work them out."""
    if not ordered:
        return {"median": None, "p90": None, "mean": None}
    size = len(ordered)
    if size % 2:
        median = ordered[size // 2]
    else:
        median = round((ordered[size // 2 - 1] + ordered[size // 2]) / 2)
    p90 = next(one for one in ordered if 10 * sum(other <= one for other in ordered) >= 9 * size)
    return {"median": median, "p90": p90, "mean": round(sum(ordered) / size)}
