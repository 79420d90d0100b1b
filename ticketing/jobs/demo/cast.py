"""The demo's people as accounts. Whoever is there already stays as they are."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.jobs.demo.world import ADMINISTRATORS, EVERYBODY, MANAGERS, PASSWORD, REPORTERS, STAFF, Character
from ticketing.jobs.people import free_handle
from ticketing.models import Category, Team, User


@dataclass
class Cast:
    teams: dict[str, list[User]]
    managers: list[User]
    administrators: list[User]
    reporters: list[User]
    fresh: frozenset[int]  # whose accounts were made just now, and have the demo's password
    brands: dict[int, str] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    team_ids: dict[str, int] = field(default_factory=dict)

    @property
    def support(self) -> list[User]:
        return self.teams["technical_support"]

    def mates(self, person: User) -> list[User]:
        """The others of this person's team."""
        return [mate for team in self.teams.values() if person in team for mate in team if mate is not person]

    def others(self, person: User) -> list[User]:
        return [other for team in self.teams.values() for other in team if other is not person]


def gather(at: datetime) -> Cast:
    """Find or make everybody. Made ones share one password, hashed once."""
    teams = {team.key: team.id for team in db.session.scalars(select(Team))}
    made: list[User] = []
    present = {person.email: person for person in db.session.scalars(select(User))}
    handles = {person.handle for person in present.values()}
    accounts = {}
    for one in EVERYBODY:
        accounts[one.email] = present.get(one.email) or _make(one, teams, handles, at)
        if one.email not in present:
            made.append(accounts[one.email])
        elif not accounts[one.email].active:  # came along with imported tickets
            _revive(accounts[one.email], one, teams)
            made.append(accounts[one.email])
    if made:
        made[0].set_password(PASSWORD)
        for person in made[1:]:
            person.password_hash = made[0].password_hash
        db.session.add_all(made)
    db.session.flush()

    def of(characters: tuple[Character, ...]) -> list[User]:
        return [accounts[one.email] for one in characters]

    return Cast(
        teams={key: of(tuple(one for one in STAFF if one.team == key)) for key in {one.team for one in STAFF}},
        managers=of(MANAGERS), administrators=of(ADMINISTRATORS), reporters=of(REPORTERS),
        fresh=frozenset(person.id for person in made),
        brands={accounts[one.email].id: one.brand for one in REPORTERS if one.brand},
        categories={category.key: category for category in db.session.scalars(select(Category))},
        team_ids=teams,
    )  # fmt: skip


def _revive(person: User, one: Character, teams: dict[str, int]) -> None:
    person.active, person.role, person.team_id = True, one.role, teams.get(one.team)


def _make(one: Character, teams: dict[str, int], handles: set[str], at: datetime) -> User:
    handle = free_handle(one.email, handles)
    handles.add(handle)
    return User(
        email=one.email, handle=handle, name=one.name, role=one.role, team_id=teams.get(one.team),
        time_zone=one.zone, created_at=at,
    )  # fmt: skip
