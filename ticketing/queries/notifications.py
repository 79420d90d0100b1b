"""What the bell holds for one person, of the tickets they may (still) see."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, select

from ticketing.models.outbox import Notification
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.prepared import run
from ticketing.queries.visibility import visible_to

PAGE = 30
PAGES = 100
LATEST = 8  # in the menu under the bell


@dataclass(slots=True)
class Page:
    rows: list
    number: int  # from 1
    more: bool

    @property
    def may_go_on(self) -> bool:
        return self.more and self.number < PAGES

    @property
    def newest(self) -> int:
        """The number of the newest one shown: whatever is marked as read reaches no further."""
        return max((row.id for row in self.rows), default=0)


def load_page(viewer: User, number: int, now: datetime, size: int = PAGE) -> Page:
    """One page, the newest first. One statement."""
    rows = list(run(_page, viewer, now, skip=(number - 1) * size, size=size + 1))
    return Page(rows[:size], number, more=len(rows) > size)


def _page(kind):
    return (
        select(
            Notification.id, Notification.payload, Notification.made_at, Notification.seen_at,
            Ticket.id.label("ticket"), Ticket.title, Ticket.priority, Ticket.status,
        )
        .join(Ticket, Ticket.id == Notification.ticket_id)
        .where(Notification.user_id == kind.id, visible_to(kind))
        .order_by(Notification.id.desc())
        .limit(bindparam("size", type_=Integer()))
        .offset(bindparam("skip", type_=Integer()))
    )  # fmt: skip


def ticket_of(viewer: User, number: int, now: datetime) -> int | None:
    """The number of the ticket that one of a person's own is about, if they may still see it."""
    return run(_ticket_of, viewer, now, number=number).scalar_one_or_none()


def _ticket_of(kind):
    return (
        select(Ticket.id)
        .join(Notification, Ticket.id == Notification.ticket_id)
        .where(Notification.id == bindparam("number", type_=Integer()), Notification.user_id == kind.id)
        .where(visible_to(kind))
    )
