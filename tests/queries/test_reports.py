"""The reports against the history: every figure as a slow and obvious recomputation has it."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from tests.factories import person
from tests.support.report_lives import desk, populate
from tests.support.report_oracle import KINDS, OUTCOMES, Oracle, any_clock
from ticketing.jobs.reports.refresh import refresh
from ticketing.queries.report_behind import tickets_behind
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import load_report
from ticketing.rules.report_facts import FIGURES
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import OPEN_STATUSES, HoldReason, TicketType

ALL = Scope(date(2026, 3, 1), date(2026, 12, 31))
PERIODS = [
    ALL, Scope(date(2026, 3, 25), date(2026, 4, 9)), Scope(date(2026, 10, 20), date(2026, 11, 16)),
    Scope(date(2026, 5, 4), date(2026, 5, 4)), Scope(date(2026, 4, 1), date(2026, 9, 30)),
    Scope(date(2026, 3, 29), date(2026, 9, 26)), Scope(date(2020, 1, 1), date(2020, 3, 1)),
    Scope(date(2027, 1, 1), date(2027, 3, 1)),
]  # fmt: skip


@pytest.fixture
def context(app):
    with app.app_context():
        yield


def plain(report) -> dict:
    """A report as the oracle writes it."""
    return {
        "headline": headline(report.headline), "previous": headline(report.previous),
        "weeks": [(week.start, week.last, headline(week)) for week in report.weeks],
        "days": [(day.date, {str(status): n for status, n in day.open.items()}, day.closed) for day in report.days],
        "stays": {str(status): spread(found) for status, found in report.stays.items()},
        "bottleneck": report.bottleneck and str(report.bottleneck),
        "holds": {str(reason): spread(found) for reason, found in report.holds.items()},
        "by_priority": groups(report.by_priority), "by_team": groups(report.by_team),
        "by_type": groups(report.by_type), "by_category": groups(report.by_category), "owners": owners(report.owners),
    }  # fmt: skip


def headline(found) -> dict:
    return {
        "created": found.created, "closed": found.closed, "reopened": found.reopened, "reassigned": found.reassigned,
        "open": found.open_at_end, "reopen_share": found.reopen_share, "clocks": clocks(found.clocks),
    }  # fmt: skip


def clocks(found: dict) -> dict:
    return {
        str(kind): {outcome: getattr(cycles, outcome) for outcome in OUTCOMES} | {"share": cycles.share}
        | {"median": cycles.median_s, "p90": cycles.p90_s, "mean": cycles.mean_s}
        for kind, cycles in found.items()
    }  # fmt: skip


def spread(found) -> dict:
    return {
        "count": found.count, "total": found.total_s, "median": found.median_s, "p90": found.p90_s,
        "mean": found.mean_s,
    }  # fmt: skip


def groups(found: dict) -> dict:
    """Whether a group with nothing in it is named makes no difference."""
    plain_ones = {key if isinstance(key, int) else str(key): clocks(one) for key, one in found.items()}
    return {key: one for key, one in plain_ones.items() if any_clock(one)}


def owners(lines: list) -> list:
    found = [(one.id, one.name, one.created, one.closed, one.reopened, clocks(one.clocks)) for one in lines]
    return [line for line in found if any(line[2:5]) or any_clock(line[5])]


def scopes(oracle: Oracle, dice: Random) -> list[Scope]:
    """Periods of all kinds; every filter by every value that occurs, and some of several at once."""
    stories = list(oracle.stories.values())
    one_by_one = [replace(ALL, **{name: value}) for name in ("team", "type", "category", "priority")
                  for value in sorted({getattr(one, name) for one in stories} - {""})]  # fmt: skip
    people = [replace(ALL, person=handle) for handle in sorted({one.owner for one in stories} | {"none", "mara"})]
    several = []
    for _ in range(8):
        like, period = dice.choice(stories), dice.choice(PERIODS)
        names = dice.sample(["team", "type", "category", "priority", "owner"], k=dice.randint(2, 4))
        wanted = {"person" if name == "owner" else name: getattr(like, name) for name in names}
        several.append(replace(period, **wanted))
    return PERIODS + one_by_one + people + several


def assert_agrees(oracle: Oracle, scope: Scope, zone: str, handle: str) -> None:
    report = load_report(scope, person(handle), zone)
    expected, found = oracle.report(scope, manager=handle == "mara"), plain(report)
    for part, value in expected.items():
        assert found[part] == value, (part, scope, handle, zone)
    assert (report.zone, report.scope, report.counted_at) == (zone, scope, oracle.now)


@pytest.mark.parametrize(
    ("zone", "seed"), [("Europe/Berlin", 1), ("America/New_York", 6), ("Asia/Kathmandu", 7), ("UTC", 4)]
)
def test_every_figure_of_random_lives_is_what_the_history_says(context, zone, seed):
    latest = populate(desk(seed, 20)) + timedelta(minutes=7)
    refresh(latest, zone)
    oracle = Oracle(latest, zone)
    for scope in scopes(oracle, Random(seed)):
        assert_agrees(oracle, scope, zone, "mara")
    for scope in (*PERIODS, replace(ALL, team="devops"), replace(ALL, person="ann")):
        assert_agrees(oracle, scope, zone, "ann")
    assert any(one.restricted for one in oracle.stories.values())
    assert len({fact.figure for fact in oracle.facts}) >= 15


def pages_of(name: str, scope: Scope, viewer) -> list:
    rows, more = [], True
    while more:
        page = tickets_behind(name, scope, viewer, offset=len(rows), limit=7)
        assert len(page.rows) == 7 or not page.more
        rows, more = rows + page.rows, page.more
    return rows


def test_behind_each_number_stand_as_many_tickets(context):
    latest = populate(desk(5, 14)) + timedelta(minutes=7)
    refresh(latest, "Asia/Kathmandu")
    oracle = Oracle(latest, "Asia/Kathmandu")
    for handle in ("mara", "ann"):
        for scope in (ALL, PERIODS[1], replace(ALL, team="technical_support"), replace(PERIODS[2], person="ann"),
                      replace(ALL, priority="critical", type=TicketType.INCIDENT)):  # fmt: skip
            assert_all_behind(oracle, scope, handle)


def assert_all_behind(oracle: Oracle, scope: Scope, handle: str) -> None:
    chosen, viewer = oracle.chosen(scope, handle == "mara"), person(handle)
    facts = oracle.facts_in(chosen, scope.first, scope.last)
    for figure in FIGURES:
        if str(figure).startswith("entered_"):
            continue
        expected = sorted((fact.ticket, fact.day) for fact in facts if fact.figure == str(figure))
        rows = pages_of(str(figure), scope, viewer)
        assert sorted((row.id, row.day) for row in rows) == expected
        assert tickets_behind(str(figure), scope, viewer).count == len(expected)
        assert [row.day for row in rows] == sorted((row.day for row in rows), reverse=True)
    for name, kinds in (("reaction", ["reaction"]), ("resolution", ["resolution"])):
        expected = [f for f in facts for kind in kinds if f.figure in (f"{kind}_met", f"{kind}_breached")]
        assert len(pages_of(name, scope, viewer)) == len(expected)
    assert len(pages_of("stays", scope, viewer)) == sum(fact.figure.startswith("stay_") for fact in facts)
    assert len(pages_of("holds", scope, viewer)) == sum(fact.figure.startswith("hold_") for fact in facts)
    stock = oracle.open_at(chosen, scope.last)
    for status, number in stock.items():
        found = [row.id for row in pages_of(f"open_{status}", scope, viewer)]
        assert len(found) == number
        assert {oracle.stories[one].status_at_end_of(scope.last) for one in found} <= {status}
    assert len(pages_of("open", scope, viewer)) == sum(stock.values())


def test_times_behind_a_figure_are_those_of_its_median(context):
    life = {
        "beginning": "2026-05-04 09:00", "filer": "rita", "priority": "critical", "walked": 3,
        "steps": [(60, "hold", "ann", 1), (1440, "resume", "ann", 0), (7, "close", "mara", 1)],
    }  # fmt: skip
    latest = populate([(life, (TicketType.INCIDENT, ""))])
    refresh(latest, "UTC")
    report, viewer = load_report(ALL, person("mara"), "UTC"), person("mara")
    [hold] = tickets_behind("hold_provider", ALL, viewer).rows
    assert hold.seconds == report.holds[HoldReason.PROVIDER].median_s == 1440 * 60
    [met] = tickets_behind("resolution_met", ALL, viewer).rows
    assert met.seconds == report.headline.clocks[ClockKind.RESOLUTION].median_s == (3 * 3 + 60 + 7) * 60
    assert [row.seconds for row in tickets_behind("reassigned", ALL, viewer).rows] == []
    assert [row.seconds for row in tickets_behind("created", ALL, viewer).rows] == [None]


def test_a_name_that_is_no_figure_is_an_error(context):
    with pytest.raises(ValueError, match="nonsense"):
        tickets_behind("nonsense", ALL, person("mara"))


def test_before_anything_was_counted_there_is_nothing_and_it_is_said(context):
    report = load_report(ALL, person("mara"), "UTC")
    assert report.counted_at is None
    assert (report.headline.created, report.headline.open_at_end, report.owners) == (0, 0, [])
    assert {kind: report.headline.clocks[ClockKind(kind)].share for kind in KINDS} == dict.fromkeys(KINDS)
    assert report.days[-1].open == dict.fromkeys(OPEN_STATUSES, 0)
