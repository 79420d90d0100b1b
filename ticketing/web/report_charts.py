"""The charts of the reports as data for ui/chart.js: labels, series and the marks of the axes.

All words and all arithmetic are here; the script only draws. `colour` names a token of the style sheets.
"""

from collections.abc import Iterable, Sequence

from ticketing.rules.report_change import percent
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import OPEN_STATUSES, Status
from ticketing.web.labels import LABELS
from ticketing.web.report_sentences import OLD
from ticketing.web.report_tables import Table, shown
from ticketing.web.report_words import day_words, time_words, week_words, weekday_words
from ticketing.web.template_helpers import gettext, number

MARKS = 5  # an axis has about as many
NAME_MAX = 24  # of a row's name; the table beside it has all of it
ROWS_MAX = 15
_MINUTE, _HOUR = 60, 3600
_TIME_STEPS = (
    _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, 12 * _HOUR,
    24 * _HOUR, 48 * _HOUR,
)  # fmt: skip
FLOW_COLOURS = {status: f"flow-{place}" for place, status in enumerate((*OPEN_STATUSES, Status.CLOSED), 1)}


def compliance(report) -> dict | None:
    clocks = ((ClockKind.REACTION, "series-1"), (ClockKind.RESOLUTION, "series-2"))
    shares = {kind: [week.clocks[kind].share for week in report.weeks] for kind, _ in clocks}
    if not any(share is not None for found in shares.values() for share in found):
        return None
    series = [
        _series(gettext(LABELS["clock_name"][kind]), colour, shares[kind], percent, end=True) for kind, colour in clocks
    ]
    return {"kind": "line", **_weekly(report), "series": series, "ticks": share_marks(shares.values())}


def weeks(report) -> dict | None:
    if not any(week.created or week.closed or week.open_at_end for week in report.weeks):
        return None
    bars = [[week.created for week in report.weeks], [week.closed for week in report.weeks]]
    still = [week.open_at_end for week in report.weeks]
    return {
        "kind": "bar", **_weekly(report),
        "series": [
            _series(gettext("Created"), "series-mute", bars[0], number),
            _series(gettext("Closed"), "series-1", bars[1], number),
            _series(gettext("Open at the end"), "series-2", still, number) | {"line": True, "axis": "y2"},
        ],
        "ticks": count_marks(max(map(max, bars))), "ticks2": count_marks(max(still)),
    }  # fmt: skip


def reopened(report) -> dict | None:
    counts = [week.reopened for week in report.weeks]
    if not any(counts):
        return None
    shares = [week.reopen_share for week in report.weeks]
    texts = [f"{number(count)} ({percent(share)})" for count, share in zip(counts, shares, strict=True)]
    return {
        "kind": "bar", **_weekly(report), "ticks": count_marks(max(counts)),
        "series": [_series(gettext("Reopened"), "series-1", counts, number) | {"texts": texts}],
    }  # fmt: skip


def groups(table: Table) -> dict | None:
    """How both clocks were kept, by group; `table` has a row for each clock of each group."""
    pairs = list(zip(table.rows[::2], table.rows[1::2], strict=True))
    shares = {kind: [pair[place][2].value for pair in pairs] for place, kind in enumerate(ClockKind)}
    if not any(share is not None for found in shares.values() for share in found):
        return None
    colours = {ClockKind.REACTION: "series-1", ClockKind.RESOLUTION: "series-2"}
    return {
        "kind": "rows", **_named(pair[0][0].value for pair in pairs), "ticks": share_marks([[0]]),
        "series": [
            _series(gettext(LABELS["clock_name"][kind]), colours[kind], found, percent) | {"told": True}
            for kind, found in shares.items()
        ],
    }  # fmt: skip


def backlog(aged) -> dict | None:
    if not aged.total:
        return None
    counts = [age.count for age in aged.ages]
    series = _series(gettext("Open"), "series-1", counts, number) | {"told": True}
    series["colours"] = ["risk-solid" if age.code in OLD else "series-1" for age in aged.ages]
    names = _named(gettext(LABELS["backlog_age"][age.code]) for age in aged.ages)
    return {"kind": "rows", **names, "series": [series], "ticks": count_marks(max(counts))}


def flow(report) -> dict | None:
    bands = {status: [day.open[status] for day in report.days] for status in OPEN_STATUSES}
    bands[Status.CLOSED] = [day.closed for day in report.days]
    heights = [sum(column) for column in zip(*bands.values(), strict=True)]
    if not any(heights):
        return None
    return {
        "kind": "area", "labels": [day_words(day.date) for day in report.days],
        "names": [weekday_words(day.date) for day in report.days], "ticks": count_marks(max(heights)),
        # What is done lies at the bottom, what has just come in on top.
        "series": [_series(gettext(LABELS["status"][status]), FLOW_COLOURS[status], bands[status], number)
                   for status in reversed(FLOW_COLOURS)],
    }  # fmt: skip


def spreads(table: Table) -> dict | None:
    """Median and p90 of each row of a table of times, the one over the other; the marked row stands out."""
    place = {column.key: number for number, column in enumerate(table.columns)}
    medians, nineties = ([row[place[key]].value for row in table.rows] for key in ("median", "p90"))
    if not any(value is not None for value in nineties):
        return None
    pairs = zip(medians, nineties, strict=True)
    texts = [f"{time_words(half)} · {time_words(most)}" if most is not None else "" for half, most in pairs]
    if table.mark is not None:
        texts[table.mark] += f" · {gettext('bottleneck')}"
    series = [
        _series(gettext("Half are done by"), "series-1", medians, time_words),
        _series(gettext("Nine in ten are done by"), "series-1-pale", nineties, time_words)
        | {"told": True, "ends": texts},
    ]
    for one, warm in zip(series, ("risk-solid", "risk-pale"), strict=True):
        one["colours"] = [warm if row == table.mark else one["colour"] for row in range(len(table.rows))]
    ticks = time_marks(max(value or 0 for value in nineties))
    return {
        "kind": "rows",
        "over": True,
        **_named(row[0].value for row in table.rows),
        "ticks": ticks,
        "series": series,
    }


def totals(table: Table) -> dict | None:
    """The whole time of each row, with how many there were."""
    place = {column.key: number for number, column in enumerate(table.columns)}
    values = [row[place["total"]].value or 0 for row in table.rows]
    if not any(values):
        return None
    counts = [row[place["count"]].value for row in table.rows]
    texts = [f"{time_words(value)} · {number(count)}×" if count else "" for value, count in
             zip(values, counts, strict=True)]  # fmt: skip
    series = _series(gettext("Total time"), "series-1", values, time_words) | {"told": True, "ends": texts}
    return {
        "kind": "rows", **_named(row[0].value for row in table.rows), "ticks": time_marks(max(values)),
        "series": [series],
    }  # fmt: skip


def load(loads) -> dict | None:
    """Those with most where the list is long, and what nobody owns; the table has all."""
    engineers = [one for one in loads if one.open and one.owner_id is not None]
    busy = engineers[:ROWS_MAX] + [one for one in loads if one.open and one.owner_id is None]
    if not busy:
        return None
    parts = (
        (gettext("Breached"), "breach-solid", [one.breached for one in busy]),
        (gettext("At risk"), "risk-solid", [one.at_risk for one in busy]),
        (gettext("On track"), "series-1", [one.on_track for one in busy]),
        (gettext("On hold"), "series-mute", [one.hold for one in busy]),
    )
    series = [_series(*part, number) for part in parts]
    series[-1] |= {"told": True, "ends": [number(one.open) for one in busy]}
    return {
        "kind": "rows", "stacked": True, **_named(one.name or gettext("Nobody") for one in busy), "series": series,
        "ticks": count_marks(max(one.open for one in busy)),
    }  # fmt: skip


def throughput(table: Table) -> dict | None:
    place = [column.key for column in table.columns].index("closed")
    rows = [row for row in table.rows if row[place].value][:ROWS_MAX]
    if not rows:
        return None
    closed = [row[place].value for row in rows]
    return {
        "kind": "rows", **_named(shown(table.columns[0], row[0]) for row in rows), "ticks": count_marks(max(closed)),
        "series": [_series(gettext("Closed"), "series-1", closed, number) | {"told": True}],
    }  # fmt: skip


def _weekly(report) -> dict:
    labels = [week_words(week.start, week.last) for week in report.weeks]
    names = [f"{label}: {day_words(week.start)} – {day_words(week.last)}"
             for label, week in zip(labels, report.weeks, strict=True)]  # fmt: skip
    return {"labels": labels, "names": names}


def _named(names: Iterable[str]) -> dict:
    full = list(names)
    return {"labels": [name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1]}…" for name in full], "names": full}


def _series(name: str, colour: str, values: Sequence[float | None], words, end: bool = False) -> dict:
    made = {"name": name, "colour": colour, "values": list(values), "texts": [words(value) for value in values]}
    return made | ({"end": True} if end else {})


def count_marks(most: int) -> list[tuple[float, str]]:
    """Round numbers from 0 to at least `most`."""
    step = 1
    while step * MARKS < most:
        step *= 2 if str(step)[0] in "15" else 2.5
        step = int(step)
    return _marks(step, most, number)


def time_marks(most: int) -> list[tuple[float, str]]:
    """Round times from 0 to at least `most` seconds."""
    steps = (step for step in _TIME_STEPS if step * MARKS >= most)
    step = next(steps, None)
    if step is None:
        step = 100 * _HOUR
        while step * MARKS < most:
            step = int(step * (2.5 if str(step // _HOUR)[0] == "2" else 2))
    return _marks(step, most, time_words)


def _marks(step: int, most: int, words) -> list[tuple[float, str]]:
    count = max(1, -(-most // step))
    return [(place * step, words(place * step) if place else "0") for place in range(count + 1)]


def share_marks(series: Iterable[Sequence[float | None]]) -> list[tuple[float, str]]:
    """Up to 100 %, from as near below the lowest share as is round, so that differences near the top can be read."""
    lowest = min(share for shares in series for share in shares if share is not None)
    base = next(base for base in (90, 80, 60, 50, 0) if lowest * 100 >= base)
    step = {90: 2, 80: 5, 60: 10, 50: 10, 0: 25}[base]
    return [(mark / 100, f"{mark}%") for mark in range(base, 101, step)]
