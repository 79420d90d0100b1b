"""What is offered once the time to reopen a ticket is over: a new one, linked as its recurrence (sla.md R10)."""

from ticketing.forms.ticket import TicketForm
from ticketing.models.team import Category
from ticketing.models.ticket import Ticket
from ticketing.rules import workflow
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import Status
from ticketing.web import access, ticket_forms
from ticketing.web.template_helpers import moment

FIELD = "recurrence_of"
CAME_BACK = "again"  # the button of a similar ticket that says: this is it once more


def is_offered(ticket: Ticket) -> bool:
    """Closed for so long that it cannot be reopened any more."""
    return ticket.status is Status.CLOSED and not workflow.within_reopen_window(ticket.closed_at, moment())


def of_address(args) -> Ticket | None:
    """The ticket an address names; one that the viewer may not know of is as good as none."""
    named = args.get(FIELD, "").strip()
    return access.visible_ticket(named, access.person()) if named else None


def of_form(form: TicketForm, errors: dict[str, str]) -> Ticket | None:
    """The ticket that a sent form is to be linked to, locked; what cannot be found goes into `errors`."""
    if form.not_linked.data:
        return None
    try:
        return ticket_forms.other_ticket(FIELD, required=False)
    except Invalid as refusal:
        errors |= refusal.errors
        return None


def shown() -> Ticket | None:
    """The ticket that the sent form names, to show the form once more, also while its link is left out."""
    try:
        return ticket_forms.other_ticket(FIELD, required=False)
    except Invalid:
        return None


def fill_in(values, old: Ticket) -> None:
    """What the old ticket says, wherever the address does not say something else.

    A reporter gets what the old ticket's page shows to them: category and details are often the words of staff.
    """
    values.setdefault("title", old.title)
    values.setdefault("type", str(old.type))
    values.setdefault("priority", str(old.priority))
    if access.person().is_staff:
        if old.category is not None and old.category.active:
            values.setdefault("category", old.category.key)
        for name, value in old.details.items():
            values.setdefault(name, value)


def found_again(values) -> Ticket | None:
    """The ticket whose button was pressed; what is known of it fills what is empty in `values`."""
    old = access.visible_ticket(values.get(CAME_BACK, ""), access.person())
    if old is None:
        return None
    for name in [name for name, value in values.items() if not value.strip()]:
        values.poplist(name)
    values.poplist("not_linked")
    values[FIELD] = old.key
    values["type"] = str(old.type)  # the form always names one, whether or not anybody chose it
    fill_in(values, old)
    return old


def place_of(old: Ticket | None, form: TicketForm) -> Category | None:
    """The category of the old ticket, for a reporter who names none: they are not shown it, but it lands there."""
    if old is None or form.not_linked.data or access.person().is_staff:
        return None
    return old.category if old.category is not None and old.category.active else None


def tells_team(old: Ticket | None, form: TicketForm) -> bool:
    """May the form say where it will land? Not to a reporter if that follows from the old ticket."""
    return access.person().is_staff or old is None or bool(form.not_linked.data)


def keeps_team(old: Ticket | None, form: TicketForm, category: Category | None) -> bool:
    """It lands where the old one was last, unless its category says now that it is something else."""
    return old is not None and not form.not_linked.data and old.category_id == (category and category.id)
