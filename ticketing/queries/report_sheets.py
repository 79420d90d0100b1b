"""Reads the sheets that jobs/reports keeps: the right family for a scope, laid together by day or by group.

Who is no manager gets no restricted ticket counted, not their own either: a sheet cannot tell whose they are.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import select, union_all

from ticketing.extensions import db
from ticketing.models.report import STOCK_DAY, Family, ReportSheet, week_of
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
        return self._by_day([(first.toordinal(), None)])

    def by_week(self, *starts: date) -> dict[int, Pile]:
        """{last day of a pile: the pile} from the first of these days until now, in ascending order given.

        A pile is of a whole week where all of it lies between two of the days, else of one day. One statement.
        """
        days = [start.toordinal() for start in starts]
        ends = [*(day - 1 for day in days[1:]), None]
        return self._by_day([span for pair in zip(days, ends, strict=True) for span in _spans(*pair)])

    def _by_day(self, spans: list["Span"]) -> dict[int, Pile]:
        piles: dict[int, Pile] = defaultdict(Pile)
        for row in self._rows(self._family, spans):
            piles[abs(row.day)].add(row.body)
        return piles

    def by_group(self) -> dict[Family, dict[object, Pile]]:
        """The scope's period by team, type, category and priority: {family: {value: pile}}. One statement."""
        found: dict[Family, dict[object, Pile]] = {family: defaultdict(Pile) for family in GROUPED}
        if self.scope.filtered:
            for row in self._rows(self._family, self._period):
                pile = Pile([row.body])
                for family, column in _DIMENSIONS.items():
                    found[family][getattr(row, column.name)].add_pile(pile)
            return found
        for row in self._run(self._period, _SHEET.family.in_(GROUPED), _SHEET.key == ""):
            found[row.family][getattr(row, _DIMENSIONS[row.family].name)].add(row.body)
        return found

    def by_owner(self) -> dict[int, Pile]:
        """{number of an owner, 0 for nobody: the pile of what they own}. One statement."""
        piles: dict[int, Pile] = defaultdict(Pile)
        family = Family.OWNER if self.scope.filtered else Family.OWNERS
        for row in self._rows(family, self._period):
            piles[int(row.key)].add(row.body)
        return piles

    def stock(self) -> dict[Status, int]:
        """How many of the scope's tickets are in each open status once all that is counted has happened."""
        pile = Pile(row.body for row in self._rows(self._family, [(STOCK_DAY, STOCK_DAY)]))
        return {status: pile.count(ENTERED[status]) for status in OPEN_STATUSES}

    def parties(self, cut: date, only: tuple[str, str] | None = None) -> dict[tuple[bool, tuple[str, str]], Pile]:
        """{(is it of the days before `cut`?, (sort, name)): pile} of the providers and payment systems that are named.

        One statement. Their keys are asked for one by one or all together: how texts are ordered is each database's
        own affair, so that a range of them would hold other keys on another server.
        """
        piles: dict[tuple[bool, tuple[str, str]], Pile] = defaultdict(Pile)
        wanted = [_SHEET.family == Family.PARTY]
        if only is not None:
            wanted.append(_SHEET.key == ":".join(only))
        first, middle, last = self.scope.first.toordinal(), cut.toordinal(), self.scope.last.toordinal()
        spans = [*_spans(first, middle - 1), *_spans(middle, last)]
        for row in self._run(spans, *wanted):
            sort, _colon, name = row.key.partition(":")
            piles[abs(row.day) < middle, (sort, name)].add(row.body)
        return piles

    @property
    def _family(self) -> Family:
        if self.scope.party:
            return Family.PARTY
        if self.scope.person:
            return Family.OWNER
        return Family.CASES if self.scope.filtered else Family.ALL

    @property
    def _period(self) -> list["Span"]:
        return _spans(self.scope.first.toordinal(), self.scope.last.toordinal())

    def _rows(self, family: Family, spans: list["Span"]) -> Iterable:
        """Sheets of the family that the scope's filters leave."""
        person = self._numbers.get("person")
        key = {Family.OWNER: person, Family.OWNERS: person, Family.PARTY: self.scope.party}.get(family, "")
        wanted = [_SHEET.family == family, *([] if key is None else [_SHEET.key == key])]
        wanted += [_COLUMNS[name] == value for name, value in self._numbers.items() if name != "person"]
        return self._run(spans, *wanted)

    def _run(self, spans: list["Span"], *wanted) -> Iterable:
        """One select for each span: of several in one condition, a database would make a walk through all sheets."""
        query = select(ReportSheet.__table__).where(*wanted, *counted_for(self._viewer, _SHEET.restricted))
        parts = [query.where(*_within(*span)) for span in spans]
        query = parts[0] if len(parts) == 1 else union_all(*parts)
        return db.session.connection().execute(query.execution_options(yield_per=_CHUNK))


Span = tuple[int | None, int | None]  # from and to what sheets have for a day; None: no end on this side


def _spans(first: int, last: int | None) -> list[Span]:
    """The sheets that hold all from one day to another once: of whole weeks, and of the days beside them."""
    monday = first + (1 - first) % 7
    if last is None:
        return [*_some(first, monday - 1), (None, week_of(monday))]
    sunday = last - last % 7
    if sunday < monday:
        return [(first, last)]
    return [*_some(first, monday - 1), (week_of(sunday), week_of(monday)), *_some(sunday + 1, last)]


def _some(first: int, last: int) -> list[Span]:
    return [(first, last)] if first <= last else []


def _within(first: int | None, last: int | None) -> list:
    if first is None:
        return [_SHEET.day <= last]
    return [_SHEET.day >= first] if last is None else [_SHEET.day.between(first, last)]


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
