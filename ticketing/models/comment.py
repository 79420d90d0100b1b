"""Comments, watchers and attachments: what people add to a ticket besides its own facts."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.extensions import db
from ticketing.models.types import Instant
from ticketing.models.user import User


class Comment(db.Model):
    """`internal` ones are notes for staff; the others are visible to the reporter."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    internal: Mapped[bool] = mapped_column(Boolean, default=False)
    body: Mapped[str] = mapped_column(Text)  # Markdown, as written
    html: Mapped[str] = mapped_column(Text)  # rendered and sanitised once
    created_at: Mapped[datetime] = mapped_column(Instant)

    author: Mapped[User] = relationship(lazy="raise")


class Watcher(db.Model):
    __tablename__ = "watcher"
    __table_args__ = (Index("ix_watcher_user", "user_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)


class Attachment(db.Model):
    """A file kept outside the web root under `stored_as`; `name` is only what the sender called it."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    uploader_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    internal: Mapped[bool] = mapped_column(Boolean, default=False)
    name: Mapped[str] = mapped_column(String(200))
    stored_as: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(80))  # sniffed from the content, never taken from the sender
    created_at: Mapped[datetime] = mapped_column(Instant)
