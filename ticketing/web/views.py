"""Saved views: the present filters under a name, one person's own."""

from urllib.parse import parse_qsl

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.forms.accounts import one_line
from ticketing.forms.texts import NEEDED, TAKEN, TOO_LONG
from ticketing.models.view import NAME_MAX, QUERY_MAX, VIEWS_PER_PERSON, SavedView
from ticketing.queries.filters import Filters
from ticketing.rules.abilities import Permission
from ticketing.web import access
from ticketing.web.respond import Toast, done, safe_next, wants_fragment
from ticketing.web.template_helpers import gettext as _

blueprint = Blueprint("views", __name__)


@blueprint.post("/views")
@access.needs(Permission.USE_BOARD)
def create():
    name = one_line(request.form.get("name", "")) or ""
    query = read_query(request.form.get("query", "")).query()
    back = safe_next(request.form.get("next"), url_for("queue.show"))
    error = _objection(name, query)
    if error:
        db.session.rollback()
        template = "queue/save_view.htmx.html" if wants_fragment() else "queue/save_view.html"
        return render_template(template, name=name, query=query, next=back, error=error), 422
    db.session.add(SavedView(user_id=access.person().id, name=name, query=query, created_at=now()))
    db.session.commit()
    return done(f"{back.partition('?')[0]}?{query}", Toast(_("View %(name)s saved", name=name)))


@blueprint.post("/views/<id:id>/delete")
@access.needs(Permission.USE_BOARD)
def delete(id: int):
    view = db.session.get(SavedView, id)
    if view is None or view.user_id != access.person().id:
        abort(404)
    name = view.name
    db.session.delete(view)
    db.session.commit()
    return done(
        safe_next(request.form.get("next"), url_for("queue.show")), Toast(_("View %(name)s removed", name=name))
    )


def read_query(query: str) -> Filters:
    """The filters of an address's query string; raises Invalid like the address itself would."""
    return Filters.read(MultiDict(parse_qsl(query.removeprefix("?")[: 4 * QUERY_MAX])))


def _objection(name: str, query: str) -> str | None:
    if not name:
        return NEEDED
    if len(name) > NAME_MAX or len(query) > QUERY_MAX:
        return TOO_LONG
    if not query:
        return _("Nothing is filtered yet. Set a filter first, then save it.")
    own = list(db.session.scalars(select(SavedView.name).where(SavedView.user_id == access.person().id)))
    if name.casefold() in {other.casefold() for other in own}:
        return TAKEN
    if len(own) >= VIEWS_PER_PERSON:
        return _("You have %(n)d views, which is as many as there can be. Remove one first.", n=VIEWS_PER_PERSON)
    return None
