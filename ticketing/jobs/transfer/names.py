"""From the names in a file to the numbers of this database. Unknown people become inactive accounts."""

from collections import namedtuple
from datetime import datetime

from sqlalchemy import select, update

from ticketing.extensions import db
from ticketing.jobs.people import free_handle
from ticketing.jobs.transfer.trouble import RowRefused
from ticketing.models import Category, Team, User
from ticketing.rules.people import NAME_MAX
from ticketing.rules.routing import DEFAULT_TEAM
from ticketing.rules.taxonomy import TEAM_OF_ROLE, Role

KnownCategory = namedtuple("KnownCategory", "id key name team_id priority")


class Names:
    """Kept for a whole import. What a refused ticket brought in is forgotten again: `mark`, then `forget`."""

    def __init__(self, at: datetime):
        self.at = at
        self.ids: dict[str, int] = {}
        self.emails: dict[int, str] = {}
        self.handles: dict[str, str] = {}  # to the person's name, as rendering a mention wants it
        self.by_name: dict[str, str | None] = {}
        for row in db.session.execute(select(User.id, User.email, User.handle, User.name)):
            self._learn(*row)
            # Two people of one name are nobody: a guess would put words into the wrong mouth.
            self.by_name[row.name.lower()] = None if row.name.lower() in self.by_name else row.email
        self.teams = dict(db.session.execute(select(Team.key, Team.id)).all())
        self.team_keys = {name.lower(): key for name, key in db.session.execute(select(Team.name, Team.key))}
        columns = (Category.id, Category.key, Category.name, Category.team_id, Category.priority)
        self.categories = {row.key: KnownCategory(*row) for row in db.session.execute(select(*columns))}
        self.category_keys = {found.name.lower(): key for key, found in self.categories.items()}
        self.hints: dict[str, tuple[Role, str]] = {}
        self.made_reporters: set[int] = set()
        self._fresh: list[tuple[int, str, str]] = []
        self._promoted: list[int] = []

    def mark(self) -> None:
        self._fresh, self._promoted = [], []

    def forget(self) -> None:
        self.made_reporters.update(self._promoted)
        for number, email, handle in self._fresh:
            del self.ids[email.lower()], self.emails[number], self.handles[handle]
            self.made_reporters.discard(number)
        self.mark()

    def person(self, email: str | None, role: Role = Role.REPORTER) -> int | None:
        """The number of this person; an unknown one becomes an account that cannot sign in.

        `hints` may know their role and name better than the place where they are first met.
        """
        if email is None:
            return None
        known = self.ids.get(email.lower())
        if known is None:
            return self._make(email, *self.hints.get(email, (role, email.split("@")[0])))
        if role.is_staff and known in self.made_reporters:
            self._promote(known, role)
        return known

    def team_key(self, value: str) -> str:
        key = value if value in self.teams else self.team_keys.get(value.strip().lower())
        if key is None:
            raise RowRefused("team", "unknown_value", value)
        return key

    def category_key(self, value: str) -> str:
        key = value if value in self.categories else self.category_keys.get(value.strip().lower())
        if key is None:
            raise RowRefused("category", "unknown_value", value)
        return key

    @property
    def default_team(self) -> int:
        return self.teams[DEFAULT_TEAM]

    def _learn(self, number: int, email: str, handle: str, name: str) -> None:
        self.ids[email.lower()] = number
        self.emails[number] = email
        self.handles[handle] = name

    def _make(self, email: str, role: Role, name: str) -> int:
        handle = free_handle(email, self.handles)
        person = User(
            email=email, handle=handle, name=name[:NAME_MAX], role=role, active=False,
            team_id=self.teams.get(TEAM_OF_ROLE.get(role)), created_at=self.at,
        )  # fmt: skip
        db.session.add(person)
        db.session.flush()
        self._learn(person.id, email, handle, person.name)
        self._fresh.append((person.id, email, handle))
        if not role.is_staff:
            self.made_reporters.add(person.id)
        return person.id

    def _promote(self, number: int, role: Role) -> None:
        """Somebody this import made a reporter turns out to own tickets."""
        team = self.teams.get(TEAM_OF_ROLE.get(role))
        db.session.execute(update(User).where(User.id == number).values(role=role, team_id=team))
        self.made_reporters.discard(number)
        self._promoted.append(number)
