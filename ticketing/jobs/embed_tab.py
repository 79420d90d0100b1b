"""Out of a frame into a tab of its own: a link that works once, for a minute, while the frame's session lasts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from ticketing.extensions import db
from ticketing.models.embed import EmbedKey
from ticketing.models.session import UserSession
from ticketing.models.sign_in import LinkUse, OneTimeLink, hash_of
from ticketing.models.user import User, lock_person
from ticketing.rules.hand_off import rank as rank_of

LASTS = timedelta(seconds=60)
PATH_MAX = 500


@dataclass(frozen=True, slots=True)
class Way:
    """Who comes through, where to, and when the session ends at the latest."""

    user: User
    path: str
    embed_key_id: int | None
    embed_secret_id: int | None
    frame: int
    ends_at: datetime


def make_way(session_id: int, path: str, at: datetime) -> str:
    """The secret of a link; commits. A longer path than PATH_MAX leads to the first page."""
    row = db.session.get_one(UserSession, session_id)
    lock_person(row.user_id)
    secret = OneTimeLink.make(
        LinkUse.TAB, row.user_id, at, at + LASTS, embed_key_id=row.embed_key_id, session_id=row.id,
        path=path if len(path) <= PATH_MAX else "/",
    )  # fmt: skip
    db.session.commit()
    return secret


def go_through(secret: str, at: datetime) -> Way | None:
    """Burn the link, in the caller's transaction; None for one that is unknown, used or too old, or of an ended frame.

    The update decides among two that come at once.
    """
    if (owner := whose(secret, at)) is None:
        return None
    lock_person(owner.id)
    burnt = update(OneTimeLink).where(*_good(secret, at)).values(used_at=at)
    burnt = burnt.execution_options(synchronize_session=False)
    if db.session.execute(burnt).rowcount != 1:
        return None
    query = (
        select(OneTimeLink, UserSession, User, EmbedKey)
        .join(UserSession, UserSession.id == OneTimeLink.session_id)
        .join(User, User.id == OneTimeLink.user_id)
        .outerjoin(EmbedKey, EmbedKey.id == OneTimeLink.embed_key_id)
        .where(OneTimeLink.secret_hash == hash_of(secret))
    )
    link, frame, user, key = db.session.execute(query).one()
    if frame.ended_at is not None or frame.ends_at <= at or not user.active:
        return None
    if key is not None and (key.revoked_at is not None or rank_of(user.role) > rank_of(key.role_ceiling)):
        return None
    return Way(user, link.path, link.embed_key_id, frame.embed_secret_id, frame.id, frame.ends_at)


def whose(secret: str, at: datetime) -> User | None:
    """Who would come through. Burns nothing."""
    query = select(User).join(OneTimeLink, OneTimeLink.user_id == User.id).where(*_good(secret, at), User.active)
    return db.session.scalar(query)


def _good(secret: str, at: datetime) -> tuple:
    return (OneTimeLink.secret_hash == hash_of(secret), OneTimeLink.use == LinkUse.TAB, OneTimeLink.used_at.is_(None),
            OneTimeLink.ends_at > at)  # fmt: skip
