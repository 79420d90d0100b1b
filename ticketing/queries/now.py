"""What a manager looks at now: who waits for an owner, what breaches within the hour, and what could be handed on.

Live. Each list is cut, and comes with how many there are; what the viewer may not see is in neither.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    type_coerce,
    union,
)
from sqlalchemy.orm import aliased

from ticketing.extensions import db
from ticketing.models.event import Event, EventKind
from ticketing.models.sla import SlaClock
from ticketing.models.team import Team
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_row import LANE_HELD
from ticketing.models.types import Instant
from ticketing.models.user import User
from ticketing.queries.clock_faces import load_hours
from ticketing.queries.counts import is_open
from ticketing.queries.filters import on_hold
from ticketing.queries.prepared import NOW, run
from ticketing.queries.visibility import visible_to
from ticketing.queries.workload import Load, load
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import OPEN_STATUSES, Status
from ticketing.rules.workload import half_of

SHOWN = 20  # rows of a list
HANDED_ON = 5  # rows of each overloaded person
HOUR = timedelta(hours=1)
UNOWNED_FOR = timedelta(hours=4)  # too long without an owner where no reaction clock runs

owner = aliased(User)


@dataclass(slots=True)
class Row:
    """A ticket of one of the lists, with all that its chip (web/sla_chip.py) and its picker need."""

    id: int
    version: int
    title: str
    type: str
    priority: str
    status: Status
    restricted: bool
    team_id: int
    team: str
    owner_id: int | None
    owner_name: str | None
    hold_reason: str | None
    warn_at: datetime | None
    due_at: datetime | None
    clock_face: dict | None
    since: datetime | None = None  # without an owner

    @property
    def key(self) -> str:
        return f"T-{self.id}"


@dataclass(slots=True)
class Listed:
    rows: list[Row] = field(default_factory=list)
    total: int = 0


@dataclass(slots=True)
class Now:
    """`soon` breaches within the hour, `late` breached within the last one and still runs."""

    loads: list[Load]
    unowned: Listed
    soon: Listed
    late: Listed
    handed_on: Listed

    @property
    def people(self) -> list[Load]:
        return [one for one in self.loads if one.owner_id is not None]

    @property
    def overloaded(self) -> list[Load]:
        return [one for one in self.people if one.overloaded]

    @property
    def rows(self) -> list[Row]:
        return [row for listed in (self.unowned, self.soon, self.late, self.handed_on) for row in listed.rows]


def load_now(viewer: User, now: datetime) -> Now:
    """All of it, in seven statements at most."""
    loads = load(None, viewer, now)
    soon, late = _breaches(viewer, now)
    overloaded = [one.owner_id for one in loads if one.overloaded]
    return Now(loads, _unowned(viewer, now), soon, late, _handed_on(viewer, now, overloaded))


def _breaches(viewer: User, now: datetime) -> tuple[Listed, Listed]:
    found = {False: Listed(), True: Listed()}
    for row in run(_in_two_hours, viewer, now, before=now - HOUR, after=now + HOUR):
        listed = found[bool(row.late)]
        listed.total = row.total
        face = {"kind": row.kind, "calendar": row.calendar_id, "target": row.target_s}
        listed.rows.append(_row(row, warn_at=row.clock_warn_at, due_at=row.clock_due_at, clock_face=face))
    return found[False], found[True]


def _unowned(viewer: User, now: datetime) -> Listed:
    """More than half of the reaction's target is gone, a clock has breached, or nobody has had it for hours.

    Half of a target is counted in working time: for each of the few pairs of calendar and target that run, the
    calendar tells the instant before which a clock must be due.
    """
    running = list(run(_reactions, viewer, now))
    hours = load_hours({calendar for calendar, _target in running})
    before = [(calendar, target, hours[calendar].add(now, half_of(target))) for calendar, target in running]
    rows = list(db.session.connection().execute(_too_long(viewer, now, before)))
    return Listed([_row(row, since=row.since) for row in rows], rows[0].total if rows else 0)


def _handed_on(viewer: User, now: datetime, owners: list[int]) -> Listed:
    """What the overloaded have not begun yet, the first to be due first; some of each person's."""
    rows = list(run(_of_overloaded, viewer, now, owners=owners))
    return Listed([_row(row) for row in rows], sum({row.owner_id: row.total for row in rows}.values()))


def _row(row, **changes) -> Row:
    names = (
        "id", "version", "title", "type", "priority", "status", "restricted", "team_id", "team", "owner_id",
        "owner_name", "hold_reason", "warn_at", "due_at", "clock_face",
    )  # fmt: skip
    return Row(**{name: getattr(row, name) for name in names} | changes)


# The statements; but for one, each is built once for a kind of viewer (prepared.run)


def _tickets(*more) -> Select:
    return (
        select(
            Ticket.id, Ticket.version, Ticket.title, Ticket.type, Ticket.priority, Ticket.status, Ticket.restricted,
            Ticket.team_id, Team.name.label("team"), Ticket.owner_id, owner.name.label("owner_name"),
            case((on_hold(NOW), Ticket.hold_reason)).label("hold_reason"),
            Ticket.warn_at, Ticket.due_at, Ticket.clock_face, *more,
        )
        .join(Team, Team.id == Ticket.team_id)
        .outerjoin(owner, owner.id == Ticket.owner_id)
    )  # fmt: skip


def _in_two_hours(kind) -> Select:
    """Running clocks that are due from an hour ago to an hour from now, of each ticket the first in either hour.

    Found by their next level, and for one that has passed all its levels by the ticket's own due.
    """
    before, after = bindparam("before", type_=Instant()), bindparam("after", type_=Instant())
    due = SlaClock.due_at.between(before, after)
    runs = (SlaClock.stopped_at.is_(None), due)
    by_level = select(SlaClock.id).where(SlaClock.next_at.is_not(None), *runs)
    by_ticket = (
        select(SlaClock.id)
        .join(Ticket, Ticket.id == SlaClock.ticket_id)
        .where(is_open(), Ticket.due_at.between(before, after), *runs)
    )
    late = case((SlaClock.due_at < NOW, 1), else_=0)
    first = func.row_number().over(partition_by=(SlaClock.ticket_id, late), order_by=(SlaClock.due_at, SlaClock.id))
    clocks = (
        select(SlaClock.id, SlaClock.ticket_id, late.label("late"), first.label("place"))
        .where(SlaClock.id.in_(union(by_level, by_ticket)))
        .subquery()
    )
    hour = {"partition_by": clocks.c.late}
    order = case((clocks.c.late == 1, -_seconds(SlaClock.due_at)), else_=_seconds(SlaClock.due_at))
    listed = (
        select(
            clocks.c.id, clocks.c.late, func.count().over(**hour).label("total"),
            func.row_number().over(**hour, order_by=(order, Ticket.priority, Ticket.id)).label("rank"),
        )
        .join(Ticket, Ticket.id == clocks.c.ticket_id)
        .join(SlaClock, SlaClock.id == clocks.c.id)
        .where(clocks.c.place == 1, is_open(), visible_to(kind))
        .subquery()
    )  # fmt: skip
    return (
        _tickets(
            listed.c.late, listed.c.total, SlaClock.kind, SlaClock.calendar_id, SlaClock.target_s,
            SlaClock.warn_at.label("clock_warn_at"), SlaClock.due_at.label("clock_due_at"),
        )
        .join(SlaClock, SlaClock.ticket_id == Ticket.id)
        .join(listed, listed.c.id == SlaClock.id)
        .where(listed.c.rank <= SHOWN)
        .order_by(listed.c.late, listed.c.rank)
    )  # fmt: skip


def _seconds(column):
    return type_coerce(column, Integer())


def _face(name: str):
    return Ticket.clock_face[name]


def _reacting() -> ColumnElement[bool]:
    """A reaction clock runs, and is the next one to be due."""
    return and_(Ticket.due_at.is_not(None), _face("kind").as_string() == ClockKind.REACTION.value)


def _reactions(kind) -> Select:
    """(calendar, target) of the reaction clocks that run on tickets without an owner and have not breached."""
    return (
        select(_face("calendar").as_integer(), _face("target").as_integer())
        .where(Ticket.owner_id.is_(None), is_open(), visible_to(kind), Ticket.due_at >= NOW, _reacting())
        .distinct()
    )


def _too_long(viewer: User, now: datetime, before: list[tuple[int, int, datetime]]) -> Select:
    taken_off = (
        select(func.max(Event.at, type_=Instant()))
        .where(Event.ticket_id == Ticket.id, Event.kind == EventKind.UNASSIGNED)
        .correlate(Ticket)
        .scalar_subquery()
    )
    since = func.coalesce(taken_off, Ticket.created_at, type_=Instant())
    half_gone = [
        and_(_face("calendar").as_integer() == calendar, _face("target").as_integer() == target, Ticket.due_at < at)
        for calendar, target, at in before
    ]
    waits = or_(
        Ticket.due_at < now,
        case((_reacting(), or_(false(), *half_gone)), else_=since <= now - UNOWNED_FOR),
    )
    order = (Ticket.due_at.is_(None), Ticket.due_at, Ticket.priority, Ticket.created_at, Ticket.id)
    found = (
        select(Ticket.id, func.count().over().label("total"))
        .where(Ticket.owner_id.is_(None), is_open(), visible_to(viewer), waits)
        .order_by(*order)
        .limit(SHOWN)
        .subquery()
    )
    return (
        _tickets(since.label("since"), found.c.total)
        .join(found, found.c.id == Ticket.id)
        .order_by(*order)
        .params(now=now)
    )


def _of_overloaded(kind) -> Select:
    """What waits to be begun comes first; what is in the solution check is nearly done and comes not at all."""
    begun = case((Ticket.status == Status.ASSIGNED, 0), else_=1)
    order = (begun, Ticket.due_at.is_(None), Ticket.due_at, Ticket.priority, Ticket.id)
    mine = {"partition_by": Ticket.owner_id}
    listed = (
        select(
            Ticket.id, func.count().over(**mine).label("total"),
            func.row_number().over(**mine, order_by=order).label("place"),
        )
        .where(
            Ticket.owner_id.in_(bindparam("owners", expanding=True, type_=Integer())), visible_to(kind),
            Ticket.status.in_([one for one in OPEN_STATUSES if one is not Status.SOLUTION_CHECK]),
            Ticket.lane != LANE_HELD,
        )
        .subquery()
    )  # fmt: skip
    return (
        _tickets(listed.c.total)
        .join(listed, listed.c.id == Ticket.id)
        .where(listed.c.place <= HANDED_ON)
        .order_by(owner.name, owner.id, *order)
    )
