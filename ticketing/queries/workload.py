"""What people have open now, and how old the open tickets are. Live: nothing here is counted beforehand.

The open tickets are read once, by the index of those, however many closed ones there are.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Integer, Select, and_, bindparam, case, func, or_, select

from ticketing.models.team import Team
from ticketing.models.ticket import Ticket
from ticketing.models.types import Instant
from ticketing.models.user import User
from ticketing.queries.counts import by_itself, is_open
from ticketing.queries.filters import Filters, on_hold
from ticketing.queries.prepared import NOW, days_before, run
from ticketing.queries.report_scope import Scope
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import Role
from ticketing.rules.workload import limits

# Ages of open tickets since they were filed: (code, up to so many days); older ones are the last.
AGES = (("1d", 1), ("3d", 3), ("7d", 7), ("28d", 28))
OLDER = "older"


@dataclass(slots=True)
class Load:
    """What one person has open; `owner_id` None is nobody. Each ticket is in one of hold, breached, at_risk, on_track.

    Breached and at risk are what the queue filters by; on track is the rest, a ticket without a running clock too.
    """

    owner_id: int | None
    name: str | None
    handle: str | None
    team_id: int | None = None
    team: str | None = None
    active: bool = True
    open: int = 0
    hold: int = 0
    breached: int = 0
    at_risk: int = 0
    limit: int | None = None  # the most that is no overload; None where there is nothing to compare with

    @property
    def on_track(self) -> int:
        return self.open - self.hold - self.breached - self.at_risk

    @property
    def work(self) -> int:
        """What can be worked on."""
        return self.open - self.hold

    @property
    def overloaded(self) -> bool:
        return self.limit is not None and self.work > self.limit


@dataclass(frozen=True, slots=True)
class Age:
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """`oldest` is (ticket_id, created_at) of the open ticket that was filed first."""

    ages: list[Age]
    oldest: tuple[int, datetime] | None
    total: int


def load(scope: Scope | None, viewer: User, now: datetime) -> list[Load]:
    """Everybody who has an open ticket that the viewer may see, and all who could have one; most work first.

    The last one is nobody, whose tickets have no owner. The scope's days do not matter; its filters leave tickets out,
    and with them everybody who has none of those. Limits are told where nothing is left out. Two statements.
    """
    filters = scope.listed if scope else Filters()
    return _loads(run(_counted, viewer, now, filters, False).all(), filters, viewer, now)


def backlog(scope: Scope | None, viewer: User, now: datetime) -> Backlog:
    """How many open tickets are how old, since they were filed, and the oldest. Two statements."""
    filters = scope.listed if scope else Filters()
    return _backlog(run(_counted, viewer, now, filters, True).all(), filters, viewer, now)


def load_and_backlog(scope: Scope | None, viewer: User, now: datetime) -> tuple[list[Load], Backlog]:
    """Both, of one walk through the open tickets. Three statements."""
    filters = scope.listed if scope else Filters()
    rows = run(_counted, viewer, now, filters, True).all()
    return _loads(rows, filters, viewer, now), _backlog(rows, filters, viewer, now)


def _loads(rows: list, filters: Filters, viewer: User, now: datetime) -> list[Load]:
    counted = {row.owner_id: row for row in rows}
    found = []
    for person in run(_people, viewer, now, owners=[number for number in counted if number is not None]):
        row = counted.pop(person.owner_id, None)
        works = person.active and not person.machine and person.team_id is not None
        if row is None and (filters or not works):
            continue
        found.append(_load(row, *person[:5], active=person.active))
    if not filters:
        own = limits((one.owner_id, one.team_id, one.work) for one in found if one.active)
        for one in found:
            one.limit = own.get(one.owner_id)
    found.sort(key=lambda one: (-one.work, -one.open, one.name.lower(), one.owner_id))
    nobody = counted.get(None)
    return found + [_load(nobody, None, None, None)] if nobody is not None else found


def _load(row, *who, active: bool = True) -> Load:
    counts = {} if row is None else {name: int(getattr(row, name)) for name in ("open", "hold", "breached", "at_risk")}
    return Load(*who, active=active, **counts)


def _backlog(rows: list, filters: Filters, viewer: User, now: datetime) -> Backlog:
    """Out of the rows of all owners."""
    total = sum(row.open for row in rows)
    if not total:
        return Backlog([Age(code, 0) for code in (*(code for code, _ in AGES), OLDER)], None, 0)
    counts = [int(sum(getattr(row, f"age_{code}") for row in rows)) for code, _days in AGES]
    steps = [counts[0], *(more - less for less, more in pairwise(counts)), total - counts[-1]]
    first = min(row.first for row in rows)
    oldest = run(_filed_at, viewer, now, filters, first=first).scalar_one()
    ages = [Age(code, count) for code, count in zip((*(code for code, _ in AGES), OLDER), steps, strict=True)]
    return Backlog(ages, (oldest, first), total)


# The statements, each built once for a kind of viewer (prepared.run)


def _open(kind, filters: Filters) -> tuple:
    return is_open(), visible_to(kind), *filters.conditions(kind, NOW)


def _counted(kind, filters: Filters, aged: bool) -> Select:
    """Of each owner how many are open; `aged` also since when, and how many are younger than each of AGES."""

    def how_many(condition):
        return func.sum(case((condition, 1), else_=0))

    ages = [how_many(Ticket.created_at >= days_before(NOW, days)).label(f"age_{code}") for code, days in AGES]
    since = func.min(Ticket.created_at, type_=Instant()).label("first")
    free = or_(Ticket.hold_reason.is_(None), Ticket.hold_until <= NOW)
    return (
        select(
            func.max(Ticket.owner_id).label("owner_id"), func.count().label("open"),
            how_many(on_hold(NOW)).label("hold"),
            how_many(and_(Ticket.due_at < NOW, free)).label("breached"),
            how_many(and_(Ticket.warn_at <= NOW, Ticket.due_at >= NOW, free)).label("at_risk"),
            *((since, *ages) if aged else ()),
        )
        .where(*_open(kind, filters))
        .group_by(by_itself(Ticket.owner_id))
    )  # fmt: skip


def _people(_kind) -> Select:
    """All staff, and whoever else has something open."""
    owners = bindparam("owners", expanding=True, type_=Integer())
    return (
        select(User.id.label("owner_id"), User.name, User.handle, User.team_id, Team.name.label("team"), User.active,
               User.machine)
        .outerjoin(Team, Team.id == User.team_id)
        .where(or_(User.role != Role.REPORTER, User.id.in_(owners)))
    )  # fmt: skip


def _filed_at(kind, filters: Filters) -> Select:
    then = bindparam("first", type_=Instant())
    return select(func.min(Ticket.id)).where(Ticket.created_at == then, *_open(kind, filters))
