"""How many children a closing may take along, and whether a ticket it names may be named."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Integer, Select, bindparam, func, select

from ticketing.extensions import db
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.prepared import run
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import Status


def count_open_children(parents: Collection[int], viewer: User, now: datetime) -> int:
    """The open children of these tickets that the viewer may see, and that are none of these tickets. One statement."""
    return run(_count, viewer, now, parents=sorted(parents)).scalar_one() if parents else 0


def may_know_of(number: int, viewer: User) -> bool:
    """May the viewer know of the ticket with this number? Without locking it, whatever the request does."""
    return bool(db.session.scalar(select(Ticket.id).where(Ticket.id == number, visible_to(viewer))))


def _count(kind) -> Select:
    parents = bindparam("parents", expanding=True, type_=Integer())
    return select(func.count()).where(
        Ticket.parent_id.in_(parents), Ticket.status != Status.CLOSED, Ticket.id.not_in(parents), visible_to(kind)
    )
