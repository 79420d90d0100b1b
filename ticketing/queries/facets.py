"""What stands round a list of tickets: the choices of its filters, the views, and the numbers beside them."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import String, and_, case, func, literal, literal_column, or_, select, union_all

from ticketing.models.team import Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_row import LANE_DUE, LANE_HELD, LANE_PINNED
from ticketing.models.user import User
from ticketing.models.view import SavedView
from ticketing.queries.counts import by_itself, open_counts
from ticketing.queries.filters import Filters, on_hold
from ticketing.queries.prepared import NOW, run
from ticketing.queries.search import looked_up
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import HOLDABLE, OPEN_STATUSES

COUNTED_TO = 100  # a tally is a glance, not a report: from here on it says "99+"
MINE_TO = 1000


class View(NamedTuple):
    id: int
    name: str
    query: str


@dataclass(slots=True)
class Facets:
    """The names behind the filters' values: {key: name}; of people, those that are asked for."""

    categories: dict[str, str] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    views: list = field(default_factory=list)  # (id, name, query) of the viewer's own views, oldest first


def around_list(viewer: User, filters: Filters, now: datetime) -> dict:
    """All that filter_bar and view_tabs need, in three statements: facets, views, tallies, counts."""
    numbers = tallies(viewer, filters, now)
    names = facets(viewer, filters, now)
    return {
        "facets": names,
        "views": names.views,
        "tallies": numbers,
        "counts": view_counts(viewer, open_counts(viewer, now), numbers),
    }


def facets(viewer: User, filters: Filters, now: datetime) -> Facets:
    found = Facets()
    places = {"category": found.categories, "team": found.teams, "person": found.people}
    rows = run(_facets, viewer, now, filters.category, filters.owner + filters.reporter)
    for what, key, name, number in sorted(rows, key=lambda row: row[3]):
        if what == "view":
            found.views.append(View(number, name, key))
        else:
            places[what][key] = name
    return found


def _facets(kind, categories: tuple[str, ...], handles: tuple[str, ...]):
    def part(what, model, key):
        return select(literal(what, String()), key, model.name, model.id)

    parts = [
        part("view", SavedView, SavedView.query).where(SavedView.user_id == kind.id),
        part("category", Category, Category.key).where(or_(Category.active, Category.key.in_(categories))),
        part("team", Team, Team.key),
    ]
    if handles:
        parts.append(part("person", User, User.handle).where(User.handle.in_(handles)))
    return union_all(*parts)


def tallies(viewer: User, filters: Filters, now: datetime) -> dict[str, int]:
    """How many of the listed open tickets are breached, at risk and held, whatever of these is being shown now,
    and how many the viewer owns; none counted further than is shown."""
    shown = replace(filters, due=(), hold=(), status=tuple(s for s in filters.status if s != "closed"))
    only_closed = filters.status and not shown.status
    if filters.due or filters.hold or only_closed or (filters.cut and shown != filters):
        shown = replace(shown, found=None)  # the words have found too few for this
    shown = looked_up(viewer, shown, now)
    *counted, mine = run(_tallies_found if shown.q else _tallies, viewer, now, shown).one()
    return dict(
        zip(("breached", "at_risk", "held"), (min(n or 0, COUNTED_TO) for n in counted), strict=True), mine=mine
    )


def _tallies(kind, filters: Filters):
    """Each count is a range of the board's index: lane and status say nothing more than is meant anyway."""
    open_statuses = list(filters.status or OPEN_STATUSES)
    listed = (visible_to(kind), *filters.conditions(kind, NOW))
    running = (Ticket.status.in_(open_statuses), Ticket.lane.in_((LANE_PINNED, LANE_DUE, LANE_HELD)))
    held = (
        Ticket.status.in_(list(HOLDABLE)),
        Ticket.lane.in_((LANE_PINNED, LANE_HELD)),
        on_hold(NOW),
    )
    return select(
        _count(COUNTED_TO, *running, Ticket.due_at < NOW, *listed),
        _count(COUNTED_TO, *running, Ticket.warn_at <= NOW, Ticket.due_at >= NOW, *listed),
        _count(COUNTED_TO, *held, *listed),
        _mine(kind),
    )


def _tallies_found(kind, filters: Filters):
    """The same of what words have found: those tickets are looked at once, one by one."""
    open_statuses = list(filters.status or OPEN_STATUSES)
    times = (Ticket.due_at < NOW, and_(Ticket.warn_at <= NOW, Ticket.due_at >= NOW), on_hold(NOW))
    return (
        select(*(func.sum(case((time, 1), else_=0)) for time in times), _mine(kind))
        .select_from(Ticket)
        .where(by_itself(Ticket.status).in_(open_statuses), visible_to(kind), *filters.conditions(kind, NOW))
    )


def _mine(kind):
    return _count(MINE_TO, Ticket.owner_id == kind.id, Ticket.status.in_(OPEN_STATUSES))


def _count(up_to: int, *conditions):
    found = select(literal_column("1")).select_from(Ticket).where(*conditions).limit(up_to).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def view_counts(viewer: User, kept: list, numbers: dict[str, int]) -> dict[str, int | None]:
    """How many open tickets each view holds; None where that is not known.

    `kept` are counts.open_counts, `numbers` the tallies, which bring what the viewer owns.
    """
    counts = {"": 0, "mine": numbers["mine"], "unassigned": 0, "at_risk": None, "my_team": 0, "restricted": 0}
    for _status, team_id, restricted, owned, n in kept:
        counts[""] += n
        counts["unassigned"] += 0 if owned else n
        counts["my_team"] += n if team_id == viewer.team_id else 0
        counts["restricted"] += n if restricted else 0
    if viewer.team_id is None:
        del counts["my_team"]
    return counts
