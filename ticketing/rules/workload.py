"""Who has too much to do, and who could take something over.

What counts is work that can be done: open tickets that are not on hold. Somebody is overloaded who has more than one
and a half times the median of their team, and at least three more than it. Who is alone in a team, or in none, is
measured by everybody who is in one.
"""

from collections import defaultdict
from collections.abc import Iterable
from math import ceil, floor
from statistics import median

FACTOR = 1.5
MARGIN = 3


def limit(middle: float) -> int:
    """The most that somebody may have without being overloaded, where `middle` is the median."""
    return max(floor(FACTOR * middle), ceil(middle + MARGIN) - 1)


def limits(people: Iterable[tuple[int, int | None, int]]) -> dict[int, int]:
    """{person: the most they may have}, for (person, team or None, work) of everybody who works on tickets.

    Where nobody is in a team there is nothing to compare with, and nobody has a limit.
    """
    people, teams = list(people), defaultdict(list)
    for _person, team, work in people:
        teams[team].append(work)
    teams.pop(None, None)
    if not teams:
        return {}
    desk = limit(median([work for works in teams.values() for work in works]))
    own = {team: limit(median(works)) for team, works in teams.items() if len(works) > 1}
    return {person: own.get(team, desk) for person, team, _work in people}


def half_of(target_s: int) -> int:
    """The working seconds within which a clock must be due for more than half of its target to be gone."""
    return -(-target_s // 2)
