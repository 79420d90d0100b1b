"""What a screen on the wall shows to everybody in the room: numbers, the next clocks, today by the hour.

It looks as somebody in no team would who may use the board: no restricted ticket is listed or counted.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, bindparam, func, literal, select, type_coerce, union_all

from ticketing.extensions import db
from ticketing.models.team import Team
from ticketing.models.ticket import Ticket
from ticketing.models.types import Instant
from ticketing.queries import board, facets
from ticketing.queries.clock_faces import BREACHED, OK, PAUSED, RISK, Face, Faces
from ticketing.queries.counts import open_counts
from ticketing.queries.filters import Filters
from ticketing.queries.prepared import run
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import OPEN_STATUSES, Status

CLOCKS = 7  # read from six metres, more would be too small
DOTS = 10  # tickets of a status as dots
TEAMS = 5
_QUARTER_S = 900  # no zone is off by less


class Onlooker(NamedTuple):
    """Whoever stands before the screen, for visibility.visible_to."""

    id: int = 0
    team_id: int | None = None
    is_staff: bool = True
    is_manager: bool = False


@dataclass(slots=True)
class Wall:
    """`clocks` are (row, face); `dots` states of a status's tickets, the most urgent first; `hours` (created, closed)
    of each hour of the desk's day so far; `teams` (name, open, of them without an owner)."""

    columns: list
    clocks: list[tuple[object, Face]]
    dots: dict[Status, list[str]]
    tallies: dict[str, int]
    open: int = 0
    unowned: int = 0
    hours: list[tuple[int, int]] = field(default_factory=list)
    teams: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def busiest(self) -> int:
        """The most of either in one hour, by which bars are drawn."""
        return max(1, *(count for pair in self.hours for count in pair))

    @property
    def created(self) -> int:
        return sum(created for created, _closed in self.hours)

    @property
    def closed(self) -> int:
        return sum(closed for _created, closed in self.hours)


def load_wall(now: datetime, zone: ZoneInfo) -> Wall:
    """All of it, in seven statements."""
    viewer, filters = Onlooker(), Filters()
    kept = open_counts(viewer, now)
    found = board.load_board(viewer, filters, now, kept)
    columns = [found[status] for status in OPEN_STATUSES]
    cards = [card for column in columns for card in column.cards]
    faces = Faces(cards, now)
    told = {card.id: faces.of(card) for card in cards}
    running = [(card, told[card.id]) for card in cards if card.due_at is not None and told[card.id] is not None]
    wall = Wall(
        columns=columns, clocks=sorted(running, key=lambda one: (one[0].due_at, one[0].priority, one[0].id))[:CLOCKS],
        dots={column.status: _dots(column, told) for column in columns}, tallies=facets.tallies(viewer, filters, now),
        hours=_hours(viewer, now, zone), teams=_teams(kept),
    )  # fmt: skip
    wall.open = sum(row.n for row in kept)
    wall.unowned = sum(row.n for row in kept if not row.owned)
    return wall


_URGENCY = (BREACHED, RISK, OK, PAUSED)


def _dots(column, told: dict) -> list[str]:
    states = [PAUSED if card.hold_reason else _state(told[card.id]) for card in column.cards]
    return sorted(states, key=_URGENCY.index)[:DOTS]


def _state(face: Face | None) -> str:
    return face.state if face is not None and face.state in _URGENCY else OK


def _hours(viewer: Onlooker, now: datetime, zone: ZoneInfo) -> list[tuple[int, int]]:
    """From midnight to now; on a day of 23 or 25 hours so many."""
    here = now.astimezone(zone)
    midnight = here.replace(hour=0, minute=0, second=0, fold=0).astimezone(now.tzinfo)
    found = [[0, 0] for _ in range(int((now - midnight) / timedelta(hours=1)) + 1)]
    for what, quarter, count in run(_quarters, viewer, now, midnight=midnight):
        hour = int((quarter * _QUARTER_S - midnight.timestamp()) // 3600)
        if 0 <= hour < len(found):
            found[hour][what] += count
    return [tuple(pair) for pair in found]


def _quarters(kind) -> Select:
    """(0 created or 1 closed, quarter of an hour since 1970, tickets) of the day."""
    since = bindparam("midnight", type_=Instant())

    def part(what: int, column, *more) -> Select:
        quarter = type_coerce(column, BigInteger()) // _QUARTER_S
        found = select(literal(what), quarter.label("quarter"), func.count())
        return found.where(column >= since, visible_to(kind), *more).group_by(quarter)

    return union_all(part(0, Ticket.created_at), part(1, Ticket.closed_at, Ticket.status == Status.CLOSED))


def _teams(kept: list) -> list[tuple[str, int, int]]:
    """Those that have most open."""
    names = dict(db.session.execute(select(Team.id, Team.name)).all())
    counts: dict[int, list[int]] = {}
    for row in kept:
        one = counts.setdefault(row.team_id, [0, 0])
        one[0] += row.n
        one[1] += 0 if row.owned else row.n
    busiest = sorted(counts.items(), key=lambda item: (-item[1][0], names.get(item[0], "")))
    return [(names.get(team, "–"), total, unowned) for team, (total, unowned) in busiest[:TEAMS] if total]
