"""Open in a tab: asked for within the frame, gone through outside of it."""

from datetime import datetime

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask_login import current_user

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import embed_tab
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.user import User
from ticketing.web import access, sessions
from ticketing.web.embed_blueprint import blueprint
from ticketing.web.frame import PREFIX
from ticketing.web.respond import safe_next

outside = Blueprint("tab", __name__)


@blueprint.post("/tab")
@access.signed_in
def open_tab():
    """The address of the link: for a script that opens it, else on a page of its own."""
    path = safe_next(request.form.get("path"), "/")
    if path == PREFIX or path.startswith(PREFIX + "/"):  # where the page stands within the frame
        path = path.removeprefix(PREFIX) or "/"
    secret = embed_tab.make_way(sessions.here().number, path, now())
    address = _outside(url_for("tab.go_through", secret=secret))
    if request.accept_mimetypes.best == "application/json":
        return jsonify(address=address)
    return render_template("embed/tab.html", link=address)


@outside.route("/tab/<secret>", methods=["GET", "POST"])
@access.public
def go_through(secret: str):
    """Looking ahead burns nothing: a browser that fetches the link before anybody has clicked gets no answer.

    Whoever follows it from elsewhere than the frame, or is somebody else here, is asked first: a link that somebody
    sends may not make them another person unawares.
    """
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return "", 204
    at = now()
    if request.method == "GET" and (who := embed_tab.whose(secret, at)) is not None and _asks(who):
        return render_template("embed/tab_as.html", who=who)
    with sessions.writing():
        return _go_through(secret, at)


def _go_through(secret: str, at: datetime):
    way = embed_tab.go_through(secret, at)
    if way is None:
        db.session.commit()
        return render_template("embed/tab_too_late.html"), 410
    row = sessions.enter(
        way.user, at, embed_key_id=way.embed_key_id, embed_secret_id=way.embed_secret_id, opened_from=way.frame,
        ends_at=way.ends_at,
    )  # fmt: skip
    record_audit(
        AuditKind.TAB_OPENED, at, actor_id=way.user.id, embed_key_id=way.embed_key_id, address=sessions.address(),
        session=row.id,
    )  # fmt: skip
    db.session.commit()
    return redirect(request.script_root + safe_next(way.path, "/"), 303)


def _asks(who: User) -> bool:
    from_elsewhere = request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    return from_elsewhere or (current_user.is_authenticated and current_user.id != who.id)


def _outside(path: str) -> str:
    """An address of the desk that does not lead into the frame: of the configured one where there is one."""
    inner = path.removeprefix(request.script_root)
    root = current_app.config["BASE_URL"] or request.url_root.rstrip("/").removesuffix(PREFIX)
    return root + inner
