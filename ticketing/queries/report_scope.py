"""What a report is about: a period of whole days of the desk, and the tickets it counts."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.team import Category, Team
from ticketing.models.user import User
from ticketing.queries.filters import Filters
from ticketing.rules.instants import is_within_reach
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import Priority, TicketType

PRESETS = {"4w": 28, "12w": 84, "1y": 364}
DEFAULT = "4w"
DAYS_MAX = 400  # what one report spans at most
NOBODY = "none"
_EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Scope:
    """Both days count. `team` and `category` are keys, `person` an owner's handle or `none`; empty means any.

    `party` names a provider or payment system, as "provider:reelworks", and goes with no filter: what is summed up of
    one is summed up of all its tickets. No address of a whole report has it.

    Tickets are taken as they are now: one that went to another team counts for that team, with all of its past.
    """

    first: date
    last: date
    preset: str = ""  # how the period was asked for; empty where its days were
    team: str = ""
    type: str = ""
    category: str = ""
    priority: str = ""
    person: str = ""
    party: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str], today: date) -> "Scope":
        """From an address. Raises Invalid with a code for each field that cannot be used. At most one statement each
        for a team, a category and a person that are named."""
        given = {each.name: args.get(each.name, "").strip() for each in fields(cls) if each.name != "party"}
        errors = {name: "unknown_value" for name in _KNOWN if given[name] and not _KNOWN[name](given[name])}
        if given["first"] or given["last"]:
            first, last = _day(given["first"], "first", errors), _day(given["last"], "last", errors)
            preset = ""
        else:
            preset = given["preset"] or DEFAULT
            if preset not in PRESETS:
                errors["preset"], preset = "unknown_value", DEFAULT
            first, last = today - timedelta(days=PRESETS[preset] - 1), today
        if first and last:
            _check_period(first, last, errors)
        if errors:
            raise Invalid(errors)
        return cls(**given | {"first": first, "last": last, "preset": preset})

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> "Scope":
        """The period of the same length right before this one."""
        length = timedelta(days=self.days)
        return replace(self, first=self.first - length, last=self.last - length, preset="")

    @property
    def filters(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in FILTERS if getattr(self, name)}

    @property
    def filtered(self) -> bool:
        return bool(self.filters)

    @property
    def listed(self) -> Filters:
        """The same as the filters of board and queue; they know no period."""
        return Filters(**{_LISTED_AS.get(name, name): (value,) for name, value in self.filters.items()})

    def query(self, **changes) -> str:
        """The query string of this scope, with some values replaced; a period that was asked for by name stays so."""
        wanted = replace(self, **changes)
        period = [("preset", wanted.preset)]
        if not wanted.preset:
            period = [("first", wanted.first.isoformat()), ("last", wanted.last.isoformat())]
        about = [("party", wanted.party)] if wanted.party else list(wanted.filters.items())
        return urlencode(period + about)

    def of_party(self, sort: str, key: str) -> "Scope":
        """The period, of whoever names this provider or payment system."""
        return Scope(self.first, self.last, self.preset, party=f"{sort}:{key}")

    def on(self, first: date, last: date) -> "Scope":
        """The same tickets on other days."""
        return replace(self, first=first, last=last, preset="")


FILTERS = ("team", "type", "category", "priority", "person")
_LISTED_AS = {"person": "owner"}


def _day(text: str, name: str, errors: dict[str, str]) -> date | None:
    if not text:
        errors[name] = "required"
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        errors[name] = "not_a_day"
        return None
    return day


def _check_period(first: date, last: date, errors: dict[str, str]) -> None:
    if first < _EARLIEST or not is_within_reach(first):
        errors["first"] = "not_a_day"
    elif last < first:
        errors["last"] = "before_first"
    elif (last - first).days >= DAYS_MAX:
        errors["last"] = "period_too_long"


def _one(column, value: str) -> bool:
    return db.session.scalar(select(column).where(column == value)) is not None


_KNOWN = {
    "team": lambda key: _one(Team.key, key),
    "type": lambda key: key in set(TicketType),
    "category": lambda key: _one(Category.key, key),
    "priority": lambda key: key in set(Priority),
    "person": lambda handle: handle == NOBODY or _one(User.handle, handle),
}
