"""Scorecards of providers and payment systems: what their troubles cost in a period, and in the one before.

Tickets and open hours are read live, from the indexes of the columns `provider` and `payment_system`; reopenings, kept
and missed targets and the time spent waiting are what jobs/reports has counted. Restricted tickets count for managers
alone, as in every report: the sheets cannot tell whose they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, Select, case, func, or_, select, type_coerce

from ticketing.extensions import db
from ticketing.models.report import ReportFact
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.provider_times import PARTIES, Party, is_party, names_any, open_times, seen
from ticketing.queries.report_scope import Scope
from ticketing.queries.report_sheets import Sheets
from ticketing.rules.intervals import Stretch, clip, longest, total_s, union
from ticketing.rules.report_facts import Figure
from ticketing.rules.report_sheet import Cycles, Pile
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import TicketType


class Span(NamedTuple):
    """A period in seconds since 1970; its end does not belong to it."""

    start: int
    end: int


@dataclass(slots=True)
class Card:
    """The figures of one party in one period.

    `tickets` were filed in it; `incidents` were open at some time in it, and `open_s` is how long at least one was.
    """

    sort: str
    key: str
    by_type: dict[TicketType, int] = field(default_factory=dict)
    incidents: int = 0
    open_at_end: int = 0  # or now, while the period lasts
    stretches: list[Stretch] = field(default_factory=list)  # in which at least one was open, in seconds since 1970
    reopened: int = 0
    clocks: dict[ClockKind, Cycles] = field(default_factory=lambda: {kind: Cycles() for kind in ClockKind})
    waits: int = 0  # holds that waited for the provider and ended in the period
    waited_s: int = 0

    @property
    def tickets(self) -> int:
        return sum(self.by_type.values())

    @property
    def open_s(self) -> int:
        return total_s(self.stretches)

    @property
    def outage(self) -> tuple[datetime, datetime] | None:
        """The longest time without a break in which something was open."""
        found = longest(self.stretches)
        return found and tuple(datetime.fromtimestamp(edge, UTC) for edge in found)

    @property
    def outage_s(self) -> int:
        found = longest(self.stretches)
        return found.end - found.start if found else 0

    def __bool__(self) -> bool:
        return bool(self.by_type or self.incidents or self.reopened or self.waits
                    or any(one.counted or one.cancelled or one.self for one in self.clocks.values()))  # fmt: skip


@dataclass(slots=True)
class Scorecard:
    name: str  # as it was written last
    now: Card
    before: Card


def load_scorecards(scope: Scope, viewer: User, zone: str, now: datetime) -> list[Scorecard]:
    """Of all that are named in the period or in the one before, most open hours first. Thirteen statements."""
    periods = (scope, scope.previous)
    cards = [_cards(scope.on(one.first, one.last), viewer) for one in periods]
    spans = [span_of(one, zone) for one in periods]
    times = open_times(viewer, spans[1].start, spans[0].end)
    for sort in PARTIES:
        _count_filed(cards, sort, _filed(sort, viewer, spans))
    _count_open(cards, times, spans, now)
    _count_waits(cards, _waits(viewer, periods))
    named = sorted({party for found in cards for party, card in found.items() if card})
    spelled = _spelled(named, viewer)
    both = [Scorecard(spelled.get(party, party[1]), *(found[party] for found in cards)) for party in named]
    return sorted(both, key=lambda one: (-one.now.open_s, -one.now.incidents, -one.before.open_s, one.name.lower()))


def load_scorecard(sort: str, key: str, scope: Scope, viewer: User, zone: str, now: datetime) -> Scorecard | None:
    """Of one; None where no ticket that the viewer may count has ever named it."""
    party = sort, key
    spelled = _spelled([party], viewer)
    if party not in spelled:
        return None
    periods = (scope, scope.previous)
    cards = [_cards(one, viewer, party) for one in periods]
    spans = [span_of(one, zone) for one in periods]
    _count_filed(cards, sort, _filed(sort, viewer, spans, key))
    times = open_times(viewer, spans[1].start, spans[0].end, party)
    _count_open(cards, times, spans, now)
    _count_waits(cards, _waits(viewer, periods, party), party)
    return Scorecard(spelled[party], *(found[party] for found in cards))


def span_of(scope: Scope, zone: str) -> Span:
    """From the first midnight of the period to the one after its last day, on the desk's clock."""
    here = ZoneInfo(zone)
    edges = (scope.first, scope.last + timedelta(days=1))
    return Span(*(int(datetime.combine(day, time(), here).timestamp()) for day in edges))


class _Parties(dict):
    def __missing__(self, party: tuple[str, str]) -> Card:
        self[party] = card = Card(*party)
        return card


def _cards(scope: Scope, viewer: User, only: Party | None = None) -> _Parties:
    """What the sheets say of the period."""
    found = _Parties()
    for sort in PARTIES if only is None else only[:1]:
        for key, pile in Sheets(scope, viewer).parties(sort).items():
            if only is None or key == only[1]:
                _read(found[sort, key], pile)
    return found


def _read(card: Card, pile: Pile) -> None:
    card.reopened = pile.count(Figure.REOPENED)
    card.clocks = {kind: pile.cycles(kind) for kind in ClockKind}


def _count_filed(cards: list[_Parties], sort: str, rows: Iterable) -> None:
    for key, kind, *counts in rows:
        for found, count in zip(cards, counts, strict=True):
            if count:
                found[sort, key].by_type[kind] = int(count)


def _count_open(cards: list[_Parties], times: dict, spans: list[Span], now: datetime) -> None:
    """What was open at some time in each of the spans; the times are joined once for both."""
    for party, (once, again) in times.items():
        joined = union(chain(once, chain.from_iterable(again)))
        for found, span in zip(cards, spans, strict=True):
            begin, until = span.start, min(span.end, _seconds(now))
            ends = [end for start, end in once if start < until and end > begin]
            for several in again:
                ends += [end for start, end in several if start < until and end > begin][-1:]
            if ends:
                card = found[party]
                card.incidents, card.open_at_end = len(ends), sum(end > until for end in ends)
                card.stretches = clip(joined, begin, until)


def _count_waits(cards: list[_Parties], rows: Iterable, only: Party | None = None) -> None:
    for provider, payment_system, before, count, seconds in rows:
        for party in (("provider", provider), ("payment_system", payment_system)):
            if party[1] is not None and only in (None, party):
                card = cards[before][party]
                card.waits += count
                card.waited_s += int(seconds)


# The statements. A moment in them is a whole number: a scorecard reads a hundred thousand of them.


def _filed(sort: str, viewer: User, spans: list[Span], key: str | None = None) -> list:
    """(key, type, how many were filed in each of the spans)."""
    created = type_coerce(Ticket.created_at, Integer())
    if key is None:  # as an expression, no index of dates alone tempts: that of the names holds all that is asked
        created += 0
    counts = [func.sum(case((created.between(start, end - 1), 1), else_=0)) for start, end in spans]
    query = (
        select(PARTIES[sort], Ticket.type, *counts)
        .where(is_party(sort, key), created.between(spans[1].start, spans[0].end - 1), *seen(viewer))
        .group_by(PARTIES[sort], Ticket.type)
    )
    return db.session.execute(query).all()


def _waits(viewer: User, periods: tuple[Scope, Scope], only: Party | None = None) -> list:
    """(provider, payment system, 1 where it was in the period before, holds for the provider, their seconds)."""
    now, then = periods
    before = case((ReportFact.day < now.first.toordinal(), 1), else_=0)
    names = (Ticket.provider, Ticket.payment_system)
    query = (
        select(*names, before, func.count(), func.sum(ReportFact.seconds))
        .join(Ticket, Ticket.id == ReportFact.ticket_id)
        .where(ReportFact.figure == Figure.HOLD_PROVIDER.number)
        .where(ReportFact.day.between(then.first.toordinal(), now.last.toordinal()), names_any(only), *seen(viewer))
        .group_by(*names, before)
    )
    return db.session.execute(query).all()


def _spelled(parties: list[tuple[str, str]], viewer: User) -> dict[tuple[str, str], str]:
    """As the newest ticket of each writes it; without those that no ticket names."""
    found = {}
    for sort in sorted({sort for sort, _key in parties}):
        newest = _newest(sort, [key for one, key in parties if one == sort], viewer)
        for key, details in db.session.execute(newest):
            found[sort, key] = " ".join(str((details or {}).get(sort) or key).split())
    return found


def _newest(sort: str, keys: list[str], viewer: User) -> Select:
    column = PARTIES[sort]
    last = (
        select(func.max(Ticket.created_at).label("at"), column.label("key"))
        .where(column.in_(keys), *seen(viewer))
        .group_by(column)
        .subquery()
    )
    newest = (
        select(func.max(Ticket.id).label("id"))
        .join(last, (column == last.c.key) & (Ticket.created_at == last.c.at))
        .where(*seen(viewer))
        .group_by(column)
        .subquery()
    )
    return select(column, Ticket.details).join(newest, newest.c.id == Ticket.id)


def load_tickets(sort: str, key: str, scope: Scope, viewer: User, zone: str, size: int) -> tuple[list, int]:
    """The first of those that were filed or open in the period, the newest first, and how many there are."""
    span = span_of(scope, zone)
    created, closed = type_coerce(Ticket.created_at, Integer()), type_coerce(Ticket.closed_at, Integer())
    query = (
        select(Ticket.id, Ticket.title, Ticket.type, Ticket.priority, Ticket.status, Ticket.created_at,
               Ticket.closed_at, Ticket.resolution_code, Ticket.root_cause, func.count().over().label("total"))
        .where(is_party(sort, key), created < span.end, *seen(viewer))
        .where(or_(closed.is_(None), closed > span.start, created >= span.start))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(size)
    )  # fmt: skip
    rows = db.session.execute(query).all()
    return rows, rows[0].total if rows else 0


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
