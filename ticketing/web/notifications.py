"""The bell: what somebody was told, in a menu under it and on a page, and what the frame asks for each minute."""

from flask import Blueprint, abort, redirect, render_template, request, url_for

from ticketing.models.outbox import Notification
from ticketing.queries import notifications as reads
from ticketing.rules.abilities import Permission
from ticketing.rules.numbers import LARGEST, whole
from ticketing.rules.refusals import Invalid
from ticketing.web import access
from ticketing.web.respond import Toast, commit, keep, wants_fragment
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import moment

blueprint = Blueprint("notifications", __name__, url_prefix="/notifications")


@blueprint.get("")
@access.needs(Permission.USE_BOARD)
def show():
    number = whole(request.args.get("page") or "1", 1, reads.PAGES)
    if number is None:
        raise Invalid({"page": "unknown_value"})
    page = reads.load_page(access.person(), number, moment())
    return render_template("notifications/show.html", page=page)


@blueprint.get("/latest")
@access.needs(Permission.USE_BOARD)
def latest():
    """The menu under the bell."""
    if not wants_fragment():
        return redirect(url_for("notifications.show"))
    return _latest()


@blueprint.get("/bell")
@access.needs(Permission.USE_BOARD)
def bell():
    """What may have changed in the frame since the page was loaded: the bell's number, and the managers' banner."""
    return render_template("notifications/bell.htmx.html")


@blueprint.post("/<id:id>/opening")
@access.needs(Permission.USE_BOARD)
def open_one(id: int):
    """Mark it as read and go to its ticket."""
    ticket = reads.ticket_of(access.person(), id, moment()) or abort(404)
    Notification.see(access.person().id, moment(), number=id)
    commit()
    return redirect(url_for("tickets.show", key=f"T-{ticket}"), 303)


@blueprint.post("/reading")
@access.needs(Permission.USE_BOARD)
def read_all():
    """Mark as read all that was shown: `up_to` is the newest of it, and what came since stays unread."""
    up_to = whole(request.form.get("up_to", ""), 0, LARGEST)
    if up_to is None:
        raise Invalid({"up_to": "unknown_value"})
    Notification.see(access.person().id, moment(), up_to=up_to)
    commit()
    if wants_fragment():
        return _latest()
    keep(Toast(_("All marked as read")))
    return redirect(url_for("notifications.show"), 303)


def _latest() -> str:
    page = reads.load_page(access.person(), 1, moment(), size=reads.LATEST)
    return render_template("notifications/latest.htmx.html", page=page)
