"""Who is signed in where: a row for each session, so that each can be ended by itself."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, text, update
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.extensions import db
from ticketing.models.types import Code, Instant

ADDRESS_MAX = 45
AGENT_MAX = 200
TOUCH = timedelta(minutes=5)  # how often, at most, it is noted that a session is in use


class SessionKind(StrEnum):
    TAB = "tab"  # in a tab of its own
    FRAME = "frame"  # inside somebody else's page, with a cookie of its own


class UserSession(db.Model):
    """`secret_hash` is of what the cookie holds beside the number; the secret itself is kept nowhere.

    `embed_key_id` names the key whose hand-off led here, also for a tab that was opened out of a frame: then
    `opened_from` is that frame's number. `embed_secret_id` is of the secret that signed the hand-off. Both are bare
    numbers, since rows go when they are old.
    """

    __tablename__ = "user_session"
    __table_args__ = (
        Index("ix_user_session_user", "user_id", "ended_at"),
        Index("ix_user_session_key", "embed_key_id", "ended_at"),
        Index("ix_user_session_ends", "ends_at"),
        Index(
            "ix_user_session_opened_from",
            "opened_from",
            sqlite_where=text("opened_from IS NOT NULL"),
            postgresql_where=text("opened_from IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[SessionKind] = mapped_column(Code(SessionKind))
    embed_key_id: Mapped[int | None] = mapped_column(ForeignKey("embed_key.id"))
    embed_secret_id: Mapped[int | None]
    opened_from: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX), default="")
    agent: Mapped[str] = mapped_column(String(AGENT_MAX), default="")

    def answers_to(self, secret: str) -> bool:
        return hmac.compare_digest(self.secret_hash, _hash(secret))

    def is_live(self, at: datetime, idle: timedelta) -> bool:
        return self.ended_at is None and at < self.ends_at and at < self.seen_at + idle

    def is_due_to_touch(self, at: datetime, idle: timedelta) -> bool:
        """Often enough that nobody who is at it is taken for idle."""
        return at >= self.seen_at + min(TOUCH, idle / 10)


def begin_session(
    user_id: int, kind: SessionKind, at: datetime, ends_at: datetime, *, address: str = "", agent: str = "",
    embed_key_id: int | None = None, embed_secret_id: int | None = None, opened_from: int | None = None,
) -> tuple[UserSession, str]:  # fmt: skip
    """A new session, flushed, and what the cookie is to hold: "<number>.<secret>"."""
    secret = secrets.token_urlsafe(32)
    row = UserSession(
        secret_hash=_hash(secret), user_id=user_id, kind=kind, embed_key_id=embed_key_id,
        embed_secret_id=embed_secret_id, opened_from=opened_from, made_at=at, seen_at=at, ends_at=ends_at,
        address=address[:ADDRESS_MAX], agent=agent[:AGENT_MAX],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row, f"{row.id}.{secret}"


def touch_session(number: int, at: datetime) -> None:
    """Note that it is in use."""
    _update(UserSession.id == number, UserSession.seen_at < at, seen_at=at)


def end_session(number: int, at: datetime) -> int:
    return _update(UserSession.id == number, ended_at=at)


def end_sessions_of(user_id: int, at: datetime, *, but: int | None = None) -> int:
    """How many that were; `but` names one that stays."""
    return _update(UserSession.user_id == user_id, UserSession.id != (but or 0), *_live(at), ended_at=at)


def end_tabs_of(people: Select, at: datetime) -> int:
    """Of those whom this query of ids finds; not what a panel opened."""
    return _update(UserSession.user_id.in_(people), UserSession.embed_key_id.is_(None), *_live(at), ended_at=at)


def end_sessions_by(embed_key_id: int, at: datetime, *which) -> int:
    """Of what came in by this key, all, or those of which `which` is true."""
    return _update(UserSession.embed_key_id == embed_key_id, *which, *_live(at), ended_at=at)


def end_tabs_out_of(frame: int, at: datetime) -> int:
    """What was opened out of this frame."""
    return _update(UserSession.opened_from == frame, *_live(at), ended_at=at)


def follow_frame(frame: int, successor: int) -> None:
    """The same person went on in another session of the frame; tabs that were opened out of it hang on that one now."""
    _update(UserSession.opened_from == frame, opened_from=successor)


def _live(at: datetime) -> tuple:
    """Not those that have run out by themselves: of a panel's key there may be hundreds of thousands."""
    return (UserSession.ends_at > at,)


def _update(*which, **values) -> int:
    query = update(UserSession).where(*which, UserSession.ended_at.is_(None)).values(**values)
    return db.session.execute(query.execution_options(synchronize_session=False)).rowcount


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
