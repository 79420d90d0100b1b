"""The append-only history: what happened to a ticket, in facts. Sentences are written in templates."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Connection, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.extensions import db
from ticketing.models.prepared import Prepared
from ticketing.models.types import Code, Instant
from ticketing.models.user import User


class EventKind(StrEnum):
    CREATED = "created"
    IMPORTED = "imported"
    CLASSIFIED = "classified"  # type, category, priority or details set or changed
    EDITED = "edited"  # title, description
    ASSIGNED = "assigned"
    REASSIGNED = "reassigned"
    UNASSIGNED = "unassigned"
    TEAM_CHANGED = "team_changed"
    MOVED = "moved"
    CLOSED = "closed"
    REOPENED = "reopened"
    HELD = "held"
    RESUMED = "resumed"
    COMMENTED = "commented"
    ATTACHED = "attached"
    LINKED = "linked"
    UNLINKED = "unlinked"
    CHILDREN_CLOSED = "children_closed"  # with this one, their parent
    PASSED_ON = "passed_on"  # a comment, to its children or to what was merged into it
    WATCHED = "watched"
    UNWATCHED = "unwatched"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    REACTED = "reacted"  # the first reaction of a human member of staff in this cycle (sla.md R2)
    SLA_LEVEL = "sla_level"  # a clock warned, breached or escalated
    SUPERSEDED = "superseded"  # a manager's change gave a breached clock more time (R8)
    RETERMED = "retermed"  # the clocks follow changed policies or calendars (R12)


# Each kind's payload must hold these keys; more are welcome, fewer are a bug.
REQUIRED = {
    EventKind.CREATED: {"type", "priority", "team"},
    EventKind.IMPORTED: {"source", "external_id"},
    EventKind.CLASSIFIED: {"changes"},  # {field: [old, new]}
    EventKind.EDITED: {"changes"},
    EventKind.ASSIGNED: {"owner"},
    EventKind.REASSIGNED: {"from", "to"},
    EventKind.UNASSIGNED: {"from"},
    EventKind.TEAM_CHANGED: {"from", "to"},
    EventKind.MOVED: {"from", "to"},
    EventKind.CLOSED: {"from", "resolution_code"},  # and with_parent or duplicate_of: the other ticket's number
    EventKind.REOPENED: {"from", "to", "why"},
    EventKind.HELD: {"reason"},
    EventKind.RESUMED: {"cause"},  # resumed, moved, reporter, expired, closed
    EventKind.COMMENTED: {"comment", "internal"},  # and from_ticket: where it was written first
    EventKind.ATTACHED: {"attachment", "name", "internal"},
    EventKind.LINKED: {"link", "side", "ticket"},
    EventKind.UNLINKED: {"link", "side", "ticket"},
    EventKind.CHILDREN_CLOSED: {"tickets"},  # numbers; whoever may not see one must not learn of it, nor count it
    EventKind.PASSED_ON: {"tickets", "comment"},
    EventKind.WATCHED: {"user"},  # and merged_from: the duplicate they came with
    EventKind.UNWATCHED: {"user"},
    EventKind.PINNED: set(),
    EventKind.UNPINNED: set(),
    EventKind.REACTED: {"how"},  # take, move, owner, comment, parent
    EventKind.SLA_LEVEL: {"clock", "cycle", "level"},
    EventKind.SUPERSEDED: {"clock", "cycle", "breached_at", "why"},
    EventKind.RETERMED: {"cause"},
}


# Written out, not bound: a partial index is used only for a query that says its condition.
REOPENING = "kind = 'reopened'"


class Event(db.Model):
    """`at` is when it happened, `noticed_at` when we learned of it (later for imports and expiries)."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_ticket_at", "ticket_id", "at", "id"),
        # Few events reopen a ticket, and the radar asks when the last did.
        Index("ix_event_reopened", "at", "ticket_id", sqlite_where=text(REOPENING), postgresql_where=text(REOPENING)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[EventKind] = mapped_column(Code(EventKind))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    noticed_at: Mapped[datetime] = mapped_column(Instant)
    payload: Mapped[dict] = mapped_column(JSON)

    actor: Mapped[User | None] = relationship(lazy="raise")


def check_payload(kind: EventKind, payload: dict) -> None:
    lacking = REQUIRED[EventKind(kind)] - payload.keys()
    if lacking:
        raise ValueError(f"event {kind} lacks {sorted(lacking)}")


_RECORD = Prepared.insert(Event.__table__, "ticket_id", "kind", "actor_id", "at", "noticed_at", "payload")


def record_event(ticket_id: int, kind: EventKind, actor_id: int | None, at: datetime, noticed_at: datetime,
                 payload: dict) -> None:  # fmt: skip
    """Write one event of the history, in the transaction of the change itself.

    A row, not an object: nobody changes an event, and every change writes one.
    """
    record_events([event_row(ticket_id, kind, actor_id, at, noticed_at, payload)])


def event_row(ticket_id: int, kind: EventKind, actor_id: int | None, at: datetime, noticed_at: datetime,
              payload: dict) -> dict:  # fmt: skip
    check_payload(kind, payload)
    return {
        "ticket_id": ticket_id, "kind": kind, "actor_id": actor_id, "at": at, "noticed_at": noticed_at,
        "payload": payload,
    }  # fmt: skip


def record_events(rows: list[dict], connection: Connection | None = None) -> None:
    """Write several, in order; in the session's transaction unless a connection is given."""
    _RECORD.run(rows if len(rows) > 1 else rows[0], connection)
