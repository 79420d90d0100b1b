"""How many tickets stand in each status, kept by every write: counting a million rows is not a board's work.

One row per (status, team, restricted, owned). The sum over what a viewer may see is a column's count.
"""

from sqlalchemy import Boolean, ForeignKey, Integer, delete, event, func, insert, inspect, select, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.extensions import db
from ticketing.models.ticket import Ticket
from ticketing.models.types import Code
from ticketing.rules.taxonomy import Status

_COUNTED = ("status", "team_id", "restricted", "owner_id")
_SHIFT = text(
    "INSERT INTO board_count (status, team_id, restricted, owned, n) VALUES (:status, :team, :restricted, :owned, :n) "
    "ON CONFLICT (status, team_id, restricted, owned) DO UPDATE SET n = board_count.n + excluded.n"
)


class BoardCount(db.Model):
    __tablename__ = "board_count"

    status: Mapped[Status] = mapped_column(Code(Status), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    restricted: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    owned: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(Integer, default=0)


@event.listens_for(Ticket, "after_insert")
def _count_new(_mapper, connection, ticket: Ticket) -> None:
    _shift(connection, {_key(ticket): 1})


@event.listens_for(Ticket, "after_update")
def _count_changed(_mapper, connection, ticket: Ticket) -> None:
    state = inspect(ticket)
    old = {}
    for name in _COUNTED:
        history = state.attrs[name].history
        # A value that replaced nothing replaced None; one that did not change is its own old one.
        old[name] = history.deleted[0] if history.deleted else None if history.added else getattr(ticket, name)
    before = (old["status"], old["team_id"], old["restricted"], old["owner_id"] is not None)
    if before != _key(ticket):
        _shift(connection, {before: -1, _key(ticket): 1})


def _key(ticket: Ticket) -> tuple:
    return (ticket.status, ticket.team_id, ticket.restricted, ticket.owner_id is not None)


def _shift(connection, changes: dict[tuple, int]) -> None:
    # Always in the same order, so that two moves in opposite directions cannot lock each other out.
    names = ("status", "team", "restricted", "owned")
    rows = [dict(zip(names, key, strict=True)) | {"status": str(key[0]), "n": changes[key]} for key in sorted(changes)]
    connection.execute(_SHIFT, rows)


def rebuild_counts() -> None:
    """Count everything anew, after a bulk load that went past the verbs."""
    db.session.execute(delete(BoardCount))
    owned = Ticket.owner_id.is_not(None).label("owned")
    rows = select(Ticket.status, Ticket.team_id, Ticket.restricted, owned, func.count()).group_by(
        Ticket.status, Ticket.team_id, Ticket.restricted, owned
    )
    db.session.execute(insert(BoardCount).from_select(["status", "team_id", "restricted", "owned", "n"], rows))
