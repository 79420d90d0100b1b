"""The tables of the reports as data: what a page shows, a file holds and a chart draws are the same rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

from ticketing.queries.report_names import Names
from ticketing.queries.report_scope import NOBODY, Scope
from ticketing.rules.report_change import COUNT, SHARE, TIME, percent
from ticketing.rules.report_facts import HOLDS, STAYS, SUPERSEDED
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import OPEN_STATUSES, PRIORITIES, Status, TicketType
from ticketing.web.labels import LABELS, N_
from ticketing.web.report_words import NOTHING, day_words, time_words, week_words, weekday_words
from ticketing.web.template_helpers import gettext, moment, number

AGED = "aged_"  # begins what lists the open tickets of an age
TEXT, DAY, DATE, WEEK = "text", "day", "date", "week"  # besides COUNT, SHARE and TIME


class Column(NamedTuple):
    """`term` is the entry of the glossary that says what stands in it."""

    key: str
    title: str
    sort: str = COUNT
    term: str = ""


class Cell(NamedTuple):
    """`tickets` is the query of the page that lists what a number counts, `queue` that of the live list."""

    value: str | int | float | date | tuple[date, date] | None
    tickets: str = ""
    queue: str = ""


@dataclass(slots=True)
class Table:
    """`heads` columns at the left name the row. `mark` is the row that stands out, if one does."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]]
    heads: int = 1
    mark: int | None = None

    def __bool__(self) -> bool:
        return bool(self.rows)


def shown(column: Column, cell: Cell) -> str:
    """A cell as people read it."""
    if cell.value is None:
        return NOTHING
    words: Callable = {
        TEXT: str, COUNT: number, SHARE: percent, TIME: time_words, DAY: weekday_words,
        DATE: lambda day: day_words(day, moment().date()), WEEK: lambda days: week_words(*days),
    }[column.sort]  # fmt: skip
    return words(cell.value)


_CLOCK_COLUMNS = (
    Column("clock", N_("Clock"), TEXT), Column("compliance", N_("Compliance"), SHARE, "compliance"),
    Column("met", N_("Met"), COUNT, "met"), Column("breached", N_("Breached"), COUNT, "breached"),
    Column("median", N_("Median"), TIME, "median"), Column("p90", N_("p90"), TIME, "p90"),
    Column("mean", N_("Mean"), TIME, "mean"), Column("cancelled", N_("Cancelled"), COUNT, "cancelled"),
    Column("own", N_("Own"), COUNT, "self"), Column("taken_back", N_("Taken back"), COUNT, "superseded"),
)  # fmt: skip
_SPREAD_COLUMNS = (
    Column("median", N_("Median"), TIME, "median"), Column("p90", N_("p90"), TIME, "p90"),
    Column("mean", N_("Mean"), TIME, "mean"), Column("total", N_("Total time"), TIME, "total"),
)  # fmt: skip


def weeks(report) -> Table:
    return _weekly(report, "weeks", N_("Created and closed by week"), {
        "created": lambda week, query: Cell(week.created, behind("created", query)),
        "closed": lambda week, query: Cell(week.closed, behind("closed", query)),
        "open_at_end": lambda week, query: Cell(week.open_at_end, behind("open", query)),
        "reassigned": lambda week, query: Cell(week.reassigned, behind("reassigned", query)),
    })  # fmt: skip


def reopened(report) -> Table:
    return _weekly(report, "reopened", N_("Reopened by week"), {
        "closed": lambda week, query: Cell(week.closed, behind("closed", query)),
        "reopened": lambda week, query: Cell(week.reopened, behind("reopened", query)),
        "reopen_rate": lambda week, query: Cell(week.reopen_share, behind("reopened", query)),
    })  # fmt: skip


_WEEK_COLUMNS = (
    Column("week", N_("Week"), WEEK, "week"), Column("first", N_("From"), DATE), Column("last", N_("To"), DATE),
)  # fmt: skip
_COUNT_COLUMNS = {
    "created": Column("created", N_("Created"), COUNT, "created"),
    "closed": Column("closed", N_("Closed"), COUNT, "closed"),
    "reopened": Column("reopened", N_("Reopened"), COUNT, "reopened"),
    "reopen_rate": Column("reopen_rate", N_("Reopen rate"), SHARE, "reopen_share"),
    "open_at_end": Column("open_at_end", N_("Open at the end"), COUNT, "open_at_end"),
    "reassigned": Column("reassigned", N_("Reassigned"), COUNT, "reassigned"),
}


def _weekly(report, name: str, title: str, cells: Mapping[str, Callable]) -> Table:
    rows = [
        (*_days(week), *(cell(week, query) for cell in cells.values()))
        for week, query in _with_query(report.weeks, report.scope)
    ]
    return Table(name, gettext(title), (*_WEEK_COLUMNS, *(_COUNT_COLUMNS[key] for key in cells)), rows, heads=3)


def _with_query(weeks: Iterable, scope: Scope) -> Iterator[tuple]:
    """Each week with the query of its days: it stands behind a dozen numbers."""
    for week in weeks:
        yield week, scope.on(week.start, week.last).query()


def _days(week) -> tuple[Cell, Cell, Cell]:
    return Cell((week.start, week.last)), Cell(week.start), Cell(week.last)


def compliance(report) -> Table:
    rows = [
        (*_days(week), *_cycles(kind, week.clocks[kind], query))
        for week, query in _with_query(report.weeks, report.scope) for kind in ClockKind
    ]  # fmt: skip
    return Table("compliance", gettext(N_("Compliance by week")), (*_WEEK_COLUMNS, *_CLOCK_COLUMNS), rows, heads=4)


def priorities(report, _names: Names) -> Table:
    return _groups(
        "priorities", N_("Compliance by priority"), N_("Priority"),
        ((_word("priority", one), report.by_priority.get(one), report.scope.query(priority=one)) for one in PRIORITIES),
    )  # fmt: skip


def teams(report, names: Names) -> Table:
    rows = ((team.name, report.by_team.get(number), report.scope.query(team=team.key))
            for number, team in names.teams.items())  # fmt: skip
    return _groups("teams", N_("Compliance by team"), N_("Team"), rows)


def types(report, _names: Names) -> Table:
    return _groups(
        "types", N_("Compliance by type"), N_("Type"),
        ((_word("type", one), report.by_type.get(one), report.scope.query(type=one)) for one in TicketType),
    )  # fmt: skip


def categories(report, names: Names) -> Table:
    """What has no category yet stands last, and has no filter of its own."""
    rows = [(category.name, report.by_category.get(number), report.scope.query(category=category.key))
            for number, category in names.categories.items()]  # fmt: skip
    rows.append((gettext(N_("No category")), report.by_category.get(0), ""))
    return _groups("categories", N_("Compliance by category"), N_("Category"), rows)


def _groups(name: str, title: str, head: str, groups: Iterable[tuple[str, Mapping | None, str]]) -> Table:
    columns = (Column(name, head, TEXT), *_CLOCK_COLUMNS)
    rows = [
        (Cell(text), *_cycles(kind, clocks[kind], query))
        for text, clocks, query in groups if clocks and any(_anything(cycles) for cycles in clocks.values())
        for kind in ClockKind
    ]  # fmt: skip
    return Table(name, gettext(title), columns, rows, heads=2)


def _anything(cycles) -> int:
    return cycles.counted + cycles.cancelled + cycles.self + cycles.superseded


def _cycles(kind: ClockKind, cycles, query: str) -> tuple[Cell, ...]:
    """A clock's cells. Shares and times lead to the cycles that they are made of."""
    all_of = behind(str(kind), query)
    one = {name: behind(f"{kind}_{name}", query) for name in ("met", "breached", "cancelled", "self")}
    return (
        Cell(_word("clock_name", kind)), Cell(cycles.share, all_of), Cell(cycles.met, one["met"]),
        Cell(cycles.breached, one["breached"]), Cell(cycles.median_s, all_of), Cell(cycles.p90_s, all_of),
        Cell(cycles.mean_s, all_of), Cell(cycles.cancelled, one["cancelled"]), Cell(cycles.self, one["self"]),
        Cell(cycles.superseded, behind(SUPERSEDED[kind], query)),
    )  # fmt: skip


def flow(report) -> Table:
    statuses = (*OPEN_STATUSES, Status.CLOSED)
    columns = (Column("day", N_("Day"), DAY),
               *(Column(str(status), LABELS["status"][status], COUNT, "flow") for status in statuses))  # fmt: skip
    rows = []
    for day in report.days:
        query = report.scope.on(report.scope.first, day.date).query()
        still = [Cell(day.open[status], behind(f"open_{status}", query)) for status in OPEN_STATUSES]
        rows.append((Cell(day.date), *still, Cell(day.closed, behind("closed", query))))
    return Table("flow", gettext(N_("Cumulative flow")), columns, rows)


def stays(report) -> Table:
    columns = (Column("status", N_("Status"), TEXT), Column("count", N_("Stays"), COUNT, "stay"), *_SPREAD_COLUMNS)
    rows = [(Cell(_word("status", status)), *_spread(report.stays[status], STAYS[status], report.scope))
            for status in OPEN_STATUSES]  # fmt: skip
    mark = OPEN_STATUSES.index(report.bottleneck) if report.bottleneck else None
    return Table("statuses", gettext(N_("Time in each status")), columns, rows, mark=mark)


def holds(report) -> Table:
    columns = (Column("reason", N_("Waits for"), TEXT), Column("count", N_("Holds"), COUNT, "hold"), *_SPREAD_COLUMNS)
    found = sorted(HOLDS, key=lambda reason: -report.holds[reason].total_s)
    rows = [(Cell(_word("hold_reason", reason)), *_spread(report.holds[reason], HOLDS[reason], report.scope))
            for reason in found]  # fmt: skip
    return Table("holds", gettext(N_("Hold reasons")), columns, rows)


def _spread(spread, figure: str, scope: Scope) -> tuple[Cell, ...]:
    where = behind(figure, scope)
    if not spread.count:
        return Cell(0, where), Cell(None), Cell(None), Cell(None), Cell(None)
    times = (spread.median_s, spread.p90_s, spread.mean_s, spread.total_s)
    return Cell(spread.count, where), *(Cell(seconds, where) for seconds in times)


def backlog(aged, scope: Scope) -> Table:
    """The open tickets of this moment; `aged` is queries.workload.Backlog."""
    columns = (Column("age", N_("Filed"), TEXT), Column("open", N_("Open"), COUNT, "backlog"))
    rows = [(Cell(_word("backlog_age", age.code)), Cell(age.count, behind(f"{AGED}{age.code}", scope)))
            for age in aged.ages]  # fmt: skip
    return Table("backlog", gettext(N_("Backlog age")), columns, rows)


def load(loads, scope: Scope) -> Table:
    columns = (
        Column("engineer", N_("Engineer"), TEXT), Column("open", N_("Open"), COUNT, "load"),
        Column("breached", N_("Breached"), COUNT, "load"), Column("at_risk", N_("At risk"), COUNT, "load"),
        Column("on_track", N_("On track"), COUNT, "load"), Column("hold", N_("On hold"), COUNT, "load"),
    )  # fmt: skip
    rows = []
    for one in loads:
        listed = partial(scope.listed.query, owner=one.handle or NOBODY)
        stands = (Cell(getattr(one, name), queue=listed(due=name)) for name in ("breached", "at_risk", "on_track"))
        rows.append((
            Cell(one.name or gettext(N_("Nobody"))), Cell(one.open, queue=listed()), *stands,
            Cell(one.hold, queue=listed(hold="yes")),
        ))  # fmt: skip
    return Table("load", gettext(N_("Load by engineer")), columns, rows)


def throughput(report) -> Table:
    columns = (
        Column("engineer", N_("Engineer"), TEXT), Column("created", N_("Created"), COUNT, "created"),
        Column("closed", N_("Closed"), COUNT, "throughput"), Column("reopened", N_("Reopened"), COUNT, "reopened"),
        Column("reaction", N_("Reaction kept"), SHARE, "compliance"),
        Column("reaction_median", N_("Reaction, median"), TIME, "median"),
        Column("resolution", N_("Resolution kept"), SHARE, "compliance"),
        Column("resolution_median", N_("Resolution, median"), TIME, "median"),
    )  # fmt: skip
    rows = []
    for one in sorted(report.owners, key=lambda owner: (-owner.closed, owner.name or "")):
        scope = report.scope.query(person=one.handle or NOBODY)
        clocks = [cell for kind in ClockKind for cell in _kept(kind, one.clocks[kind], scope)]
        counts = [Cell(getattr(one, name), behind(name, scope)) for name in ("created", "closed", "reopened")]
        rows.append((Cell(one.name or gettext(N_("Nobody"))), *counts, *clocks))
    return Table("throughput", gettext(N_("Throughput by engineer")), columns, rows)


def _kept(kind: ClockKind, cycles, scope: str) -> tuple[Cell, Cell]:
    where = behind(str(kind), scope)
    return Cell(cycles.share, where), Cell(cycles.median_s, where)


def behind(figure: str, scope: Scope | str) -> str:
    """The query of the page that lists what a figure counts; empty where the scope has no address."""
    query = scope if isinstance(scope, str) else scope.query()
    return f"figure={figure}&{query}" if query else ""


def _word(kind: str, code: str) -> str:
    return gettext(LABELS[kind][code])
