"""The stored clocks of one ticket with all that belongs to them, in two statements (three with the history)."""

import json
from dataclasses import dataclass, field, fields
from functools import lru_cache

from sqlalchemy import Integer, String, bindparam, cast, literal, null, or_, select, type_coerce, union_all

from ticketing.extensions import db
from ticketing.models.event import Event, EventKind
from ticketing.models.sla import CalendarVersion, SlaClock, SlaLevel, SlaSegment, SlaTerms, hours_of
from ticketing.rules.clockwork import Clock
from ticketing.rules.sla import Level
from ticketing.rules.working_hours import Calendar

_TICKET = bindparam("ticket", type_=Integer())
_FACTS = tuple(one.name for one in fields(Clock) if one.name != "calendar")
_OF_TICKET = select(SlaClock.id).where(SlaClock.ticket_id == _TICKET)
MOVES = (EventKind.MOVED, EventKind.CLOSED, EventKind.REOPENED)

_PARTS = union_all(
    select(
        SlaSegment.clock_id, literal("segment").label("what"), SlaSegment.id.label("number"),
        SlaSegment.start_at.label("from_at"), SlaSegment.end_at.label("to_at"),
        SlaSegment.calendar_id.label("calendar"), SlaSegment.counted_s.label("n"), SlaSegment.why.label("code"),
    ).where(SlaSegment.clock_id.in_(_OF_TICKET)),
    select(
        SlaLevel.clock_id, literal("level"), SlaLevel.id, SlaLevel.due_at, SlaLevel.detected_at,
        cast(null(), Integer), SlaLevel.generation, type_coerce(SlaLevel.level, String),
    ).where(SlaLevel.clock_id.in_(_OF_TICKET)),
).subquery()  # fmt: skip
_CLOCKS = (
    select(
        *(getattr(SlaClock, name).label(f"clock_{name}") for name in _FACTS),
        *(c for c in _PARTS.c if c.key != "clock_id"),
    )
    .outerjoin(_PARTS, _PARTS.c.clock_id == SlaClock.id)
    .where(SlaClock.ticket_id == _TICKET)
    .order_by(SlaClock.id, _PARTS.c.number)
)
_BODIES = union_all(
    select(literal("calendar").label("what"), CalendarVersion.id, CalendarVersion.body).where(or_(
        CalendarVersion.id.in_(select(SlaClock.calendar_id).where(SlaClock.ticket_id == _TICKET)),
        CalendarVersion.id.in_(select(SlaSegment.calendar_id).where(SlaSegment.clock_id.in_(_OF_TICKET))),
    )),
    select(literal("terms"), SlaTerms.id, SlaTerms.body).where(
        SlaTerms.id.in_(select(SlaClock.terms_id).where(SlaClock.ticket_id == _TICKET))
    ),
)  # fmt: skip
_EVENTS = (
    select(Event.kind, Event.at, Event.payload)
    .where(Event.ticket_id == _TICKET, Event.kind.in_([EventKind.HELD, EventKind.RESUMED, *MOVES]))
    .order_by(Event.at, Event.id)
)


def read_clocks(ticket_id: int) -> list[tuple[Clock, list, list]]:
    """(clock, its segments, its levels), in the order in which they were made."""
    found: dict[int, tuple[Clock, list, list]] = {}
    for row in _run(_CLOCKS, ticket_id):
        if row.clock_id not in found:
            facts = {name: getattr(row, f"clock_{name}") for name in _FACTS}
            found[row.clock_id] = (Clock(calendar=None, **facts), [], [])
        _clock, segments, levels = found[row.clock_id]
        if row.what == "segment":
            segments.append(row)
        elif row.what == "level":
            levels.append((Level(row.code), row.from_at, row.to_at))
    return list(found.values())


@dataclass(slots=True)
class Bodies:
    """The calendars and terms that these clocks ran under, as they were saved."""

    calendars: dict[int, str] = field(default_factory=dict)
    terms: dict[int, str] = field(default_factory=dict)

    def hours(self, number: int) -> Calendar:
        return hours_of(self.calendars[number])

    def calendar(self, number: int) -> dict:
        return _loaded(self.calendars[number])

    def policy(self, number: int, key: str) -> str:
        """The name the policy had; its key where there is none of it."""
        policies = _loaded(self.terms[number])["policies"]
        return next((policy["name"] for policy in policies if policy["key"] == key), key)


def read_bodies(ticket_id: int) -> Bodies:
    bodies = Bodies()
    for what, number, body in _run(_BODIES, ticket_id):
        (bodies.calendars if what == "calendar" else bodies.terms)[number] = body
    return bodies


def read_events(ticket_id: int) -> list:
    return list(_run(_EVENTS, ticket_id))


def _run(statement, ticket_id: int):
    return db.session.connection().execute(statement, {"ticket": ticket_id})


@lru_cache(maxsize=128)
def _loaded(body: str) -> dict:
    """A saved document; nobody changes what is given out."""
    return json.loads(body)
