"""The open tickets of one age: what stands behind a bar of the backlog. Live, and with what the viewer may see."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, select

from ticketing.models.ticket import Ticket
from ticketing.models.types import Instant
from ticketing.models.user import User
from ticketing.queries.counts import is_open
from ticketing.queries.filters import Filters
from ticketing.queries.prepared import NOW, run
from ticketing.queries.report_behind import PAGE, Behind, Page
from ticketing.queries.report_scope import Scope
from ticketing.queries.visibility import visible_to
from ticketing.queries.workload import AGES, OLDER

_LONG_AGO = timedelta(days=36500)
CODES = (*(code for code, _ in AGES), OLDER)


def tickets_of_age(
    code: str, scope: Scope, viewer: User, now: datetime, zone: str, offset: int = 0, limit: int = PAGE
) -> Page:
    """Those filed in this stretch of time before now, the oldest first; `code` is one of CODES. One statement.

    The days on which they were filed are those of the zone.
    """
    days = dict(zip(CODES, (*(timedelta(days=days) for _, days in AGES), _LONG_AGO), strict=True))
    younger = CODES.index(code) - 1
    until = now - (days[CODES[younger]] if younger >= 0 else timedelta(days=-1))
    given = {"since": now - days[code], "until": until, "offset": offset, "most": limit + 1}
    found = list(run(_of_age, viewer, now, scope.listed, **given))
    day_in = ZoneInfo(zone)
    rows = [
        Behind(row.id, row.title, row.status, row.restricted, row.name, None, row.created_at.astimezone(day_in).date(),
               int((now - row.created_at).total_seconds()))
        for row in found[:limit]
    ]  # fmt: skip
    return Page(rows, None, more=len(found) > limit)


def _of_age(kind, filters: Filters) -> Select:
    since, until = (bindparam(name, type_=Instant()) for name in ("since", "until"))
    return (
        select(Ticket.id, Ticket.title, Ticket.status, Ticket.restricted, User.name, Ticket.created_at)
        .outerjoin(User, User.id == Ticket.owner_id)
        .where(is_open(), visible_to(kind), *filters.conditions(kind, NOW), Ticket.created_at >= since,
               Ticket.created_at < until)
        .order_by(Ticket.created_at, Ticket.id)
        .limit(bindparam("most"))
        .offset(bindparam("offset"))
    )  # fmt: skip
