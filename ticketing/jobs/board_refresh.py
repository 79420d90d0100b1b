"""Keeps what the board shows but does not count itself: how long tickets usually stay in a column."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.jobs.reads import only_reading
from ticketing.models import BoardColumn, BoardCount, Event, Ticket
from ticketing.models.board_count import rebuild_counts
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import OPEN_STATUSES, Status

WINDOW = timedelta(days=28)
FEWEST_SAMPLES = 20
_STEPS = (EventKind.CREATED, EventKind.MOVED, EventKind.CLOSED, EventKind.REOPENED)
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """A count that was not what counting gave."""

    status: Status
    team_id: int
    restricted: bool
    owned: bool
    kept: int
    true: int


def refresh_medians(now: datetime) -> dict[Status, tuple[int | None, int]]:
    """Each column's median stay in seconds and its number of samples, kept and returned; commits.

    A sample is a stay that ended within the last 28 days. Below 20 samples there is no median, and
    Closed has none: nobody waits there.
    """
    stays = _stays_ended_since(now - WINDOW)
    found = {}
    for status in OPEN_STATUSES:
        lengths = stays[status]
        found[status] = (int(median(lengths)) if len(lengths) >= FEWEST_SAMPLES else None, len(lengths))
    for column in db.session.scalars(select(BoardColumn)):
        column.median_s, column.samples = found.get(column.status, (None, 0))
    db.session.commit()
    return found


def recount() -> list[Difference]:
    """Count every ticket anew, keep that, and say where the kept counts were off; commits."""
    kept = _counts()
    rebuild_counts()
    true = _counts()
    db.session.commit()
    keys = sorted(kept.keys() | true.keys())
    return [Difference(*key, kept[key], true[key]) for key in keys if kept[key] != true[key]]


def _stays_ended_since(since: datetime) -> dict[Status, list[int]]:
    # Reading a busy month takes a while; nobody's write waits for it.
    with only_reading():
        db.session.rollback()
        stays = defaultdict(list)
        for ids in _touched_since(since):
            _add_stays(stays, ids, since)
        return stays


def _touched_since(since: datetime) -> Iterator[list[int]]:
    """The tickets that can have moved since then, in portions."""
    last = 0
    while True:
        page = select(Ticket.id).where(Ticket.updated_at >= since, Ticket.id > last).order_by(Ticket.id).limit(_CHUNK)
        ids = list(db.session.scalars(page))
        if not ids:
            return
        last = ids[-1]
        yield ids


def _add_stays(stays: dict[Status, list[int]], ids: list[int], since: datetime) -> None:
    columns = (Event.ticket_id, Event.kind, Event.at, Event.payload)
    steps = select(*columns).where(Event.ticket_id.in_(ids), Event.kind.in_(_STEPS))
    before = None
    for step in db.session.execute(steps.order_by(Event.ticket_id, Event.at, Event.id)):
        if before is not None and before.ticket_id == step.ticket_id and step.at >= since:
            stays[Status(step.payload["from"])].append(int((step.at - before.at).total_seconds()))
        before = step


def _counts() -> defaultdict:
    key = (BoardCount.status, BoardCount.team_id, BoardCount.restricted, BoardCount.owned)
    counts = defaultdict(int)
    for *found, n in db.session.execute(select(*key, BoardCount.n).where(BoardCount.n != 0)):
        counts[tuple(found)] = n
    return counts
