"""Saving terms in tests of jobs, and what clocks and tickets say about it."""

from sqlalchemy import func, select

from tests.factories import category, ticket
from tests.support.terms import berlin, document
from ticketing.extensions import db
from ticketing.jobs.sla.terms import put_in_force
from ticketing.models import Event, SlaClock, SlaTerms, Ticket
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import Priority

MONDAY = berlin("2026-05-04 09:00")
CLOSED = {"name": "Closed", "open": []}


def shown() -> int:
    return db.session.scalar(select(func.max(SlaTerms.id)))


def with_exceptions(days: dict, **changes) -> dict:
    changed = document()
    changed["calendars"]["office"] |= {"exceptions": days, **changes}
    return changed


def put(changed: dict, at=MONDAY, by=None):
    return put_in_force(changed, by=by, at=at, shown=shown())


def filed(moment: str, priority=Priority.NORMAL, **facts) -> Ticket:
    made = ticket(moment=berlin(moment), priority=priority, category=category("user_system"), **facts)
    db.session.commit()
    return made


def clock(made: Ticket, kind: str = "reaction") -> SlaClock:
    db.session.expire_all()
    return db.session.scalar(select(SlaClock).where(SlaClock.ticket_id == made.id, SlaClock.kind == kind))


def retermed(made: Ticket) -> list:
    query = select(Event).where(Event.ticket_id == made.id, Event.kind == EventKind.RETERMED).order_by(Event.id)
    return list(db.session.scalars(query))
