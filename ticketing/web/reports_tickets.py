"""The tickets behind a number of the reports: which, whose, when and how long."""

from dataclasses import replace

from flask import abort, render_template, request, url_for

from ticketing.queries import report_aged, report_behind
from ticketing.queries.provider_times import PARTIES
from ticketing.queries.report_behind import PAGE, Page
from ticketing.queries.report_names import read_names
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import counted
from ticketing.rules.abilities import Permission
from ticketing.rules.numbers import whole
from ticketing.rules.recurrence import party_key
from ticketing.rules.refusals import Invalid
from ticketing.rules.texts import is_writable
from ticketing.web import access, report_page
from ticketing.web.provider_tables import page_of
from ticketing.web.report_figures import FAMILIES, figure_name, is_live
from ticketing.web.report_tables import AGED
from ticketing.web.report_words import time_words, weekday_words
from ticketing.web.reports_blueprint import blueprint
from ticketing.web.template_helpers import label, moment
from ticketing.web.template_helpers import number as number_words

PAGES = 1000


@blueprint.get("/tickets")
@access.needs(Permission.USE_BOARD)
def tickets():
    scope, number = read_scope(), _read_page()
    figure = read_figure(scope)
    page = found(figure, scope, (number - 1) * PAGE)
    if number > 1 and not page.rows:
        abort(404)
    counted_at = counted(report_page.zone())
    return render_template(
        "reports/tickets.html", page=page, number=number, figure=figure, name=figure_name(figure), scope=scope,
        family=[one for one in FAMILIES.get(figure, ()) if one in _names(scope)], figure_name=figure_name,
        live=is_live(figure), counted=counted_at and report_page.counted_words(counted_at),
        first=(number - 1) * PAGE + 1, last_page=PAGES, csv_words=report_page.csv_words(page.count),
        reachable=number_words(PAGES * PAGE), period=report_page.period(scope), about=_about(scope), back=_back(scope),
        time_words=time_words, weekday_words=weekday_words,
    )  # fmt: skip


def read_scope() -> Scope:
    """Of a report, or of one provider or payment system (`party`). Raises Invalid."""
    scope = report_page.read_scope()
    named = request.args.get("party", "")
    if not named:
        return scope
    sort, _colon, called = named.partition(":")
    key = party_key(called) if sort in PARTIES and is_writable(called) else None
    if key is None:
        raise Invalid({"party": "unknown_value"})
    return scope.of_party(sort, key)


def read_figure(scope: Scope) -> str:
    """The figure that is asked for. Raises Invalid."""
    figure = request.args.get("figure", "")
    if figure not in _names(scope):
        raise Invalid({"figure": "unknown_value" if figure else "required"})
    return figure


def _names(scope: Scope) -> frozenset[str]:
    if scope.party:
        return report_behind.NAMES_OF_PARTY
    return report_behind.NAMES | {f"{AGED}{code}" for code in report_aged.CODES}


def _about(scope: Scope) -> list[str]:
    """What the list is about besides the period, in words."""
    if scope.party:
        sort, _colon, key = scope.party.partition(":")
        return [f"{label(sort, 'detail')} {key}"]
    return report_page.told(scope, read_names())


def _back(scope: Scope) -> str:
    if scope.party:
        sort, _colon, key = scope.party.partition(":")
        return page_of(sort, key, replace(scope, party=""))
    return f"{url_for('reports.overview')}?{scope.query()}"


def found(figure: str, scope: Scope, offset: int = 0, limit: int = PAGE) -> Page:
    """A page of what the figure counts, as the viewer may see it."""
    viewer = access.person()
    if figure.startswith(AGED):
        code, zone = figure.removeprefix(AGED), report_page.zone()
        return report_aged.tickets_of_age(code, scope, viewer, moment(), zone, offset, limit)
    return report_behind.tickets_behind(figure, scope, viewer, offset, limit)


def _read_page() -> int:
    page = whole(request.args.get("page") or "1", 1, PAGES)
    if page is None:
        raise Invalid({"page": "unknown_value"})
    return page
