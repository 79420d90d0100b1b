"""New tickets: the form, the fields of a type while it is being filled in, the hint of duplicates, the filing."""

from contextlib import nullcontext, suppress
from datetime import datetime

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ticketing.extensions import db
from ticketing.forms.ticket import PRIORITIES, TYPES, TicketForm, chosen_type, form_for
from ticketing.models.link import link
from ticketing.models.sla import current_terms
from ticketing.models.storage import TooLarge
from ticketing.models.ticket import Ticket
from ticketing.queries import tickets as reads
from ticketing.rules import routing
from ticketing.rules.refusals import Invalid
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import DETAIL_FIELDS, DETAILS_OF_TYPE, LinkKind, Priority, TicketType
from ticketing.rules.working_hours import NeverOpen
from ticketing.web import access, attachments, recurrence, ticket_similar
from ticketing.web.respond import commit, wants_fragment
from ticketing.web.template_helpers import moment
from ticketing.web.ticket_blueprint import blueprint
from ticketing.web.ticket_forms import words
from ticketing.web.ticket_talk import trouble
from ticketing.web.ticket_views import engineers


@blueprint.get("/tickets/new")
@access.signed_in
def new():
    """The empty form, or one prefilled by the address. htmx asks here for the parts that follow a choice."""
    if recurrence.CAME_BACK in request.args:
        return _came_back(_known_only(request.args))
    values, again = _known_only(request.args), recurrence.of_address(request.args)
    if again is not None and not wants_fragment():  # what was cleared since then stays so
        recurrence.fill_in(values, again)
    form = _form(values)
    form.recurrence_of.data = again and again.key
    return _show(form, again)


def _came_back(values) -> Response:
    """The form once more, as the recurrence of a ticket that was found to be like it."""
    again = recurrence.found_again(values)
    form = _form(values)
    return _show(form, again, came_back=True)


@blueprint.post("/tickets")
@access.signed_in
def create():
    who, form = access.person(), _form(request.form)
    if "refresh" in request.form:  # without script, a button shows the fields of the chosen type
        return _show(form, recurrence.shown())
    if recurrence.CAME_BACK in request.form:
        return _came_back(request.form.copy())
    errors = form.check()
    try:
        again = recurrence.of_form(form, errors)
        values, others = _looked_up(form, errors, again), ticket_similar.related(errors)
        if errors:
            raise Invalid(errors)
        ticket = _file(form, values, who, again, others)
    except (Invalid, TooLarge) as refusal:
        db.session.rollback()
        return _refused(form, refusal)
    key = ticket.key
    url = url_for("tickets.show", key=key)
    return Response(status=204, headers={"HX-Redirect": url}) if wants_fragment() else redirect(url, 303)


def _file(form: TicketForm, values: dict, who, again: Ticket | None, others: list[Ticket]) -> Ticket:
    at = moment()
    with attachments.receive() if request.files else nullcontext() as receiving:
        files = attachments.sent_files()
        ticket = Ticket.file(
            form.title.data, by=who, at=at, type=chosen_type(form.type.data), details=form.clean_details,
            description=(form.description.data or "").replace("\r\n", "\n").strip(),
            priority=Priority(form.priority.data) if form.priority.data else None, **values,
        )  # fmt: skip
        if again is not None:
            link(ticket, again, LinkKind.RECURRENCE_OF, by=who, at=at)
        ticket_similar.relate(ticket, [one for one in others if one is not again], at)
        if files:
            attachments.hang_on(ticket, files, receiving, by=who, at=at)
        commit()
        if receiving is not None:
            receiving.keep()
    return ticket


def _looked_up(form: TicketForm, errors: dict, again: Ticket | None) -> dict:
    """What the form names by key or handle, as rows; what is not found goes into `errors`."""
    category = reads.category_with_key(form.category.data) if form.category.data else None
    if form.category.data and category is None:
        errors["category"] = "unknown_value"
    if not form.category.data:
        category = recurrence.place_of(again, form)
    if recurrence.keeps_team(again, form, category):
        values = {"category": category, "team_id": again.team_id, "routed": False}
    else:
        values = {"category": category, "team_id": category.team_id if category else _default_team().id}
    if "reporter" not in form:
        return values
    if form.reporter.data and form.reporter.data.strip():
        values["reporter"] = reads.person_called(form.reporter.data)
        if values["reporter"] is None:
            errors["reporter"] = "nobody_called_so"
    if form.owner.data:
        owner = access.person() if form.owner.data == "me" else reads.person_called(form.owner.data)
        values["owner"] = owner
        if owner is None:
            errors["owner"] = "unknown_value"
        elif category is None:
            errors["category"] = "required"  # a ticket with an owner is classified
    return values


def _refused(form: TicketForm, refusal: Invalid | TooLarge) -> Response:
    """The form again, with everything that was typed and what is wrong at its field."""
    status, more = 422, {}
    if isinstance(refusal, TooLarge) or "files" in refusal.errors:
        more["files_error"], status = trouble(refusal)
    if isinstance(refusal, Invalid):
        told = words(refusal.errors)
        form.refuse(told)
        more["related_error"] = told.get(ticket_similar.RELATED, "")
    return _show(form, recurrence.shown(), status=status, **more)


def _show(form: TicketForm, again: Ticket | None, *, status: int = 200, **more) -> Response:
    """The page; for htmx the parts that follow from type, category and priority. `again` is what it recurs."""
    staff = access.person().is_staff
    categories = reads.categories()
    category = next((one for one in categories if one.key == form.category.data), None)
    default = routing.priority_for(category and category.priority)
    # A priority that was only the default of another category follows the category.
    was_default = form.priority.data == (request.values.get("priority_was") or form.priority.data)
    if not form.priority.data or (was_default and "priority_was" in request.values):
        form.priority.data = str(default)
    parts = wants_fragment() and request.method == "GET"
    found = ticket_similar.Found() if parts else ticket_similar.for_form(request.values)
    body = render_template(
        "tickets/new_parts.htmx.html" if parts else "tickets/new.html",
        form=form, kind=chosen_type(form.type.data), staff=staff, categories=categories, category=category,
        default_priority=default, team=_team(form, category, again), detail_rules=DETAIL_FIELDS, again=again,
        promises=_promises(form, category) if staff else [],
        people=engineers() if staff and not parts else [], max_upload=current_app.config["MAX_UPLOAD"],
        shared=_details_elsewhere(form), found=found, came_back=more.pop("came_back", False), **more,
    )  # fmt: skip
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def _promises(form: TicketForm, category) -> list[tuple[ClockKind, datetime]]:
    """By when the policy of such a ticket promises what, were it filed now; nothing where it promises nothing."""
    priority = Priority(form.priority.data) if form.priority.data in PRIORITIES else Priority.NORMAL
    deals = current_terms().deals(chosen_type(form.type.data), category and category.key, priority)
    found = []
    for kind, deal in deals.items():
        with suppress(NeverOpen):
            if deal is not None:
                found.append((kind, deal.calendar.add(moment(), deal.target_s)))
    return found


def _details_elsewhere(form: TicketForm) -> dict[str, str]:
    """Details of another type that were typed already: kept, should the person change their mind."""
    shown = set(DETAILS_OF_TYPE[chosen_type(form.type.data)])
    return {name: value for name in DETAIL_FIELDS if name not in shown and (value := request.values.get(name))}


def _form(values) -> TicketForm:
    kind = chosen_type(values.get("type"))
    form = form_for(kind, access.person().is_staff)(values)
    if request.method == "GET" and not form.type.data:
        form.type.data = str(TicketType.INCIDENT)
    return form


def _known_only(args):
    """An address may prefill the form; words that are not known are left out."""
    values = args.copy()
    for name, known in (("type", TYPES), ("priority", PRIORITIES)):
        if values.get(name) not in known:
            values.poplist(name)
    return values


def _team(form: TicketForm, category, again: Ticket | None):
    if not recurrence.tells_team(again, form):
        return None
    if recurrence.keeps_team(again, form, category):
        return again.team
    return category.team if category else _default_team()


def _default_team():
    return reads.team_with_key(routing.DEFAULT_TEAM)
