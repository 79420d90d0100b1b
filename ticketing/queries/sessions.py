"""Where somebody is signed in."""

from datetime import datetime, timedelta

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.embed import EmbedKey
from ticketing.models.session import UserSession

SHOWN = 50


def live_sessions(user_id: int, at: datetime, idle: timedelta) -> list:
    """(id, kind, panel, address, agent, made_at, seen_at) of those that let in now, the one used last first."""
    query = (
        select(UserSession.id, UserSession.kind, EmbedKey.name.label("panel"), UserSession.address, UserSession.agent,
               UserSession.made_at, UserSession.seen_at)
        .outerjoin(EmbedKey, EmbedKey.id == UserSession.embed_key_id)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.ends_at > at,
               UserSession.seen_at > at - idle, EmbedKey.revoked_at.is_(None))
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    return list(db.session.execute(query))
