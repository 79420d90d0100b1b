"""Inside somebody else's page: the same pages once more under /embed, with a cookie and rooms of their own."""

from flask import Flask, abort, g, request, session
from markupsafe import Markup

from ticketing.queries.filters import FILTER_NAMES

PREFIX = "/embed"
_MARK = "ticketing.frame"
# What can be reached there; settings, accounts and signing in cannot.
ROOMS = frozenset({"embed", "board", "tickets", "attachments", "queue", "views", "notifications", "reports"})
_SINGLE = frozenset({"home", "static", "assets"})
ONLY_THERE = "embed"
ENTERED = "entered"  # in the address to which a hand-off leads: by which key


class Mount:
    """Serves the application under PREFIX as well."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path == PREFIX or path.startswith(PREFIX + "/"):
            script = environ.get("SCRIPT_NAME", "") + PREFIX
            environ = {**environ, "SCRIPT_NAME": script, "PATH_INFO": path[len(PREFIX) :] or "/", _MARK: True}
        return self.application(environ, start_response)


def in_frame() -> bool:
    return _MARK in request.environ


def ancestors() -> list[str]:
    """The origins that may show this answer in a frame: those of the key by which its session came in, or nobody."""
    return g.get("ancestors") or []


def let_frame(origins: list[str]) -> None:
    """This answer may be shown in frames of these origins."""
    g.ancestors = list(origins)


def host() -> str:
    """The origin of the page round this frame, to which it may speak; empty where that is not known."""
    return session.get("host", "")


def theme() -> Markup:
    """An attribute for the page's root: how its host wants it to look."""
    wanted = session.get("theme") if in_frame() else None
    return Markup(' data-theme="{}"').format(wanted) if wanted else Markup()


def _keep_to_rooms() -> None:
    if request.endpoint is None:
        return
    if in_frame():
        if request.endpoint not in _SINGLE and request.blueprint not in ROOMS:
            abort(404)
    elif request.blueprint == ONLY_THERE:
        abort(404)


def register(app: Flask) -> None:
    app.wsgi_app = Mount(app.wsgi_app)
    app.jinja_env.globals.update(in_frame=in_frame, frame_host=host, frame_theme=theme, filter_names=FILTER_NAMES)
    app.before_request(_keep_to_rooms)
