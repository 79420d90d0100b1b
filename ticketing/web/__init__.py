"""HTTP: the blueprints and what goes round every request."""

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.routing import IntegerConverter

from ticketing.extensions import db, login_manager, reading
from ticketing.rules.numbers import LARGEST, whole
from ticketing.rules.refusals import Invalid
from ticketing.web import (
    access,
    accounts,
    accounts_second,
    around,
    attachments,
    board,
    embed,
    embed_report,
    embed_tab,
    embed_wall,
    errors,
    frame,
    headers,
    health,
    noted,
    notifications,
    queue,
    reports,
    reports_blueprint,
    reports_now,
    reports_providers,
    reports_recurring,
    sessions,
    settings,
    template_helpers,
    tickets,
    views,
)
from ticketing.web.respond import wants_fragment

BLUEPRINTS = [
    module.blueprint
    for module in (
        health, accounts, embed, board, tickets, attachments, queue, views, settings, notifications, reports_blueprint,
    )
]  # fmt: skip
BLUEPRINTS.append(embed_tab.outside)
# Each hangs its pages on the blueprint of the frame, or of the reports.
EMBED = (embed_report, embed_tab, embed_wall)
REPORTS = (reports, reports_now, reports_providers, reports_recurring)


class IdConverter(IntegerConverter):
    """The number of a row, no larger than either database can hold."""

    def __init__(self, url_map):
        super().__init__(url_map, max=LARGEST)


def register(app: Flask) -> None:
    app.url_map.converters["id"] = IdConverter
    app.before_request(_begin_reading)
    sessions.register(app)
    accounts_second.register(app)
    app.teardown_request(_end)
    headers.register(app)
    noted.register(app)
    frame.register(app)
    access.register(app)
    app.before_request(_begin_writing)
    errors.register(app)
    template_helpers.register(app)
    around.register(app)
    login_manager.unauthorized_handler(_ask_to_sign_in)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.add_url_rule("/", "home", _home)


def _begin_reading() -> None:
    """Who is asking is found by reading: SQLite needs no write lock for it."""
    g.reading_mark = reading.set(True)


def _begin_writing() -> None:
    """What writes gets a transaction of its own, so that the lock is held no longer than the write takes."""
    any_text = getattr(current_app.view_functions.get(request.endpoint), "reads_any_text", False)
    if not any_text:
        _refuse_nul(request.args)
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        if not any_text:
            _refuse_nul(request.form)
        db.session.commit()
        reading.set(False)


def _refuse_nul(values) -> None:
    """PostgreSQL keeps no NUL in a text, and nobody types one."""
    broken = {name: "unreadable" for name, value in values.items(multi=True) if "\0" in value}
    if broken:
        raise Invalid(broken)


def _end(_error) -> None:
    db.session.remove()
    mark = g.pop("reading_mark", None)
    if mark is not None:
        reading.reset(mark)


@access.signed_in
def _home():
    return redirect(url_for("board.show" if access.person().is_staff else "tickets.mine"))


def _ask_to_sign_in():
    if frame.in_frame():
        return _out_of_frame()
    url = url_for("accounts.sign_in")
    if wants_fragment() and request.method != "GET":
        return errors.answer(401)  # what was typed stays on the page; the message leads to another tab
    if wants_fragment():
        return "", 401, {"HX-Redirect": url}
    if request.method not in ("GET", "HEAD"):
        return redirect(url, 303)
    if request.path == "/":
        return redirect(url_for("accounts.sign_in"))
    if request.accept_mimetypes and not request.accept_mimetypes.accept_html:
        abort(401)
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))


def _out_of_frame():
    """Only its host can bring somebody in. A browser that keeps no cookie in frames comes here from the hand-off
    itself: then the address names the key, whose pages may show the sentence about it."""
    sessions.remember_frame(whole(request.args.get(frame.ENTERED, ""), 1))
    return errors.answer(401, code="no_cookie" if frame.ENTERED in request.args else None)
