"""What guards signing in: failures that slow the next try down, links that work once, and second factors."""

import hashlib
import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, update
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.extensions import db
from ticketing.models.types import Code, Instant


class SignInFailure(db.Model):
    """One failed try. `scope` is account or address; `name_hash` of the e-mail as typed, or of the address."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_name", "scope", "name_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))
    name_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class LinkUse(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"
    TAB = "tab"  # out of a frame into a tab of its own


class OneTimeLink(db.Model):
    """A link that lets in once. The secret stands in the link alone; here is its hash."""

    __tablename__ = "one_time_link"
    __table_args__ = (Index("ix_one_time_link_user", "user_id", "use"), Index("ix_one_time_link_ends", "ends_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    use: Mapped[LinkUse] = mapped_column(Code(LinkUse))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    embed_key_id: Mapped[int | None] = mapped_column(ForeignKey("embed_key.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("user_session.id"))
    path: Mapped[str] = mapped_column(String(500), default="")
    made_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)

    @classmethod
    def make(cls, use: LinkUse, user_id: int, at: datetime, ends_at: datetime, **more) -> str:
        """The secret of a new link. An older one of this person for the same use works no longer."""
        cls.burn_of(user_id, at, cls.use == use)
        secret = secrets.token_urlsafe(32)
        db.session.add(cls(secret_hash=hash_of(secret), use=use, user_id=user_id, made_at=at, ends_at=ends_at, **more))
        db.session.flush()
        return secret

    @classmethod
    def burn_of(cls, user_id: int, at: datetime, *which) -> None:
        """None that this person was ever sent lets in any more."""
        good = update(cls).where(cls.user_id == user_id, cls.used_at.is_(None), *which).values(used_at=at)
        db.session.execute(good.execution_options(synchronize_session=False))


class SecondFactor(db.Model):
    """A person's TOTP secret, sealed. There is a row once they have confirmed it with a first code.

    `last_step` is the newest half minute that let in, none before it does again; `recovery` holds hashes of the codes
    that are left.
    """

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, autoincrement=False)
    sealed_secret: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime] = mapped_column(Instant)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    recovery: Mapped[list] = mapped_column(JSON, default=list)


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
