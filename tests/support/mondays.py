"""Tickets that are filed on one Monday in Berlin, and what their clocks say."""

from datetime import datetime

from tests.factories import category, ticket
from tests.support.terms import berlin
from ticketing.extensions import db
from ticketing.models import SlaClock, Ticket
from ticketing.rules.taxonomy import Priority


def on(time: str) -> datetime:
    """An instant of that Monday: "09:05"."""
    return berlin(f"2026-05-04 {time}")


def filed(time: str = "09:00", priority: Priority = Priority.CRITICAL, **facts) -> Ticket:
    """Filed on that Monday; critical unless said: 15 min and 4 h, around the clock."""
    facts.setdefault("category", category("user_system"))
    return ticket(moment=on(time), priority=priority, **facts)


def clock(made: Ticket, kind: str = "reaction", cycle: int = 1) -> SlaClock:
    db.session.flush()
    return next(c for c in made.clockwork.clocks if c.kind == kind and c.cycle == cycle)
