"""The recurrence radar: which troubles flare now, and which come back after they were mended.

A trouble is a signature (rules.recurrence) within a category. A ticket that has no category yet counts where the same
signature mostly stands, so that a flare is seen before anybody has classified it. All of it is worked out when it is
asked for, in a fixed number of statements over the last 29 days; only tickets that the viewer may see are in it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.outbox import Setting
from ticketing.models.user import User
from ticketing.queries import recurrence_rows as reads
from ticketing.queries.recurrence_troubles import Gathering, Place, Spans, Trouble, homes_by_weight
from ticketing.rules.recurrence import FEWEST, RULES, RULES_SETTING, is_flaring

SHOWN = 20  # troubles in each of the two lists
_LOOKED_AT = 25  # of those that may have come back, the busiest
_CANDIDATES = 1000  # of those that may flare
_KEY_LENGTH = 20


@dataclass(slots=True)
class Radar:
    """Both lists; `more_…` says how many were left out, `outdated` that tickets are signed by older rules."""

    flaring: list[Trouble]
    returning: list[Trouble]
    more_flaring: int
    more_returning: int
    outdated: bool


def read_place(text: str) -> Place | None:
    """The trouble that an address names, None if it can be none."""
    key, dash, number = text.rpartition("-")
    plain = len(key) == _KEY_LENGTH and set(key) <= set("0123456789abcdef") and number.isascii() and number.isdigit()
    return Place(key, int(number) or None) if dash and plain and len(number) < 10 else None


def load_radar(viewer: User, now: datetime) -> Radar:
    spans = Spans.before(now)
    flares = _flares(spans, viewer)
    reopened, linked = reads.reopenings(spans.window, viewer), reads.linked_returns(spans.window, viewer)
    after = reads.filed_after_mending(spans.window, viewer, _LOOKED_AT)
    seen = Counter({row.signature: row.n for row in after})
    seen.update(row.signature for row in (*(one for one in reopened if one.mended), *linked))
    busiest = sorted(seen, key=lambda key: (-seen[key], key))[:_LOOKED_AT]
    keys = {place.key for place in flares[:SHOWN]} | set(busiest)
    gathering = Gathering(keys, spans, viewer, reopened, linked)
    flaring = [gathering.troubles[gathering.settled(place)] for place in flares[:SHOWN]]
    back = [one for one in gathering.troubles.values() if one.returns]
    back.sort(key=lambda one: (-one.returns, -one.open_s, str(one.place)))
    more = max(len(back) - SHOWN, 0) + max(max([len(seen), *(row.of for row in after[:1])]) - _LOOKED_AT, 0)
    return Radar(flaring, back[:SHOWN], len(flares) - len(flaring), more, is_outdated())


def load_trouble(place: Place, viewer: User, now: datetime) -> Trouble | None:
    """One trouble, None if there is none; what nobody has classified is shown where its signature mostly stands."""
    spans = Spans.before(now)
    keys = {place.key}
    reopened = reads.reopenings(spans.window, viewer, keys)
    linked = reads.linked_returns(spans.window, viewer, keys)
    gathering = Gathering(keys, spans, viewer, reopened, linked, place)
    return gathering.troubles.get(gathering.settled(place))


def is_outdated() -> bool:
    """Were tickets signed by older rules than those that count now?"""
    return db.session.scalar(select(Setting.value).where(Setting.key == RULES_SETTING)) != RULES


def _flares(spans: Spans, viewer: User) -> list[Place]:
    """All that flare, the busiest first."""
    today = reads.counts(spans.day, viewer)
    of_key = Counter()
    for row in today:
        of_key[row.signature] += row.n
    candidates = {key for key, n in of_key.most_common(_CANDIDATES) if n >= FEWEST}
    today = [row for row in today if row.signature in candidates]
    before = reads.counts(spans.baseline, viewer, candidates)
    homes = homes_by_weight(today, before)
    totals: dict[Place, list[int]] = defaultdict(lambda: [0, 0])
    for column, rows in enumerate((today, before)):
        for row in rows:
            totals[Place(row.signature, row.category_id or homes.get(row.signature))][column] += row.n
    flaring = [place for place, (day, base) in totals.items() if is_flaring(day, base)]
    return sorted(flaring, key=lambda place: (-totals[place][0], totals[place][1], str(place)))
