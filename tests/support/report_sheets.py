"""All that the counting has written, to be compared with what it writes another time."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.jobs.reports.refresh import refresh
from ticketing.models import ReportFact, ReportSheet
from ticketing.models.report import STOCK_DAY
from ticketing.models.report_state import read_state
from ticketing.rules.report_facts import ENTERED, STAYS
from ticketing.rules.report_sheet import Pile, lay_together
from ticketing.rules.taxonomy import OPEN_STATUSES

_SHEET = ReportSheet.__table__
_KEY = [column for column in _SHEET.primary_key.columns if column.name != "day"]


def counted() -> tuple[dict, dict]:
    """Facts by ticket, and sheets by their keys: as they are stored."""
    facts = {}
    for row in db.session.execute(select(ReportFact.__table__)):
        facts.setdefault(row.ticket_id, []).append((row.place, row.figure, row.day, row.seconds))
    sheets = {tuple(row)[:-1]: row.body for row in db.session.execute(select(*_KEY, _SHEET.c.day, _SHEET.c.body))}
    return {ticket: sorted(rows) for ticket, rows in facts.items()}, sheets


def stock_of_all_days() -> dict:
    """{group: {status: how many entered and did not leave}} by adding up the sheets of the days."""
    found = {}
    rows = db.session.execute(select(*_KEY, _SHEET.c.body).where(_SHEET.c.day > STOCK_DAY))
    for *key, body in rows:
        pile, stock = Pile([body]), found.setdefault(tuple(key), Counter())
        for status in OPEN_STATUSES:
            stock[status] += pile.count(ENTERED[status]) - pile.count(STAYS[status])
    return {key: plain for key, stock in found.items() if (plain := _not_none(stock))}


def stock_as_kept() -> dict:
    rows = db.session.execute(select(*_KEY, _SHEET.c.body).where(_SHEET.c.day == STOCK_DAY))
    kept = {tuple(key): Pile([body]) for *key, body in rows}
    return {
        key: plain
        for key, pile in kept.items()
        if (plain := _not_none({status: pile.count(ENTERED[status]) for status in OPEN_STATUSES}))
    }


def weeks_of_all_days() -> dict:
    """{(group, Sunday of a week): the sheet that says what those of its days say}."""
    found = defaultdict(list)
    for *key, day, body in db.session.execute(select(*_KEY, _SHEET.c.day, _SHEET.c.body).where(_SHEET.c.day > 0)):
        date_ = date.fromordinal(day)
        found[tuple(key), date_ + timedelta(days=6 - date_.weekday())].append(body)
    return {key: lay_together(bodies) for key, bodies in found.items()}


def weeks_as_kept() -> dict:
    rows = db.session.execute(select(*_KEY, _SHEET.c.day, _SHEET.c.body).where(_SHEET.c.day < 0))
    return {(tuple(key), date.fromordinal(-day)): body for *key, day, body in rows}


def _not_none(stock: dict) -> dict:
    return {status: number for status, number in stock.items() if number}


def assert_complete(zone: str = "UTC") -> None:
    """No day or week waits to be summed up, and weeks and stock are what the days leave."""
    assert read_state(zone).dirty == {}
    assert weeks_as_kept() == weeks_of_all_days()
    assert stock_as_kept() == stock_of_all_days()


def assert_as_anew(now, zone: str = "UTC") -> None:
    """What was counted piece by piece is what is counted from the start."""
    assert_complete(zone)
    before = counted()
    assert refresh(now, zone, anew=True).anew
    after = counted()
    assert_complete(zone)
    assert before[0] == after[0]
    assert before[1] == after[1]
