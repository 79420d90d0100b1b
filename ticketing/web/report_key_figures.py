"""The row of key figures: each with the period before it, whether that is better or worse, and its course."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ticketing.queries.report_scope import Scope
from ticketing.rules.sla import ClockKind
from ticketing.web.labels import N_
from ticketing.web.report_tables import behind
from ticketing.web.report_words import NOTHING, number, percent, points, time_words
from ticketing.web.template_helpers import gettext

UP, DOWN, NEITHER = 1, -1, 0  # which way is better
GOOD, BAD, FLAT = "good", "bad", "flat"
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
                   [w.reopened / w.closed if w.closed else None for w in weeks], DOWN, behind("reopened", scope)),
    ]  # fmt: skip
    for kind, kept in ((ClockKind.REACTION, N_("Reaction kept")), (ClockKind.RESOLUTION, N_("Resolution kept"))):
        figures.append(
            show.share(kept, "compliance", now.clocks[kind].share, then.clocks[kind].share,
                       [w.clocks[kind].share for w in weeks], UP, behind(str(kind), scope))
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
        return self._figure(
            name, term, number(now), number(then), now - then, number(abs(now - then)), course, better,
            behind(term, self.scope),
        )  # fmt: skip

    def still_open(self, now: int, then: int, course) -> KeyFigure:
        """The end of the period before is where this one begins."""
        told = gettext("%(value)s when the period began", value=number(then))
        made = self._figure(
            N_("Open at the end"), "open_at_end", number(now), number(then), now - then, number(abs(now - then)),
            course, DOWN, behind("open", self.scope),
        )  # fmt: skip
        return replace(made, before=told)

    def share(self, name, term, now: float | None, then: float | None, course, better, tickets: str) -> KeyFigure:
        change = None if now is None or then is None else points(now, then)
        words = gettext("%(n)s points", n=f"{abs(change or 0):.1f}")
        return self._figure(name, term, percent(now), percent(then), change, words, course, better, tickets)

    def time(self, name, term, now: int | None, then: int | None, course, tickets: str) -> KeyFigure:
        # By whole minutes, as they are shown: the difference must be that of the two numbers people see.
        change = None if now is None or then is None else (now // 60 - then // 60) * 60
        words = time_words(abs(change or 0))
        return self._figure(name, term, time_words(now), time_words(then), change, words, course, DOWN, tickets)

    def _figure(self, name, term, value, then, change, words, course, better, tickets) -> KeyFigure:
        told, mood = before(self.scope, then), FLAT
        if change is None:
            signed, verdict = "", gettext("nothing to compare with")
            told = "" if then == NOTHING else told
        else:
            sign = "+" if change > 0 else "−"
            signed = f"{sign}{words}" if change else ""
            if change and better:
                mood = GOOD if (change > 0) == (better > 0) else BAD
            verdict = _verdict(mood, change)
        return KeyFigure(gettext(name), term, value, tickets, mood, signed, verdict, told, spark(course))


def _verdict(mood: str, change: float) -> str:
    if not change:
        return gettext("no change")
    if mood == FLAT:
        return gettext("more") if change > 0 else gettext("fewer")
    return gettext("better") if mood == GOOD else gettext("worse")


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
