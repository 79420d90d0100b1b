"""The figures of the reports, put together out of the sheets. What each means stands in the glossary of the pages."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.report import Family
from ticketing.models.report_state import read_state
from ticketing.models.user import User
from ticketing.queries.report_scope import Scope
from ticketing.queries.report_sheets import Sheets
from ticketing.rules.compliance import Compliance
from ticketing.rules.report_facts import ENTERED, HOLDS, STAYS, Figure
from ticketing.rules.report_sheet import Pile
from ticketing.rules.sla import ClockKind
from ticketing.rules.spread import Spread
from ticketing.rules.taxonomy import OPEN_STATUSES, PRIORITIES, HoldReason, Priority, Status

_WEEKLY_OVER = 26 * 7  # a flow of more days than this has one point a week, at its end
Clocks = dict[ClockKind, Compliance]


@dataclass(slots=True)
class Headline:
    """What a period comes down to. `reopen_share` is reopenings by closings, None without a closing."""

    created: int
    closed: int
    reopened: int
    reassigned: int
    open_at_end: int
    clocks: Clocks

    @property
    def reopen_share(self) -> float | None:
        return self.reopened / self.closed if self.closed else None


@dataclass(slots=True)
class Week(Headline):
    """A week from Monday, cut where the period begins and ends."""

    start: date
    last: date


@dataclass(slots=True)
class Day:
    """How many tickets were in each open status at the end of that day; `closed` since the period began."""

    date: date
    open: dict[Status, int]
    closed: int


@dataclass(slots=True)
class OwnerLine:
    """What a person owns now, as far as it happened in the period; `id` is None for what nobody owns."""

    id: int | None
    name: str
    handle: str
    created: int
    closed: int
    reopened: int
    clocks: Clocks


@dataclass(slots=True)
class Report:
    scope: Scope
    zone: str
    counted_at: datetime | None  # None: never yet
    headline: Headline
    previous: Headline
    weeks: list[Week]
    days: list[Day]
    stays: dict[Status, Spread]
    bottleneck: Status | None  # the open status in which most time was spent
    holds: dict[HoldReason, Spread]
    by_priority: dict[Priority, Clocks]
    by_team: dict[int, Clocks]
    by_type: dict[str, Clocks]
    by_category: dict[int, Clocks]  # 0: none
    owners: list[OwnerLine]


def counted(zone: str) -> datetime | None:
    """Up to when the figures are right; None where they were never counted, or for the days of another zone."""
    state = read_state(zone)
    return state.counted_at if state.zone == zone else None


def load_report(scope: Scope, viewer: User, zone: str) -> Report:
    """All figures of a scope. Six statements, and one for each team, category and person that the scope names."""
    counted_at = counted(zone)
    sheets = Sheets(scope, viewer)
    before = scope.previous.first
    if by_weeks := scope.days > _WEEKLY_OVER:
        piles = sheets.by_week(before, scope.first, scope.last + timedelta(days=1))
    else:
        piles = sheets.by_day(before)
    stock = _stocks(sheets.stock(), piles, before)
    whole = _lay(piles, scope.first, scope.last)
    stays = {status: whole.spread(figure) for status, figure in STAYS.items()}
    groups, weeks = sheets.by_group(), _weeks(scope.first, scope.last)
    return Report(
        scope=scope, zone=zone, counted_at=counted_at,
        headline=Headline(*_headline(whole, stock, scope.last)),
        previous=Headline(*_headline(_lay(piles, scope.previous.first, scope.previous.last), stock,
                                     scope.previous.last)),
        weeks=[Week(*_headline(_lay(piles, *week), stock, week[1]), *week) for week in weeks],
        days=_days([last for _start, last in weeks] if by_weeks else _every_day(scope), scope, piles, stock),
        stays=stays, bottleneck=_bottleneck(stays),
        holds={reason: whole.spread(figure) for reason, figure in HOLDS.items()},
        by_priority={one: _clocks(groups[Family.PRIORITY].get(one.rank, Pile())) for one in PRIORITIES},
        by_team=_clocks_by(groups[Family.TEAM]), by_type=_clocks_by(groups[Family.TYPE]),
        by_category=_clocks_by(groups[Family.CATEGORY]), owners=_owners(sheets.by_owner()),
    )  # fmt: skip


def stock_at(sheets: Sheets, day: date) -> dict[Status, int]:
    """How many of the scope's tickets were in each open status at the end of this day. Two statements."""
    after = day + timedelta(days=1)
    return _stocks(sheets.stock(), sheets.by_week(after), after)[day.toordinal()]


def _headline(pile: Pile, stock: "_Stock", last: date) -> tuple:
    counts = map(pile.count, (Figure.CREATED, Figure.CLOSED, Figure.REOPENED, Figure.REASSIGNED))
    return (*counts, sum(stock[last.toordinal()].values()), _clocks(pile))


def _clocks(pile: Pile) -> Clocks:
    return {kind: pile.cycles(kind) for kind in ClockKind}


def _clocks_by(piles: dict) -> dict:
    return {value: _clocks(pile) for value, pile in sorted(piles.items())}


def _lay(piles: dict[int, Pile], first: date, last: date) -> Pile:
    together = Pile()
    for day in range(first.toordinal(), last.toordinal() + 1):
        if day in piles:
            together.add_pile(piles[day])
    return together


class _Stock(dict):
    """{day: {open status: tickets in it at the end of that day}}; a day after all that is counted is like the last."""

    def __init__(self, newest: dict[Status, int]):
        self.newest = newest

    def __missing__(self, day: int) -> dict[Status, int]:
        return self.newest


def _stocks(now: dict[Status, int], piles: dict[int, Pile], first: date) -> _Stock:
    """From what there is now back to the day before `first`, by what entered and left on each day."""
    stock = _Stock(now)
    here = dict(now)
    for day in range(max(piles, default=first.toordinal()), first.toordinal() - 2, -1):
        stock[day] = dict(here)
        if day in piles:
            for status in OPEN_STATUSES:
                here[status] += piles[day].count(STAYS[status]) - piles[day].count(ENTERED[status])
    return stock


def _weeks(first: date, last: date) -> list[tuple[date, date]]:
    """First and last day of each, from Monday to Sunday, cut where the period begins and ends."""
    weeks, start = [], first
    while start <= last:
        sunday = start + timedelta(days=6 - start.weekday())
        weeks.append((start, min(sunday, last)))
        start = sunday + timedelta(days=1)
    return weeks


def _every_day(scope: Scope) -> list[date]:
    return [scope.first + timedelta(days=place) for place in range(scope.days)]


def _days(ends: list[date], scope: Scope, piles: dict[int, Pile], stock: _Stock) -> list[Day]:
    closed, days, start = 0, [], scope.first
    for end in ends:
        closed += _lay(piles, start, end).count(Figure.CLOSED)
        days.append(Day(end, stock[end.toordinal()], closed))
        start = end + timedelta(days=1)
    return days


def _bottleneck(stays: dict[Status, Spread]) -> Status | None:
    longest = max(stays, key=lambda status: stays[status].total_s)
    return longest if stays[longest].total_s else None


def _owners(piles: dict[int, Pile]) -> list[OwnerLine]:
    """Those with most closings first, and nobody last. One statement."""
    people = {
        row.id: row
        for row in db.session.execute(select(User.id, User.name, User.handle).where(User.id.in_(sorted(piles))))
    }
    totals: dict[int, Pile] = defaultdict(Pile, piles)
    lines = []
    for number, pile in totals.items():
        person = people.get(number)
        counts = map(pile.count, (Figure.CREATED, Figure.CLOSED, Figure.REOPENED))
        named = (person.id, person.name, person.handle) if person else (None, "", "")
        lines.append(OwnerLine(*named, *counts, _clocks(pile)))
    return sorted(lines, key=lambda line: (line.id is None, -line.closed, line.name))
