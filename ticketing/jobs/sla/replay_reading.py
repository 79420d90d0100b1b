"""Reads histories for a replay: a portion of tickets at a time, each portion as of one moment, without writing."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache

from sqlalchemy import bindparam, select

from ticketing.extensions import db
from ticketing.jobs.reads import one_moment
from ticketing.jobs.sla.replay import KINDS, Library
from ticketing.models import CalendarVersion, Category, Event, SlaTerms, Ticket
from ticketing.models.event import EventKind
from ticketing.rules.sla_terms import Terms
from ticketing.rules.working_hours import Calendar

PORTION = 500

IDS = bindparam("ids", expanding=True)


def portions(columns: tuple, *conditions, newest_first: bool = False) -> Iterator[list]:
    """Rows of these columns of the tickets that meet the conditions, the first of them `Ticket.id`.

    Each portion comes inside `one_moment`; whoever takes it reads what belongs to it before asking for the next.
    """
    last = None
    while True:
        with one_moment():
            rows = page(columns, *conditions, after=last, newest_first=newest_first)
            if not rows:
                return
            last = rows[-1].id
            yield rows


def page(columns: tuple, *conditions, after: int | None = None, newest_first: bool = False) -> list:
    """The next portion after the ticket of that number, or the first."""
    wanted = select(*columns).where(*conditions).limit(PORTION)
    wanted = wanted.order_by(Ticket.id.desc() if newest_first else Ticket.id)
    if after is not None:
        wanted = wanted.where(Ticket.id < after if newest_first else Ticket.id > after)
    return db.session.execute(wanted).all()


def events_of(ids: Collection[int], kinds: Collection[EventKind] = KINDS) -> defaultdict:
    """The events that a replay reads, by ticket, in the order in which they were written."""
    found = defaultdict(list)
    for event in db.session.execute(_EVENTS, {"ids": list(ids), "kinds": list(kinds)}):
        found[event.ticket_id].append(event)
    return found


_EVENTS = (
    select(Event.ticket_id, Event.kind, Event.actor_id, Event.at, Event.noticed_at, Event.payload)
    .where(Event.ticket_id.in_(IDS), Event.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(Event.ticket_id, Event.id)
)


def grouped(statement, ids: Collection[int]) -> defaultdict:
    """Rows by their first column; the statement takes `ids`."""
    found = defaultdict(list)
    for row in db.session.execute(statement, {"ids": list(ids)}):
        found[row[0]].append(row)
    return found


def library() -> Library:
    """The desk's own terms, categories and calendars; each read when a history first names it."""
    return Library(cache(_terms), categories(), cache(_hours))


def categories() -> dict[int, str]:
    return dict(db.session.execute(select(Category.id, Category.key)).all())


def _terms(number: int) -> Terms:
    return _found(SlaTerms, number).terms


def _hours(number: int) -> Calendar:
    return _found(CalendarVersion, number).hours


def _found(model, number: int):
    row = db.session.get(model, number)
    if row is None:
        raise LookupError(f"there is no {model.__tablename__} {number}")
    return row
