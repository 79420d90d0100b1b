"""The kept counts as one viewer may add them up: the headers of the board and the numbers beside the views."""

from datetime import datetime

from sqlalchemy import Select, func, literal_column, or_, select, true, union_all

from ticketing.models.board_count import BoardCount
from ticketing.models.comment import Watcher
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_row import IS_OPEN
from ticketing.models.user import User
from ticketing.queries.prepared import run
from ticketing.rules.taxonomy import Status


def open_counts(viewer: User, now: datetime) -> list:
    """(status, team_id, restricted, owned, n) rows that add up to the open tickets the viewer may see."""
    return list(run(_open_counts, viewer, now))


def is_open():
    return literal_column(f"ticket.{IS_OPEN}")


def by_itself(column):
    """To group by, as an expression: by the column itself SQLite would walk every ticket in that order."""
    return column.op("||")(literal_column("''"))


def _open_counts(kind):
    kept = select(BoardCount.status, BoardCount.team_id, BoardCount.restricted, BoardCount.owned, BoardCount.n)
    kept = kept.where(BoardCount.status != Status.CLOSED)
    if kind.is_manager:
        return kept
    plain = ~BoardCount.restricted
    kept = kept.where(or_(plain, BoardCount.team_id == kind.team_id) if kind.has_team else plain)
    return union_all(kept, _let_in_elsewhere(kind))


def _let_in_elsewhere(kind) -> Select:
    """Open restricted tickets of other teams that the viewer owns, reported or watches.

    The sums and the range (every team) keep SQLite on the small index of open restricted tickets: it would rather
    fetch all that somebody owns.
    """
    owned = Ticket.owner_id.is_not(None).label("owned")
    grounds = or_(
        Ticket.owner_id + 0 == kind.id,
        Ticket.reporter_id + 0 == kind.id,
        Ticket.id.in_(select(Watcher.ticket_id).where(Watcher.user_id == kind.id)),
    )
    query = select(func.max(Ticket.status), func.max(Ticket.team_id), true(), owned, func.count()).where(
        literal_column("ticket.restricted"), is_open(), Ticket.team_id > 0, grounds
    )
    if kind.has_team:
        query = query.where(Ticket.team_id != kind.team_id)
    return query.group_by(by_itself(Ticket.status), owned)
