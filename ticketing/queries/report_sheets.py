"""Reads the sheets that jobs/reports keeps: the right family for a scope, laid together by day or by group.

Who is no manager gets no restricted ticket counted, not their own either: a sheet cannot tell whose they are.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.report import STOCK_DAY, Family, ReportSheet
from ticketing.models.team import Category, Team
from ticketing.models.user import User
from ticketing.queries.report_scope import NOBODY, Scope
from ticketing.queries.visibility import counted_for
from ticketing.rules.report_facts import ENTERED
from ticketing.rules.report_sheet import Pile
from ticketing.rules.taxonomy import OPEN_STATUSES, Priority, Status

_SHEET = ReportSheet.__table__.c
_DIMENSIONS = {
    Family.TEAM: _SHEET.team_id, Family.TYPE: _SHEET.type, Family.CATEGORY: _SHEET.category_id,
    Family.PRIORITY: _SHEET.priority,
}  # fmt: skip
GROUPED = tuple(_DIMENSIONS)
_CHUNK = 2000


class Sheets:
    """The sheets of one scope for one viewer. Numbers of people, teams and categories are looked up once."""

    def __init__(self, scope: Scope, viewer: User):
        self.scope = scope
        self._viewer = viewer
        self._numbers = _numbers(scope)

    def by_day(self, first: date) -> dict[int, Pile]:
        """{day: its pile} of the scope's tickets from this day until now, also after its last. One statement."""
        piles: dict[int, Pile] = defaultdict(Pile)
        for row in self._rows(self._family, _SHEET.day >= first.toordinal()):
            piles[row.day].add(row.body)
        return piles

    def by_group(self) -> dict[Family, dict[object, Pile]]:
        """The scope's period by team, type, category and priority: {family: {value: pile}}. One statement."""
        found: dict[Family, dict[object, Pile]] = {family: defaultdict(Pile) for family in GROUPED}
        if self.scope.filtered:
            for row in self._rows(self._family, *self._period):
                pile = Pile([row.body])
                for family, column in _DIMENSIONS.items():
                    found[family][getattr(row, column.name)].add_pile(pile)
            return found
        for row in self._run(_SHEET.family.in_(GROUPED), _SHEET.key == "", *self._period):
            found[row.family][getattr(row, _DIMENSIONS[row.family].name)].add(row.body)
        return found

    def by_owner(self) -> dict[int, Pile]:
        """{number of an owner, 0 for nobody: the pile of what they own}. One statement."""
        piles: dict[int, Pile] = defaultdict(Pile)
        family = Family.OWNER if self.scope.filtered else Family.OWNERS
        for row in self._rows(family, *self._period):
            piles[int(row.key)].add(row.body)
        return piles

    def stock(self) -> dict[Status, int]:
        """How many of the scope's tickets are in each open status once all that is counted has happened."""
        pile = Pile(row.body for row in self._rows(self._family, _SHEET.day == STOCK_DAY))
        return {status: pile.count(ENTERED[status]) for status in OPEN_STATUSES}

    def parties(self, cut: date, only: tuple[str, str] | None = None) -> dict[tuple[bool, tuple[str, str]], Pile]:
        """{(is it of the days before `cut`?, (sort, name)): pile} of the providers and payment systems that are named.

        One statement. Their keys are asked for one by one or all together: how texts are ordered is each database's
        own affair, so that a range of them would hold other keys on another server.
        """
        piles: dict[tuple[bool, tuple[str, str]], Pile] = defaultdict(Pile)
        named = () if only is None else (_SHEET.key == ":".join(only),)
        first = cut.toordinal()
        columns = (_SHEET.key, _SHEET.day, _SHEET.body)
        for key, day, body in self._run(_SHEET.family == Family.PARTY, *named, *self._period, columns=columns):
            sort, _colon, name = key.partition(":")
            piles[day < first, (sort, name)].add(body)
        return piles

    @property
    def _family(self) -> Family:
        if self.scope.party:
            return Family.PARTY
        if self.scope.person:
            return Family.OWNER
        return Family.CASES if self.scope.filtered else Family.ALL

    @property
    def _period(self) -> tuple:
        return (_SHEET.day.between(self.scope.first.toordinal(), self.scope.last.toordinal()),)

    def _rows(self, family: Family, *conditions) -> Iterable:
        """Sheets of the family that the scope's filters leave."""
        wanted = [_SHEET.family == family, *conditions]
        person = self._numbers.get("person")
        key = {Family.OWNER: person, Family.OWNERS: person, Family.PARTY: self.scope.party}.get(family, "")
        if key is not None:  # of owners all, unless one is asked for
            wanted.append(_SHEET.key == key)
        wanted += [_COLUMNS[name] == value for name, value in self._numbers.items() if name != "person"]
        return self._run(*wanted)

    def _run(self, *wanted, columns=(ReportSheet.__table__,)) -> Iterable:
        query = select(*columns).where(*wanted, *counted_for(self._viewer, _SHEET.restricted))
        return db.session.connection().execute(query.execution_options(yield_per=_CHUNK))


_COLUMNS = {
    "team": _SHEET.team_id, "type": _SHEET.type, "category": _SHEET.category_id, "priority": _SHEET.priority,
}  # fmt: skip


def _numbers(scope: Scope) -> dict[str, object]:
    """What the scope's filters are in the sheets."""
    found: dict[str, object] = {}
    if scope.team:
        found["team"] = db.session.scalar(select(Team.id).where(Team.key == scope.team))
    if scope.type:
        found["type"] = scope.type
    if scope.category:
        found["category"] = db.session.scalar(select(Category.id).where(Category.key == scope.category))
    if scope.priority:
        found["priority"] = Priority(scope.priority).rank
    if scope.person:
        nobody = scope.person == NOBODY
        number = 0 if nobody else db.session.scalar(select(User.id).where(User.handle == scope.person))
        found["person"] = str(number)
    return found
