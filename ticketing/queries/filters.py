"""The one set of filters that board, queue, export and counts obey, read from an address and written to one."""

import json
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, or_, select

from ticketing.models.team import Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.numbers import found_among
from ticketing.queries.prepared import days_before
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import PRIORITIES, STATUSES, HoldReason, TicketType

VIEWS = ("mine", "unassigned", "at_risk", "my_team", "restricted")
DAYS = (1, 7, 30, 90, 365)
Q_MAX = 200
# The filters that take one of a closed list of values; several values of one filter mean any of them.
CLOSED_LISTS = {
    "status": [str(status) for status in STATUSES],
    "type": [str(kind) for kind in TicketType],
    "priority": [str(priority) for priority in PRIORITIES],
    "hold": ["yes", "no", *(str(reason) for reason in HoldReason)],
    "due": ["breached", "at_risk", "on_track"],
    "view": list(VIEWS),
}
ONE_VALUE = {"view", "q", "created", "updated"}
ANY = "any"  # how an address says every status, the closed tickets too


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for. Empty means everything the viewer may see.

    `category` and `team` are keys, `owner` and `reporter` handles, `me` or `none`.
    """

    view: tuple[str, ...] = ()
    q: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    reporter: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    created: tuple[str, ...] = ()  # in the last N days
    updated: tuple[str, ...] = ()
    # What the words of `q` found (search.looked_up): numbers of tickets as JSON, whether there are more, their titles.
    found: str | None = field(default=None, compare=False)
    cut: bool = field(default=False, compare=False)
    titles: dict[int, str] | None = field(default=None, compare=False)

    @property
    def shape(self) -> "Filters":
        """All that a statement depends on: the same one serves every word."""
        return replace(self, q=("…",), found=None, cut=False, titles=None) if self.q else self

    @property
    def numbers(self) -> list[int]:
        """What was found, the newest first."""
        return sorted(set(json.loads(self.found)), reverse=True)

    @property
    def values(self) -> dict:
        """What fills the statement of that shape."""
        return {"found": self.found} if self.q else {}

    @classmethod
    def read(cls, args) -> "Filters":
        """From a MultiDict of an address; names that are no filter are left alone. Raises Invalid by name."""
        values, errors = {}, {}
        for name in FILTER_NAMES:
            given = tuple(dict.fromkeys(value.strip() for value in args.getlist(name) if value.strip()))
            if not given:
                continue
            if name in ONE_VALUE:
                given = given[-1:]
            if name == "status" and ANY in given:
                given = tuple(STATUSES)
            error = _check(name, given)
            if error:
                errors[name] = error
            values[name] = given
        if errors:
            raise Invalid(errors)
        return cls(**values)

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in FILTER_NAMES)

    def query(self, **changes) -> str:
        """The address's query string, with some filters replaced (a value, several, or None to take one off)."""
        wanted = replace(self, **{name: _as_tuple(value) for name, value in changes.items()})
        return urlencode([(name, value) for name in FILTER_NAMES for value in wanted.said(name)])

    def said(self, name: str) -> tuple[str, ...]:
        """The values of one filter as an address has them."""
        values = getattr(self, name)
        return (ANY,) if name == "status" and set(values) >= set(STATUSES) else values

    def chips(self):
        """(name, value, query without it) for each filter that is set, the view aside."""
        for name in FILTER_NAMES:
            if name == "view":
                continue
            for value in self.said(name):
                rest = tuple(other for other in self.said(name) if other != value)
                yield name, value, self.query(**{name: rest})

    def conditions(self, viewer: User, now: datetime) -> list[ColumnElement[bool]]:
        """The filters as SQL; permissions are visibility.visible_to's work. `q` leaves :found to be filled in."""
        found = [_BUILDERS[name](getattr(self, name), viewer, now) for name in FILTER_NAMES if getattr(self, name)]
        return [condition for condition in found if condition is not None]


FILTER_NAMES = tuple(each.name for each in fields(Filters) if each.compare)


def _check(name: str, given: tuple[str, ...]) -> str | None:
    if name in CLOSED_LISTS and any(value not in CLOSED_LISTS[name] for value in given):
        return "unknown_value"
    if name in ("created", "updated") and whole(given[0], 1, 3650) is None:
        return "unknown_value"
    if any(len(value) > Q_MAX for value in given) or len(given) > 50:
        return "too_long"
    return None


def _as_tuple(value) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, (tuple, list)) else (str(value),)


def _view(values, viewer: User, now: datetime):
    match values[0]:
        case "mine":
            return Ticket.owner_id == viewer.id
        case "unassigned":
            return and_(Ticket.owner_id.is_(None), Ticket.status != "closed")
        case "at_risk":
            return Ticket.warn_at <= now
        case "my_team":
            return Ticket.team_id == viewer.team_id
        case _:
            return Ticket.restricted


def _category(values, _viewer, _now):
    named = Ticket.category_id.in_(select(Category.id).where(Category.key.in_(values)))
    return or_(named, Ticket.category_id.is_(None)) if "none" in values else named


def _team(values, _viewer, _now):
    return Ticket.team_id.in_(select(Team.id).where(Team.key.in_(values)))


def _person(column):
    def build(values, viewer: User, _now):
        parts = []
        if "me" in values:
            parts.append(column == viewer.id)
        if "none" in values:
            parts.append(column.is_(None))
        handles = [value for value in values if value not in ("me", "none")]
        if len(handles) == 1:  # as an equality it can lead a walk along an index
            parts.append(column == select(User.id).where(User.handle == handles[0]).scalar_subquery())
        elif handles:
            parts.append(column.in_(select(User.id).where(User.handle.in_(handles))))
        return or_(*parts)

    return build


def on_hold(now) -> ColumnElement[bool]:
    """Held at this instant: a hold whose end has passed ended then, whether or not anything has noticed."""
    return and_(Ticket.hold_reason.is_not(None), or_(Ticket.hold_until.is_(None), Ticket.hold_until > now))


def _hold(values, _viewer, now):
    if "yes" in values:
        return on_hold(now)
    reasons = [value for value in values if value != "no"]
    parts = [and_(Ticket.hold_reason.in_(reasons), on_hold(now))] if reasons else []
    if "no" in values:
        parts.append(or_(Ticket.hold_reason.is_(None), Ticket.hold_until <= now))
    return or_(*parts)


def _due(values, _viewer, now: datetime):
    """How the nearest running clock stands. On track is all the rest that is not on hold."""
    ways = {
        "breached": Ticket.due_at < now,
        "at_risk": and_(Ticket.warn_at <= now, Ticket.due_at >= now),
        "on_track": and_(
            ~on_hold(now), or_(Ticket.due_at.is_(None), Ticket.due_at >= now),
            or_(Ticket.warn_at.is_(None), Ticket.warn_at > now),
        ),
    }  # fmt: skip
    return or_(*(ways[value] for value in values))


def _since(column):
    return lambda values, _viewer, now: column >= days_before(now, int(values[0]))


_BUILDERS = {
    "view": _view,
    "q": lambda _values, _viewer, _now: found_among(Ticket.id),
    "status": lambda values, _viewer, _now: Ticket.status.in_(values),
    "type": lambda values, _viewer, _now: Ticket.type.in_(values),
    "priority": lambda values, _viewer, _now: Ticket.priority.in_(values),
    "category": _category,
    "team": _team,
    "owner": _person(Ticket.owner_id),
    "reporter": _person(Ticket.reporter_id),
    "hold": _hold,
    "due": _due,
    "created": _since(Ticket.created_at),
    "updated": _since(Ticket.updated_at),
}
