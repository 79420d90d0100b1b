"""The menus, dialogs and forms of a ticket that views show, and show again when something is wrong with them."""

from flask import render_template, request
from werkzeug.wrappers import Response

from ticketing.extensions import db
from ticketing.models.ticket import Ticket
from ticketing.queries import tickets as reads
from ticketing.queries.people import assignable
from ticketing.rules.numbers import whole
from ticketing.rules.taxonomy import DETAIL_FIELDS, DETAILS_OF_TYPE
from ticketing.web import access
from ticketing.web.respond import wants_fragment
from ticketing.web.template_helpers import moment
from ticketing.web.ticket_forms import words
from ticketing.web.ticket_page import facts_of


def engineers() -> list:
    """Everybody a ticket may be given to, with what they have open."""
    return assignable(access.person(), moment())


# Menus that list people, teams or categories ask the database for them.
_LISTS = {
    "owner": ("people", engineers),
    "watcher": ("people", engineers),
    "team": ("teams", reads.teams),
    "category": ("categories", reads.categories),
}
_MENUS = {"owner", "watcher", "team", "category", "priority", "type", "title", "description"}


def shown_version(ticket: Ticket) -> int:
    """The version the page showed, so that a menu opened late cannot hide what happened meanwhile."""
    shown = request.args.get("version", "") if request.method == "GET" else ""
    return ticket.version if whole(shown) is None else whole(shown)


def menu_of(ticket: Ticket, field: str, *, errors: dict | None = None, missed: str = "", status: int = 200) -> Response:
    """The form of one property, as it stands in a menu or in place of the title."""
    if field not in _MENUS and field not in DETAIL_FIELDS:
        return Response(status=404)
    facts = facts_of(ticket, access.person()) | _form_facts(ticket, errors, missed) | {"field": field}
    if field in _LISTS:
        name, load = _LISTS[field]
        facts[name] = load()
    template = {"title": "_title", "description": "dialogs/description"}.get(field, "_menu")
    body = render_template(f"tickets/{template}.html", **facts)
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def edit_form(ticket: Ticket, *, errors: dict | None = None, missed: str = "", status: int = 200) -> Response:
    """All of a ticket's facts on one page."""
    body = render_template(
        "tickets/edit.html", **facts_of(ticket, access.person()), **_form_facts(ticket, errors, missed),
        teams=reads.teams(), categories=reads.categories(), people=engineers(),
    )  # fmt: skip
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def dialog(name: str, ticket: Ticket, *, errors: dict | None = None, missed: str = "", status: int = 200, **more):
    """A dialog for htmx, the same form as a page without it. `missed` tells what somebody else did meanwhile."""
    facts = facts_of(ticket, access.person()) | _form_facts(ticket, errors, missed) | more
    template = "tickets/dialogs/form.html" if wants_fragment() else "tickets/dialog_page.html"
    body = render_template(template, dialog_name=name, **facts)
    if wants_fragment() and request.method == "POST":  # wherever the form was sent from, the dialog opens in its place
        body = f'<hx-partial hx-target="#dialog-host" hx-swap="innerHTML">{body}</hx-partial>'
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def needs_dialog(ticket: Ticket, errors: dict, action: str) -> Response:
    """An act asks for more (classification, why, a new owner): one dialog with the missing fields alone."""
    db.session.rollback()
    fields = [name for name in ("type", "category", "priority", "owner", "why") if name in errors]
    if "category" in fields:
        fields = ["type", "category", "priority"] + fields[fields.index("category") + 1 :]
    return dialog(
        "needs", ticket, errors={} if request.form.get("asked") else errors, status=422, fields=dict.fromkeys(fields),
        action=action, categories=reads.categories(), people=engineers() if "owner" in fields else [],
    )  # fmt: skip


def _form_facts(ticket: Ticket, errors: dict | None, missed: str) -> dict:
    values = request.form if request.method == "POST" else request.args
    return {
        "version": ticket.version if missed else shown_version(ticket), "errors": words(errors or {}),
        "missed": missed, "given": values, "detail_names": DETAILS_OF_TYPE[ticket.type], "detail_rules": DETAIL_FIELDS,
        "context": values.get("context", "ticket"),
    }  # fmt: skip
