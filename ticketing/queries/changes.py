"""Who changed a ticket last: what a conflict tells."""

from sqlalchemy import Integer, bindparam, select

from ticketing.extensions import db
from ticketing.models.event import Event, EventKind
from ticketing.models.user import User

# What people say and hang on a ticket changes none of its facts.
_TALK = (EventKind.COMMENTED, EventKind.ATTACHED, EventKind.WATCHED, EventKind.UNWATCHED)
_LAST = (
    select(Event.at, Event.kind, Event.payload, User.name.label("actor_name"))
    .outerjoin(User, User.id == Event.actor_id)
    .where(Event.ticket_id == bindparam("ticket", type_=Integer()), Event.kind.not_in(_TALK))
    .order_by(Event.at.desc(), Event.id.desc())
    .limit(1)
)


def last_change(ticket_id: int):
    """(at, kind, payload, actor_name) of the last change of the ticket's own facts, or None."""
    return db.session.execute(_LAST, {"ticket": ticket_id}).first()
