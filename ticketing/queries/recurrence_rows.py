"""The reads behind the radar, each one statement: what is counted, what was mended, what came back, what it cost.

Moments are whole seconds here, as they are stored: a busy month is tens of thousands of rows. Every statement holds
who may see what.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, and_, case, func, literal_column, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from ticketing.extensions import db
from ticketing.models.event import REOPENING, Event, EventKind
from ticketing.models.link import Link
from ticketing.models.sla import CalendarVersion, SlaClock
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_row import MENDED_SQL
from ticketing.models.user import User
from ticketing.queries.counts import is_open
from ticketing.queries.visibility import visible_to
from ticketing.rules.recurrence import DAY
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import MENDED, LinkKind

AT_MOST = 100  # tickets of one trouble that are looked at one by one; only what is counted goes further
_DAY_S = int(DAY.total_seconds())
_CODES = [code.value for code in MENDED]
_MENDED = aliased(Ticket, name="mended")
_WAS_MENDED = and_(_MENDED.signature.is_not(None), literal_column(f"mended.{MENDED_SQL}"))


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` (not included) to `until` (included)."""

    since: datetime
    until: datetime

    def holds(self, column):
        return and_(column > self.since, column <= self.until)


def _s(column, name: str):
    """An instant as it is stored."""
    return type_coerce(column, BigInteger).label(name)


def _member(ticket=Ticket) -> tuple:
    """What is read of a ticket to count it."""
    return (
        ticket.id, ticket.signature, ticket.category_id, _s(ticket.created_at, "created"),
        _s(ticket.closed_at, "closed"), ticket.owner_id, ticket.solver_id,
    )  # fmt: skip


def _rows(statement) -> list:
    return db.session.connection().execute(statement).all()


def counts(span: Span, viewer: User, keys: Collection[str] | None = None) -> list:
    """(signature, category_id, n) of the tickets filed in this span; of these signatures, or of all."""
    which = Ticket.signature.in_(keys) if keys is not None else Ticket.signature.is_not(None)
    found = select(Ticket.signature, Ticket.category_id, func.count().label("n"))
    found = found.where(which, span.holds(Ticket.created_at), visible_to(viewer))
    return _rows(found.group_by(Ticket.signature, Ticket.category_id))


def filed_after_mending(span: Span, viewer: User, most: int) -> list:
    """(signature, n, of) of those with a ticket filed in this span after an earlier one was mended; the busiest first.

    `of` is how many there are of them. A first look, whatever the category: `members` say it exactly.
    """
    filed = (
        select(Ticket.signature, func.max(Ticket.created_at).label("last"), func.count().label("n"))
        .where(Ticket.signature.is_not(None), span.holds(Ticket.created_at), visible_to(viewer))
        .group_by(Ticket.signature)
        .subquery()
    )
    before = select(_MENDED.id).where(
        _MENDED.signature == filed.c.signature, _WAS_MENDED, _MENDED.closed_at <= filed.c.last,
        visible_to(viewer, _MENDED),
    )  # fmt: skip
    found = select(filed.c.signature, filed.c.n, func.count().over().label("of")).where(before.exists())
    return _rows(found.order_by(filed.c.n.desc(), filed.c.signature).limit(most))


def by_day(keys: Collection[str], now_s: int, span: Span, viewer: User) -> list:
    """(signature, category_id, age, n): how many were filed so many times 24 h ago."""
    age = ((now_s - type_coerce(Ticket.created_at, BigInteger)) // _DAY_S).label("age")
    found = select(Ticket.signature, Ticket.category_id, age, func.count().label("n"))
    found = found.where(Ticket.signature.in_(keys), span.holds(Ticket.created_at), visible_to(viewer))
    return _rows(found.group_by(Ticket.signature, Ticket.category_id, age))


def last_mended_in(keys: Collection[str], viewer: User) -> list:
    """(signature, category_id) in which each was mended last, of those that have a category."""
    last = func.row_number().over(partition_by=_MENDED.signature, order_by=_MENDED.closed_at.desc()).label("place")
    found = select(_MENDED.signature, _MENDED.category_id, last).where(
        _MENDED.signature.in_(keys), _WAS_MENDED, _MENDED.category_id.is_not(None), visible_to(viewer, _MENDED)
    )
    found = found.subquery()
    return _rows(select(found.c.signature, found.c.category_id).where(found.c.place == 1))


def members(homes: Mapping[str, int | None], span: Span, viewer: User) -> list:
    """Of each signature its newest tickets of this span (AT_MOST), with `ended`: when one like it had been mended last.

    `homes` says in which category a ticket of a signature counts that has none.
    """
    return _rows(_newest_of(homes, span, viewer)) if homes else []


def _newest_of(homes: Mapping[str, int | None], span: Span, viewer: User):
    parts = []
    for key, home in homes.items():
        ended = (
            select(type_coerce(_MENDED.closed_at, BigInteger))
            .where(_MENDED.signature == key, _WAS_MENDED, _MENDED.closed_at <= Ticket.created_at)
            .where(_MENDED.id != Ticket.id, visible_to(viewer, _MENDED))
            .where(func.coalesce(_MENDED.category_id, home or 0) == func.coalesce(Ticket.category_id, home or 0))
            .order_by(_MENDED.closed_at.desc())
            .limit(1)
            .scalar_subquery()
        )
        part = select(*_member(), ended.label("ended")).where(
            Ticket.signature == key, span.holds(Ticket.created_at), visible_to(viewer)
        )
        part = part.order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(AT_MOST).subquery()
        parts.append(select(part))
    return union_all(*parts)


def newest(key: str, category_id: int | None, viewer: User):
    """The newest ticket of this signature and category, as a member; None when there is none."""
    found = select(*_member()).where(Ticket.signature == key, Ticket.category_id == category_id, visible_to(viewer))
    return db.session.connection().execute(found.order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(1)).first()


def open_by_family(keys: Collection[str], viewer: User) -> list:
    """(signature, category_id, parent_id, itself, n): open ones by their parent; `itself` is one that is a parent."""
    itself = case((Ticket.child_count > 0, Ticket.id)).label("itself")
    place = (Ticket.signature, Ticket.category_id, Ticket.parent_id, itself)
    found = select(*place, func.count().label("n")).where(Ticket.signature.in_(keys), is_open(), visible_to(viewer))
    return _rows(found.group_by(*place))


def reopenings(span: Span, viewer: User, keys: Collection[str] | None = None) -> list:
    """Tickets that were reopened in this span: a member's columns, `at`, `ended`, when they had been closed, and
    `mended`: only then has something come back.
    """
    closing = aliased(Event)
    ended = (
        select(func.max(closing.at))
        .where(closing.ticket_id == Event.ticket_id, closing.kind == EventKind.CLOSED, closing.at <= Event.at)
        .scalar_subquery()
    )
    code = Event.payload["resolution_code"].as_string()
    ended_s, mended = type_coerce(ended, BigInteger).label("ended"), code.in_(_CODES).label("mended")
    found = (
        select(*_member(), _s(Event.at, "at"), ended_s, mended)
        .join(Ticket, Ticket.id == Event.ticket_id)
        .where(literal_column(f"event.{REOPENING}"), span.holds(Event.at))
        .where(Ticket.signature.in_(keys) if keys is not None else Ticket.signature.is_not(None), visible_to(viewer))
    )
    return _rows(found.order_by(Event.at, Event.id))


def linked_returns(span: Span, viewer: User, keys: Collection[str] | None = None) -> list:
    """Tickets that were linked in this span as the return of a mended one: a member's columns, and `ended`."""
    found = (
        select(*_member(), _s(_MENDED.closed_at, "ended"))
        .join(Link, Link.source_id == Ticket.id)
        .join(_MENDED, _MENDED.id == Link.target_id)
        .where(Link.kind == LinkKind.RECURRENCE_OF, span.holds(Link.created_at))
        .where(literal_column(f"mended.{MENDED_SQL}"), _MENDED.closed_at <= Ticket.created_at)
        .where(Ticket.signature.in_(keys) if keys is not None else Ticket.signature.is_not(None))
        .where(visible_to(viewer), visible_to(viewer, _MENDED))
    )
    return _rows(found.order_by(Ticket.id))


def clocks(homes: Mapping[str, int | None], again: Collection[int], span: Span, viewer: User) -> list:
    """(signature, category_id, worked, breaches) of the tickets that `members` gives, and of those reopened (`again`).

    `worked` is what their resolution clocks have counted up to their last stop or pause; `running_clocks` has the rest.
    """
    which = _counted(homes, again, span, viewer)
    worked = func.sum(SlaClock.elapsed_before_s).filter(SlaClock.kind == ClockKind.RESOLUTION)
    found = select(which.c.signature, which.c.category_id, func.coalesce(worked, 0).label("worked"),
                   func.count(SlaClock.breached_at).label("breaches"))  # fmt: skip
    found = found.join(SlaClock, SlaClock.ticket_id == which.c.id)
    return _rows(found.group_by(which.c.signature, which.c.category_id))


def running_clocks(homes: Mapping[str, int | None], again: Collection[int], span: Span, viewer: User) -> list:
    """(signature, category_id, calendar_id, since, body) of those resolution clocks that run; the latest first."""
    which = _counted(homes, again, span, viewer)
    found = select(which.c.signature, which.c.category_id, SlaClock.calendar_id, SlaClock.segment_start.label("since"),
                   CalendarVersion.body)  # fmt: skip
    found = found.join(SlaClock, SlaClock.ticket_id == which.c.id)
    found = found.join(CalendarVersion, CalendarVersion.id == SlaClock.calendar_id)
    found = found.where(which.c.closed.is_(None), SlaClock.kind == ClockKind.RESOLUTION)
    return _rows(found.where(SlaClock.segment_start.is_not(None)).order_by(SlaClock.segment_start.desc()))


def _counted(homes: Mapping[str, int | None], again: Collection[int], span: Span, viewer: User):
    reopened = select(*_member()).where(Ticket.id.in_(again), Ticket.created_at <= span.since, visible_to(viewer))
    parts = []
    for key in homes:
        part = select(*_member()).where(Ticket.signature == key, span.holds(Ticket.created_at), visible_to(viewer))
        parts.append(select(part.order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(AT_MOST).subquery()))
    return union_all(*parts, reopened).subquery()
