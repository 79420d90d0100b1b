"""Signing in without paying for a password hash each time."""

from flask_login.utils import _create_identifier


def sign_in(client, user, agent=None):
    """Make `client` a browser in which `user` signed in a moment ago.

    Writes what Flask-Login writes; the sign-in form has tests of its own. `user` is a
    row whose `get_id` can be read, or that identifier itself. `agent` is the browser's
    name for itself, to which Flask-Login binds the session.
    """
    if agent:
        client.environ_base["HTTP_USER_AGENT"] = agent
    identifier = user if isinstance(user, str) else user.get_id()
    with client.application.test_request_context(environ_base=client.environ_base):
        fingerprint = _create_identifier()
    with client.session_transaction() as session:
        session.clear()
        session.update(_user_id=identifier, _fresh=True, _id=fingerprint)
    return client
