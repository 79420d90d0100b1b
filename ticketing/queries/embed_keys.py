"""Keys of panels as the settings list them."""

from datetime import datetime

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.models.embed import EmbedKey
from ticketing.models.session import UserSession


def list_keys(at: datetime) -> list[tuple[EmbedKey, int]]:
    """(key, sessions that came by it and may still be used), those in use first. One statement."""
    alive = (
        select(func.count())
        .where(UserSession.embed_key_id == EmbedKey.id, UserSession.ended_at.is_(None), UserSession.ends_at > at)
        .scalar_subquery()
    )
    query = select(EmbedKey, alive).order_by(EmbedKey.revoked_at.is_not(None), func.lower(EmbedKey.name))
    return [tuple(row) for row in db.session.execute(query)]
