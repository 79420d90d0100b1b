"""Cookies and what stands behind them: a tab's session and a frame's, neither of which opens the other."""

import logging
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import Flask, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import login_user, logout_user
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from ticketing.clock import now
from ticketing.extensions import db, login_manager, reading
from ticketing.models.embed import EmbedKey
from ticketing.models.session import (
    SessionKind,
    UserSession,
    begin_session,
    end_session,
    end_tabs_out_of,
    follow_frame,
    touch_session,
)
from ticketing.models.user import User, lock_person
from ticketing.rules.numbers import whole
from ticketing.web.frame import PREFIX, in_frame, let_frame

log = logging.getLogger(__name__)

FRAME_COOKIE = "ticketing_frame"
_NUMBER = "sid"
_FORM_TOKEN = "csrf_token"  # where Flask-WTF keeps it
_KEY = "key"
_WHO = (
    select(User, UserSession, EmbedKey.origins, EmbedKey.revoked_at)
    .join(UserSession, UserSession.user_id == User.id)
    .outerjoin(EmbedKey, EmbedKey.id == UserSession.embed_key_id)
    .where(UserSession.id == bindparam("session"), User.id == bindparam("user"))
)
_OF_KEY = select(EmbedKey.origins).where(EmbedKey.id == bindparam("key"), EmbedKey.revoked_at.is_(None))


class _FrameCookies(SecureCookieSessionInterface):
    salt = "frame-session"

    def get_cookie_name(self, app):
        return FRAME_COOKIE

    def get_cookie_path(self, app):
        return request.script_root or PREFIX

    def get_cookie_samesite(self, app):
        return "None"

    def get_cookie_secure(self, app):
        return True

    def get_cookie_partitioned(self, app):
        return True


class Cookies(SecureCookieSessionInterface):
    """The session of a request under /embed is the frame's; everywhere else it is the tab's."""

    _frame = _FrameCookies()

    def open_session(self, app, request):
        return self._frame.open_session(app, request) if in_frame() else super().open_session(app, request)

    def save_session(self, app, session, response):
        if in_frame():
            self._frame.save_session(app, session, response)
        else:
            super().save_session(app, session, response)


class Here(NamedTuple):
    """The session that asks."""

    number: int
    kind: SessionKind
    embed_key_id: int | None
    embed_secret_id: int | None
    opened_from: int | None
    ends_at: datetime


def here() -> Here | None:
    """None for strangers; who is signed in must have been asked first (access.guard does)."""
    return g.get("session_here")


def enter(
    user: User, at: datetime, *, embed_key_id: int | None = None, embed_secret_id: int | None = None,
    opened_from: int | None = None, ends_at: datetime | None = None,
) -> UserSession:  # fmt: skip
    """Begin a session for this person in the present browser, and end the one that was there. The caller commits.

    Nothing that somebody may have planted before survives it. `ends_at` is when it ends at the latest, by default
    after TICKETING_SESSION_HOURS.
    """
    lock_person(user.id)
    form_token = session.get(_FORM_TOKEN)
    before = leave(at)
    kind = SessionKind.FRAME if in_frame() else SessionKind.TAB
    latest = at + current_app.permanent_session_lifetime
    row, cookie = begin_session(
        user.id, kind, at, min(latest, ends_at) if ends_at else latest, embed_key_id=embed_key_id,
        embed_secret_id=embed_secret_id, opened_from=opened_from, address=address(), agent=request.user_agent.string,
    )  # fmt: skip
    login_user(user)
    session[_NUMBER] = cookie
    if embed_key_id is not None and kind is SessionKind.FRAME:
        session[_KEY] = embed_key_id
        _go_on(before, row, form_token)
    session.permanent = True
    return row


def _go_on(before: UserSession | None, row: UserSession, form_token: str | None) -> None:
    """A panel hands its user over with each of its pages. Where that is the same person as before in this frame, forms
    that stand open in another tab of the panel are still good; where it is another, tabs of the one before end."""
    if before is None:
        return
    if (before.user_id, before.embed_key_id) != (row.user_id, row.embed_key_id):
        end_tabs_out_of(before.id, row.made_at)
        return
    follow_frame(before.id, row.id)
    if form_token is not None:
        session[_FORM_TOKEN] = form_token


def leave(at: datetime) -> UserSession | None:
    """End the session that this browser names, if it can prove that it is its own: that one. The caller commits."""
    number, _, secret = session.get(_NUMBER, "").partition(".")
    row = db.session.get(UserSession, whole(number)) if whole(number) is not None else None
    proved = row if row is not None and row.answers_to(secret) else None
    if proved is not None:
        end_session(proved.id, at)
    logout_user()
    session.clear()
    return proved


def still_here(user: User, password_hash: str | None) -> bool:
    """Is this session still good, and that password still this person's? They are locked from here on."""
    lock_person(user.id)
    token = user.session_token
    db.session.refresh(user)
    row = db.session.get(UserSession, here().number, populate_existing=True)
    same = (user.password_hash, user.session_token) == (password_hash, token)
    return same and user.active and row is not None and row.ended_at is None


def renew(user: User, at: datetime) -> None:
    """Another session in the place of this one, as when the password is new: it ends with what it came from."""
    was = here()
    if was.embed_key_id is None:
        enter(user, at)
    else:
        enter(user, at, embed_key_id=was.embed_key_id, embed_secret_id=was.embed_secret_id,
              opened_from=was.opened_from, ends_at=was.ends_at)  # fmt: skip


def address() -> str:
    """Of whoever asks, as far as the proxies that are trusted tell."""
    return request.remote_addr or ""


@login_manager.user_loader
def load_user(identifier: str) -> User | None:
    """One statement. Whoever has changed their password, was disabled or signed out elsewhere is nobody."""
    number, _, token = identifier.partition(".")
    sid, _, secret = session.get(_NUMBER, "").partition(".")
    if whole(number) is None or whole(sid) is None:
        return None
    found = db.session.execute(_WHO, {"session": whole(sid), "user": whole(number)}).first()
    if found is None:
        return None
    user, row, origins, revoked_at = found
    at, wanted = now(), SessionKind.FRAME if in_frame() else SessionKind.TAB
    idle = timedelta(minutes=current_app.config["IDLE_MINUTES"])
    if row.kind is not wanted or not row.answers_to(secret) or not row.is_live(at, idle) or revoked_at is not None:
        return None
    if not user.active or user.session_token != token:
        return None
    g.session_here = Here(row.id, row.kind, row.embed_key_id, row.embed_secret_id, row.opened_from, row.ends_at)
    if wanted is SessionKind.FRAME:
        let_frame(origins or [])
    if row.is_due_to_touch(at, idle):
        g.touch = row.id, at
    return user


@contextmanager
def writing():
    """A short write within a request that otherwise only reads."""
    mark = reading.set(False)
    try:
        db.session.commit()
        yield
    finally:
        reading.reset(mark)


def remember_frame(key: int | None = None) -> None:
    """What a frame is told when its session has ended may still be shown there. `key` is for a browser that keeps no
    cookie."""
    if in_frame() and "ancestors" not in g and (named := session.get(_KEY) or key) is not None:
        let_frame(db.session.scalar(_OF_KEY, {"key": named}) or [])


def _touch(_error) -> None:
    """After the request, in a transaction of its own: a database that is busy keeps nobody from their page."""
    if "touch" not in g or "Looks-Again" in request.headers:  # a page that looks by itself whether there is news
        return
    mark = reading.set(False)
    try:
        db.session.remove()
        touch_session(*g.touch)
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("a session's use was not noted: %s", error)
    finally:
        db.session.remove()
        reading.reset(mark)


def register(app: Flask) -> None:
    app.session_interface = Cookies()
    app.teardown_request(_touch)
