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

    Times differ by whole minutes, as they are shown: the difference must be that of the two numbers people see.
    """
    if now is None or then is None:
        return None
    if sort == SHARE:
        return round((now - then) * 100, 1)
    if sort == TIME:
        return (now // 60 - then // 60) * 60
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
    return f"{min(max(round(share * 100, 1), 0.1), 99.9):.1f}%"
