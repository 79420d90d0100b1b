"""How long things took: median, p90 and mean of many sorted lists of seconds, to the second.

Where the lists are long, a value is found by halving the range it can lie in and counting in each list, without
putting them together.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from math import ceil

_LONG = 60  # values a list; from here on counting is quicker than sorting
_SAMPLE = 512


class Spread:
    """Times of `count` facts, in whole seconds; None where there are none to tell of.

    The `lists` are sorted; what is below 0 in them has taken no time that could be told.
    """

    def __init__(self, count: int = 0, lists: Iterable[array] = ()):
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
    return seconds[bisect_left(seconds, 0) :] if seconds and seconds[0] < 0 else seconds
