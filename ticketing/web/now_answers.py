"""The manager's view of now, as a page and as what an act or a look after half a minute brings anew."""

from flask import render_template, request
from werkzeug.wrappers import Response

from ticketing.models.ticket import Ticket
from ticketing.queries.now import Now, Row, load_now
from ticketing.queries.workload import Load
from ticketing.web import access
from ticketing.web.respond import Toast, asking_page, fragment, wants_fragment
from ticketing.web.sla_chip import Chips
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import moment

PEOPLE_SHOWN = 24


def asked_from_now() -> bool:
    """Does the answer go to the view of now? It shows everybody's work, so that only managers have it."""
    return wants_fragment() and request.form.get("context") == "now" and access.person().is_manager


def after_change(toast: Toast | None, *, status: int = 200, asking_ends: bool = False) -> Response:
    """After a ticket has, or has not, changed hands: rows and loads as they are."""
    return fragment("reports/now.htmx.html", toast=toast, status=status, asking_ends=asking_ends, **now_facts())


def after_conflict(ticket: Ticket, toast: Toast) -> Response:
    """Somebody was faster: also whose it is now, since its row may be gone."""
    whose = _("%(name)s owns it now.", name=ticket.owner.name) if ticket.owner else _("Nobody owns it now.")
    toast.text = f"{whose} {_('Your change was not saved.')}"
    return after_change(toast, status=409)


def page() -> str:
    return render_template("reports/_now.html" if wants_fragment() else "reports/now.html", **now_facts())


def now_facts() -> dict:
    found, at = load_now(access.person(), moment()), moment()
    everybody = _shows_everybody()
    people = found.people
    return {
        "found": found, "at": at, "chips": Chips(found.rows, at), "choose": _chooser(found), "everybody": everybody,
        "people": people if everybody else people[:PEOPLE_SHOWN], "people_total": len(people),
        "widest": max((one.open for one in people), default=0),
        "nobody": next((one for one in found.loads if one.owner_id is None), None),
    }  # fmt: skip


def _shows_everybody() -> bool:
    """Of this address, or of the page on which something was done."""
    asked = asking_page() if request.method == "POST" else request.args
    return asked.get("people") == "all"


def _chooser(found: Now):
    """choose(row): whoever of the ticket's team has least to do, None where that would help nobody."""
    teams: dict[int, list[Load]] = {}
    for one in found.people:
        if one.active and one.team_id is not None:
            teams.setdefault(one.team_id, []).append(one)
    work = {one.owner_id: one.work for one in found.people}

    def choose(row: Row) -> Load | None:
        free = [one for one in teams.get(row.team_id, ()) if one.owner_id != row.owner_id and not one.overloaded]
        best = min(free, key=lambda one: (one.work, one.open, one.name.lower(), one.owner_id), default=None)
        helps = best is not None and (row.owner_id is None or best.work + 1 < work.get(row.owner_id, 0))
        return best if helps else None

    return choose
