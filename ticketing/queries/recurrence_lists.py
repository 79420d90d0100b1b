"""The tickets of one trouble: all of them by page, how they ended, and those to be made children of one parent."""

from dataclasses import dataclass

from sqlalchemy import and_, case, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from ticketing.extensions import db
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_row import IS_OPEN
from ticketing.models.user import User
from ticketing.queries.counts import is_open
from ticketing.queries.recurrence_troubles import Trouble
from ticketing.queries.visibility import visible_to
from ticketing.queries.worked import worked_s
from ticketing.rules.taxonomy import Status

PER_PAGE = 50
FIXES = 10
CHILDREN_AT_ONCE = 100  # that one click takes into a family


@dataclass(frozen=True, slots=True)
class Listed:
    rows: list
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(-(-self.total // PER_PAGE), 1)


def belongs(trouble: Trouble, ticket=Ticket):
    """A condition: is this ticket one of the trouble? One without a category is where its signature mostly stands."""
    place = trouble.place
    classified = ticket.category_id == place.category_id
    if place.category_id is not None and trouble.takes_unclassified:
        classified = or_(classified, ticket.category_id.is_(None))
    return and_(ticket.signature == place.key, classified)


def tickets_of(trouble: Trouble, viewer: User, page: int) -> Listed:
    """A page of its tickets, from 1, the newest first; with `owner` and `owner_number`. Two statements."""
    which = (belongs(trouble), visible_to(viewer))
    total = db.session.scalar(select(func.count()).select_from(Ticket).where(*which))
    owner = aliased(User)
    rows = (
        select(
            Ticket.id, Ticket.title, Ticket.status, Ticket.priority, Ticket.restricted, Ticket.created_at,
            Ticket.closed_at, Ticket.resolution_code, Ticket.category_id, owner.id.label("owner_id"), owner.name,
        )
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .where(*which)
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
    )  # fmt: skip
    return Listed(list(db.session.execute(rows.limit(PER_PAGE).offset((page - 1) * PER_PAGE))), total, page)


def fixes_of(trouble: Trouble, viewer: User) -> list:
    """How its last closed tickets ended, FIXES of them: who, code, cause, note, `worked_s` (None without a clock)."""
    solver = aliased(User)
    rows = (
        select(
            Ticket.id, Ticket.title, Ticket.created_at, Ticket.closed_at, Ticket.resolution_code, Ticket.root_cause,
            Ticket.solution, solver.id.label("solver_id"), solver.name, worked_s().label("worked_s"),
        )
        .outerjoin(solver, solver.id == func.coalesce(Ticket.solver_id, Ticket.owner_id))
        .where(belongs(trouble), Ticket.status == Status.CLOSED, visible_to(viewer))
        .order_by(Ticket.closed_at.desc(), Ticket.id.desc())
    )  # fmt: skip
    return list(db.session.execute(rows.limit(FIXES)))


def endings_of(trouble: Trouble, viewer: User) -> list:
    """(resolution_code, n) of all that are closed, the commonest first."""
    n = func.count().label("n")
    found = select(Ticket.resolution_code, n).where(belongs(trouble), Ticket.status == Status.CLOSED)
    found = found.where(visible_to(viewer)).group_by(Ticket.resolution_code)
    return list(db.session.execute(found.order_by(n.desc(), Ticket.resolution_code)))


@dataclass(frozen=True, slots=True)
class Family:
    """`parent` is the open parent of some of the trouble's open tickets, `loose` those that belong to no family."""

    parent: Ticket | None
    loose: list[Ticket]


def lock_family(trouble: Trouble, viewer: User) -> Family:
    """What of it is open, locked by number, and as it is now that nobody else can change it.

    Who comes a moment later waits here, and then meets the family that was made meanwhile.
    """
    which = (belongs(trouble), is_open(), visible_to(viewer))
    loose = (*which, Ticket.parent_id.is_(None), Ticket.child_count == 0)
    numbers = list(db.session.scalars(select(Ticket.id).where(*loose).order_by(Ticket.id).limit(CHILDREN_AT_ONCE)))
    parent = _parent(trouble, viewer)
    wanted = {*numbers, *([parent] if parent else [])}
    locked = select(Ticket).where(Ticket.id.in_(wanted)).order_by(Ticket.id).with_for_update(of=Ticket)
    rows = {row.id: row for row in db.session.scalars(locked.execution_options(populate_existing=True))}
    found = _parent(trouble, viewer)
    if found is not None and found not in rows:  # made while this one waited: it is only told of
        rows[found] = db.session.get(Ticket, found)
    free = [row for row in rows.values() if row.is_open and row.parent_id is None and not row.child_count]
    return Family(rows.get(found), [row for row in free if row.id in numbers])


def _parent(trouble: Trouble, viewer: User) -> int | None:
    """The open parent of most of its open tickets; one of them that has children of another kind is one, too."""
    member, parent = aliased(Ticket, name="member"), aliased(Ticket)
    itself = case((member.child_count > 0, member.id))
    found = (
        select(parent.id)
        .join(member, parent.id == func.coalesce(member.parent_id, itself))
        .where(belongs(trouble, member), literal_column(f"member.{IS_OPEN}"), visible_to(viewer, member))
        .where(parent.status != Status.CLOSED, visible_to(viewer, parent))
        .group_by(parent.id)
        .order_by(func.count(member.parent_id).desc(), parent.id)
    )
    return db.session.scalar(found.limit(1))
