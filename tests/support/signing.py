"""Signing in without paying for a password hash each time."""

from datetime import UTC, datetime

from flask_login.utils import _create_identifier
from sqlalchemy.exc import IntegrityError

from ticketing.extensions import db
from ticketing.models.session import SessionKind, begin_session

# Tests travel in time: a session that they did not begin by the form is neither too old nor idle anywhere.
ALWAYS = datetime(2200, 1, 1, tzinfo=UTC)


def sign_in(client, user, agent=None):
    """Make `client` a browser in which `user` signed in a moment ago.

    Writes what Flask-Login and web/sessions.py write; the sign-in form has tests of its own. `user` is a
    row whose `get_id` can be read, or that identifier itself. `agent` is the browser's
    name for itself, to which Flask-Login binds the session.
    """
    if agent:
        client.environ_base["HTTP_USER_AGENT"] = agent
    identifier = user if isinstance(user, str) else user.get_id()
    with client.application.test_request_context(environ_base=client.environ_base):
        fingerprint = _create_identifier()
    cookie = _begin(client.application, identifier)
    with client.session_transaction() as session:
        session.clear()
        session.update(_user_id=identifier, _fresh=True, _id=fingerprint, sid=cookie)
    return client


def _begin(app, identifier):
    """None for somebody whom the database does not know: they stay strangers."""
    with app.app_context():
        try:
            _row, cookie = begin_session(int(identifier.partition(".")[0]), SessionKind.TAB, ALWAYS, ALWAYS)
            db.session.commit()
        except (IntegrityError, ValueError):
            db.session.rollback()
            return ""
    return cookie
