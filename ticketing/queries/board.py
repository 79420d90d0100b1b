"""The board's reads: one statement for the cards of every column, and the counts of its headers.

Cards are rows, not objects: at two hundred cards a page, the ORM would cost more than the database.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Integer, Select, and_, bindparam, case, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased

from ticketing.models.link import Link
from ticketing.models.team import BoardColumn, Category
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_row import LANE_HELD
from ticketing.models.user import User
from ticketing.queries.counts import by_itself, is_open, open_counts
from ticketing.queries.filters import Filters, on_hold
from ticketing.queries.prepared import NOW, days_before, run
from ticketing.queries.search import looked_up
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import OPEN_STATUSES, STATUSES, LinkKind, Status

PAGE = 30
CLOSED_DAYS = 7
_SETTINGS, _COUNTED = 0, 1  # the kinds of rows in _margins

owner = aliased(User)
_FACTS = (
    Ticket.id, Ticket.version, Ticket.status, Ticket.type, Ticket.priority, Ticket.title,
    Category.name.label("category"), Ticket.owner_id, Ticket.team_id, Ticket.reporter_id, Ticket.solver_id,
    Ticket.status_since, Ticket.closed_at, Ticket.lane, Ticket.comment_count, owner.name.label("owner_name"),
)  # fmt: skip
# The last columns of a row: what its chip says anew each minute. All before them is drawn once (web/board_cards.py).
CLOCK = (Ticket.warn_at, Ticket.due_at, Ticket.clock_face)
_MARKS = ("hold_reason", "reporter_wrote", "parent_id", "child_count", "repeat_count")  # as _marks has them
CARD = (*(column.key for column in _FACTS), *_MARKS)  # the names of the columns before
# board.md 8: pinned, then by due, those without a running clock, those on hold; ties by priority, age, key.
CARD_ORDER = (Ticket.lane, Ticket.due_at, Ticket.priority, Ticket.status_since, Ticket.id)
_ORDER = tuple(column.key for column in CARD_ORDER)


@dataclass(slots=True)
class Column:
    status: Status
    cards: list = field(default_factory=list)
    total: int = 0  # what the viewer may see in it
    matching: int = 0  # of these, what the filters leave
    overdue: int = 0
    limit: int | None = None
    median_s: int | None = None
    more: int = 0  # matching cards after the shown ones
    offset: int = 0

    @property
    def free(self) -> list:
        return [card for card in self.cards if card.lane != LANE_HELD or not card.hold_reason]

    @property
    def held(self) -> list:
        return [card for card in self.cards if card.lane == LANE_HELD and card.hold_reason]

    @property
    def wip(self) -> str | None:
        """at or over the soft limit, which is measured on real occupancy."""
        if self.limit is None or self.total < self.limit:
            return None
        return "over" if self.total > self.limit else "at"


def found_on_board(viewer: User, filters: Filters, now: datetime) -> Filters:
    """The filters with what their words find on the board. Whoever asks several reads the same does it once, before."""
    return looked_up(viewer, filters, now, closed_days=CLOSED_DAYS)


def load_board(viewer: User, filters: Filters, now: datetime, kept: list) -> dict[Status, Column]:
    """Every column with its first cards. `kept` are counts.open_counts."""
    filters = found_on_board(viewer, filters, now)
    columns = load_heads(viewer, filters, now, kept)
    for row in run(_all_pages, viewer, now, filters):
        columns[row.status].cards.append(row)
    for column in columns.values():
        _count_rest(column)
    return columns


def load_column(viewer: User, filters: Filters, now: datetime, status: Status, offset: int = 0) -> Column:
    """One column, from its `offset`-th card on, with its header's counts."""
    filters = found_on_board(viewer, filters, now)
    column = load_heads(viewer, filters, now)[status]
    column.cards = list(run(_one_page, viewer, now, filters, status, offset=offset))
    column.offset = offset
    _count_rest(column)
    return column


def load_heads(
    viewer: User, filters: Filters, now: datetime, kept: list | None = None, closed: bool = True
) -> dict[Status, Column]:
    """Every column with its counts, without cards; without `closed` that column's stays 0."""
    filters = found_on_board(viewer, filters, now)
    columns = {status: Column(status) for status in STATUSES}
    for status, _team, _restricted, _owned, n in open_counts(viewer, now) if kept is None else kept:
        columns[status].total += n
    for what, status, one, other in run(_margins, viewer, now, closed):
        column = columns[status]
        if what == _SETTINGS:
            column.limit, column.median_s = one, other
        else:
            column.total += one
            column.overdue += other
    if filters:
        for status, count in run(_matching, viewer, now, filters):
            columns[status].matching = count
    else:
        for column in columns.values():
            column.matching = column.total
    return columns


def load_matching_card(viewer: User, filters: Filters, now: datetime, number: int):
    """The row of one ticket as a card, or None if the viewer may not see it or the filters leave it out."""
    filters = found_on_board(viewer, filters, now)
    return run(_one_card, viewer, now, filters, number=number).first()


def card_before(viewer: User, filters: Filters, now: datetime, card) -> int | None:
    """Which visible ticket stands right before this card in its column; None if it is the first."""
    names = ("closed_at", "id") if card.status is Status.CLOSED else _ORDER
    values = {f"card_{name}": getattr(card, name) for name in names if getattr(card, name) is not None}
    filters = found_on_board(viewer, filters, now)
    found = run(_previous, viewer, now, filters, card.status, card.lane, card.due_at is not None, **values).first()
    return found and found.id


def _count_rest(column: Column) -> None:
    if column.status is not Status.CLOSED:  # of those, older ones are in the queue
        column.more = max(0, column.matching - column.offset - len(column.cards))


# The statements, each built once for a kind of viewer (prepared.run)


def _cards(kind, filters: Filters, status: Status) -> Select:
    query = _card_rows(kind).where(_status_of(filters) == status, visible_to(kind), *filters.conditions(kind, NOW))
    if status is Status.CLOSED:
        recent = Ticket.closed_at >= days_before(NOW, CLOSED_DAYS)
        return query.where(recent).order_by(Ticket.closed_at.desc(), Ticket.id.desc()).limit(PAGE)
    return query.order_by(*CARD_ORDER).limit(PAGE)


def _status_of(filters: Filters):
    """Few tickets have the words of a search: those are looked at one by one, and no column is walked along."""
    return by_itself(Ticket.status) if filters.q else Ticket.status


def _all_pages(kind, filters: Filters):
    statuses = [status for status in STATUSES if not filters.status or status in filters.status]
    if filters.q:
        pages = [_cards(kind, filters, status).subquery() for status in statuses if status is Status.CLOSED]
        pages.append(_found_cards(kind, filters))
    else:
        pages = [_cards(kind, filters, status).subquery() for status in statuses]
    return union_all(*(select(*page.c) for page in pages))


def _found_cards(kind, filters: Filters):
    """The first cards of every open column, from one look at what the words have found."""
    place = func.row_number().over(partition_by=Ticket.status, order_by=CARD_ORDER).label("place")
    is_open = by_itself(Ticket.status).in_(OPEN_STATUSES)
    ranked = select(Ticket.id, place).where(is_open, visible_to(kind), *filters.conditions(kind, NOW)).subquery()
    cards = _card_rows(kind).join(ranked, ranked.c.id == Ticket.id).where(ranked.c.place <= PAGE)
    return cards.order_by(*CARD_ORDER).limit(PAGE * len(OPEN_STATUSES)).subquery()


def _one_page(kind, filters: Filters, status: Status) -> Select:
    return _cards(kind, filters, status).offset(bindparam("offset", type_=Integer()))


def _one_card(kind, filters: Filters) -> Select:
    this = Ticket.id == bindparam("number", type_=Integer())
    return _card_rows(kind).where(this, visible_to(kind), *filters.conditions(kind, NOW))


def _card_rows(kind) -> Select:
    return (
        select(*_FACTS, *_marks(kind), *CLOCK)
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .outerjoin(Category, Category.id == Ticket.category_id)
    )


def _marks(kind):
    """What a card says about holds and links: none whose time is over, none to a ticket the viewer may not know of."""
    yield case((on_hold(NOW), Ticket.hold_reason)).label("hold_reason")
    wrote = and_(Ticket.reporter_wrote_at.is_not(None), on_hold(NOW))
    yield case((wrote, 1), else_=0).label("reporter_wrote")
    other = aliased(Ticket)
    seen = visible_to(kind, other)
    parent = select(other.id).where(other.id == Ticket.parent_id, seen).scalar_subquery()
    children = select(func.count(other.id)).where(other.parent_id == Ticket.id, seen).scalar_subquery()
    again = select(func.count(other.id)).where(
        Link.target_id == Ticket.id, Link.kind == LinkKind.RECURRENCE_OF, other.id == Link.source_id, seen
    )
    yield case((Ticket.parent_id.is_not(None), parent)).label("parent_id")
    yield case((Ticket.child_count > 0, children), else_=0).label("child_count")
    yield case((Ticket.repeat_count > 0, again.scalar_subquery()), else_=0).label("repeat_count")


def _previous(kind, filters: Filters, status: Status, lane: int, has_due: bool):
    """Short walks back along the index, nearest first: in the card's own run, then before it, then lane by lane."""
    listed = (Ticket.status == status, visible_to(kind), *filters.conditions(kind, NOW))
    if status is Status.CLOSED:
        order = (Ticket.closed_at, Ticket.id)
        later = tuple_(*order) > tuple_(*map(_of_card, order))
        return select(Ticket.id).where(*listed, later).order_by(*order).limit(1)
    due = Ticket.due_at == _of_card(Ticket.due_at) if has_due else Ticket.due_at.is_(None)
    ties = CARD_ORDER[2:]
    walks = [(Ticket.lane == lane, due, tuple_(*ties) < tuple_(*map(_of_card, ties)))]
    if has_due:
        walks.append((Ticket.lane == lane, Ticket.due_at < _of_card(Ticket.due_at)))
    walks += [(Ticket.lane == before,) for before in reversed(range(lane))]
    steps = []
    for place, conditions in enumerate(walks):
        last = select(Ticket.id, literal(place).label("place")).where(*listed, *conditions)
        steps.append(last.order_by(*(column.desc() for column in CARD_ORDER)).limit(1).subquery())
    found = union_all(*(select(step.c.id, step.c.place) for step in steps)).subquery()
    return select(found.c.id).order_by(found.c.place).limit(1)


def _of_card(column):
    return bindparam(f"card_{column.key}", type_=column.type)


def _margins(kind, closed: bool):
    """What stands round the cards besides the kept counts, in rows of four: (_SETTINGS, status, limit, median) and
    (_COUNTED, status, closed in the last days, overdue)."""
    none = literal(0)
    settings = select(literal(_SETTINGS), BoardColumn.status, BoardColumn.wip_limit, BoardColumn.median_s)
    overdue = select(literal(_COUNTED), func.max(Ticket.status), none, func.count()).where(
        Ticket.due_at < NOW, is_open(), visible_to(kind)
    )  # fmt: skip
    parts = [settings, overdue.group_by(by_itself(Ticket.status))]
    if closed:
        recent = select(literal(_COUNTED), Ticket.status, func.count(), none).where(
            Ticket.status == Status.CLOSED, Ticket.closed_at >= days_before(NOW, CLOSED_DAYS), visible_to(kind)
        )  # fmt: skip
        parts.append(recent.group_by(Ticket.status))
    return union_all(*parts)


def _matching(kind, filters: Filters) -> Select:
    status = _status_of(filters)
    recent = and_(status == Status.CLOSED, Ticket.closed_at >= days_before(NOW, CLOSED_DAYS))
    return (
        select(func.max(Ticket.status), func.count())
        .where(or_(status.in_(OPEN_STATUSES), recent), visible_to(kind), *filters.conditions(kind, NOW))
        .group_by(status)
    )
