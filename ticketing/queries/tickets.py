"""Reads for the ticket's pages: who watches it, who may get it, what looks like it, and one's own tickets."""

import re
from datetime import datetime

from sqlalchemy import Integer, String, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from ticketing.extensions import db
from ticketing.models.team import Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.prepared import NOW, days_before, run
from ticketing.queries.visibility import visible_to
from ticketing.rules.numbers import whole
from ticketing.rules.taxonomy import Role, Status

SIMILAR = 5
SIMILAR_DAYS = 30  # how long a closed ticket still counts
_LOOKED_AT = 2_000  # the tickets changed last, so that a hint costs the same with a million of them
_WORDS = 6
_WORD = re.compile(r"[^\W_]{3,}")
_STOPWORDS = frozenset(
    """the and for are was not with from that this have has does did can all any but into after before since when while
    over out our its they them there then than been being some more most very also only just""".split()  # noqa: SIM905
)
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


def similar(title: str, viewer: User, now: datetime) -> list:
    """Open or lately closed tickets that share words with this title, the likeliest first. One statement."""
    words = _telling_words(title)
    if not words:
        return []
    values = {f"word_{place}": word for place, word in enumerate(words)}
    return list(run(_similar, viewer, now, len(words), least=1 if len(words) < 3 else 2, **values))


def _telling_words(title: str) -> list[str]:
    found = dict.fromkeys(word for word in _WORD.findall(title.lower()[:400]) if word not in _STOPWORDS)
    return sorted(found, key=len, reverse=True)[:_WORDS]


def _similar(kind, count: int):
    lately = (
        select(Ticket.id)
        .where(
            visible_to(kind), or_(Ticket.status != Status.CLOSED, Ticket.closed_at >= days_before(NOW, SIMILAR_DAYS))
        )
        .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
        .limit(_LOOKED_AT)
        .scalar_subquery()
    )
    hits = [
        case((Ticket.haystack.contains(bindparam(f"word_{place}", type_=String())), 1), else_=0)
        for place in range(count)
    ]
    shared = sum(hits[1:], hits[0])
    return (
        select(Ticket.id, Ticket.title, Ticket.status, Ticket.updated_at, Ticket.closed_at,
               owner.name.label("owner_name"))
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .where(Ticket.id.in_(lately), shared >= bindparam("least", type_=Integer()))
        .order_by(shared.desc(), Ticket.updated_at.desc(), Ticket.id.desc())
        .limit(SIMILAR)
    )  # fmt: skip


def reported_by(person: User, text: str = "", offset: int = 0) -> tuple[list, bool]:
    """One page of a person's own tickets, the last changed first, and whether there are more. One statement."""
    query = (
        select(Ticket.id, Ticket.title, Ticket.type, Ticket.status, Ticket.priority, Ticket.owner_id, Ticket.updated_at,
               Ticket.restricted, owner.name.label("owner_name"))
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .where(Ticket.reporter_id == person.id)
        .order_by((Ticket.status == Status.CLOSED).asc(), Ticket.updated_at.desc(), Ticket.id.desc())
        .limit(MINE + 1)
        .offset(offset)
    )  # fmt: skip
    for word in text.lower().split()[:8]:
        number = whole(word.removeprefix("t-"))
        found = Ticket.haystack.contains(word, autoescape=True)
        query = query.where(found if number is None else or_(found, Ticket.id == number))
    rows = list(db.session.execute(query))
    return rows[:MINE], len(rows) > MINE
