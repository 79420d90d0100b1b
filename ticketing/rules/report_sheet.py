"""Sheets: all facts of a day and group of tickets in a few hundred bytes, and what figures come out of many of them.

Times are kept one by one, sorted, so that a median over a year is the median and no estimate: where the lists are
long, it is found by halving the range of values and counting in each list, without putting them together.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from math import ceil

from ticketing.rules.compliance import Outcome
from ticketing.rules.report_facts import FIGURES, OUTCOMES, SUPERSEDED, Figure
from ticketing.rules.sla import ClockKind

_LONG = 60  # values a list; from here on counting is quicker than sorting
_SAMPLE = 512
_IS_TIMED = [False, *(figure.is_timed for figure in FIGURES)]


def pack(facts: Mapping[int, list[int]]) -> bytes:
    """{number of a figure: its seconds} as 32-bit numbers: figure, how many, and its sorted seconds if it has any."""
    packed = array("i")
    for number in sorted(facts):
        seconds = facts[number]
        packed.append(number)
        packed.append(len(seconds))
        if _IS_TIMED[number]:
            packed.extend(sorted(min(value, 2**31 - 1) for value in seconds))
    return packed.tobytes()


def pack_counts(counts: Mapping[int, int]) -> bytes:
    """{number of a figure without times: how many}; also fewer than none, of a sum that is not complete yet."""
    return array("i", chain.from_iterable((number, count) for number, count in counts.items() if count)).tobytes()


class Pile:
    """Sheets, laid on one another. Counts and times are asked for by Figure; times are whole seconds."""

    def __init__(self, bodies: Iterable[bytes] = ()):
        self._counts: dict[int, int] = defaultdict(int)
        self._lists: dict[int, list[array]] = defaultdict(list)
        for body in bodies:
            self.add(body)

    def add(self, body: bytes) -> None:
        packed = array("i", body)
        place, end = 0, len(packed)
        while place < end:
            number, count = packed[place], packed[place + 1]
            place += 2
            self._counts[number] += count
            if _IS_TIMED[number]:
                self._lists[number].append(packed[place : place + count])
                place += count

    def add_pile(self, other: "Pile") -> None:
        for number, count in other._counts.items():
            self._counts[number] += count
        for number, lists in other._lists.items():
            self._lists[number] += lists

    def count(self, figure: Figure) -> int:
        return self._counts.get(figure.number, 0)

    def spread(self, *figures: Figure) -> "Spread":
        """Of the times of these figures together."""
        lists = [one for figure in figures for one in self._lists.get(figure.number, ())]
        return Spread(sum(map(self.count, figures)), lists)

    def cycles(self, kind: ClockKind) -> "Cycles":
        return Cycles(
            **{outcome.value: self.count(OUTCOMES[kind, outcome]) for outcome in Outcome},
            superseded=self.count(SUPERSEDED[kind]),
            times=self.spread(OUTCOMES[kind, Outcome.MET], OUTCOMES[kind, Outcome.BREACHED]),
        )


class Spread:
    """Times of `count` facts, in whole seconds; None where there are none to tell of."""

    def __init__(self, count: int, lists: list[array]):
        self.count = count
        self._lists = [_told(one) for one in lists]
        self._told = sum(map(len, self._lists))

    @cached_property
    def total_s(self) -> int:
        return sum(map(sum, self._lists))

    @cached_property
    def mean_s(self) -> int | None:
        return round(self.total_s / self._told) if self._told else None

    @cached_property
    def median_s(self) -> int | None:
        """The one in the middle, or halfway between the two."""
        if not self._told:
            return None
        rank = (self._told - 1) // 2
        low = self._nth(rank)
        high = low if self._told % 2 or self._up_to(low) > rank + 1 else self._next(low)
        return low if low == high else round((low + high) / 2)

    @cached_property
    def p90_s(self) -> int | None:
        """What nine of ten kept within: the smallest time that at least 90 % do not exceed."""
        return self._nth(ceil(0.9 * self._told) - 1) if self._told else None

    def _nth(self, rank: int) -> int:
        """The value at this place from 0 among all, in order."""
        if self._told > _LONG * len(self._lists):
            return self._counted(rank)
        if len(self._lists) > 1:
            self._lists = [array("i", sorted(chain.from_iterable(self._lists)))]
        return self._lists[0][rank]

    def _counted(self, rank: int) -> int:
        """Halving the range between two values of a sample that are most likely on either side of it."""
        low, high = self._bounds(rank)
        while low < high:
            middle = (low + high) // 2
            if self._up_to(middle) > rank:
                high = middle
            else:
                low = middle + 1
        return low

    def _bounds(self, rank: int) -> tuple[int, int]:
        lowest, highest = min(one[0] for one in self._lists if one), max(one[-1] for one in self._lists if one)
        step = max(1, self._told // _SAMPLE)
        sample = sorted(chain.from_iterable(one[len(one) % step // 2 :: step] for one in self._lists))
        place, margin = rank * len(sample) // self._told, len(sample) // 16 + 1
        if place > margin and self._up_to(sample[place - margin]) <= rank:
            lowest = sample[place - margin] + 1
        if place + margin < len(sample) and self._up_to(sample[place + margin]) > rank:
            highest = sample[place + margin]
        return lowest, highest

    def _up_to(self, value: int) -> int:
        """How many do not exceed this."""
        return sum([bisect_right(one, value) for one in self._lists])

    def _next(self, value: int) -> int:
        """The smallest above this, which is not the largest."""
        return min(one[place] for one in self._lists if (place := bisect_right(one, value)) < len(one))


def _told(seconds: array) -> array:
    """Without those that have no time (NO_TIME, which stands first)."""
    return seconds[bisect_left(seconds, 0) :] if seconds and seconds[0] < 0 else seconds


@dataclass(slots=True)
class Cycles:
    """Clocks of one kind whose cycles ended, or breached while they still run; compliance is met / (met + breached).

    `cancelled` and `self` decide nothing; `superseded` are breaches that a manager's change took back.
    """

    met: int = 0
    breached: int = 0
    cancelled: int = 0
    self: int = 0
    superseded: int = 0
    times: Spread = field(default_factory=lambda: Spread(0, []))

    @property
    def counted(self) -> int:
        return self.met + self.breached

    @property
    def share(self) -> float | None:
        """Compliance from 0 to 1; None where nothing counts."""
        return self.met / self.counted if self.counted else None

    @property
    def median_s(self) -> int | None:
        return self.times.median_s

    @property
    def p90_s(self) -> int | None:
        return self.times.p90_s

    @property
    def mean_s(self) -> int | None:
        return self.times.mean_s
