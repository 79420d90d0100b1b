"""Sheets: all facts of a day and group of tickets in a few hundred bytes, and what figures come out of many of them.

Times are kept one by one, sorted, so that a median over a year is the median and no estimate (rules/spread.py).
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from ticketing.rules.compliance import Compliance, Outcome
from ticketing.rules.report_facts import FIGURES, OUTCOMES, SUPERSEDED, Figure
from ticketing.rules.sla import ClockKind
from ticketing.rules.spread import Spread

_IS_TIMED = [False, *(figure.is_timed for figure in FIGURES)]
_NONE = array("i")


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


def unpack(body: bytes) -> Iterator[tuple[int, int, array]]:
    """(number of a figure, how many, its sorted seconds or none) of each figure of a sheet."""
    packed = array("i", body)
    place, end = 0, len(packed)
    while place < end:
        number, count = packed[place], packed[place + 1]
        place += 2
        seconds = packed[place : place + count] if _IS_TIMED[number] else _NONE
        yield number, count, seconds
        place += len(seconds)


def lay_together(bodies: Iterable[bytes]) -> bytes:
    """One sheet that says what these say."""
    facts: dict[int, list[int]] = defaultdict(list)
    for body in bodies:
        for number, count, seconds in unpack(body):
            facts[number] += seconds or [0] * count
    return pack(facts)


class Pile:
    """Sheets, laid on one another. Counts and times are asked for by Figure; times are whole seconds."""

    def __init__(self, bodies: Iterable[bytes] = ()):
        self._counts: dict[int, int] = defaultdict(int)
        self._lists: dict[int, list[array]] = defaultdict(list)
        for body in bodies:
            self.add(body)

    def add(self, body: bytes) -> None:
        for number, count, seconds in unpack(body):
            self._counts[number] += count
            if seconds:
                self._lists[number].append(seconds)

    def add_pile(self, other: "Pile") -> None:
        for number, count in other._counts.items():
            self._counts[number] += count
        for number, lists in other._lists.items():
            self._lists[number] += lists

    def count(self, figure: Figure) -> int:
        return self._counts.get(figure.number, 0)

    def spread(self, *figures: Figure) -> Spread:
        """Of the times of these figures together."""
        lists = [one for figure in figures for one in self._lists.get(figure.number, ())]
        return Spread(sum(map(self.count, figures)), lists)

    def cycles(self, kind: ClockKind) -> Compliance:
        return Compliance(
            **{outcome.value: self.count(OUTCOMES[kind, outcome]) for outcome in Outcome},
            superseded=self.count(SUPERSEDED[kind]),
            times=self.spread(OUTCOMES[kind, Outcome.MET], OUTCOMES[kind, Outcome.BREACHED]),
        )
