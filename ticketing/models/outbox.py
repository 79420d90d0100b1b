"""What is to leave the desk, who was told inside it, and what the jobs did."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text, update
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.extensions import db
from ticketing.models.types import Instant

WAITING = "next_try_at IS NOT NULL"
SENT = "sent_at IS NOT NULL"
GIVEN_UP = "dead_at IS NOT NULL"
UNSEEN = "seen_at IS NULL"


class Outbox(db.Model):
    """A message, written in the transaction of what it tells and sent afterwards, at least once.

    `channel` sla is an announcement: `flask outbox send` works out whom it concerns and writes one message for each of
    them. `next_try_at` is None once it was sent, or given up (then `dead_at` says when, `error` why).
    """

    __tablename__ = "outbox"
    __table_args__ = (
        # Announcements and mails wait for different hands: neither walks past the other's.
        Index("ix_outbox_next", "channel", "next_try_at", "id", sqlite_where=text(WAITING),
              postgresql_where=text(WAITING)),
        Index("ix_outbox_sent", "sent_at", sqlite_where=text(SENT), postgresql_where=text(SENT)),
        Index("ix_outbox_dead", "dead_at", "id", sqlite_where=text(GIVEN_UP), postgresql_where=text(GIVEN_UP)),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    address: Mapped[str | None] = mapped_column(String(254))
    payload: Mapped[dict] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    dead_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(Text, default="")


class Notification(db.Model):
    """What the bell holds for one person: facts, as in an event; the sentence is a template's work."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("user_id", "dedupe_key", name="uq_notification_once"),
        Index("ix_notification_unseen", "user_id", sqlite_where=text(UNSEEN), postgresql_where=text(UNSEEN)),
        Index("ix_notification_user", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    dedupe_key: Mapped[str] = mapped_column(String(120))
    payload: Mapped[dict] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)

    @classmethod
    def see(cls, user_id: int, at: datetime, *, number: int | None = None, up_to: int | None = None) -> int:
        """Mark as read what this person has not read yet: one of them, or all up to a number. How many that were."""
        which = cls.id == number if number is not None else cls.id <= up_to
        unread = update(cls).where(cls.user_id == user_id, cls.seen_at.is_(None), which).values(seen_at=at)
        return db.session.execute(unread.execution_options(synchronize_session=False)).rowcount


class JobRun(db.Model):
    """One run of a job: when, what it did, and what went wrong."""

    __tablename__ = "job_run"
    __table_args__ = (Index("ix_job_run_last", "job", "finished_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    counts: Mapped[dict] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(Text, default="")


class Setting(db.Model):
    """One value that administrators set while the desk runs, such as the on-call address."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict | list | str | None] = mapped_column(JSON)
