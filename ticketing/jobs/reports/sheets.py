"""Sums the facts of a day up into its sheets, for each group of tickets that a page may ask for."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from ticketing.extensions import db
from ticketing.models import ReportFact, ReportSheet, Ticket
from ticketing.models.report import STOCK_DAY, Family
from ticketing.rules.recurrence import suppliers
from ticketing.rules.report_facts import ENTERED, FIGURES, OUTCOMES, STAYS, SUPERSEDED, Figure
from ticketing.rules.report_sheet import Pile, lay_together, pack, pack_counts
from ticketing.rules.taxonomy import OPEN_STATUSES

# A family of one dimension is for tables of clocks and counts; times in statuses and holds are not in it.
_BRIEF = frozenset(
    figure.number
    for figure in (Figure.CREATED, Figure.CLOSED, Figure.REOPENED, Figure.REASSIGNED, *OUTCOMES.values(),
                   *SUPERSEDED.values())
)  # fmt: skip
# Of a provider or payment system also how long was waited for it.
_OF_PARTY = _BRIEF | {Figure.HOLD_PROVIDER.number}
# The families that the stock of open tickets is known of.
STOCKED = (Family.ALL, Family.CASES, Family.OWNER)


class Group(NamedTuple):
    """The key of a sheet but for its day."""

    family: Family
    key: str
    restricted: bool
    team_id: int = 0
    type: str = ""
    category_id: int = 0
    priority: int = 0


_FACTS = (
    select(ReportFact.figure, ReportFact.seconds, Ticket.restricted, Ticket.team_id, Ticket.type,
           Ticket.category_id, Ticket.priority, Ticket.owner_id, Ticket.provider, Ticket.payment_system)
    .join(Ticket, Ticket.id == ReportFact.ticket_id)
    .where(ReportFact.day == bindparam("day"), ReportFact.figure.in_(range(1, len(FIGURES) + 1)))
)  # fmt: skip


_KEY = tuple(ReportSheet.__table__.c[name] for name in Group._fields)


def sheets_of(day: int) -> dict[Group, bytes]:
    """What the sheets of this day, or of this week, must say. One statement."""
    return _of_week(day) if day < 0 else _of_day(day)


def _of_day(day: int) -> dict[Group, bytes]:
    sheets: dict[Group, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    groups: dict[tuple, list[tuple[Group, frozenset | None]]] = {}
    for figure, seconds, *ticket in db.session.execute(_FACTS, {"day": day}):
        mark = tuple(ticket)
        if mark not in groups:
            groups[mark] = list(_groups(*ticket))
        for group, only in groups[mark]:
            if only is None or figure in only:
                sheets[group][figure].append(seconds)
    return {group: pack(facts) for group, facts in sheets.items()}


def _of_week(week: int) -> dict[Group, bytes]:
    """Out of the sheets of its days."""
    bodies: dict[Group, list[bytes]] = defaultdict(list)
    table, sunday = ReportSheet.__table__.c, -week
    for *key, body in db.session.execute(select(*_KEY, table.body).where(table.day.between(sunday - 6, sunday))):
        bodies[Group(*key)].append(body)
    return {group: lay_together(several) for group, several in bodies.items()}


def _groups(restricted, team_id, kind, category_id, priority, owner_id, provider, payment_system) -> Iterator:
    """All groups that a ticket counts in, each with the figures it holds, None for all of them."""
    case = (team_id, str(kind), category_id or 0, priority.rank)
    yield Group(Family.ALL, "", restricted), None
    yield Group(Family.CASES, "", restricted, *case), None
    yield Group(Family.TEAM, "", restricted, team_id=team_id), _BRIEF
    yield Group(Family.TYPE, "", restricted, type=str(kind)), _BRIEF
    yield Group(Family.CATEGORY, "", restricted, category_id=category_id or 0), _BRIEF
    yield Group(Family.PRIORITY, "", restricted, priority=priority.rank), _BRIEF
    yield Group(Family.OWNER, str(owner_id or 0), restricted, *case), None
    yield Group(Family.OWNERS, str(owner_id or 0), restricted), _BRIEF
    for sort, name in suppliers(provider, payment_system):
        yield Group(Family.PARTY, f"{sort}:{name}", restricted), _OF_PARTY


def write_sheets(day: int, sheets: dict[Group, bytes]) -> None:
    """Put these in the place of the day's or week's sheets; a day's shift the stock by what that changes."""
    table = ReportSheet.__table__.c
    known = db.session.execute(select(*_KEY, table.body).where(table.day == day))
    before = {Group(*key): body for *key, body in known}
    changed = [group for group in before.keys() | sheets.keys() if before.get(group) != sheets.get(group)]
    _put([group._asdict() | {"day": day, "body": sheets.get(group)} for group in changed])
    if day > 0:
        _write_stock({group: change for group in changed if (change := _change(group, before, sheets))})


def _change(group: Group, before: dict[Group, bytes], after: dict[Group, bytes]) -> dict | None:
    """By how much its stock has changed; None where it has not, or is not known."""
    if group.family not in STOCKED:
        return None
    change = dict.fromkeys(OPEN_STATUSES, 0)
    for sheets, times in (before, -1), (after, 1):
        if group in sheets:
            _shift(change, Pile([sheets[group]]).count, times)
    return change if any(change.values()) else None


def _shift(stock: dict, count: Callable[[Figure], int], times: int) -> None:
    for status in OPEN_STATUSES:
        stock[status] += times * (count(ENTERED[status]) - count(STAYS[status]))


def _write_stock(changes: dict[Group, dict]) -> None:
    """The stock of a group is a sheet of its own: how many have entered each open status and not left it."""
    if not changes:
        return
    table = ReportSheet.__table__.c
    known = {
        Group(*row[:-1]): Pile([row.body])
        for row in db.session.execute(select(*_KEY, table.body).where(table.day == STOCK_DAY))
    }
    rows = []
    for group, change in changes.items():
        before = known.get(group, Pile())
        after = {ENTERED[status].number: before.count(ENTERED[status]) + change[status] for status in OPEN_STATUSES}
        rows.append(group._asdict() | {"day": STOCK_DAY, "body": pack_counts(after)})
    _put(rows)


def _put(rows: list[dict]) -> None:
    """Write these sheets, in the place of those of the same keys."""
    if not rows:
        return
    table = ReportSheet.__table__
    here = (table.c[name] == bindparam(f"old_{name}") for name in (*Group._fields, "day"))
    old = [{f"old_{name}": value for name, value in row.items() if name != "body"} for row in rows]
    connection = db.session.connection()
    connection.execute(delete(table).where(*here), old)
    kept = [row for row in rows if row["body"]]  # a group that holds nothing any more needs no sheet
    if kept:
        connection.execute(insert(table), kept)
