"""From when to when troubles of providers and payment systems were open, read from their indexes alone.

A moment here is a whole number of seconds since 1970: a scorecard reads a hundred thousand of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from sqlalchemy import Integer, literal_column, or_, select, type_coerce

from ticketing.extensions import db
from ticketing.models.event import Event, EventKind
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.rules.taxonomy import ResolutionCode, TicketType

PARTIES = {"provider": Ticket.provider, "payment_system": Ticket.payment_system}
Party = tuple[str, str]  # one of PARTIES and a key
# What is no trouble of theirs, though it names them.
NO_TROUBLE = (TicketType.SERVICE_REQUEST,)
LEFT_OUT = (ResolutionCode.DUPLICATE, ResolutionCode.INVALID)
STILL_OPEN = 2**62


def open_times(viewer: User, start: int, end: int, only: Party | None = None) -> dict:
    """{party: (times of the troubles that were open once, lists of times of those that were reopened)}.

    What is open now has no end yet: what lies after now is cut off later. Reopenings before `start` do not matter.
    """
    found: dict = defaultdict(lambda: ([], []))
    counted: Counter = Counter()
    for party, created, closed, times in _reopened(viewer, start, end, only):
        found[party][1].append(times)
        counted[party, created, closed] += 1
    for sort in PARTIES if only is None else only[:1]:
        for key, created, closed in _troubles(sort, viewer, start, end, only and only[1]):
            party = sort, key
            if counted and counted[party, created, closed]:  # as if it had been open throughout
                counted[party, created, closed] -= 1
            else:
                found[party][0].append((created, STILL_OPEN if closed is None else closed))
    return found


def _troubles(sort: str, viewer: User, start: int, end: int, key: str | None) -> Iterable:
    """(key, created, closed), from the index alone."""
    created, closed = type_coerce(Ticket.created_at, Integer()), type_coerce(Ticket.closed_at, Integer())
    query = select(PARTIES[sort], created, closed).where(
        is_party(sort, key), created < end, or_(closed.is_(None), closed > start), *troubled(), *seen(viewer)
    )
    return db.session.connection().execute(query)


def troubled() -> tuple:
    counts = or_(Ticket.resolution_code.is_(None), Ticket.resolution_code.not_in(LEFT_OUT))
    return Ticket.type.not_in(NO_TROUBLE), counts


def _reopened(viewer: User, start: int, end: int, only: Party | None) -> Iterator[tuple]:
    """(party, created, closed, its open times) of troubles that were reopened after `start`, for each they name."""
    at, created = type_coerce(Event.at, Integer()), type_coerce(Ticket.created_at, Integer())
    # Written out, for the index of reopenings.
    numbers = select(Event.ticket_id).where(literal_column("event.kind = 'reopened'"), at >= start)
    query = (
        select(Ticket.id, Ticket.provider, Ticket.payment_system, created,
               type_coerce(Ticket.closed_at, Integer()), Event.kind, at)
        .join(Event, Event.ticket_id == Ticket.id)
        .where(Ticket.id.in_(numbers), created < end, names_any(only), *troubled(), *seen(viewer))
        .where(Event.kind.in_([EventKind.CLOSED, EventKind.REOPENED]))
        .order_by(Ticket.id, Event.at, Event.id)
    )  # fmt: skip
    for (_, provider, payment_system, created, closed), events in groupby(
        db.session.connection().execute(query), key=lambda row: tuple(row[:5])
    ):
        times = [(created, STILL_OPEN)]
        for *_, kind, moment in events:
            if kind == EventKind.REOPENED:
                times.append((moment, STILL_OPEN))
            else:
                times[-1] = (times[-1][0], moment)
        for party in (("provider", provider), ("payment_system", payment_system)):
            if party[1] is not None and only in (None, party):
                yield party, created, closed, times


def names_any(only: Party | None):
    return is_party(*only) if only is not None else or_(*(column.is_not(None) for column in PARTIES.values()))


def seen(viewer: User) -> tuple:
    return () if viewer.is_manager else (~Ticket.restricted,)


def is_party(sort: str, key: str | None):
    """Names anybody, or this one; the first said so that its index is taken."""
    column = PARTIES[sort]
    return column.is_not(None) if key is None else column == key
