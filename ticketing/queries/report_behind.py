"""The tickets behind a number of a report: the facts it counts, the newest first, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, case, distinct, func, or_, select
from sqlalchemy.orm import aliased

from ticketing.extensions import db
from ticketing.models.report import ReportFact
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.prepared import NOW
from ticketing.queries.provider_times import is_party
from ticketing.queries.report_scope import Scope
from ticketing.queries.report_sheets import Sheets
from ticketing.queries.reports import stock_at
from ticketing.queries.visibility import counted_for
from ticketing.rules.compliance import Outcome
from ticketing.rules.report_facts import ENTERED, FIGURES, HOLDS, OUTCOMES, STAYS, Figure, figure_of
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import Status

PAGE = 50
_TOLD_APART = 10_000  # facts
# What stands for several figures: a share or a median is made of all of these.
GROUPS: dict[str, tuple[Figure, ...]] = {
    **{str(kind): (OUTCOMES[kind, Outcome.MET], OUTCOMES[kind, Outcome.BREACHED]) for kind in ClockKind},
    "stays": tuple(STAYS.values()), "holds": tuple(HOLDS.values()),
}  # fmt: skip
OPEN_AT = {"open": None} | {f"open_{status}": status for status in STAYS}
_CAME = set(ENTERED.values())  # is counted for the stock alone; no number of a page is made of it
NAMES = frozenset({*(str(figure) for figure in FIGURES if figure not in _CAME), *GROUPS, *OPEN_AT})
# Of a party only these are summed up (jobs/reports/sheets.py): times in statuses and on hold are not.
NAMES_OF_PARTY = NAMES - {"stays", "holds", *map(str, STAYS.values()), *map(str, HOLDS.values()), *OPEN_AT}


@dataclass(frozen=True, slots=True)
class Behind:
    """One fact, or one ticket that was open. `seconds` is None where nothing takes time or it is not over."""

    id: int
    title: str
    status: Status
    restricted: bool
    owner_name: str | None
    figure: Figure | None
    day: date
    seconds: int | None


@dataclass(slots=True)
class Page:
    rows: list[Behind]
    count: int | None  # of all pages; None where that is not counted
    more: bool
    tickets: int | None = None  # in how many tickets they are; None where that is as many or too much to count


def tickets_behind(name: str, scope: Scope, viewer: User, offset: int = 0, limit: int = PAGE) -> Page:
    """Of one of NAMES: a figure, one of GROUPS, or `open` and `open_<status>` for what was open at the end of the
    scope's last day. A ticket stands there once for each fact. ValueError for other names."""
    if name in OPEN_AT:
        return _open(OPEN_AT[name], scope, viewer, offset, limit)
    figures = GROUPS.get(name) or (Figure(name),)
    by_day = {
        day: count
        for day, pile in Sheets(scope, viewer).by_day(scope.first).items()
        if day <= scope.last.toordinal() and (count := sum(map(pile.count, figures)))
    }
    days, skip = _days_of_page(by_day, offset, limit)
    wanted = [ReportFact.figure.in_([figure.number for figure in figures]), ReportFact.day.in_(days)]
    query = (
        select(
            Ticket.id,
            Ticket.title,
            Ticket.status,
            Ticket.restricted,
            User.name,
            ReportFact.figure,
            ReportFact.day,
            ReportFact.seconds,
        )
        .join(Ticket, Ticket.id == ReportFact.ticket_id)
        .outerjoin(User, User.id == Ticket.owner_id)
        .where(*wanted, *_wanted(scope, viewer))
        .order_by(ReportFact.day.desc(), Ticket.id.desc(), ReportFact.place.desc())
        .limit(limit)
        .offset(skip)
    )
    rows = [_fact(row) for row in db.session.execute(query)] if days else []
    count = sum(by_day.values())
    tickets = _tickets(figures, list(by_day), scope, viewer) if 0 < count <= _TOLD_APART else None
    return Page(rows, count, more=offset + limit < count, tickets=tickets)


def _tickets(figures: Iterable[Figure], days: list[int], scope: Scope, viewer: User) -> int:
    """In how many tickets these facts are."""
    wanted = [ReportFact.figure.in_([figure.number for figure in figures]), ReportFact.day.in_(days)]
    query = select(func.count(distinct(ReportFact.ticket_id))).join(Ticket, Ticket.id == ReportFact.ticket_id)
    return db.session.scalar(query.where(*wanted, *_wanted(scope, viewer)))


def _days_of_page(by_day: dict[int, int], offset: int, limit: int) -> tuple[list[int], int]:
    """The days, the newest first, that hold the page, and how many facts of theirs come before it."""
    days, passed, begun = [], 0, 0
    for day in sorted(by_day, reverse=True):
        passed += by_day[day]
        if passed <= offset:
            begun = passed
            continue
        days.append(day)
        if passed >= offset + limit:
            break
    return days, offset - begun


def _fact(row) -> Behind:
    figure = figure_of(row.figure)
    seconds = row.seconds if figure.is_timed and row.seconds >= 0 else None
    return Behind(row.id, row.title, row.status, row.restricted, row.name, figure, date.fromordinal(row.day), seconds)


def _open(status: Status | None, scope: Scope, viewer: User, offset: int, limit: int) -> Page:
    """The last filed first. How many there are is known from the sheets, so that nothing is looked for past the end."""
    last = scope.last.toordinal()
    stock = stock_at(Sheets(scope, viewer), scope.last)
    count = stock[status] if status else sum(stock.values())
    left = min(limit, count - offset)
    if left <= 0:
        return Page([], count, more=False)
    came = [ENTERED[one].number for one in ([status] if status else ENTERED)]
    went = [STAYS[one].number for one in ([status] if status else STAYS)]
    signed = case((ReportFact.figure.in_(came), 1), (ReportFact.figure.in_(went), -1), else_=0)
    fact = aliased(ReportFact)
    here = select(func.sum(signed)).where(ReportFact.ticket_id == Ticket.id, ReportFact.day <= last).scalar_subquery()
    # Whatever was closed before cannot have been open; a day more, since its zone does not matter then.
    closed = datetime.combine(scope.last - timedelta(days=1), time(), UTC)
    query = (
        select(Ticket.id, Ticket.title, Ticket.status, Ticket.restricted, User.name, fact.day)
        .select_from(fact)
        .join(Ticket, Ticket.id == fact.ticket_id)
        .outerjoin(User, User.id == Ticket.owner_id)
        .where(fact.figure == Figure.CREATED.number, fact.day <= last)
        .where(or_(Ticket.closed_at.is_(None), Ticket.closed_at >= closed), here > 0, *_wanted(scope, viewer))
        .order_by(fact.day.desc(), fact.ticket_id.desc())
        .limit(left)
        .offset(offset)
    )
    found = list(db.session.execute(query))
    rows = [
        Behind(row.id, row.title, row.status, row.restricted, row.name, None, date.fromordinal(row.day), None)
        for row in found
    ]
    return Page(rows, count, more=offset + limit < count)


def _wanted(scope: Scope, viewer: User) -> list[ColumnElement[bool]]:
    """What the scope says of tickets as they are now, of those that reports count for this person."""
    party = [is_party(*scope.party.split(":", 1))] if scope.party else []
    return [*scope.listed.conditions(viewer, NOW), *party, *counted_for(viewer)]
