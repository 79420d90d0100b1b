"""Scorecards as words and rows: what the pages of providers show, and what their files hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from flask import url_for

from ticketing.queries.providers import Card, Scorecard
from ticketing.queries.report_scope import Scope
from ticketing.rules.report_change import COUNT, LESS, MORE, NEITHER, SHARE, TIME, Mood, difference, mood, percent
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import TicketType
from ticketing.web.labels import LABELS, N_
from ticketing.web.report_tables import TEXT, Cell, Column, Table, behind
from ticketing.web.report_words import NOTHING, time_words
from ticketing.web.template_helpers import day_time, gettext, moment, number

_WORDS = {COUNT: number, TIME: time_words, SHARE: percent}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number beside that of the period before. `mood` says whether the change is for the better."""

    key: str
    title: str
    sort: str
    now: float | int | None
    before: float | int | None
    better: int
    term: str
    tickets: str  # the query of the list of what is counted; empty where the page itself lists it

    @property
    def value(self) -> str:
        return _WORDS[self.sort](self.now)

    @property
    def mood(self) -> Mood:
        return mood(self._change, self.better)

    @property
    def change(self) -> str:
        """3 more, 1 h 20 min less, 2.1 points down, no change, nothing to compare."""
        change = self._change
        if change is None:
            return gettext("nothing to compare")
        if not change:
            return gettext("no change")
        if self.sort == SHARE:
            size = gettext("%(n)s points", n=f"{abs(change):.1f}")
            return gettext("%(n)s up", n=size) if change > 0 else gettext("%(n)s down", n=size)
        size = _WORDS[self.sort](abs(change))
        if change > 0:
            return gettext("%(n)s more", n=size)
        return gettext("%(n)s less", n=size) if self.sort == TIME else gettext("%(n)s fewer", n=size)

    @property
    def was(self) -> str:
        return _WORDS[self.sort](self.before)

    @property
    def _change(self) -> float | None:
        return difference(self.sort, self.now, self.before)


# The last is what the list behind it counts (queries.report_behind.NAMES_OF_PARTY).
_FIGURES = (
    ("tickets", N_("Tickets"), COUNT, lambda card: card.tickets, NEITHER, "party_tickets", "created"),
    ("incidents", N_("Incidents"), COUNT, lambda card: card.incidents, LESS, "incidents", ""),
    ("open", N_("Open time"), TIME, lambda card: card.open_s, LESS, "open_time", ""),
    ("outage", N_("Longest outage"), TIME, lambda card: card.outage_s, LESS, "longest_outage", ""),
    ("reaction", N_("Reaction kept"), SHARE, lambda card: card.clocks[ClockKind.REACTION].share, MORE, "compliance",
     "reaction"),
    ("resolution", N_("Resolution kept"), SHARE, lambda card: card.clocks[ClockKind.RESOLUTION].share, MORE,
     "compliance", "resolution"),
    ("reopened", N_("Reopened"), COUNT, lambda card: card.reopened, LESS, "reopened", "reopened"),
    ("waited", N_("Waited for them"), TIME, lambda card: card.waited_s, LESS, "waited", ""),
)  # fmt: skip


def figures(scorecard: Scorecard, scope: Scope) -> list[Figure]:
    """The key figures of one, in the order of the page's columns."""
    party = scope.of_party(scorecard.now.sort, scorecard.now.key)
    return [
        Figure(key, gettext(title), sort, of(scorecard.now), of(scorecard.before), better, term,
               behind(figure, party) if figure else "")
        for key, title, sort, of, better, term, figure in _FIGURES
    ]  # fmt: skip


def scorecards(found: Iterable[Scorecard], scope: Scope) -> Table:
    """All of them as a file: each figure with that of the period before."""
    columns = [Column("name", N_("Name"), TEXT), Column("kind", N_("Kind"), TEXT)]
    for key, title, sort, *_ in _FIGURES:
        columns += [Column(key, title, sort), Column(f"{key}_before", f"{title}, {_BEFORE}", sort)]
    columns.append(Column("open_at_end", N_("Open at the end"), COUNT))
    rows = []
    for one in found:
        cells = [Cell(one.name), Cell(kind_words(one.now.sort))]
        for figure in figures(one, scope):
            cells += [Cell(figure.now), Cell(figure.before)]
        rows.append((*cells, Cell(one.now.open_at_end)))
    return Table("providers", N_("Providers and payment systems"), tuple(columns), rows, heads=2)


_BEFORE = N_("the period before")


def tickets(scorecard: Scorecard, rows: Iterable) -> Table:
    """The tickets of one as a file."""
    columns = (
        Column("key", N_("Key"), TEXT), Column("title", N_("Title"), TEXT), Column("type", N_("Type"), TEXT),
        Column("priority", N_("Priority"), TEXT), Column("status", N_("Status"), TEXT),
        Column("filed", N_("Filed"), TEXT), Column("closed", N_("Closed"), TEXT),
        Column("how", N_("How it ended"), TEXT), Column("cause", N_("Root cause"), TEXT),
    )  # fmt: skip
    cells = [
        tuple(Cell(value) for value in (
            f"T-{row.id}", row.title, str(row.type), str(row.priority), str(row.status), _instant(row.created_at),
            _instant(row.closed_at), str(row.resolution_code or ""), str(row.root_cause or ""),
        ))
        for row in rows
    ]  # fmt: skip
    return Table("tickets", scorecard.name, columns, cells)


def _instant(at) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""


def types_of(card: Card, before: Card) -> list[tuple[str, int, int]]:
    """(words, filed in the period, filed in the one before) of each type that was filed in either."""
    return [
        (gettext(LABELS["type"][kind]), card.by_type.get(kind, 0), before.by_type.get(kind, 0))
        for kind in TicketType
        if kind in card.by_type or kind in before.by_type
    ]


_KINDS = {"provider": N_("Providers"), "payment_system": N_("Payment systems")}


def kinds_words(sort: str) -> str:
    """Of several of them."""
    return gettext(_KINDS[sort])


def kind_words(sort: str) -> str:
    return gettext(LABELS["detail"][sort])


def page_of(sort: str, key: str, scope: Scope | None = None) -> str:
    """The address of one's page. A name that would not survive in a path is asked for behind it."""
    query = scope.query() if scope else ""
    if all(part.strip(".") for part in key.split("/")) and not key.startswith("/") and "//" not in key:
        address = url_for("reports.provider", kind=sort, name=key)
    else:
        address = url_for("reports.provider", kind=sort, name="-")
        query = f"{query}{'&' if query else ''}called={quote(key, safe='')}"
    return f"{address}?{query}" if query else address


def outage_words(card: Card) -> str:
    """From when to when it lasted, on the viewer's clock; it may not be over."""
    if card.outage is None:
        return NOTHING
    start, end = card.outage
    if end >= moment():
        return gettext("since %(start)s", start=day_time(start))
    return gettext("%(start)s to %(end)s", start=day_time(start), end=day_time(end))
