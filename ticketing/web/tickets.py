"""The ticket's pages and the parts of them that are read: the page, its menus, its dialogs, one's own tickets."""

from flask import redirect, render_template, request, url_for

from ticketing.queries import tickets as reads
from ticketing.rules.abilities import Ability
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import NotAllowed
from ticketing.web import access, ticket_changes, ticket_new, ticket_similar, ticket_talk
from ticketing.web.respond import wants_fragment
from ticketing.web.search_marks import Marks
from ticketing.web.ticket_blueprint import blueprint
from ticketing.web.ticket_page import facts_of, page, page_facts, reaction_runs
from ticketing.web.ticket_views import dialog, edit_form, menu_of, shown_version, take_first

__all__ = ["blueprint", "ticket_changes", "ticket_new", "ticket_similar", "ticket_talk"]


@blueprint.get("/tickets/<key>")
@access.signed_in
def show(key: str):
    ticket = access.ticket_or_404(key)
    if wants_fragment():  # another filter of the timeline
        return render_template("tickets/_activity.html", **page_facts(ticket))
    return page(ticket)


@blueprint.get("/tickets")
@access.signed_in
def every():
    """Where somebody looks for all tickets: the list of those that they work with."""
    return redirect(url_for("queue.show" if access.person().is_staff else "tickets.mine"))


@blueprint.get("/my")
@access.signed_in
def mine():
    text = request.args.get("q", "").strip()[:200]
    page_number = whole(request.args.get("page", "1"), 1, 100_000) or 1
    rows, more = reads.reported_by(access.person(), text, (page_number - 1) * reads.MINE)
    marks = Marks(text, ("description", "said")) if text else None
    return render_template("tickets/mine.html", rows=rows, more=more, q=text, page_number=page_number, marks=marks)


@blueprint.get("/tickets/<key>/actions")
@access.signed_in
def actions(key: str):
    """Everything one can do with a ticket: a menu for htmx, a page of plain forms without it.

    `part` narrows the menu: `moves` or `more`; `context` says where it opens (board or ticket).
    """
    ticket = access.ticket_or_404(key)
    facts = facts_of(ticket, access.person()) | {
        "version": shown_version(ticket), "part": request.args.get("part", ""),
        "context": request.args.get("context", "" if wants_fragment() else "ticket"),
    }  # fmt: skip
    template = "tickets/_actions.html" if wants_fragment() else "tickets/actions.html"
    return render_template(template, **facts)


@blueprint.get("/tickets/<key>/edit")
@access.signed_in
def fields(key: str):
    """The forms that change a ticket's facts: one of them as a menu, or all of them on a page."""
    ticket = access.ticket_or_404(key, Ability.EDIT)
    if not wants_fragment():
        return edit_form(ticket)
    return menu_of(ticket, request.args.get("field", ""))


@blueprint.get("/tickets/<key>/hold")
@access.signed_in
def hold_form(key: str):
    ticket = access.ticket_or_404(key, Ability.HOLD)
    return take_first(ticket) if reaction_runs(ticket) else dialog("hold", ticket)


@blueprint.get("/tickets/<key>/closing")
@access.signed_in
def closing_form(key: str):
    ticket = access.ticket_or_404(key, Ability.MOVE)
    if not ticket.may_close_early(access.person()):
        raise NotAllowed("workers_only" if ticket.is_open else "closed")
    return dialog("close_as", ticket)


@blueprint.get("/tickets/<key>/links")
@access.signed_in
def link_form(key: str):
    return dialog("link", access.ticket_or_404(key, Ability.LINK))


@blueprint.get("/tickets/people")
@access.signed_in
def people():
    """A type-ahead: options of a data list, or with `as=mentions` the list that opens at an @."""
    who = access.person()
    if not who.is_staff:
        raise NotAllowed("staff_only")
    as_mentions = request.args.get("as") == "mentions"
    text = next((value for name, value in request.args.items() if name in ("q", "reporter", "user")), "")
    found = reads.find_people(text[:60], staff_only=as_mentions)
    return render_template("tickets/_people.html", people=found, as_mentions=as_mentions)
