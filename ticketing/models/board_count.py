"""How many tickets stand in each status, kept by every write: counting a million rows is not a board's work.

One row per (status, team, restricted, owned). The sum over what a viewer may see is a column's count.
"""

from collections import Counter

from sqlalchemy import Boolean, ForeignKey, Integer, delete, event, func, insert, inspect, select, text
from sqlalchemy.orm import Mapped, mapped_column, object_session

from ticketing.extensions import db
from ticketing.models.prepared import Prepared
from ticketing.models.ticket import Ticket
from ticketing.models.types import Code
from ticketing.rules.taxonomy import Status

_COUNTED = ("status", "team_id", "restricted", "owner_id")
_SHIFT = Prepared(text(
    "INSERT INTO board_count (status, team_id, restricted, owned, n) VALUES (:status, :team, :restricted, :owned, :n) "
    "ON CONFLICT (status, team_id, restricted, owned) DO UPDATE SET n = board_count.n + excluded.n"
))  # fmt: skip


class BoardCount(db.Model):
    __tablename__ = "board_count"

    status: Mapped[Status] = mapped_column(Code(Status), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    restricted: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    owned: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(Integer, default=0)


@event.listens_for(Ticket, "after_insert")
def _count_new(_mapper, _connection, ticket: Ticket) -> None:
    _note(ticket, {_key(ticket): 1})


@event.listens_for(Ticket, "after_update")
def _count_changed(_mapper, _connection, ticket: Ticket) -> None:
    state = inspect(ticket)
    old = {}
    for name in _COUNTED:
        history = state.attrs[name].history
        # A value that replaced nothing replaced None; one that did not change is its own old one.
        old[name] = history.deleted[0] if history.deleted else None if history.added else getattr(ticket, name)
    before = (old["status"], old["team_id"], old["restricted"], old["owner_id"] is not None)
    if before != _key(ticket):
        _note(ticket, {before: -1, _key(ticket): 1})


def _key(ticket: Ticket) -> tuple:
    return (ticket.status, ticket.team_id, ticket.restricted, ticket.owner_id is not None)


def _note(ticket: Ticket, changes: dict[tuple, int]) -> None:
    noted = object_session(ticket).info.setdefault("counts", Counter())
    for key, change in changes.items():
        noted[key] += change


@event.listens_for(db.session, "before_commit")
def _shift(session) -> None:
    """All that a transaction changed, at its end and in one order: an act that flushes twice, such as filing with an
    owner, would otherwise take the rows in an order of its own, and two such acts would lock each other out."""
    if session.in_nested_transaction():
        return
    session.flush()
    noted = session.info.pop("counts", {})
    names = ("status", "team", "restricted", "owned")
    changed = [key for key in sorted(noted) if noted[key]]
    rows = [dict(zip(names, key, strict=True)) | {"status": str(key[0]), "n": noted[key]} for key in changed]
    if rows:
        _SHIFT.run(rows, session.connection())


@event.listens_for(db.session, "after_transaction_create")
def _remember(session, transaction) -> None:
    if transaction.nested:
        session.info.setdefault("counts_before", {})[transaction] = Counter(session.info.get("counts", {}))


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session, transaction) -> None:
    """What a savepoint took back is not counted either."""
    if transaction.nested:
        session.info["counts"] = session.info["counts_before"].pop(transaction)


@event.listens_for(db.session, "after_transaction_end")
def _clear(session, transaction) -> None:
    if transaction.parent is None:
        session.info.pop("counts", None)
        session.info.pop("counts_before", None)


def rebuild_counts() -> None:
    """Count everything anew, after a bulk load that went past the verbs."""
    db.session.flush()
    db.session.info.pop("counts", None)  # what this transaction changed is in the table already
    db.session.execute(delete(BoardCount))
    owned = Ticket.owner_id.is_not(None).label("owned")
    rows = select(Ticket.status, Ticket.team_id, Ticket.restricted, owned, func.count()).group_by(
        Ticket.status, Ticket.team_id, Ticket.restricted, owned
    )
    db.session.execute(insert(BoardCount).from_select(["status", "team_id", "restricted", "owned", "n"], rows))
