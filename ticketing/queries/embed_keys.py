"""Keys of panels as the settings list them."""

from datetime import datetime

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.models.embed import EmbedIdentity, EmbedKey
from ticketing.models.session import UserSession
from ticketing.models.user import User


def list_keys(at: datetime) -> list[tuple[EmbedKey, int]]:
    """(key, sessions that came by it and may still be used), those in use first. One statement."""
    alive = (
        select(func.count())
        .where(UserSession.embed_key_id == EmbedKey.id, UserSession.ended_at.is_(None), UserSession.ends_at > at)
        .scalar_subquery()
    )
    query = select(EmbedKey, alive).order_by(EmbedKey.revoked_at.is_not(None), func.lower(EmbedKey.name))
    return [tuple(row) for row in db.session.execute(query)]


def panel_of(user: User) -> str | None:
    """The panel whose person this is, where the desk made the account for it."""
    query = (
        select(EmbedKey.name)
        .join(EmbedIdentity, EmbedIdentity.embed_key_id == EmbedKey.id)
        .where(EmbedIdentity.user_id == user.id, ~EmbedIdentity.adopted)
        .order_by(EmbedIdentity.made_at)
        .limit(1)
    )
    return db.session.scalar(query)
