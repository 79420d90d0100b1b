"""Counting what has changed comes to the same as counting everything, whatever happens and whoever counts besides."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select, update

from tests.factories import at, category, person, team, ticket, ticket_in
from tests.support.report_lives import desk, lead
from tests.support.report_sheets import assert_as_anew, assert_complete, counted, stock_as_kept
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.jobs.reports import refresh as job
from ticketing.jobs.reports.refresh import refresh, run
from ticketing.models import JobRun, ReportSheet, Ticket
from ticketing.models.answers import Answers
from ticketing.models.report_state import read_state
from ticketing.queries.report_behind import tickets_behind
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import load_report
from ticketing.rules.taxonomy import OPEN_STATUSES, Priority, Status, TicketType

ALL = Scope(at(0).date() - timedelta(days=200), at(0).date() + timedelta(days=190))


@pytest.fixture
def context(app):
    with app.app_context():
        yield


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_lives_counted_at_any_moment_are_as_if_counted_once(context, seed):
    dice, latest, zone = Random(seed), at(-200_000), dice_zone(seed)
    for life, fate in desk(seed, 10):
        cut = sorted(dice.sample(range(len(life["steps"]) + 1), k=min(2, len(life["steps"]))))
        for until in (*cut, None):
            _made, latest = lead(life | {"steps": life["steps"][:until]}, fate, latest)
            if dice.random() < 0.7:
                latest += timedelta(minutes=dice.choice([0, 1, 30, 59, 61, 600]))
                refresh(latest, zone)
    latest += timedelta(minutes=400)
    refresh(latest, zone)
    assert_as_anew(latest, zone)


def dice_zone(seed):
    return ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"][seed % 3]


def test_one_ticket_counted_after_each_of_its_acts_is_as_if_counted_at_the_end(context):
    made, ann, mara = ticket(priority=Priority.HIGH, category=category("user_system")), person("ann"), person("mara")
    acts = [
        lambda now: made.take(by=ann, at=now),
        lambda now: made.move_to(Status.DIAGNOSTICS, by=ann, at=now),
        lambda now: made.edit(type=TicketType.SECURITY_ALERT, details={}, by=mara, at=now, why="It is"),
        lambda now: made.assign(person("bo"), by=mara, at=now),
        lambda now: made.edit(priority=Priority.LOW, by=mara, at=now, why="Less bad"),
        lambda now: made.edit(category=category("security_events"), by=mara, at=now, why="It is"),
        lambda now: made.edit(type=TicketType.INCIDENT, details={}, by=mara, at=now, why="It is not"),
        lambda now: made.move_to(Status.SOLUTION_CHECK, by=person("bo"), at=now, answers=Answers(solution="Done")),
        lambda now: made.close_as("invalid", by=mara, at=now, comment="Spam"),
        lambda now: made.edit(type=TicketType.PAYMENT_ISSUE, details={}, by=mara, at=now, why="It was"),
        lambda now: made.move_to(Status.DIAGNOSTICS, by=person("rita"), at=now, answers=Answers(why="Again")),
    ]
    for nth, act in enumerate(acts, 1):
        act(at(1000 * nth))
        db.session.commit()
        refresh(at(1000 * nth), "UTC")
        assert_complete()
    refresh(at(12_000), "UTC")
    assert_as_anew(at(12_000))
    assert sum(sum(stock.values()) for key, stock in stock_as_kept().items() if key[0] == "all") == 1


MOVED = {
    "owner": lambda made: made.assign(person("bo"), by=person("mara"), at=at(9000)),
    "team": lambda made: made.change_team(team("backend").id, by=person("mara"), at=at(9000), owner=person("ben")),
    "category": lambda made: made.edit(category=category("infrastructure"), by=person("mara"), at=at(9000)),
    "priority": lambda made: made.edit(priority=Priority.HIGH, by=person("mara"), at=at(9000)),
    "type": lambda made: made.edit(type=TicketType.PAYMENT_ISSUE, details={}, by=person("mara"), at=at(9000)),
}
WHERE = {
    "owner": ("person", "ann", "bo"), "team": ("team", "technical_support", "backend"),
    "category": ("category", "user_system", "infrastructure"), "priority": ("priority", "normal", "high"),
    "type": ("type", "incident", "payment_issue"),
}  # fmt: skip


@pytest.mark.parametrize("what", MOVED)
def test_what_changes_hands_takes_all_of_its_past_along(context, what):
    made = ticket_in(Status.DIAGNOSTICS)
    made.move_to(Status.CORRECTION, by=person("ann"), at=at(3000))
    ticket_in(Status.ASSIGNED)
    db.session.commit()
    refresh(at(3001), "UTC")
    name, before, after = WHERE[what]
    assert past(name, before) == [2, 2]
    MOVED[what](made)
    db.session.commit()
    refresh(at(9001), "UTC")
    assert (past(name, before), past(name, after)) == ([1, 1], [1, 1])
    assert_as_anew(at(9001))


def past(name, value) -> list:
    scope = Scope(at(0).date(), at(9001).date(), **{name: value})
    report = load_report(scope, person("mara"), "UTC")
    return [report.headline.created, report.headline.open_at_end]


def test_a_ticket_that_becomes_restricted_is_in_no_count_of_an_engineer(context):
    made = ticket_in(Status.ASSIGNED)
    ticket_in(Status.NEW)
    db.session.commit()
    refresh(at(10), "UTC")
    assert created_for("ann") == created_for("mara") == 2
    made.edit(type=TicketType.SECURITY_ALERT, details={}, by=person("mara"), at=at(20), why="It is")
    db.session.commit()
    refresh(at(21), "UTC")
    assert (created_for("ann"), created_for("mara")) == (1, 2)
    assert len(tickets_behind("open", ALL, person("ann")).rows) == 1


def created_for(handle) -> int:
    return load_report(ALL, person(handle), "UTC").headline.created


def test_the_stock_is_what_stands_on_the_board(context):
    for n, status in enumerate(list(Status) * 2):
        ticket_in(status, moment=at(1500 * n))
    db.session.commit()
    refresh(at(30_000), "Asia/Kathmandu")
    assert_complete("Asia/Kathmandu")
    report = load_report(ALL, person("mara"), "Asia/Kathmandu")
    assert report.days[-1].open == dict.fromkeys(OPEN_STATUSES, 2)
    real = select(func.count()).where(Ticket.status != Status.CLOSED)
    assert report.headline.open_at_end == db.session.scalar(real) == 12


def everything() -> tuple:
    return *counted(), read_state("UTC").event, read_state("UTC").turn


def test_when_nothing_happened_nothing_is_written_but_the_time(app, context):
    ticket_in(Status.CLOSED)
    db.session.commit()
    assert refresh(at(10), "UTC").tickets == 1
    before = counted(), read_state("UTC").turn
    for minute in (11, 12, 80, 81, 200, 2000):
        with statements(app) as sent:
            counts = refresh(at(minute), "UTC")
        assert (counts.tickets, counts.days, counts.anew) == (0, 0, False)
        assert [sql.split()[:2] for sql in sent if not sql.startswith("SELECT")] == [["UPDATE", "setting"]]
    assert (counted(), read_state("UTC").turn) == before
    assert read_state("UTC").counted_at == at(2000)


def test_only_the_days_of_what_changed_are_written_again(context):
    _early, late = ticket_in(Status.ASSIGNED), ticket_in(Status.ASSIGNED, moment=at(1440))
    db.session.commit()
    assert refresh(at(1450), "UTC").days == 2
    late.assign(person("bo"), by=person("mara"), at=at(1460))
    db.session.commit()
    counts = refresh(at(1461), "UTC")
    assert (counts.tickets, counts.days) == (1, 1)


def test_another_zone_counts_everything_for_its_own_days(context):
    ticket(moment=at(8 * 60))  # 17:00 UTC, 22:45 in Kathmandu
    made = ticket(moment=at(10 * 60))  # 19:00 UTC, and past midnight there
    db.session.commit()
    refresh(at(1999), "UTC")
    for zone, days in (("Europe/Berlin", [2]), ("Asia/Kathmandu", [1, 1]), ("UTC", [2])):
        assert refresh(at(2000), zone).anew
        report = load_report(ALL, person("mara"), zone)
        assert [week_day.created for week_day in by_day(zone) if week_day.created] == days
        assert report.zone == zone
        assert_complete(zone)
    assert load_report(ALL, person("mara"), "Asia/Kathmandu").counted_at is None
    assert made.id in {row.id for row in tickets_behind("created", ALL, person("mara")).rows}


def by_day(zone) -> list:
    days = [at(0).date() + timedelta(days=n) for n in range(-1, 3)]
    return [load_report(Scope(day, day), person("mara"), zone).headline for day in days]


def test_other_rules_count_everything(context, monkeypatch):
    ticket()
    db.session.commit()
    refresh(at(1), "UTC")
    monkeypatch.setattr(job, "RULES", 99)
    assert refresh(at(2), "UTC").anew


def test_the_statements_of_a_report_are_always_as_many(app, context):
    def sent(**filters):
        viewer = person("mara")
        with statements(app) as seen:
            load_report(Scope(ALL.first, ALL.last, **filters), viewer, "UTC")
        return len(seen)

    person("mara")
    db.session.commit()
    named = {"team": "devops", "type": "incident", "category": "user_system", "priority": "high", "person": "ann"}
    few = [sent(), sent(person="none"), sent(**named)]
    for n in range(30):
        ticket_in(list(Status)[n % 7], moment=at(700 * n), owner=person(f"helper{n % 9}"))
    db.session.commit()
    refresh(at(30_000), "UTC")
    assert [sent(), sent(person="none"), sent(**named)] == few == [6, 6, 9]


def test_reading_a_report_leaves_the_transaction_fit_to_write(context):
    ticket_in(Status.CLOSED)
    db.session.commit()
    refresh(at(10), "UTC")
    report = load_report(ALL, person("mara"), "UTC")
    another = ticket("After the report")
    db.session.execute(update(Ticket.__table__).where(Ticket.id == another.id).values(description="Written"))
    db.session.commit()
    assert report.headline.created == 1


def test_a_run_leaves_a_row_and_one_that_breaks_off_says_so(context, monkeypatch):
    ticket()
    db.session.commit()
    run(at(1), "UTC")
    monkeypatch.setattr(job, "sheets_of", lambda day: 1 / 0)
    ticket()
    db.session.commit()
    with pytest.raises(ZeroDivisionError):
        run(at(2), "UTC")
    rows = db.session.execute(select(JobRun.counts, JobRun.error).order_by(JobRun.id)).all()
    assert [tuple(row) for row in rows] == [
        ({"tickets": 1, "days": 1, "failed": 0}, ""), ({}, "ZeroDivisionError: division by zero"),
    ]  # fmt: skip
    assert read_state("UTC").counted_at == at(1)
    monkeypatch.undo()
    assert run(at(3), "UTC").days == 1
    assert_as_anew(at(3))


def test_an_empty_desk_is_counted_too(context):
    assert refresh(at(1), "UTC").tickets == 0
    assert read_state("UTC").counted_at == at(1)
    assert db.session.scalar(select(func.count()).select_from(ReportSheet)) == 0
