"""People as lists: those an administrator keeps, and those a ticket may be given to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from ticketing.extensions import db
from ticketing.models.sign_in import SecondFactor
from ticketing.models.team import Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.prepared import run
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import OPEN_STATUSES, Role

SHOWN = 100  # further people are found by name
COUNTED_TO = 100


@dataclass(slots=True)
class Found:
    rows: list
    total: int


def find_people(q: str, role: Role | None, team: int | None, everybody: bool) -> Found:
    """The first people by name whose name, address or handle holds `q`, with their teams."""
    conditions = []
    if not everybody:
        conditions.append(User.active)
    if role is not None:
        conditions.append(User.role == role)
    if team is not None:
        conditions.append(User.team_id == team)
    for word in q.lower().split():
        holds = [func.lower(column).contains(word, autoescape=True) for column in (User.name, User.email, User.handle)]
        conditions.append(or_(*holds))
    people = (
        select(
            User.id, User.name, User.email, User.handle, User.role, User.active, User.signed_in_at,
            Team.name.label("team_name"), func.count().over().label("total"),
        )
        .outerjoin(Team, Team.id == User.team_id)
        .where(*conditions)
        .order_by(func.lower(User.name), User.id)
        .limit(SHOWN)
    )  # fmt: skip
    rows = list(db.session.execute(people))
    return Found(rows, rows[0].total if rows else 0)


def count_second_factors() -> dict[Role, tuple[int, int]]:
    """Of each role that somebody has: active people with a password, and how many of them have a second factor."""
    query = (
        select(User.role, func.count(), func.count(SecondFactor.user_id))
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .where(User.active, User.password_hash.is_not(None))
        .group_by(User.role)
    )
    return {role: (people, factors) for role, people, factors in db.session.execute(query)}


def teams() -> list:
    """(id, key, name, people, categories) of every team."""
    people = select(func.count()).where(User.team_id == Team.id, User.active).scalar_subquery()
    categories = select(func.count()).where(Category.team_id == Team.id, Category.active).scalar_subquery()
    query = select(Team.id, Team.key, Team.name, people.label("people"), categories.label("categories"))
    return list(db.session.execute(query.order_by(Team.id)))


def categories() -> list:
    query = select(
        Category.id, Category.key, Category.name, Category.priority, Category.active, Team.name.label("team_name")
    )
    return list(db.session.execute(query.join(Team, Team.id == Category.team_id).order_by(Category.id)))


def assignable(viewer: User, now: datetime) -> list:
    """(id, handle, name, team_id, team_name, open) of everybody a ticket may be given to: the viewer's team first.

    `open` is how many open tickets that the viewer may see the person owns, counted to 100.
    """
    rows = list(run(_assignable, viewer, now))
    return sorted(rows, key=lambda row: (row.id != viewer.id, row.team_id != viewer.team_id, row.name.lower()))


def _assignable(kind):
    some = (
        select(Ticket.id)
        .where(Ticket.owner_id == User.id, Ticket.status.in_(OPEN_STATUSES), visible_to(kind))
        .limit(COUNTED_TO)
        .correlate(User)
        .subquery()
    )
    count = select(func.count()).select_from(some).scalar_subquery()
    return (
        select(User.id, User.handle, User.name, User.team_id, Team.name.label("team_name"), count.label("open"))
        .outerjoin(Team, Team.id == User.team_id)
        .where(User.active, User.role != Role.REPORTER)
    )
