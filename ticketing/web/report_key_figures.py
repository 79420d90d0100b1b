"""The row of key figures: each with the period before it, whether that is better or worse, and its course."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ticketing.queries.report_scope import Scope
from ticketing.rules.report_change import COUNT, LESS, MORE, NEITHER, SHARE, TIME, Mood, difference, mood, percent
from ticketing.rules.sla import ClockKind
from ticketing.web.labels import N_
from ticketing.web.report_tables import behind
from ticketing.web.report_words import time_words
from ticketing.web.template_helpers import gettext, number

SPARK = (100, 32)  # the box its line is drawn in


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """`term` is the glossary's entry, `tickets` the query of what is behind it, `spark` the points of a line."""

    name: str
    term: str
    value: str
    tickets: str
    mood: str
    change: str  # with its sign
    verdict: str  # better, worse, more, fewer, no change
    before: str
    spark: str


def key_figures(report) -> list[KeyFigure]:
    now, then, weeks, scope = report.headline, report.previous, report.weeks, report.scope
    show = _Shown(scope)
    figures = [
        show.count(N_("Created"), "created", now.created, then.created, [w.created for w in weeks], NEITHER),
        show.count(N_("Closed"), "closed", now.closed, then.closed, [w.closed for w in weeks], NEITHER),
        show.still_open(now.open_at_end, then.open_at_end, [w.open_at_end for w in weeks]),
        show.share(N_("Reopen rate"), "reopen_share", now.reopen_share, then.reopen_share,
                   [w.reopen_share for w in weeks], LESS, behind("reopened", scope)),
    ]  # fmt: skip
    for kind, kept in ((ClockKind.REACTION, N_("Reaction kept")), (ClockKind.RESOLUTION, N_("Resolution kept"))):
        figures.append(
            show.share(kept, "compliance", now.clocks[kind].share, then.clocks[kind].share,
                       [w.clocks[kind].share for w in weeks], MORE, behind(str(kind), scope))
        )  # fmt: skip
    for kind, half in ((ClockKind.REACTION, N_("Reaction, median")), (ClockKind.RESOLUTION, N_("Resolution, median"))):
        figures.append(
            show.time(half, "median", now.clocks[kind].median_s, then.clocks[kind].median_s,
                      [w.clocks[kind].median_s for w in weeks], behind(str(kind), scope))
        )  # fmt: skip
    return figures


class _Shown:
    def __init__(self, scope: Scope):
        self.scope = scope

    def count(self, name, term, now: int, then: int, course, better: int) -> KeyFigure:
        return self._figure(name, term, COUNT, now, then, course, better, behind(term, self.scope))

    def still_open(self, now: int, then: int, course) -> KeyFigure:
        """The end of the period before is where this one begins."""
        told = gettext("%(value)s when the period began", value=number(then))
        made = self._figure(
            N_("Open at the end"), "open_at_end", COUNT, now, then, course, LESS, behind("open", self.scope)
        )
        return replace(made, before=told)

    def share(self, name, term, now: float | None, then: float | None, course, better, tickets: str) -> KeyFigure:
        return self._figure(name, term, SHARE, now, then, course, better, tickets)

    def time(self, name, term, now: int | None, then: int | None, course, tickets: str) -> KeyFigure:
        return self._figure(name, term, TIME, now, then, course, LESS, tickets)

    def _figure(self, name, term, sort, now, then, course, better, tickets) -> KeyFigure:
        words, change = _WORDS[sort], difference(sort, now, then)
        told, signed = before(self.scope, words(then)), ""
        if change is None:
            verdict, told = gettext("nothing to compare with"), "" if then is None else told
        else:
            size = gettext("%(n)s points", n=f"{abs(change):.1f}") if sort == SHARE else words(abs(change))
            small = sort == TIME and abs(change) < 60  # "<1 min" takes no sign
            signed = f"{'+' if change > 0 else '−'}{size}" if change and not small else ""
            verdict = _verdict(mood(change, better), change)
        return KeyFigure(gettext(name), term, words(now), tickets, mood(change, better), signed, verdict, told,
                         spark(course))  # fmt: skip


_WORDS = {COUNT: number, SHARE: percent, TIME: time_words}


def _verdict(felt: Mood, change: float) -> str:
    if not change:
        return gettext("no change")
    if felt is Mood.FLAT:
        return gettext("more") if change > 0 else gettext("fewer")
    return gettext("better") if felt is Mood.GOOD else gettext("worse")


def before(scope: Scope, value: str) -> str:
    """The value of the period that this one is compared with."""
    if scope.preset in _BEFORE:
        return gettext(_BEFORE[scope.preset], value=value)
    if scope.days == 1:
        return gettext("%(value)s on the day before", value=value)
    return gettext("%(value)s in the %(days)d days before", value=value, days=scope.days)


_BEFORE = {
    "4w": N_("%(value)s in the 4 weeks before"), "12w": N_("%(value)s in the 12 weeks before"),
    "1y": N_("%(value)s in the year before"),
}  # fmt: skip


def spark(course: Sequence[float | None]) -> str:
    """The points of a line through these values; what is not known is passed over. Empty for fewer than two."""
    known = [(place, value) for place, value in enumerate(course) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    width, height = SPARK
    step, rise = width / (len(course) - 1), (height - 4) / (high - low) if high > low else 0
    middle = height / 2
    points = [
        f"{place * step:.1f},{height - 2 - (value - low) * rise if rise else middle:.1f}" for place, value in known
    ]
    return " ".join(points)
