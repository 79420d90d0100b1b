"""Troubles that recur on purpose, so that the radar of a demo desk has something to show: a flare and a comeback."""

from dataclasses import dataclass
from datetime import timedelta

from ticketing.jobs.demo.scenarios import SCENARIOS, Scenario
from ticketing.rules.taxonomy import Status

_NAMED = {scenario.name: scenario for scenario in SCENARIOS}


@dataclass(frozen=True, slots=True)
class Encore:
    """Another part for a story: its scenario, some of its words, and how long ago it was filed (None: as it falls)."""

    scenario: Scenario
    words: dict[str, str]
    ago: timedelta | None = None


def _flare(minutes: int | None) -> Encore:
    ago = None if minutes is None else timedelta(minutes=minutes)
    return Encore(_NAMED["slot_502"], {"provider": "Reelworks", "http": "502"}, ago)


def _again(days: float | None) -> Encore:
    ago = None if days is None else timedelta(days=days)
    return Encore(_NAMED["wallet_drift"], {"provider": "Tin Lantern"}, ago)


# The n-th story of a goal. One came five times within hours, and somebody looks into the first; another was mended
# three times and is open again.
_PARTS = {
    (Status.NEW, 1): _flare(14), (Status.NEW, 3): _flare(38), (Status.NEW, 5): _flare(71), (Status.NEW, 7): _flare(126),
    (Status.DIAGNOSTICS, 4): _flare(215),
    (Status.CLOSED, 2): _again(33.2), (Status.CLOSED, 4): _again(21.4), (Status.CLOSED, 6): _again(9.3),
    (Status.ASSIGNED, 2): _again(None),
}  # fmt: skip


def encores(goals: list[Status]) -> list[Encore | None]:
    """The part of each story, None for those that stay as they are drawn."""
    seen = dict.fromkeys(Status, 0)
    found = []
    for goal in goals:
        found.append(_PARTS.get((goal, seen[goal])))
        seen[goal] += 1
    return found
