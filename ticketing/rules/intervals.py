"""Stretches of time: joined, cut to a period, and how long they are together.

A stretch is (start, end) with start < end; the end does not belong to it. Anything that can be ordered and subtracted
will do: aware datetimes, or whole seconds.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Stretch(NamedTuple):
    start: object
    end: object


def clip(stretches: Iterable[tuple], start, end) -> list[Stretch]:
    """The parts of the stretches that lie between `start` and `end`, in the order in which they came."""
    cut = (Stretch(max(one, start), min(other, end)) for one, other in stretches)
    return [stretch for stretch in cut if stretch.start < stretch.end]


def union(stretches: Iterable[tuple]) -> list[Stretch]:
    """The same time in as few stretches as it takes, in order: what overlaps or touches is one. Empty ones are none."""
    joined: list[Stretch] = []
    begun = until = None
    for start, end in sorted(stretch for stretch in stretches if stretch[0] < stretch[1]):
        if begun is None:
            begun, until = start, end
        elif start > until:
            joined.append(Stretch(begun, until))
            begun, until = start, end
        elif end > until:
            until = end
    return joined if begun is None else [*joined, Stretch(begun, until)]


def gaps(joined: Iterable[tuple], start, end) -> list[Stretch]:
    """What of the time from `start` to `end` none of these covers; they come in order and do not overlap."""
    found = []
    for begun, until in joined:
        if begun >= end:
            break
        if begun > start:
            found.append(Stretch(start, begun))
        start = max(start, until)
    return [*found, Stretch(start, end)] if start < end else found


def total_s(stretches: Iterable[tuple]) -> int:
    """Whole seconds of stretches that do not overlap."""
    return sum(seconds(*stretch) for stretch in stretches)


def longest(stretches: Iterable[tuple]) -> Stretch | None:
    """The longest of them, of several the first; None of none."""
    found = max(stretches, key=lambda stretch: seconds(*stretch), default=None)
    return found and Stretch(*found)


def seconds(start, end) -> int:
    length = end - start
    return int(length if isinstance(length, int) else length.total_seconds())
