"""Turns tickets into facts: a portion of tickets in one transaction, old facts against new ones."""

import logging
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, insert, select

from ticketing.extensions import db
from ticketing.models import Event, ReportFact, SlaClock, Ticket
from ticketing.rules.report_facts import KINDS, Fact, Happened, facts_of

log = logging.getLogger(__name__)

_IDS = bindparam("ids", expanding=True)
_TICKETS = select(Ticket.id, Ticket.created_at, Ticket.status).where(Ticket.id.in_(_IDS))
_EVENTS = (
    select(Event.ticket_id, Event.kind, Event.at, Event.payload)
    .where(Event.ticket_id.in_(_IDS), Event.kind.in_(KINDS))
    .order_by(Event.ticket_id, Event.id)
)
_CLOCKS = select(
    SlaClock.ticket_id, SlaClock.kind, SlaClock.state, SlaClock.cause, SlaClock.due_at, SlaClock.breached_at,
    SlaClock.stopped_at, SlaClock.elapsed_before_s,
).where(SlaClock.ticket_id.in_(_IDS)).order_by(SlaClock.ticket_id, SlaClock.id)  # fmt: skip
_KNOWN = select(ReportFact.__table__.c.ticket_id, ReportFact.__table__.c.day).where(
    ReportFact.__table__.c.ticket_id.in_(_IDS)
)


def count_tickets(ids: Collection[int], now: datetime, zone: str, failed: list[str]) -> set[int]:
    """Write the facts of these tickets anew. Returns the days they have or had any on.

    All of a ticket's days, not only those with a new fact: it may count for another team or owner now. A ticket that
    cannot be counted counts nowhere, and `failed` tells which and why: the others must not wait for it.
    """
    days = {row.day for row in db.session.execute(_KNOWN, {"ids": ids})}
    db.session.execute(delete(ReportFact).where(ReportFact.ticket_id.in_(ids)))
    rows = []
    for ticket, facts in facts_by_ticket(ids, now, zone, failed).items():
        rows += [
            {"figure": fact.figure.number, "day": fact.day, "ticket_id": ticket, "place": place,
             "seconds": min(fact.seconds, 2**31 - 1)}
            for place, fact in enumerate(facts)
        ]  # fmt: skip
    if rows:
        db.session.execute(insert(ReportFact.__table__), sorted(rows, key=lambda row: (row["figure"], row["day"])))
    return days | {row["day"] for row in rows}


def facts_by_ticket(ids: Collection[int], now: datetime, zone: str, failed: list[str]) -> dict[int, list[Fact]]:
    """The facts of each of these tickets. Three statements."""
    events, clocks, at_home = _grouped(_EVENTS, ids), _grouped(_CLOCKS, ids), ZoneInfo(zone)
    found = {}
    for row in db.session.execute(_TICKETS, {"ids": ids}):
        happened = list(map(_happened, events.get(row.id, ())))
        try:
            found[row.id] = facts_of(row.created_at, row.status, happened, clocks.get(row.id, ()), now, at_home)
        except Exception as problem:
            log.exception("reports: T-%s could not be counted", row.id)
            failed.append(f"T-{row.id}: {type(problem).__name__}: {problem}"[:300])
    return found


def _happened(event) -> Happened:
    return Happened(event.kind, event.at, event.payload)


def _grouped(statement, ids: Collection[int]) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in db.session.execute(statement, {"ids": ids}):
        found.setdefault(row.ticket_id, []).append(row)
    return found
