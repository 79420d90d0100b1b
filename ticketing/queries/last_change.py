"""What a stale form has missed."""

from sqlalchemy import Integer, bindparam, select

from ticketing.extensions import db
from ticketing.models.event import Event, EventKind
from ticketing.models.user import User

_QUIET = [
    EventKind.COMMENTED, EventKind.ATTACHED, EventKind.WATCHED, EventKind.UNWATCHED, EventKind.LINKED,
    EventKind.UNLINKED, EventKind.CHILDREN_CLOSED, EventKind.PASSED_ON, EventKind.TEAM_CHANGED,
    EventKind.SLA_LEVEL, EventKind.RETERMED,
]  # fmt: skip
_LAST = (
    select(Event.id, Event.kind, Event.actor_id, Event.at, Event.payload, User.name.label("actor_name"))
    .outerjoin(User, User.id == Event.actor_id)
    .where(Event.ticket_id == bindparam("ticket", type_=Integer()), Event.kind.not_in(_QUIET))
    .order_by(Event.id.desc())
    .limit(2)
)


def last_change(ticket_id: int):
    """The newest event about the ticket's own facts, with `actor_name`.

    A reaction is told of only where it is all that was done: a move or a new owner says more, a reply changes no fact.
    """
    last, *before = [*db.session.connection().execute(_LAST, {"ticket": ticket_id}), None]
    if last is not None and last.kind is EventKind.REACTED and last.payload["how"] != "take":
        return before[0]
    return last
