"""What guards the ways in is let go of when it guards nothing any more."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, tuple_

from ticketing.extensions import db
from ticketing.models.audit import AuditEntry
from ticketing.models.embed import BurntToken
from ticketing.models.session import UserSession
from ticketing.models.sign_in import OneTimeLink, SignInFailure

FAILURES_KEPT = timedelta(days=1)
ENDED_KEPT = timedelta(days=30)
_AT_ONCE = 1000


def tidy_ways_in(now: datetime, audit_days: int) -> int:
    """Delete tokens that have expired, old failures, links and sessions, and entries of the log older than it is kept.

    In portions, each in a transaction of its own, until nothing is left to delete; commits. Returns how many rows went.
    """
    ended = now - ENDED_KEPT
    sessions_of_links = select(OneTimeLink.session_id).where(OneTimeLink.session_id.is_not(None))
    old = [
        (SignInFailure.id, SignInFailure.at < now - FAILURES_KEPT),
        (OneTimeLink.id, OneTimeLink.ends_at < ended),
        (UserSession.id, or_(UserSession.ends_at < ended, UserSession.ended_at < ended)),
        (AuditEntry.id, AuditEntry.at < now - timedelta(days=audit_days)),
    ]
    gone = _burnt_tokens(now)
    for column, which in old:
        chosen = select(column).where(which).limit(_AT_ONCE)
        if column is UserSession.id:
            chosen = chosen.where(UserSession.id.not_in(sessions_of_links))
        statement = delete(column.class_).where(column.in_(chosen)).execution_options(synchronize_session=False)
        while count := db.session.execute(statement).rowcount:
            db.session.commit()
            gone += count
    db.session.commit()
    return gone


def _burnt_tokens(now: datetime) -> int:
    """By both halves of their key: another panel may have used the same jti, and its token may still be good."""
    gone, key = 0, (BurntToken.embed_key_id, BurntToken.jti_hash)
    old = select(*key).where(BurntToken.ends_at < now).limit(_AT_ONCE)
    statement = delete(BurntToken).where(tuple_(*key).in_(old)).execution_options(synchronize_session=False)
    while count := db.session.execute(statement).rowcount:
        db.session.commit()
        gone += count
    return gone
