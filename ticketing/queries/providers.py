"""Scorecards of providers and payment systems: what their troubles cost in a period, and in the one before.

Tickets and open hours are read live, from the indexes of the columns `provider` and `payment_system`; reopenings, kept
and missed targets and the time spent waiting are what jobs/reports has counted. Restricted tickets count for managers
alone, as in every report: the sheets cannot tell whose they are.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, String, func, or_, select, type_coerce, values
from sqlalchemy import column as sql_column

from ticketing.extensions import db
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.provider_times import (
    PARTIES,
    Party,
    Span,
    count_troubles,
    is_party,
    load_reopened,
    open_times,
)
from ticketing.queries.report_scope import Scope
from ticketing.queries.report_sheets import Sheets
from ticketing.queries.visibility import counted_for
from ticketing.rules.compliance import Compliance
from ticketing.rules.intervals import Stretch, clip, longest, total_s
from ticketing.rules.report_facts import Figure
from ticketing.rules.report_sheet import Pile
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import TicketType


@dataclass(slots=True)
class Card:
    """The figures of one party in one period.

    `tickets` were filed in it (`by_type` is known where one party was asked for); `incidents` were open at some time in
    it, and `open_s` is how long at least one was.
    """

    sort: str
    key: str
    tickets: int = 0
    by_type: dict[TicketType, int] = field(default_factory=dict)
    incidents: int = 0
    open_at_end: int = 0  # or now, while the period lasts
    stretches: list[Stretch] = field(default_factory=list)  # in which at least one was open, in seconds since 1970
    reopened: int = 0
    clocks: dict[ClockKind, Compliance] = field(default_factory=lambda: {kind: Compliance() for kind in ClockKind})
    waits: int = 0  # holds that waited for the provider and ended in the period
    waited_s: int = 0

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
        return bool(self.tickets or self.incidents or self.reopened or self.waits
                    or any(one.counted or one.cancelled or one.self for one in self.clocks.values()))  # fmt: skip


@dataclass(slots=True)
class Scorecard:
    name: str  # as it was written last
    now: Card
    before: Card


def load_scorecards(scope: Scope, viewer: User, zone: str, now: datetime) -> list[Scorecard]:
    """Of all that are named in the period or in the one before, most open hours first. Ten statements."""
    cards = _load(scope, viewer, zone, now)
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
    cards = _load(scope, viewer, zone, now, party)
    for kind, *counts in _filed(party, viewer, _spans(scope, zone)):
        for found, count in zip(cards, counts, strict=True):
            if count:
                found[party].by_type[kind] = count
    return Scorecard(spelled[party], *(found[party] for found in cards))


def _load(scope: Scope, viewer: User, zone: str, now: datetime, only: Party | None = None) -> "list[_Parties]":
    """The cards of the period and those of the one before."""
    cards = _cards(scope, viewer, only)
    spans = _spans(scope, zone)
    whole = Span(spans[1].start, max(spans[1].start, min(spans[0].end, _seconds(now))))
    reopened = load_reopened(viewer, whole, only)
    ends = [min(span.end, _seconds(now)) for span in spans]
    looked = list(zip(spans, ends, strict=True))
    for sort in PARTIES if only is None else only[:1]:
        counted = count_troubles(sort, viewer, looked, only and only[1])
        first = {key: created for key, created, *counts in counted if any(counts)}
        times = open_times(sort, first, viewer, whole, reopened)
        for key, _first, *counts in counted:
            for place, (found, (span, until)) in enumerate(zip(cards, looked, strict=True)):
                if any(counts[3 * place : 3 * place + 3]):
                    card = found[sort, key]
                    card.tickets, card.incidents, card.open_at_end = counts[3 * place : 3 * place + 3]
                    fewer, fewer_left = reopened[sort, key].correction(span, until)
                    card.incidents -= fewer
                    card.open_at_end -= fewer_left
                    card.stretches = clip(times[key], span.start, until)
    return cards


def _spans(scope: Scope, zone: str) -> list[Span]:
    return [span_of(scope, zone), span_of(scope.previous, zone)]


def span_of(scope: Scope, zone: str) -> Span:
    """From the first midnight of the period to the one after its last day, on the desk's clock."""
    here = ZoneInfo(zone)
    edges = (scope.first, scope.last + timedelta(days=1))
    return Span(*(int(datetime.combine(day, time(), here).timestamp()) for day in edges))


class _Parties(dict):
    def __missing__(self, party: tuple[str, str]) -> Card:
        self[party] = card = Card(*party)
        return card


def _cards(scope: Scope, viewer: User, only: Party | None) -> list[_Parties]:
    """What the sheets say of the period and of the one before."""
    cards = [_Parties(), _Parties()]
    for (is_before, party), pile in (
        Sheets(scope.on(scope.previous.first, scope.last), viewer).parties(scope.first, only).items()
    ):
        _read(cards[is_before][party], pile)
    return cards


def _read(card: Card, pile: Pile) -> None:
    card.reopened = pile.count(Figure.REOPENED)
    card.clocks = {kind: pile.cycles(kind) for kind in ClockKind}
    waits = pile.spread(Figure.HOLD_PROVIDER)
    card.waits, card.waited_s = waits.count, waits.total_s


# The statements. A moment in them is a whole number: a scorecard reads a hundred thousand of them.


def _filed(party: Party, viewer: User, spans: list[Span]) -> list:
    """(type, how many were filed in each of the spans)."""
    created = type_coerce(Ticket.created_at, BigInteger())
    counts = [func.count().filter(created.between(start, end - 1)) for start, end in spans]
    within = created.between(spans[1].start, spans[0].end - 1)
    query = select(Ticket.type, *counts).where(is_party(*party), within, *counted_for(viewer)).group_by(Ticket.type)
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
    named = values(sql_column("key", String())).data([(key,) for key in keys]).cte("named").c.key
    newest_first = (
        select(Ticket.created_at).where(column == named, *counted_for(viewer)).order_by(Ticket.created_at.desc())
    )
    last = select(named, newest_first.limit(1).scalar_subquery().label("at")).subquery()
    newest = (
        select(func.max(Ticket.id).label("id"))
        .join(last, (column == last.c.key) & (Ticket.created_at == last.c.at))
        .where(*counted_for(viewer))
        .group_by(column)
        .subquery()
    )
    return select(column, Ticket.details).join(newest, newest.c.id == Ticket.id)


def load_tickets(sort: str, key: str, scope: Scope, viewer: User, zone: str, size: int) -> tuple[list, int]:
    """The first of those that were filed or open in the period, the newest first, and how many there are."""
    span = span_of(scope, zone)
    created, closed = type_coerce(Ticket.created_at, BigInteger()), type_coerce(Ticket.closed_at, BigInteger())
    query = (
        select(Ticket.id, Ticket.title, Ticket.type, Ticket.priority, Ticket.status, Ticket.created_at,
               Ticket.closed_at, Ticket.resolution_code, Ticket.root_cause, func.count().over().label("total"))
        .where(is_party(sort, key), created < span.end, *counted_for(viewer))
        .where(or_(closed.is_(None), closed > span.start, created >= span.start))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(size)
    )  # fmt: skip
    rows = db.session.execute(query).all()
    return rows, rows[0].total if rows else 0


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
