"""The menus, dialogs and forms of a ticket that views show, and show again when something is wrong with them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from ticketing.extensions import db
from ticketing.models.ticket import Ticket
from ticketing.queries import tickets as reads
from ticketing.queries.people import assignable
from ticketing.rules.numbers import whole
from ticketing.rules.taxonomy import DETAIL_FIELDS, DETAILS_OF_TYPE
from ticketing.web import access
from ticketing.web import errors as error_answers
from ticketing.web.respond import Toast, fragment, wants_fragment
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import label, moment
from ticketing.web.ticket_family import closable_children
from ticketing.web.ticket_forms import words
from ticketing.web.ticket_page import changed, facts_of


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
    if name == "hold":
        facts["until_choices"] = hold_choices(moment(), access.person().time_zone)
    if name == "close_as":
        facts["children"] = closable_children(ticket, access.person(), moment())
    template = "tickets/dialogs/form.html" if wants_fragment() else "tickets/dialog_page.html"
    body = render_template(template, dialog_name=name, **facts)
    if wants_fragment() and request.method == "POST":  # wherever the form was sent from, the dialog opens in its place
        body = f'<hx-partial hx-target="#dialog-host" hx-swap="innerHTML">{body}</hx-partial>'
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def take_first(ticket: Ticket) -> Response:
    """No hold while the reaction runs (sla.md R3): why not, and the button to begin with."""
    code = "reaction_runs"
    if not wants_fragment():
        return error_answers.answer(409, code=code, facts={"key": ticket.key})
    context = request.values.get("context") or "ticket"
    fields = {"owner": "me", "version": ticket.version, "context": context, "query": request.values.get("query", "")}
    url = url_for("tickets.assign", key=ticket.key)
    take = {"label": _("Take"), "url": url, "method": "post", "fields": fields}
    toast = Toast(_("%(key)s cannot be held yet", key=ticket.key), f"{label(code, 'refusal')}.", "conflict", [take])
    if request.method == "POST":  # from a dialog that has no use any more
        return changed(ticket, toast, status=409, asking_ends=True)
    return fragment("tickets/toast_only.htmx.html", toast=toast, status=409)


def hold_choices(now: datetime, zone: str) -> list[tuple[str, str]]:
    """(words, local time) of the ends that a hold mostly has."""
    here = now.astimezone(ZoneInfo(zone or "UTC")).replace(second=0, microsecond=0, tzinfo=None)
    morning = here.replace(hour=9, minute=0)
    monday = morning + timedelta(days=7 - here.weekday())
    found = [
        (_("in 1 h"), here + timedelta(hours=1)), (_("in 4 h"), here + timedelta(hours=4)),
        (_("tomorrow 09:00"), morning + timedelta(days=1)),
    ]  # fmt: skip
    if here.weekday() != 6:  # on a Sunday, that is tomorrow
        found.append((_("Monday 09:00"), monday))
    return [(words, at.isoformat(timespec="minutes")) for words, at in found]


def needs_dialog(ticket: Ticket, errors: dict, action: str) -> Response:
    """An act asks for more (classification, why, a new owner): one dialog with the missing fields alone."""
    db.session.rollback()
    fields = [name for name in ("type", "category", "priority", "owner", "why") if name in errors]
    if "category" in fields:
        fields = ["type", "category", "priority"] + fields[fields.index("category") + 1 :]
    return dialog(
        "needs", ticket, errors=errors if request.form.get("asked") else {}, status=422, fields=dict.fromkeys(fields),
        action=action, categories=reads.categories(), people=engineers() if "owner" in fields else [],
    )  # fmt: skip


def _form_facts(ticket: Ticket, errors: dict | None, missed: str) -> dict:
    values = request.form if request.method == "POST" else request.args
    return {
        "version": ticket.version if missed else shown_version(ticket), "errors": words(errors or {}),
        "missed": missed, "given": values, "detail_names": DETAILS_OF_TYPE[ticket.type], "detail_rules": DETAIL_FIELDS,
        "context": values.get("context", "ticket"),
    }  # fmt: skip
