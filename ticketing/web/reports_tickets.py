"""The tickets behind a number of the reports: which, whose, when and how long."""

from flask import render_template, request

from ticketing.queries import report_aged, report_behind
from ticketing.queries.report_behind import PAGE, Page
from ticketing.queries.report_names import read_names
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import counted
from ticketing.rules.abilities import Permission
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import Invalid
from ticketing.web import access, report_page
from ticketing.web.report_figures import FAMILIES, figure_name, is_live
from ticketing.web.report_tables import AGED
from ticketing.web.report_words import time_words, weekday_words
from ticketing.web.reports_blueprint import blueprint
from ticketing.web.template_helpers import moment
from ticketing.web.template_helpers import number as number_words

PAGES = 1000


@blueprint.get("/tickets")
@access.needs(Permission.USE_BOARD)
def tickets():
    figure, number, scope = read_figure(), _read_page(), report_page.read_scope()
    names, counted_at = read_names(), counted(report_page.zone())
    page = found(figure, scope, (number - 1) * PAGE)
    return render_template(
        "reports/tickets.html", page=page, number=number, figure=figure, name=figure_name(figure), scope=scope,
        family=FAMILIES.get(figure, ()), figure_name=figure_name, live=is_live(figure),
        counted=counted_at and report_page.counted_words(counted_at), first=(number - 1) * PAGE + 1, last_page=PAGES,
        csv_words=report_page.csv_words(page.count), reachable=number_words(PAGES * PAGE),
        period=report_page.period(scope), told=report_page.told(scope, names), time_words=time_words,
        weekday_words=weekday_words,
    )  # fmt: skip


def read_figure() -> str:
    """The figure that is asked for. Raises Invalid."""
    figure = request.args.get("figure", "")
    aged = figure.startswith(AGED) and figure.removeprefix(AGED) in report_aged.CODES
    if not aged and figure not in report_behind.NAMES:
        raise Invalid({"figure": "unknown_value" if figure else "required"})
    return figure


def found(figure: str, scope: Scope, offset: int = 0, limit: int = PAGE) -> Page:
    """A page of what the figure counts, as the viewer may see it."""
    viewer = access.person()
    if figure.startswith(AGED):
        return report_aged.tickets_of_age(figure.removeprefix(AGED), scope, viewer, moment(), offset, limit)
    return report_behind.tickets_behind(figure, scope, viewer, offset, limit)


def _read_page() -> int:
    page = whole(request.args.get("page") or "1", 1, PAGES)
    if page is None:
        raise Invalid({"page": "unknown_value"})
    return page
