"""Permissions inside the query: what a person may know of, as SQL. The rule itself is abilities.sees."""

from sqlalchemy import ColumnElement, exists, or_, true

from ticketing.models.comment import Watcher
from ticketing.models.ticket import Ticket
from ticketing.models.user import User


def visible_to(viewer: User) -> ColumnElement[bool]:
    """A condition on Ticket for lists, counts, searches and exports."""
    if not viewer.is_staff:
        return Ticket.reporter_id == viewer.id
    if viewer.is_manager:
        return true()
    return or_(~Ticket.restricted, lets_in(viewer))


def lets_in(viewer: User) -> ColumnElement[bool]:
    """What opens a restricted ticket to somebody who is no manager."""
    grounds = [
        Ticket.owner_id == viewer.id,
        Ticket.reporter_id == viewer.id,
        exists().where(Watcher.ticket_id == Ticket.id, Watcher.user_id == viewer.id),
    ]
    if viewer.team_id is not None:
        grounds.insert(0, Ticket.team_id == viewer.team_id)
    return or_(*grounds)
