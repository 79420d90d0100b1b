"""The reports of a period: key figures, panels with their charts and tables, and what each figure means."""

from flask import redirect, render_template, request, url_for

from ticketing.queries.report_names import read_names
from ticketing.queries.reports import counted, load_report
from ticketing.queries.workload import load_and_backlog
from ticketing.rules.abilities import Permission
from ticketing.web import access, report_page, reports_files, reports_tickets
from ticketing.web.report_glossary import GLOSSARY
from ticketing.web.report_key_figures import key_figures
from ticketing.web.report_panels import panels
from ticketing.web.report_tables import shown
from ticketing.web.reports_blueprint import blueprint
from ticketing.web.respond import wants_fragment
from ticketing.web.template_helpers import ago, moment

__all__ = ["blueprint", "reports_files", "reports_tickets"]


@blueprint.get("")
@access.needs(Permission.USE_BOARD)
def overview():
    scope, errors = report_page.read_scope_or_usual()
    if not errors and not wants_fragment() and {"preset", *report_page.DAYS} <= request.args.keys():
        return redirect(f"{url_for('reports.overview')}?{scope.query()}")  # the form sends both; an address says one
    names = read_names()
    template = "reports/overview.htmx.html" if wants_fragment() else "reports/overview.html"
    counted_at = counted(report_page.zone())
    facts = {
        "scope": scope,
        "choices": report_page.choices(scope, names),
        "unfiltered": report_page.unfiltered(scope),
        "counted_at": counted_at,
        "errors": errors,
        "given": report_page.given(scope, errors),
        "instead": report_page.instead(scope, errors),
    }
    if counted_at is not None:
        facts |= _report(scope, names, counted_at)
    return render_template(template, **facts), 422 if errors else 200


def _report(scope, names, counted_at) -> dict:
    viewer, at = access.person(), moment()
    report = load_report(scope, viewer, report_page.zone())
    loads, aged = load_and_backlog(scope, viewer, at)
    return {
        "figures": key_figures(report),
        "panels": panels(report, aged, loads, names),
        "period": report_page.period(scope),
        "before": report_page.period(scope.previous),
        "told": report_page.told(scope, names),
        "counted": report_page.counted_words(counted_at),
        "late": ago(counted_at) if at - counted_at > report_page.LATE else None,
        "files": reports_files.titles(),
        "shown": shown,
    }


@blueprint.get("/glossary")
@access.needs(Permission.USE_BOARD)
def glossary():
    return render_template("reports/glossary.html", sections=GLOSSARY)
