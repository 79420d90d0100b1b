"""Permissions inside the query: what a person may know of, as SQL. The rule itself is abilities.sees."""

from sqlalchemy import ColumnElement, exists, or_, true

from ticketing.models.comment import Watcher
from ticketing.models.ticket import Ticket
from ticketing.models.user import User


def visible_to(viewer: User, ticket=Ticket) -> ColumnElement[bool]:
    """A condition on Ticket (or an alias of it) for lists, counts, searches and exports."""
    if not viewer.is_staff:
        return ticket.reporter_id == viewer.id
    if viewer.is_manager:
        return true()
    return or_(~ticket.restricted, _lets_in(viewer, ticket))


def counted_for(viewer: User, restricted=Ticket.restricted) -> tuple[ColumnElement[bool], ...]:
    """Conditions for what reports count: who is no manager gets no restricted ticket counted, of their own team's
    neither, since what is summed up beforehand cannot tell whose they are."""
    return () if viewer.is_manager else (~restricted,)


def _lets_in(viewer: User, ticket) -> ColumnElement[bool]:
    """What opens a restricted ticket to somebody who is no manager."""
    grounds = [
        ticket.owner_id == viewer.id,
        ticket.reporter_id == viewer.id,
        exists().where(Watcher.ticket_id == ticket.id, Watcher.user_id == viewer.id),
    ]
    if viewer.team_id is not None:
        grounds.insert(0, ticket.team_id == viewer.team_id)
    return or_(*grounds)
