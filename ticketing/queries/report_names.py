"""The names behind what reports are filtered and grouped by."""

from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import String, literal, or_, select, union_all

from ticketing.extensions import db
from ticketing.models.team import Category, Team
from ticketing.models.user import User
from ticketing.rules.taxonomy import Role


class Name(NamedTuple):
    key: str
    name: str
    offered: bool = True


@dataclass(slots=True)
class Names:
    """Teams and categories by number, in the order they were made; staff by handle, in that of their names."""

    teams: dict[int, Name] = field(default_factory=dict)
    categories: dict[int, Name] = field(default_factory=dict)
    people: dict[str, Name] = field(default_factory=dict)


def read_names() -> Names:
    """All teams, categories and staff, those that are offered no longer too. One statement."""
    found = Names()
    for what, key, name, number, offered in sorted(db.session.execute(_NAMES), key=lambda row: row.id):
        if what == "person":
            found.people[key] = Name(key, name, bool(offered))
        else:
            (found.teams if what == "team" else found.categories)[number] = Name(key, name, bool(offered))
    found.people = dict(sorted(found.people.items(), key=lambda one: one[1].name.lower()))
    return found


def _part(what: str, model, key, offered):
    return select(literal(what, String()).label("what"), key, model.name, model.id.label("id"), offered.label("on"))


_NAMES = union_all(
    _part("team", Team, Team.key, or_(Team.id > 0)),
    _part("category", Category, Category.key, Category.active),
    _part("person", User, User.handle, User.active).where(User.role != Role.REPORTER, ~User.machine),
)
