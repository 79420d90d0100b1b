"""From when to when troubles of providers and payment systems were open, read from their indexes alone.

A moment here is a whole number of seconds since 1970. Of the hundred thousands of troubles of a year few are read: most
lie within the time in which a long one was open, and change nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import BigInteger, String, and_, func, literal, literal_column, or_, select, true, type_coerce, values
from sqlalchemy import column as sql_column

from ticketing.extensions import db
from ticketing.models.dialects import dialect_name
from ticketing.models.event import Event, EventKind
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.visibility import counted_for
from ticketing.rules.intervals import Stretch, gaps, union
from ticketing.rules.recurrence import SUPPLIERS, suppliers
from ticketing.rules.taxonomy import ResolutionCode, TicketType

PARTIES = {sort: getattr(Ticket, sort) for sort in SUPPLIERS}
Party = tuple[str, str]  # one of PARTIES and a key
# What is no trouble of theirs, though it names them.
NO_TROUBLE = (TicketType.SERVICE_REQUEST,)
LEFT_OUT = (ResolutionCode.DUPLICATE, ResolutionCode.INVALID)
STILL_OPEN = 2**62
LONG_S = 7 * 24 * 3600
_NEAR_S = 24 * 3600
_MOST_GAPS = 2000  # a statement takes no more values than some ten thousand

_created, _closed = type_coerce(Ticket.created_at, BigInteger()), type_coerce(Ticket.closed_at, BigInteger())
_lasted = _closed - _created
_at = type_coerce(Event.at, BigInteger())


class Span(NamedTuple):
    """A period in seconds since 1970; its end does not belong to it."""

    start: int
    end: int


@dataclass(slots=True)
class Reopened:
    """Troubles of one party that were reopened: (created, closed, its times) each.

    `closed` is what the ticket says now.
    """

    troubles: list[tuple[int, int, list[tuple[int, int]]]] = field(default_factory=list)

    def correction(self, span: Span, until: int) -> tuple[int, int]:
        """How many fewer were open in the span, and at `until`, than if each had been open from creation on."""
        fewer = fewer_left = 0
        for created, closed, times in self.troubles:
            throughout = closed if created < until and closed > span.start else None
            last = next((end for start, end in reversed(times) if start < until and end > span.start), None)
            fewer += (throughout is not None) - (last is not None)
            fewer_left += (throughout or 0) > until
            fewer_left -= (last or 0) > until
        return fewer, fewer_left


def count_troubles(sort: str, viewer: User, spans: list[tuple[Span, int]], key: str | None) -> list:
    """Counts of each party that is named, from the index alone. One statement.

    (key, when the first trouble was filed that is open now, then of each (span, until when it is looked at): filed,
    troubles open in it, those open at its end).
    """
    trouble = and_(*troubled())
    counts = [func.min(_created).filter(_closed.is_(None), trouble)]
    for span, until in spans:
        for wanted in (
            _created.between(span.start, span.end - 1),
            and_(_created < until, _open_after(span.start), trouble),
            and_(_created < until, _open_after(max(span.start, until)), trouble),
        ):
            counts.append(func.count().filter(wanted))
    end = max(span.end for span, _until in spans)
    query = select(PARTIES[sort], *counts).where(is_party(sort, key), _created < end, *counted_for(viewer))
    return db.session.execute(query.group_by(PARTIES[sort])).all()


def open_times(sort: str, first: dict[str, int | None], viewer: User, span: Span, reopened: dict) -> dict:
    """{key: stretches of the span in which one of its troubles was open}, of the keys of `first`. Two statements.

    `first` says of each when the first trouble was filed that is open now: those after it change nothing. What is open
    has no end yet: what lies after now is cut off later.
    """
    known = {key: reopened[sort, key].troubles for key in first}
    again = Counter((key, created, closed) for key, troubles in known.items() for created, closed, _times in troubles)
    times = {key: [one for *_, several in troubles for one in several] for key, troubles in known.items()}
    unsure = []  # their first may have been closed for a while: all are read
    for key, created in first.items():
        if (key, created, STILL_OPEN) in again:
            unsure.append(key)
        elif created is not None:
            times[key].append((created, STILL_OPEN))

    suspects = {created for _key, created, _closed in again}

    def add(rows: Iterable) -> None:
        met: Counter = Counter()
        for key, created, closed, gap in rows:
            end = STILL_OPEN if closed is None else closed
            if created in suspects:
                trouble = key, created, end
                met[trouble, gap] += 1
                if met[trouble, gap] <= again[trouble]:  # as many as were reopened have their times there already
                    continue
            if key in times:
                times[key].append((created, end))

    add(_long(sort, list(first), unsure, viewer, span))
    times = {key: union(found) for key, found in times.items()}
    add(_short(sort, {key: gaps(found, *span) for key, found in times.items()}, viewer))
    return {key: union(found) for key, found in times.items()}


def _long(sort: str, keys: list[str], unsure: list[str], viewer: User, span: Span) -> Iterable:
    """(key, created, closed, 0) of what was open for long, and of what still is where that is unsure."""
    still = and_(_closed.is_(None), PARTIES[sort].in_(unsure))
    lasting = or_(and_(_closed > span.start, _lasted > LONG_S), still)
    named = is_party(sort, keys[0] if len(keys) == 1 else None)
    return _troubles(sort, viewer, literal(0), named, _created < span.end, lasting)


def _short(sort: str, unknown: dict[str, list[Stretch]], viewer: User) -> Iterable:
    """The same of all others that may lie in the gaps; gaps that are close to each other are taken as one."""
    ranges = [(key, start, end) for key, missing in unknown.items() for start, end in _roughly(missing)]
    column, brief = PARTIES[sort], and_(is_party(sort, None), _lasted <= LONG_S)
    if len(ranges) > _MOST_GAPS:
        first, last = min(start for _key, start, _end in ranges), max(end for *_, end in ranges)
        return _troubles(sort, viewer, literal(0), brief, _between(first, last))
    # One that names nobody is always there: the statement is the same without any gaps.
    asked = values(sql_column("key", String()), sql_column("begun", BigInteger()), sql_column("ended", BigInteger()))
    gap = asked.data([("", 0, 0), *ranges]).cte("gap").c
    within = brief, column == gap.key, _between(gap.begun, gap.ended)
    if dialect_name() == "sqlite":
        return _troubles(sort, viewer, gap.begun, *within)
    # Gap by gap, by the index: PostgreSQL would rather compare every trouble with every gap.
    one = select(column.label("key"), _created.label("created"), _closed.label("closed"))
    one = one.where(*within, *troubled(), *counted_for(viewer)).offset(0).lateral()
    return _rows(select(one.c.key, one.c.created, one.c.closed, gap.begun).join(one, true()))


def _roughly(missing: list[Stretch]) -> list[tuple[int, int]]:
    return [(start, end - _NEAR_S) for start, end in union((start, end + _NEAR_S) for start, end in missing)]


def _between(start, end):
    return and_(_created > start - LONG_S - 1, _created < end, _closed > start)


def _troubles(sort: str, viewer: User, gap, *wanted) -> Iterable:
    """(key, created, closed, gap); what lies in several gaps comes with each."""
    query = select(PARTIES[sort], _created, _closed, gap).where(*wanted, *troubled(), *counted_for(viewer))
    return _rows(query)


def _open_after(moment: int):
    return or_(_closed.is_(None), _closed > moment)


def troubled() -> tuple:
    counts = or_(Ticket.resolution_code.is_(None), Ticket.resolution_code.not_in(LEFT_OUT))
    return Ticket.type.not_in(NO_TROUBLE), counts


def load_reopened(viewer: User, span: Span, only: Party | None) -> dict[Party, Reopened]:
    """Of troubles that were reopened after the span's start: what was before that does not matter. One statement."""
    query = (
        select(Ticket.id, Ticket.provider, Ticket.payment_system, _created, _closed,
               (Event.kind == EventKind.REOPENED).label("begins"), _at)
        .join(Event, Event.ticket_id == Ticket.id)
        .where(_again(span), _created < span.end, names_any(only), *troubled(), *counted_for(viewer))
        .where(Event.kind.in_([EventKind.CLOSED, EventKind.REOPENED]))
        .order_by(Ticket.id, Event.at, Event.id)
    )  # fmt: skip
    found: dict[Party, Reopened] = defaultdict(Reopened)
    times, last = [], None
    for number, provider, payment_system, created, closed, begins, moment in _rows(query):
        if number != last:
            last, times = number, [(created, STILL_OPEN)]
            for party in suppliers(provider, payment_system):
                if only in (None, party):
                    found[party].troubles.append((created, STILL_OPEN if closed is None else closed, times))
        if begins:
            if times[-1][1] != STILL_OPEN:  # else it came back from its check, as happens elsewhere, never closed
                times.append((moment, STILL_OPEN))
        else:
            times[-1] = (times[-1][0], moment)
    return found


def _rows(query) -> list[tuple]:
    """As the driver gives them: to wrap tens of thousands would cost a tenth of a second."""
    return db.session.connection().execute(query).cursor.fetchall()


def _again(span: Span):
    """Was reopened after the span's start."""
    # Written out, for the index of reopenings.
    numbers = select(Event.ticket_id).where(literal_column("event.kind = 'reopened'"), _at >= span.start)
    if dialect_name() == "sqlite":
        return Ticket.id.in_(numbers)
    # As a list that is ready before: PostgreSQL would rather walk through all tickets than look thousands up.
    return Ticket.id == func.any(func.array(numbers.scalar_subquery()))


def names_any(only: Party | None):
    return is_party(*only) if only is not None else or_(*(column.is_not(None) for column in PARTIES.values()))


def is_party(sort: str, key: str | None):
    """Names anybody, or this one; the first said so that its index is taken."""
    column = PARTIES[sort]
    return column.is_not(None) if key is None else column == key
