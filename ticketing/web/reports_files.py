"""The tables of the reports as files for spreadsheets: the same rows as on the page, with numbers to reckon with:
shares from 0 to 1, times in whole seconds, days as dates.
"""

from collections.abc import Callable, Iterator
from datetime import date

from flask import Response, abort

from ticketing.queries.csv_export import MARK, lines, safe_cell
from ticketing.queries.report_names import read_names
from ticketing.queries.reports import load_report
from ticketing.queries.workload import backlog, load
from ticketing.rules.abilities import Permission
from ticketing.web import access, report_page, report_tables, reports_tickets
from ticketing.web.labels import N_
from ticketing.web.report_figures import figure_name
from ticketing.web.report_tables import DATE, DAY, SHARE, TEXT, TIME, WEEK, Column, Table
from ticketing.web.report_words import week_words
from ticketing.web.reports_blueprint import blueprint
from ticketing.web.template_helpers import gettext, moment

_OF_REPORT: dict[str, Callable] = {
    "compliance": report_tables.compliance, "weeks": report_tables.weeks, "priorities": report_tables.priorities,
    "teams": report_tables.teams, "types": report_tables.types, "categories": report_tables.categories,
    "statuses": report_tables.stays, "flow": report_tables.flow, "reopened": report_tables.reopened,
    "throughput": report_tables.throughput, "holds": report_tables.holds,
}  # fmt: skip
_NAMED = ("priorities", "teams", "types", "categories")
_LIVE: dict[str, Callable] = {
    "backlog": lambda scope, viewer, at: report_tables.backlog(backlog(scope, viewer, at), scope),
    "load": lambda scope, viewer, at: report_tables.load(load(scope, viewer, at), scope),
}
_TITLES = {
    "compliance": N_("Compliance by week"), "weeks": N_("Created and closed by week"),
    "priorities": N_("Compliance by priority"), "teams": N_("Compliance by team"),
    "types": N_("Compliance by type"), "categories": N_("Compliance by category"),
    "statuses": N_("Time in each status"), "backlog": N_("Backlog age"), "flow": N_("Cumulative flow"),
    "reopened": N_("Reopened by week"), "load": N_("Load by engineer"),
    "throughput": N_("Throughput by engineer"), "holds": N_("Hold reasons"),
}  # fmt: skip


def titles() -> list[tuple[str, str]]:
    """(name, title) of each table there is a file of."""
    return [(name, gettext(title)) for name, title in _TITLES.items()]


@blueprint.get("/<name>.csv")
@access.needs(Permission.USE_BOARD)
def export(name: str):
    if name not in _TITLES:
        abort(404)
    scope, viewer = report_page.read_scope(), access.person()
    if name in _LIVE:
        return send(_LIVE[name](scope, viewer, moment()), scope)
    report = load_report(scope, viewer, report_page.zone())
    given = (report, read_names()) if name in _NAMED else (report,)
    return send(_OF_REPORT[name](*given), scope)


@blueprint.get("/tickets.csv")
@access.needs(Permission.USE_BOARD)
def export_tickets():
    """The list behind a number, all its pages."""
    scope = reports_tickets.read_scope()
    figure = reports_tickets.read_figure(scope)
    page = reports_tickets.found(figure, scope, limit=report_page.MOST_IN_FILE)
    columns = (
        Column("key", N_("Key"), TEXT), Column("title", N_("Title"), TEXT), Column("status", N_("Status"), TEXT),
        Column("owner", N_("Owner"), TEXT), Column("what", N_("What"), TEXT), Column("day", N_("Day"), DAY),
        Column("time", N_("Time"), TIME),
    )  # fmt: skip
    cells = [
        [report_tables.Cell(value) for value in (
            f"T-{row.id}", row.title, str(row.status), row.owner_name or "",
            figure_name(row.figure or figure), row.day, row.seconds,
        )]
        for row in page.rows
    ]  # fmt: skip
    suffix = report_page.file_suffix(figure, page.more)
    return send(Table("tickets", figure_name(figure), columns, cells), scope, suffix)


def send(table: Table, scope, suffix: str = "") -> Response:
    name = "-".join(filter(None, (table.name, suffix, scope.first.isoformat(), scope.last.isoformat())))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(MARK + lines(records(table)), content_type="text/csv; charset=utf-8", headers=headers)


def records(table: Table) -> Iterator[list]:
    """The head and the rows of a file."""
    yield [_head(column) for column in table.columns]
    for row in table.rows:
        yield [_plain(column, cell.value) for column, cell in zip(table.columns, row, strict=True)]


def _head(column: Column) -> str:
    title = gettext(column.title)
    return gettext("%(title)s (seconds)", title=title) if column.sort == TIME else title


def _plain(column: Column, value: object) -> object:
    if value is None:
        return ""
    words: dict[str, Callable] = {
        SHARE: lambda share: round(share, 6), DAY: date.isoformat, DATE: date.isoformat,
        WEEK: lambda days: week_words(*days), TEXT: lambda text: safe_cell(str(text)),
    }  # fmt: skip
    return words[column.sort](value) if column.sort in words else value
