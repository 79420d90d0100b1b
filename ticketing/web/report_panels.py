"""The panels of the reports, in the order of the page: title, sentence, chart, and the table that says the same."""

from dataclasses import dataclass, field

from ticketing.queries.report_names import Names
from ticketing.web import report_charts as charts
from ticketing.web import report_sentences as sentences
from ticketing.web import report_tables as tables
from ticketing.web.labels import LABELS
from ticketing.web.report_tables import Table


@dataclass(slots=True)
class Panel:
    """`term` is its entry in the glossary, `live` whether it is of this moment, `wide` whether it needs the width.

    `open` shows its table at once, because the table is what people come for.
    """

    table: Table
    term: str
    sentence: str
    chart: dict | None
    live: bool = False
    wide: bool = False
    open: bool = False
    legend: list[tuple[str, str]] = field(default_factory=list)  # (colour, words)

    @property
    def key(self) -> str:
        return self.table.name

    @property
    def title(self) -> str:
        return self.table.title


def panels(report, aged, loads, names: Names) -> list[Panel]:
    """`aged` and `loads` are queries.workload.backlog and load."""
    made = [
        Panel(tables.compliance(report), "compliance", sentences.compliance(report), charts.compliance(report)),
        Panel(tables.weeks(report), "created", sentences.weeks(report), charts.weeks(report)),
        *_groups(report, names),
        *_work(report, aged, loads),
    ]
    for panel in made:
        panel.legend = _legend(panel.chart)
    return made


def _groups(report, names: Names) -> list[Panel]:
    """Compliance by what tickets have in common; the first tables are open, because they are read as tables."""
    words = {
        "priorities": (tables.priorities, report.by_priority, LABELS["priority"]),
        "teams": (tables.teams, report.by_team, {number: team.name for number, team in names.teams.items()}),
        "types": (tables.types, report.by_type, LABELS["type"]),
        "categories": (tables.categories, report.by_category,
                       {number: category.name for number, category in names.categories.items()}),
    }  # fmt: skip
    made = []
    for build, clocks, known in words.values():
        table = build(report, names)
        first = table.name in ("priorities", "teams")  # what a manager asks for
        made.append(
            Panel(table, "compliance", sentences.weakest(clocks, known), charts.groups(table), wide=first, open=first)
        )
    return made


def _work(report, aged, loads) -> list[Panel]:
    stays, holds, throughput = tables.stays(report), tables.holds(report), tables.throughput(report)
    aging, load = tables.backlog(aged, report.scope), tables.load(loads, report.scope)
    return [
        Panel(stays, "stay", sentences.stays(report), charts.spreads(stays)),
        Panel(aging, "backlog", sentences.backlog(aged), charts.backlog(aged), live=True),
        Panel(tables.flow(report), "flow", sentences.flow(report), charts.flow(report), wide=True),
        Panel(tables.reopened(report), "reopen_share", sentences.reopened(report), charts.reopened(report)),
        Panel(holds, "hold", sentences.holds(report), charts.totals(holds)),
        Panel(load, "load", sentences.load(loads), charts.load(loads), live=True),
        Panel(throughput, "throughput", sentences.throughput(report), charts.throughput(throughput)),
    ]


def _legend(chart: dict | None) -> list[tuple[str, str]]:
    """Swatches for series that are told apart by their colour."""
    if chart is None or len(chart["series"]) < 2:
        return []
    named = [(series["colour"], series["name"]) for series in chart["series"]]
    return named[::-1] if chart["kind"] == "area" else named
