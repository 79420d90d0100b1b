"""The recurrence radar: what flares now, what comes back, one trouble with its tickets, and a parent in one click."""

from flask import abort, render_template, request, url_for

from ticketing.models.ticket import Ticket
from ticketing.models.ticket_family import Reached
from ticketing.queries import recurrence_lists as lists
from ticketing.queries import tickets as reads
from ticketing.queries.recurrence import load_radar, load_trouble, read_place
from ticketing.queries.recurrence_lists import Family
from ticketing.queries.recurrence_rows import AT_MOST
from ticketing.queries.recurrence_troubles import Trouble
from ticketing.rules import routing
from ticketing.rules.abilities import Permission
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import Conflict
from ticketing.web import access
from ticketing.web import recurrence_words as words
from ticketing.web.reports_blueprint import blueprint
from ticketing.web.respond import Toast, commit, done, only_reading
from ticketing.web.sla_chip import work_time
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import label, moment, ngettext, ticket_url

__all__ = ["blueprint"]


@blueprint.get("/recurring")
@access.needs(Permission.USE_BOARD)
def recurring():
    radar = load_radar(access.person(), moment())
    return render_template("reports/recurring.html", radar=radar, words=words, work_time=work_time, at_most=AT_MOST)


@blueprint.get("/recurring/<place>")
@access.needs(Permission.USE_BOARD)
def trouble(place: str):
    who = access.person()
    found = _trouble_or_404(place)
    listed = lists.tickets_of(found, who, _page())
    if listed.page > listed.pages:
        abort(404)
    return render_template(
        "reports/trouble.html", trouble=found, listed=listed, fixes=lists.fixes_of(found, who),
        endings=lists.endings_of(found, who), name=words.name_of(found.signature, found.title), words=words,
        work_time=work_time, at_most=AT_MOST,
    )  # fmt: skip


@blueprint.post("/recurring/<place>/parent")
@access.needs(Permission.USE_BOARD)
def make_parent(place: str):
    """One parent incident for all that is open and in no family. Where there is one already, it is offered instead;
    the form that names it (`parent`) adds what has come since."""
    who = access.person()
    with only_reading():
        found = _trouble_or_404(place)
    family = lists.lock_family(found, who)
    here = url_for("reports.trouble", place=str(found.place))
    if family.parent is not None:
        if request.form.get("parent") != family.parent.key:
            return done(here, _offered(family.parent))
        reached = family.parent.adopt(family.loose, by=who, at=moment())
        commit()
        said = ngettext(
            "1 more open ticket belongs to it.", "%(num)d more open tickets belong to it.", len(reached.done)
        )
        return done(here, _told(reached, _("Added to %(key)s", key=family.parent.key), said))
    if not family.loose:
        raise Conflict("nothing_open")
    parent, reached = _file_parent(found, family)
    commit()
    said = ngettext(
        "It is the parent of 1 open ticket.", "It is the parent of %(num)d open tickets.", len(reached.done)
    )
    return done(ticket_url(parent.key), _told(reached, _("%(key)s was made", key=parent.key), said))


def _file_parent(found: Trouble, family: Family) -> tuple[Ticket, Reached]:
    who, at = access.person(), moment()
    category = found.category
    team = category.team_id if category else reads.team_with_key(routing.DEFAULT_TEAM).id
    facts = words.parent_facts(found, family.loose, at)
    parent = Ticket.file(facts.pop("title"), by=who, at=at, team_id=team, category=category, **facts)
    return parent, parent.adopt(family.loose, by=who, at=at)


def _told(reached: Reached, title: str, text: str) -> Toast:
    for child, code in reached.refused[:3]:
        text += " " + _("%(key)s stays by itself: %(reason)s.", key=child.key, reason=label(code, "refusal"))
    if more := len(reached.refused[3:]):
        text += " " + _("%(n)d more stay by themselves.", n=more)
    return Toast(title, text)


def _offered(parent: Ticket) -> Toast:
    open_it = {"label": _("Open %(key)s", key=parent.key), "url": ticket_url(parent.key)}
    text = _("%(key)s is their parent, so that no second one was made.", key=parent.key)
    return Toast(_("There is a parent already"), text, "info", [open_it])


def _trouble_or_404(place: str) -> Trouble:
    """What the address names, if the viewer may see any ticket of it."""
    named = read_place(place)
    found = named and load_trouble(named, access.person(), moment())
    return found or abort(404)


def _page() -> int:
    given = request.args.get("page", "1")
    return whole(given, 1) or abort(404)
