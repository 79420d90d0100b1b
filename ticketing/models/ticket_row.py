"""The ticket's columns, and what every verb leans on: relation, version, event."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from ticketing.models.event import EventKind, record_event
from ticketing.models.team import Category, Team
from ticketing.models.types import Code, Instant, Ranked
from ticketing.models.user import User
from ticketing.rules.recurrence import KEY_MAX, PARTY_MAX, SUPPLIERS
from ticketing.rules.refusals import Stale
from ticketing.rules.taxonomy import (
    MENDED,
    TITLE_MAX,
    HoldReason,
    Priority,
    ResolutionCode,
    RootCause,
    Status,
    TicketType,
)
from ticketing.rules.workflow import Facts, Relation

# Where a card stands in its column, before due and priority decide (board.md 8).
LANE_PINNED, LANE_DUE, LANE_FREE, LANE_HELD = 0, 1, 2, 3

_USER = "user_account.id"
# Written out, not bound: SQLite takes a partial index only for a query that says its condition to the letter.
IS_OPEN = "status <> 'closed'"
HAS_END = "hold_until IS NOT NULL"
MENDED_SQL = f"resolution_code IN ({', '.join(repr(code.value) for code in MENDED)})"


def lane_of(pinned: bool, held: bool, due_at: datetime | None) -> int:
    if pinned:
        return LANE_PINNED
    if held:
        return LANE_HELD
    return LANE_FREE if due_at is None else LANE_DUE


class TicketRow:
    id: Mapped[int] = mapped_column(primary_key=True)  # the number of the key T-142
    type: Mapped[TicketType] = mapped_column(Code(TicketType))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    priority: Mapped[Priority] = mapped_column(Ranked(Priority))
    status: Mapped[Status] = mapped_column(Code(Status))
    status_since: Mapped[datetime] = mapped_column(Instant)
    title: Mapped[str] = mapped_column(String(TITLE_MAX))
    description: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict] = mapped_column(JSON, default=dict)
    restricted: Mapped[bool] = mapped_column(Boolean, default=False)  # type is Security Alert
    reporter_id: Mapped[int] = mapped_column(ForeignKey(_USER))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(_USER))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    solver_id: Mapped[int | None] = mapped_column(ForeignKey(_USER))  # made the last move into solution check
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    hold_reason: Mapped[HoldReason | None] = mapped_column(Code(HoldReason))
    hold_text: Mapped[str] = mapped_column(String(200), default="")
    hold_until: Mapped[datetime | None] = mapped_column(Instant)
    held_since: Mapped[datetime | None] = mapped_column(Instant)
    solution: Mapped[str] = mapped_column(Text, default="")
    resolution_code: Mapped[ResolutionCode | None] = mapped_column(Code(ResolutionCode))
    root_cause: Mapped[RootCause | None] = mapped_column(Code(RootCause))
    pinned_at: Mapped[datetime | None] = mapped_column(Instant)
    lane: Mapped[int] = mapped_column(SmallInteger, default=LANE_FREE)
    # Copies of the nearest running clock, for sorting and filtering by index; the clocks own them.
    warn_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    # What else a card says of it: {kind, calendar, target}; {kind, left, target} while paused; {outcome} once closed.
    clock_face: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    cycle: Mapped[int] = mapped_column(Integer, default=0)  # of its clocks; 0: it has none (imported)
    reacted_at: Mapped[datetime | None] = mapped_column(Instant)  # in the present cycle
    reporter_wrote_at: Mapped[datetime | None] = mapped_column(Instant)  # during a hold that it did not end (R5)
    comment_count: Mapped[int] = mapped_column(Integer, default=0)
    visible_comment_count: Mapped[int] = mapped_column(Integer, default=0)
    child_count: Mapped[int] = mapped_column(Integer, default=0)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    repeat_count: Mapped[int] = mapped_column(Integer, default=0)
    source: Mapped[str | None] = mapped_column(String(40))  # where an imported ticket came from
    external_id: Mapped[str | None] = mapped_column(String(80))
    # Made of title and details whenever those are written (models/signatures.py); NULL where there is nothing to go by.
    signature: Mapped[str | None] = mapped_column(String(KEY_MAX))
    provider: Mapped[str | None] = mapped_column(String(PARTY_MAX))
    payment_system: Mapped[str | None] = mapped_column(String(PARTY_MAX))

    @declared_attr.directive
    def __table_args__(cls):
        is_open, is_restricted, has_end = text(IS_OPEN), text(f"restricted AND {IS_OPEN}"), text(HAS_END)
        mended = text(f"signature IS NOT NULL AND {MENDED_SQL}")
        who = ("restricted", "team_id", "owner_id", "reporter_id")  # all that decides who may see it
        return (
            # The board's own order, so that a page of a column is a walk along the index.
            Index("ix_ticket_board", "status", "lane", "due_at", "priority", "status_since", "id"),
            # Also holds who may see a ticket, so that counting the last days' closings reads it alone.
            Index("ix_ticket_closed_at", "status", "closed_at", "restricted", "team_id", "owner_id", "reporter_id"),
            # Holds all that decides who is let in to an open restricted ticket, so that counting them reads it alone.
            Index("ix_ticket_restricted", "team_id", "owner_id", "reporter_id", "status", sqlite_where=is_restricted,
                  postgresql_where=is_restricted),
            Index("ix_ticket_owner", "owner_id", "status", "lane", "due_at", "priority", "status_since", "id"),
            Index("ix_ticket_reporter", "reporter_id", "status"),
            Index("ix_ticket_team", "team_id", "status"),
            Index("ix_ticket_updated", "updated_at", "id"),
            Index("ix_ticket_status_updated", "status", "updated_at", "id"),
            Index("ix_ticket_created", "created_at", "id"),
            # Also holds who may see a ticket, how it stands and since when: counting open ones reads it alone.
            Index("ix_ticket_due", "due_at", "id", "status", "restricted", "team_id", "owner_id", "reporter_id",
                  "warn_at", "hold_reason", "hold_until", "created_at", "type", "category_id", "priority",
                  sqlite_where=is_open, postgresql_where=is_open),
            Index("ix_ticket_hold_until", "hold_until", sqlite_where=has_end, postgresql_where=has_end),
            Index("ix_ticket_parent", "parent_id"),
            Index("uq_ticket_external", "source", "external_id", unique=True),
            # The radar counts and adds up from these alone: the last 28 days of all, one trouble, what was mended
            # before, and what stands open in which family.
            Index("ix_ticket_recent", "created_at", "signature", "category_id", *who),
            Index("ix_ticket_signature", "signature", "created_at", "category_id", "closed_at", *who),
            Index("ix_ticket_mended", "signature", "closed_at", "category_id", "restricted", sqlite_where=mended,
                  postgresql_where=mended),
            Index("ix_ticket_signature_open", "signature", "category_id", "parent_id", "child_count", *who,
                  sqlite_where=is_open, postgresql_where=is_open),
            # A scorecard reads who was in trouble from when to when from these alone.
            *(Index(f"ix_ticket_{party}", party, "created_at", "closed_at", "type", "resolution_code", *who,
                    sqlite_where=text(f"{party} IS NOT NULL"), postgresql_where=text(f"{party} IS NOT NULL"))
              for party in SUPPLIERS),
            CheckConstraint("priority BETWEEN 1 AND 4", name="known_priority"),
            CheckConstraint(f"status IN ({', '.join(repr(s.value) for s in Status)})", name="known_status"),
            CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_date"),
        )  # fmt: skip

    @declared_attr
    def category(cls) -> Mapped[Category | None]:
        return relationship(Category)

    @declared_attr
    def team(cls) -> Mapped[Team]:
        return relationship(Team)

    @declared_attr
    def owner(cls) -> Mapped[User | None]:
        return relationship(User, foreign_keys=[cls.owner_id])

    @declared_attr
    def reporter(cls) -> Mapped[User]:
        return relationship(User, foreign_keys=[cls.reporter_id])

    @property
    def key(self) -> str:
        return f"T-{self.id}"

    @property
    def is_open(self) -> bool:
        return self.status is not Status.CLOSED

    @property
    def facts(self) -> Facts:
        return Facts(self.status, self.type, self.priority, self.owner_id is not None)

    def relation_to(self, person: User) -> Relation:
        return Relation(
            role=person.role,
            owner=person.id == self.owner_id,
            team=person.team_id is not None and person.team_id == self.team_id,
            reporter=person.id == self.reporter_id,
            solver=person.id == self.solver_id,
        )

    def expect(self, version: int | None) -> None:
        """Refuse to act on a ticket that is no longer the one that was shown."""
        if version is not None and version != self.version:
            raise Stale("stale", version=self.version, status=self.status)

    def touch(self, at: datetime) -> None:
        """One act, one version: each verb that changes the ticket's facts calls this once."""
        self.version += 1
        self.updated_at = at

    def relane(self) -> None:
        self.lane = lane_of(self.pinned_at is not None, self.hold_reason is not None, self.due_at)

    def record(self, kind: EventKind, by: User | None, at: datetime, noticed_at: datetime | None = None,
               **payload) -> None:  # fmt: skip
        """Write one event of the history, in the transaction of the change itself."""
        record_event(self.id, kind, by and by.id, at, noticed_at or at, payload)
