"""Keys with which other people's pages hand their users over, and what came in by them."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.extensions import db
from ticketing.models.types import Code, Instant
from ticketing.rules.taxonomy import Role


class EmbedKey(db.Model):
    """One panel. `issuer` is the `iss` of its tokens and finds the key; `origins` may frame what it lets in.

    `algorithm` is the only one taken: HS256 with `secrets`, or another with `jwks`, a JWK set as JSON. No token makes
    anybody more than `role_ceiling`. With `adopts` a token may lead into an account that was made here and has its
    e-mail. `wall_hash` is of the secret of the published read-only view, None where there is none.
    """

    __tablename__ = "embed_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    issuer: Mapped[str] = mapped_column(String(200), unique=True)
    audience: Mapped[str] = mapped_column(String(200))
    algorithm: Mapped[str] = mapped_column(String(8))
    jwks: Mapped[str] = mapped_column(Text, default="")
    origins: Mapped[list] = mapped_column(JSON, default=list)
    role_ceiling: Mapped[Role] = mapped_column(Code(Role))
    default_view: Mapped[str] = mapped_column(String(24), default="board")
    adopts: Mapped[bool] = mapped_column(Boolean, default=False)
    wall_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    secrets: Mapped[list["EmbedSecret"]] = relationship(lazy="select", order_by="EmbedSecret.id")


class EmbedSecret(db.Model):
    """A shared secret, sealed (jobs/sealing.py). Two may be in use at once, while a panel changes over."""

    __tablename__ = "embed_secret"
    __table_args__ = (Index("ix_embed_secret_key", "embed_key_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    embed_key_id: Mapped[int] = mapped_column(ForeignKey("embed_key.id"))
    kid: Mapped[str] = mapped_column(String(40), unique=True)
    sealed: Mapped[str] = mapped_column(String(400))
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class BurntToken(db.Model):
    """A token that has let in; its row keeps it from doing so again until it has expired."""

    __tablename__ = "burnt_token"

    embed_key_id: Mapped[int] = mapped_column(ForeignKey("embed_key.id"), primary_key=True, autoincrement=False)
    jti_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(Instant, index=True)


class EmbedIdentity(db.Model):
    """Whom a panel means by a `sub`. `adopted` where the account was here before: its name and role are its own."""

    __tablename__ = "embed_identity"
    __table_args__ = (Index("ix_embed_identity_user", "user_id"),)

    embed_key_id: Mapped[int] = mapped_column(ForeignKey("embed_key.id"), primary_key=True, autoincrement=False)
    sub: Mapped[str] = mapped_column(String(120), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    adopted: Mapped[bool] = mapped_column(Boolean, default=False)
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime] = mapped_column(Instant)
