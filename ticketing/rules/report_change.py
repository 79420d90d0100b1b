"""A number of a report beside that of the period before: by how much it differs, and whether that is for the better."""

from enum import StrEnum

COUNT, SHARE, TIME = "count", "share", "time"  # what a number is
MORE, NEITHER, LESS = 1, 0, -1  # what is better


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"
    FLAT = "flat"


def difference(sort: str, now: float | None, then: float | None) -> float | None:
    """Of counts as they are, of shares in points of a hundred, of times in seconds; None with nothing to compare.

    It is the difference of the two numbers people see: shares differ by tenths of a point and times by whole minutes,
    as they are shown. Only what is less than a minute differs from nothing by its seconds.
    """
    if now is None or then is None:
        return None
    if sort == SHARE:
        return round(_points(now) - _points(then), 1)
    if sort == TIME:
        minutes = now // 60 - then // 60
        return minutes * 60 if minutes or (now and then) else now - then
    return now - then


def mood(change: float | None, better: int) -> Mood:
    if not change or not better:
        return Mood.FLAT
    return Mood.GOOD if (change > 0) == (better > 0) else Mood.BAD


def percent(share: float | None) -> str:
    """94.9%. What is not all is never shown as 100, and what is not nothing never as 0."""
    if share is None:
        return "–"
    if share in (0, 1):
        return f"{share:.0%}"
    return f"{_points(share):.1f}%"


def _points(share: float) -> float:
    """A share in points of a hundred, as it is shown."""
    return share * 100 if share in (0, 1) else min(max(round(share * 100, 1), 0.1), 99.9)
