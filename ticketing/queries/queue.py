"""The queue's reads: one page of a sorted, filtered list, flat however many tickets there are.

Every order is a walk along an index that begins with the status. The list of several statuses is therefore
made of one short walk in each of them, merged; a sort over all open tickets would grow with their number.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, func, literal, literal_column, select, union_all
from sqlalchemy.orm import aliased

from ticketing.models.team import Category
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_row import LANE_HELD, LANE_PINNED
from ticketing.models.user import User
from ticketing.queries.filters import Filters, on_hold
from ticketing.queries.numbers import found_among
from ticketing.queries.prepared import NOW, run
from ticketing.queries.search import FOUND_MAX, SHOWN_FROM, by_relevance, looked_up, ticket_text
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import OPEN_STATUSES, PRIORITIES, STATUSES, Priority, Status

PAGE = 30
PAGES = 100  # further than this nobody reads on: the filters are for that
COUNTED_TO = 1000
SORTS = ("due", "key", "priority", "status", "owner", "updated", "created")
RELEVANCE = "relevance"  # the order of a search, and of nothing else

owner = aliased(User)
ROW = (
    Ticket.id, Ticket.version, Ticket.status, Ticket.type, Ticket.priority, Ticket.title, Ticket.restricted,
    Ticket.owner_id, owner.name.label("owner_name"), Category.name.label("category_name"),
    case((on_hold(NOW), Ticket.hold_reason)).label("hold_reason"), Ticket.warn_at, Ticket.due_at, Ticket.clock_face,
    Ticket.created_at, Ticket.updated_at,
)  # fmt: skip


@dataclass(slots=True)
class Page:
    rows: list
    number: int  # from 1
    more: bool
    total: int | None = None  # None: more than COUNTED_TO
    known: int = COUNTED_TO  # what the total is at least, where it is None
    cut: bool = False  # the words found more than a search looks through

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return self.first - 1 + len(self.rows)

    @property
    def may_go_on(self) -> bool:
        return self.more and self.number < PAGES


def load_page(
    viewer: User, filters: Filters, sort: str, number: int, now: datetime, open_total: int | None = None
) -> Page:
    """Page `number` of the list. `sort` is one of SORTS, with "-" in front for the other way round.

    `open_total` is the number of open tickets the viewer may see, where that is already known.
    """
    if filters.q:
        return _search_page(viewer, filters, sort, number, now)
    skip = (number - 1) * PAGE
    rows = list(run(_page, viewer, now, filters, sort, reach=skip + PAGE + 1, skip=skip, size=PAGE + 1))
    page = Page(rows[:PAGE], number, more=len(rows) > PAGE)
    if not page.more and (rows or number == 1):
        page.total = page.last
    elif not filters and open_total is not None:
        page.total = open_total
    else:
        counted = run(_count, viewer, now, filters).scalar_one()
        page.total = counted if counted <= COUNTED_TO else None
    return page


def found_in_queue(viewer: User, filters: Filters, sort: str, now: datetime) -> Filters:
    """The filters with what their words find. Whoever asks several reads the same does it once, before."""
    return looked_up(viewer, filters, now, oldest=sort in ("key", "created"), titled=sort == RELEVANCE)


def _search_page(viewer: User, filters: Filters, sort: str, number: int, now: datetime) -> Page:
    """A page of what the words find: sorted by itself, since these are never many. The rows bring along what was
    written on them: facts, description, said and noted."""
    filters = found_in_queue(viewer, filters, sort, now)
    total, skip = len(filters.numbers), (number - 1) * PAGE
    if sort == RELEVANCE:
        order = by_relevance(viewer, filters, now)
        some, total = order[skip : skip + PAGE + 1], len(order)
        found = run(_found_rows, viewer, now, Filters(q=filters.q, found=json.dumps(some)))
        rows = sorted(found, key=lambda row: some.index(row.id))
    else:
        rows = list(run(_found_page, viewer, now, filters, sort, skip=skip, size=PAGE + 1))
    page = Page(rows[:PAGE], number, more=len(rows) > PAGE, cut=filters.cut, known=FOUND_MAX)
    page.total = None if filters.cut else total
    return page


def load_rows(viewer: User, numbers: list[int], now: datetime) -> list:
    """The rows of these tickets, of those the viewer may see, in no order."""
    return list(run(_rows_of, viewer, now, tuple(sorted(numbers))))


# The statements, each built once for a kind of viewer (prepared.run)


def listed(kind, filters: Filters, at: datetime = NOW) -> list[ColumnElement[bool]]:
    """The conditions of the list, statuses aside: shared by page, count and export."""
    conditions = [visible_to(kind), *replace(filters, status=()).conditions(kind, at)]
    if filters.hold and "no" not in filters.hold:
        conditions.append(Ticket.lane.in_((LANE_PINNED, LANE_HELD)))  # says the same, by the index
    return conditions


def statuses_of(filters: Filters) -> list[Status]:
    """Closed tickets are shown when they are asked for."""
    return [status for status in STATUSES if status in filters.status] or list(OPEN_STATUSES)


@dataclass(frozen=True, slots=True)
class Order:
    """How a sort is read: the columns it goes by, and what else splits it into walks along one index."""

    columns: tuple
    split: str = ""


_BOARD = (Ticket.lane, Ticket.due_at, Ticket.priority, Ticket.status_since, Ticket.id)
_ORDERS = {
    "due": Order(_BOARD),
    "status": Order(_BOARD),
    "updated": Order((Ticket.updated_at, Ticket.id)),
    "priority": Order((Ticket.priority, Ticket.created_at, Ticket.id)),
    "created": Order((Ticket.created_at, Ticket.id), split="priority"),
    "key": Order((Ticket.id,)),
}


def _page(kind, filters: Filters, sort: str) -> Select:
    falling, name = sort.startswith("-"), sort.removeprefix("-")
    size, skip = bindparam("size", type_=Integer()), bindparam("skip", type_=Integer())
    if name == "owner":
        return _by_owner(kind, filters, falling).limit(size).offset(skip)
    order = _ORDERS[name]
    walks = _walks(kind, filters, order, falling)
    merged = union_all(*(select(walk) for walk in walks)).subquery() if len(walks) > 1 else walks[0]
    keys = [merged.c[f"by_{place}"] for place in range(len(order.columns))]
    if name == "status":
        keys.insert(0, merged.c.rank)
    directed = [key.desc() if falling else key for key in keys]
    found = select(merged).order_by(*directed).limit(size).offset(skip).subquery("page")
    again = [found.c.rank] * (name == "status") + [found.c[f"by_{place}"] for place in range(len(order.columns))]
    return (
        select(*ROW)
        .select_from(found)
        .join(Ticket, Ticket.id == found.c.id)
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .outerjoin(Category, Category.id == Ticket.category_id)
        .order_by(*(key.desc() if falling else key for key in again))
    )


def _walks(kind, filters: Filters, order: Order, falling: bool) -> list:
    """One statement per stretch of the index: the first rows of it, as far as the page may reach."""
    conditions = listed(kind, filters)
    parts = _priorities(filters) if order.split == "priority" else [None]
    walks = []
    for rank, status in enumerate(statuses_of(filters)):
        for part in parts:
            columns = [column.label(f"by_{place}") for place, column in enumerate(order.columns)]
            walk = select(Ticket.id.label("id"), literal(rank).label("rank"), *columns).where(*conditions)
            walk = walk.where(*_stretch(order, status))
            if part is not None:
                walk = walk.where(Ticket.priority == part)
            directed = [column.desc() if falling else column for column in order.columns]
            walks.append(walk.order_by(*directed).limit(bindparam("reach", type_=Integer())).subquery())
    return walks


def _stretch(order: Order, status: Status) -> list[ColumnElement[bool]]:
    """Tickets in this status, said so that SQLite finds them in the wanted order."""
    if order.columns != (Ticket.id,):
        return [Ticket.status == status]
    if status is Status.CLOSED:  # most tickets are: a walk by key meets them soon, and as an expression no index tempts
        return [Ticket.status.op("||")(literal_column("''")) == status]
    # No open ticket has such a date: said aloud, it makes the index of closed tickets a list of open ones by key.
    return [Ticket.status == status, Ticket.closed_at.is_(None)]


def _priorities(filters: Filters) -> list[Priority]:
    return [priority for priority in PRIORITIES if priority in filters.priority] or PRIORITIES


def _by_owner(kind, filters: Filters, falling: bool) -> Select:
    """By name, nobody last either way. The one order that has to look at every listed ticket."""
    name = func.lower(owner.name)
    return (
        _rows(kind, filters)
        .where(Ticket.status.in_(statuses_of(filters)))
        .order_by(Ticket.owner_id.is_(None), name.desc() if falling else name, *_BOARD)
    )


def _found_page(kind, filters: Filters, sort: str) -> Select:
    size, skip = bindparam("size", type_=Integer()), bindparam("skip", type_=Integer())
    ordered = _sorted(sort)
    some = select(Ticket.id).where(found_among(Ticket.id), visible_to(kind)).order_by(*ordered)
    if sort.removeprefix("-") == "owner":
        some = some.outerjoin(owner, owner.id == Ticket.owner_id)
    return _texts(kind).where(Ticket.id.in_(some.limit(size).offset(skip))).order_by(*ordered)


def _found_rows(kind, filters: Filters) -> Select:
    return _texts(kind).where(found_among(Ticket.id), visible_to(kind))


def _texts(kind) -> Select:
    """Rows with all that was written on them, to show where the words are."""
    text = ticket_text.c
    written = [text.facts, text.description, text.said, text.noted if kind.is_staff else literal("").label("noted")]
    some = [func.substr(each, 1, SHOWN_FROM).label(each.name) for each in written]
    return (
        select(*ROW, *some)
        .join(ticket_text, text.id == Ticket.id)
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .outerjoin(Category, Category.id == Ticket.category_id)
    )


def _sorted(sort: str) -> list:
    """The columns of a sort, as they order rows that were found otherwise than along its index."""
    falling, name = sort.startswith("-"), sort.removeprefix("-")
    turn = (lambda column: column.desc()) if falling else (lambda column: column)
    if name == "owner":
        return [Ticket.owner_id.is_(None), turn(func.lower(owner.name)), *_BOARD]
    ranks = [turn(case({status: rank for rank, status in enumerate(STATUSES)}, value=Ticket.status))]
    return ranks * (name == "status") + [turn(column) for column in _ORDERS[name].columns]


def _rows(kind, filters: Filters) -> Select:
    return (
        select(*ROW)
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .outerjoin(Category, Category.id == Ticket.category_id)
        .where(*listed(kind, filters))
    )


def _rows_of(kind, numbers: tuple[int, ...]) -> Select:
    return _rows(kind, Filters()).where(Ticket.id.in_(numbers))


def _count(kind, filters: Filters) -> Select:
    some = (
        select(literal_column("1"))
        .select_from(Ticket)
        .where(Ticket.status.in_(statuses_of(filters)), *listed(kind, filters))
        .limit(COUNTED_TO + 1)
    )
    return select(func.count()).select_from(some.subquery())
