"""Providers and payment systems: what their troubles cost, as a page and as a sheet to take to one of them."""

from flask import abort, render_template, request

from ticketing.queries.provider_times import PARTIES
from ticketing.queries.providers import Scorecard, load_scorecard, load_scorecards, load_tickets
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import counted
from ticketing.rules.abilities import Permission
from ticketing.rules.recurrence import party_key
from ticketing.rules.report_change import percent
from ticketing.web import access, provider_tables, report_page, reports_files
from ticketing.web.provider_tables import kind_words
from ticketing.web.report_tables import behind
from ticketing.web.report_words import time_words
from ticketing.web.reports_blueprint import blueprint
from ticketing.web.template_helpers import ago, moment

SHOWN = 100  # tickets of one page
_PERIOD = ("first", "last", "preset")


@blueprint.get("/providers")
@access.needs(Permission.USE_BOARD)
def providers():
    scope = read_period()
    found = load_scorecards(scope, access.person(), report_page.zone(), moment())
    groups = [(provider_tables.kinds_words(sort), [one for one in found if one.now.sort == sort]) for sort in PARTIES]
    return render_template("reports/providers.html", groups=groups, **_around(scope))


@blueprint.get("/providers.csv")
@access.needs(Permission.USE_BOARD)
def export_providers():
    scope = read_period()
    found = load_scorecards(scope, access.person(), report_page.zone(), moment())
    return reports_files.send(provider_tables.scorecards(found, scope), scope)


@blueprint.get("/providers/<kind>/<path:name>")
@access.needs(Permission.USE_BOARD)
def provider(kind: str, name: str):
    scope, called = read_period(), name if name != "-" else request.args.get("called", name)
    scorecard = _scorecard(kind, called, scope)
    rows, total = _tickets(scorecard, scope, SHOWN)
    return render_template(
        "reports/provider.html",
        one=scorecard,
        rows=rows,
        total=total,
        csv_words=report_page.csv_words(total),
        **_around(scope),
    )


@blueprint.get("/provider.csv")
@access.needs(Permission.USE_BOARD)
def export_provider():
    scope = read_period()
    scorecard = _scorecard(request.args.get("kind", ""), request.args.get("called", ""), scope)
    rows, total = _tickets(scorecard, scope, report_page.MOST_IN_FILE)
    name = report_page.file_suffix(_file_name(scorecard), total > report_page.MOST_IN_FILE)
    return reports_files.send(provider_tables.tickets(scorecard, rows), scope, name)


def read_period() -> Scope:
    """These pages have no filters: what else an address of the reports asks for is left alone."""
    return Scope.read({name: request.args.get(name, "") for name in _PERIOD}, report_page.today())


def _scorecard(kind: str, called: str, scope: Scope) -> Scorecard:
    if "\0" in called:  # no text of the database holds one, and PostgreSQL takes none
        abort(404)
    key = party_key(called) if kind in PARTIES else None
    found = key and load_scorecard(kind, key, scope, access.person(), report_page.zone(), moment())
    return found or abort(404)


def _tickets(scorecard: Scorecard, scope: Scope, size: int):
    card = scorecard.now
    return load_tickets(card.sort, card.key, scope, access.person(), report_page.zone(), size)


def _file_name(scorecard: Scorecard) -> str:
    words = "".join(one if one.isascii() and one.isalnum() else " " for one in scorecard.now.key).split()
    return "-".join(words)


def _around(scope: Scope) -> dict:
    counted_at = counted(report_page.zone())
    old = counted_at is not None and moment() - counted_at > report_page.LATE
    return {
        "scope": scope, "period": report_page.period(scope), "before": report_page.period(scope.previous),
        "counted": counted_at and report_page.counted_words(counted_at), "late": ago(counted_at) if old else None,
        "figures": provider_tables.figures, "page_of": provider_tables.page_of, "kind_words": kind_words,
        "types_of": provider_tables.types_of, "outage_words": provider_tables.outage_words,
        "percent": percent, "time_words": time_words, "behind": behind,
    }  # fmt: skip
