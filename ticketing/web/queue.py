"""The queue: the board's tickets as a dense, sortable list, and the same list as a file."""

from flask import render_template, request

from ticketing.queries.facets import around_list
from ticketing.queries.filters import Filters
from ticketing.queries.people import assignable
from ticketing.queries.queue import PAGES, RELEVANCE, SORTS, found_in_queue, load_page
from ticketing.rules.abilities import Permission
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import Invalid
from ticketing.web import access, queue_bulk
from ticketing.web.queue_blueprint import blueprint, send_csv
from ticketing.web.respond import wants_fragment
from ticketing.web.search_marks import Marks
from ticketing.web.sla_chip import Chips
from ticketing.web.template_helpers import moment

__all__ = ["blueprint", "queue_bulk"]
DEFAULT_SORT = "due"


@blueprint.get("/queue")
@access.needs(Permission.USE_BOARD)
def show():
    filters, sort, number = Filters.read(request.args), read_sort(request.args), read_page(request.args)
    viewer, at = access.person(), moment()
    filters = found_in_queue(viewer, filters, sort, at)
    marks = Marks(filters.q[0]) if filters.q else None
    asked = {"filters": filters, "sort": sort, "default_sort": default_sort(request.args), "marks": marks}
    if "more" in request.args and wants_fragment():
        page = load_page(viewer, filters, sort, number, at)
        return render_template("queue/more.htmx.html", page=page, chips=Chips(page.rows, at), **asked)
    around = around_list(viewer, filters, at)
    page = load_page(viewer, filters, sort, number, at, open_total=around["counts"][""])
    template = "queue/show.htmx.html" if wants_fragment() else "queue/show.html"
    return render_template(template, page=page, chips=Chips(page.rows, at), **asked, **around)


@blueprint.get("/queue.csv", endpoint="export")
@access.needs(Permission.USE_BOARD)
def export_list():
    return send_csv(Filters.read(request.args))


@blueprint.get("/queue/people")
@access.needs(Permission.USE_BOARD)
def people():
    """The people of a menu: as choices of the owner filter, or as buttons that assign what is selected."""
    template = "queue/people_to_assign.html" if request.args.get("for") == "bulk" else "queue/people_to_filter.html"
    chosen = set(request.args.getlist("owner"))
    found = [person for person in assignable(access.person(), moment()) if person.handle not in chosen]
    return render_template(template, people=found)


def read_sort(args) -> str:
    """How the list is ordered: a search by relevance unless it is said otherwise, any other list never."""
    sort = args.get("sort") or default_sort(args)
    if sort != RELEVANCE and sort.removeprefix("-") not in SORTS:
        raise Invalid({"sort": "unknown_value"})
    return DEFAULT_SORT if sort == RELEVANCE != default_sort(args) else sort


def default_sort(args) -> str:
    return RELEVANCE if args.get("q", "").strip() else DEFAULT_SORT


def read_page(args) -> int:
    page = whole(args.get("page") or "1", 1, PAGES)
    if page is None:
        raise Invalid({"page": "unknown_value"})
    return page
