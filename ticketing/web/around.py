"""What the frame of every page asks for: the bell's number and the pulse of the SLA check, once in a request."""

from flask import Flask, g

from ticketing.queries.around import Around
from ticketing.queries.around import around as read
from ticketing.web import access
from ticketing.web.template_helpers import moment


def register(app: Flask) -> None:
    app.jinja_env.globals["around"] = around


def around() -> Around:
    """For a signed-in member of staff."""
    if "around" not in g:
        g.around = read(access.person(), moment())
    return g.around
