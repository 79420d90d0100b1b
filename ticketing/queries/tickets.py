"""Reads for the ticket's pages: who watches it, who may get it, and one's own tickets."""

from sqlalchemy import String, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from ticketing.extensions import db
from ticketing.models.team import Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.search import SHOWN_FROM, holds, ticket_text
from ticketing.queries.search_words import read_words
from ticketing.rules.taxonomy import Role, Status

MINE = 30

owner = aliased(User)


def find_people(text: str, staff_only: bool, limit: int = 8) -> list:
    """Active people whose handle, name or address begins with the text, for a type-ahead."""
    start = text.strip().lower().lstrip("@")
    if not start:
        return []
    query = select(User.id, User.name, User.handle, User.role).where(
        User.active,
        or_(
            User.handle.startswith(start, autoescape=True),
            func.lower(User.name).startswith(start, autoescape=True),
            func.lower(User.name).contains(" " + start, autoescape=True),
        ),
    )
    if staff_only:
        query = query.where(User.role != Role.REPORTER)
    return list(db.session.execute(query.order_by(User.name).limit(limit)))


def person_called(text: str) -> User | None:
    """The one active person meant by a handle, an e-mail address or a whole name; None when nobody or several are."""
    text = text.strip().removeprefix("@").lower()
    if not text:
        return None
    known = select(User).where(User.active, or_(User.handle == text, func.lower(User.email) == text))
    found = db.session.scalar(known)
    if found is not None:
        return found
    named = list(db.session.scalars(select(User).where(User.active, func.lower(User.name) == text).limit(2)))
    return named[0] if len(named) == 1 else None


def categories() -> list[Category]:
    return list(db.session.scalars(select(Category).where(Category.active).order_by(Category.id)))


def teams() -> list[Team]:
    return list(db.session.scalars(select(Team).order_by(Team.id)))


def team_with_key(key: str) -> Team | None:
    return db.session.scalar(select(Team).where(Team.key == key))


_CATEGORY = select(Category).where(Category.key == bindparam("key", type_=String()), Category.active)


def category_with_key(key: str) -> Category | None:
    return db.session.scalar(_CATEGORY, {"key": key})


def reported_by(person: User, text: str = "", offset: int = 0) -> tuple[list, bool]:
    """One page of a person's own tickets, the last changed first, and whether there are more. One statement.

    With `text` those that hold its words, a ticket that it names first; the rows bring description and said along.
    """
    query = (
        select(Ticket.id, Ticket.title, Ticket.type, Ticket.status, Ticket.priority, Ticket.owner_id, Ticket.updated_at,
               Ticket.restricted, owner.name.label("owner_name"))
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .where(Ticket.reporter_id == person.id)
        .limit(MINE + 1)
        .offset(offset)
    )  # fmt: skip
    order = [(Ticket.status == Status.CLOSED).asc(), Ticket.updated_at.desc(), Ticket.id.desc()]
    if text.strip():
        written = (ticket_text.c.description, ticket_text.c.said)
        some = [func.substr(each, 1, SHOWN_FROM).label(each.name) for each in written]
        query = query.add_columns(*some).join(ticket_text, ticket_text.c.id == Ticket.id).where(holds(text, person))
        order.insert(0, (Ticket.id != (read_words(text).number or 0)).asc())
    rows = list(db.session.execute(query.order_by(*order)))
    return rows[:MINE], len(rows) > MINE
