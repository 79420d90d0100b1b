"""Tickets like this one: on the page of a ticket, and beside the form of a new one while it is being filled in."""

from dataclasses import dataclass, field

from flask import abort, render_template, request

from ticketing.forms.ticket import TYPES
from ticketing.models.link import link
from ticketing.models.ticket import Ticket
from ticketing.queries import tickets as reads
from ticketing.queries.similar import Similar, profile_of, similar_to, standing_of
from ticketing.rules.similarity import Profile, Why, profile
from ticketing.rules.taxonomy import DETAIL_FIELDS, DETAILS_OF_TYPE, TEXT_MAX, TITLE_MAX, LinkKind, TicketType
from ticketing.web import access
from ticketing.web.labels import LABELS
from ticketing.web.respond import only_reading, wants_fragment
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import moment
from ticketing.web.ticket_blueprint import blueprint

BESIDE = 3  # in a panel
ON_PAGE = 20
RELATED = "related_to"  # where the form of a new ticket names those it is to be linked to
RELATED_MAX = access.OTHERS_MAX
_SHORTEST = 4  # letters of a title, from which on it says something


@dataclass(slots=True)
class Found:
    """What the panel beside the form shows. `asked` is false while there is too little to go by."""

    rows: list[Similar] = field(default_factory=list)
    asked: bool = False
    chosen: frozenset[int] = frozenset()
    kept: list = field(default_factory=list)  # chosen ones that are not among `rows`


@blueprint.get("/tickets/<key>/similar")
@access.signed_in
def similar(key: str):
    """What is like this ticket: for htmx the panel of its page, without it a page with more of them.

    Not for reporters, whose page has no such panel: it tells by facts that are not shown to them.
    """
    ticket, who = access.ticket_or_404(key), access.person()
    if not who.is_staff:
        abort(404)
    part = wants_fragment()
    rows = similar_to(profile_of(ticket), who, moment(), BESIDE if part else ON_PAGE, ticket.id)
    template = "tickets/_similar_panel.html" if part else "tickets/similar.html"
    return render_template(template, ticket=ticket, rows=rows, staff=True, closes=ticket.may_close_early(who))


@blueprint.post("/tickets/similar")
@access.signed_in
def similar_to_form() -> str:
    """What is like the ticket being written. It writes nothing, but a description is longer than an address may be."""
    with only_reading():
        found = for_form(request.form)
        return render_template("tickets/similar_new.htmx.html", found=found, staff=access.person().is_staff)


def for_form(values) -> Found:
    """What is like the ticket that a form describes, however little of it is filled in yet."""
    who, at = access.person(), moment()
    title, description = values.get("title", "")[:TITLE_MAX], values.get("description", "")[:TEXT_MAX]
    chosen = frozenset(number for text in values.getlist(RELATED)[:RELATED_MAX] if (number := access.ticket_id(text)))
    if len(title.strip()) < _SHORTEST:
        rows, asked = [], False
    else:
        rows, asked = similar_to(_typed(title, description, values), who, at, BESIDE), True
    if not who.is_staff:
        return Found(rows, asked)
    missing = chosen - {one.row.id for one in rows}
    return Found(rows, asked, chosen, standing_of(missing, who, at) if missing else [])


def _typed(title: str, description: str, values) -> Profile:
    kind = TicketType(values["type"]) if values.get("type") in TYPES else None
    names = DETAILS_OF_TYPE[kind] if kind else DETAIL_FIELDS
    details = {name: text[: DETAIL_FIELDS[name].max_length] for name in names if (text := values.get(name, "").strip())}
    category = reads.category_with_key(values.get("category", "")) if values.get("category") else None
    return profile(title, description, details, category=category and category.id, type=kind)


def related(errors: dict[str, str]) -> list[Ticket]:
    """The tickets that a sent form wants the new one to be related to, locked; what is wrong goes into `errors`."""
    if not access.person().is_staff:
        return []
    named = dict.fromkeys(text for text in request.form.getlist(RELATED) if text.strip())
    if len(named) > RELATED_MAX:
        errors[RELATED] = "too_many_tickets"
        return []
    found = [access.visible_ticket(text, access.person()) for text in named]
    if None in found:
        errors[RELATED] = "no_such_ticket"
    return [one for one in found if one is not None]


def relate(ticket: Ticket, others: list[Ticket], at) -> None:
    """Link the ticket that was just filed."""
    for other in sorted(others, key=lambda one: one.id):
        link(ticket, other, LinkKind.RELATED, by=access.person(), at=at)


@blueprint.app_template_filter("why_similar")
def _reason(why: Why) -> str:
    """Why two tickets are alike, in words."""
    text = LABELS["similar"][why.ground]
    return _(text, value=why.value) if why.value else _(text)


@blueprint.app_template_test("after_closing_of")
def _came_after(ticket: Ticket, row) -> bool:
    """Was this ticket filed when that one was closed already? Only then can it be its recurrence."""
    return row.closed_at is not None and row.closed_at <= ticket.created_at
