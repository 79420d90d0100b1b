"""Rows of the clocks: terms and calendars in versions, clocks, their segments and levels (sla.md, Storage)."""

import json
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Boolean, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.extensions import db
from ticketing.models.prepared import Prepared
from ticketing.models.types import Code, Instant
from ticketing.models.user import User
from ticketing.rules.sla import ClockKind, ClockState, Level
from ticketing.rules.sla_calendars import read_calendar
from ticketing.rules.sla_terms import Terms, read_terms
from ticketing.rules.working_hours import Calendar

# Written out, not bound: a partial index is used only for a query that says its condition.
WAITS = "next_at IS NOT NULL"
ENDED = "stopped_at IS NOT NULL"
ACTIVE = "stopped_at IS NULL"  # the same as a state of rules.sla.ACTIVE


class CalendarVersion(db.Model):
    """Opening hours as they once were saved; never changed. `body` is JSON as rules.sla_terms describes it.

    A `derived` one is no version that somebody saved: a running clock's own hours with later exceptions (R12).
    """

    __tablename__ = "sla_calendar_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), index=True)
    body: Mapped[str] = mapped_column(Text)
    derived: Mapped[bool] = mapped_column(Boolean, default=False)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    @property
    def hours(self) -> Calendar:
        return hours_of(self.body)


class SlaTerms(db.Model):
    """All policies and calendars as they were from one saving to the next; the highest number is in force."""

    __tablename__ = "sla_terms"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # two savings cannot both be the next one
    body: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    made_by: Mapped[User | None] = relationship(lazy="raise")

    @property
    def document(self) -> dict:
        return json.loads(self.body)

    @property
    def terms(self) -> Terms:
        return _terms_of(self.body, self.id)


class SlaClock(db.Model):
    """One clock of one cycle. rules.sla changes it in place; durations are whole seconds of working time."""

    __tablename__ = "sla_clock"
    __table_args__ = (
        UniqueConstraint("ticket_id", "kind", "cycle", name="uq_sla_clock_ticket_kind_cycle"),
        Index("ix_sla_clock_next", "next_at", sqlite_where=text(WAITS), postgresql_where=text(WAITS)),
        # Each holds what its question is about, so that the others are not written to it: a check writes thousands.
        Index("ix_sla_clock_stopped", "stopped_at", "kind", sqlite_where=text(ENDED), postgresql_where=text(ENDED)),
        Index("ix_sla_clock_due", "due_at", sqlite_where=text(ACTIVE), postgresql_where=text(ACTIVE)),
        Index("ix_sla_clock_calendar", "calendar_id", sqlite_where=text(ACTIVE), postgresql_where=text(ACTIVE)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[ClockKind] = mapped_column(Code(ClockKind))
    cycle: Mapped[int] = mapped_column(Integer)
    state: Mapped[ClockState] = mapped_column(Code(ClockState))
    target_s: Mapped[int] = mapped_column(Integer)
    warn_pct: Mapped[int] = mapped_column(SmallInteger)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("sla_calendar_version.id"))
    terms_id: Mapped[int] = mapped_column(ForeignKey("sla_terms.id"))
    policy: Mapped[str] = mapped_column(String(40))
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    started_at: Mapped[datetime] = mapped_column(Instant)
    elapsed_before_s: Mapped[int] = mapped_column(Integer, default=0)
    segment_start: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    generation: Mapped[int] = mapped_column(Integer, default=1)
    level: Mapped[int] = mapped_column(SmallInteger, default=0)
    told: Mapped[int] = mapped_column(SmallInteger, default=0)
    warn_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    breached_at: Mapped[datetime | None] = mapped_column(Instant)
    stopped_at: Mapped[datetime | None] = mapped_column(Instant)
    cause: Mapped[str | None] = mapped_column(String(24))
    superseded: Mapped[int] = mapped_column(Integer, default=0)

    version_of_calendar: Mapped[CalendarVersion] = relationship(lazy="joined", innerjoin=True)

    @property
    def calendar(self) -> Calendar:
        held = self.__dict__.get("_hours")
        if held is None or held[0] != self.calendar_id:
            return self.version_of_calendar.hours
        return held[1]

    @calendar.setter
    def calendar(self, hours: Calendar) -> None:
        self.__dict__["_hours"] = (self.calendar_id, hours)  # `calendar_id` is always set first


class SlaSegment(db.Model):
    """A stretch in which a clock ran, closed by a pause, a stop or a change; immutable."""

    __tablename__ = "sla_segment"
    __table_args__ = (Index("ix_sla_segment_clock", "clock_id", "start_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("sla_clock.id"))
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("sla_calendar_version.id"))
    counted_s: Mapped[int] = mapped_column(Integer)
    why: Mapped[str] = mapped_column(String(24))


class SlaLevel(db.Model):
    """A level that fell due, once for each generation of a clock (R14)."""

    __tablename__ = "sla_level"
    __table_args__ = (UniqueConstraint("clock_id", "generation", "level", name="uq_sla_level_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("sla_clock.id"))
    generation: Mapped[int] = mapped_column(Integer)
    level: Mapped[Level] = mapped_column(Code(Level))
    due_at: Mapped[datetime] = mapped_column(Instant)
    detected_at: Mapped[datetime] = mapped_column(Instant)


_CURRENT = Prepared(
    select(SlaTerms.__table__.c.id, SlaTerms.__table__.c.body).order_by(SlaTerms.__table__.c.id.desc()).limit(1)
)


def current_terms() -> Terms:
    """The terms in force."""
    number, body = _CURRENT.run({}).one()
    return _terms_of(body, number)


@lru_cache(maxsize=64)
def _terms_of(body: str, number: int) -> Terms:
    return read_terms(json.loads(body), number)


@lru_cache(maxsize=256)
def hours_of(body: str) -> Calendar:
    """The calendar of a saved body; the same text is read once."""
    return read_calendar(json.loads(body))
