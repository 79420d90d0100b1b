"""An imported audit log is counted as its own counters say: reassignments, reopenings, holds, closings by day."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from tests.factories import NOW, at, person
from tests.jobs.test_servicenow import imported
from tests.support.report_oracle import Oracle
from tests.support.report_sheets import assert_complete, counted
from ticketing.jobs.reports.refresh import refresh
from ticketing.queries.report_behind import tickets_behind
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import load_report
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import HoldReason, Status

YEAR = Scope(date(2016, 2, 1), date(2016, 12, 31))
BEGIN = datetime(2016, 3, 1, 8, 0, tzinfo=UTC)
GROUPS = ("Group_56", "Group_70", "DevOps", "?")
OWNERS = ("Resolver_7", "Resolver_9", "Resolver_12", "?")
HOLDS = {
    "Awaiting_User_Info": HoldReason.REPORTER, "Awaiting_Vendor": HoldReason.VENDOR,
    "Awaiting_Problem": HoldReason.OTHER, "Awaiting_Evidence": HoldReason.OTHER,
}  # fmt: skip
pytestmark = pytest.mark.usefixtures("app_context")


def log(seed: int, incidents: int) -> list[str]:
    """Rows in the shape of the real log: counters that only grow, states that come and go, resolved, then closed."""
    dice, rows = Random(seed), []
    for number in range(incidents):
        moment = BEGIN + timedelta(minutes=dice.randrange(60 * 24 * 150))
        moves = reopened = 0
        walk = ["New", *dice.choices(["Active", "Active", *HOLDS], k=dice.randint(0, 5)), "Resolved"]
        if dice.random() < 0.3:
            walk += ["Active", "Resolved"]
        walk += ["Closed"] * (dice.random() < 0.85)
        before = ""
        for order, state in enumerate(walk):
            moves += dice.choice([0, 0, 0, 1, 1, 2])
            reopened += before == "Resolved" and state == "Active"
            rows.append(f"INC{number:02} {state} {moves} {reopened} {order} {moment:%d-%m-%Y_%H:%M} 3_-_Moderate "
                        f"{dice.choice(GROUPS)} {dice.choice(OWNERS)}")  # fmt: skip
            moment += timedelta(minutes=dice.choice([0, 5, 90, 1500, 6000]))
            before = state
    dice.shuffle(rows)
    return rows


def read(rows: list[str]) -> dict[str, list[list[str]]]:
    """Each incident's rows in order."""
    found = defaultdict(list)
    for row in rows:
        number, *cells = row.split()
        found[number].append(cells)
    for each in found.values():
        each.sort(key=lambda cells: (moment_of(cells), int(cells[3])))
    return found


def moment_of(cells: list[str]) -> datetime:
    return datetime.strptime(cells[4], "%d-%m-%Y_%H:%M").replace(tzinfo=UTC)


def total(figure: str) -> tuple[int, int]:
    """How many there are, and in how many tickets, over all pages."""
    found, more = Counter(), True
    while more:
        page = tickets_behind(figure, YEAR, person("mara"), offset=found.total())
        found.update(row.id for row in page.rows)
        more = page.more
    return found.total(), len(found)


def in_log(numbers: list[int]) -> tuple[int, int]:
    return sum(numbers), sum(number > 0 for number in numbers)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_counted_is_what_the_counters_of_the_log_say(seed):
    rows = log(seed, 40)
    report, _notes = imported(rows)
    assert report.created == 40
    refresh(at(1), "UTC")
    incidents = read(rows).values()
    assert total("reassigned") == in_log([max(int(cells[1]) for cells in each) for each in incidents])
    assert total("reopened") == in_log([max(int(cells[2]) for cells in each) for each in incidents])
    for reason in set(HOLDS.values()):
        assert total(f"hold_{reason}") == in_log([holds(each, reason) for each in incidents])
    closings = Counter(moment_of(each[-1]).date() for each in incidents if each[-1][0] == "Closed")
    flow = load_report(Scope(YEAR.first, YEAR.first + timedelta(days=181)), person("mara"), "UTC").days
    per_day = {now.date: now.closed - before.closed for before, now in zip(flow, flow[1:], strict=False)}
    assert {day: number for day, number in per_day.items() if number} == {
        day: number for day, number in closings.items() if flow[0].date < day <= flow[-1].date
    }
    checking = sum(each[-1][0] == "Resolved" for each in incidents)
    whole = load_report(YEAR, person("mara"), "UTC")
    assert (whole.headline.closed, whole.days[-1].open[Status.SOLUTION_CHECK]) == (closings.total(), checking)
    assert whole.headline.open_at_end == checking


def holds(each: list, reason: HoldReason) -> int:
    """How often it came to wait for that: from one state of waiting to another is another hold, the same goes on."""
    states = [cells[0] for cells in each]
    return sum(HOLDS.get(now) is reason and now != before for before, now in zip(["", *states], states, strict=False))


def test_an_imported_history_agrees_with_itself_and_has_no_clocks():
    imported(log(3, 30))
    refresh(at(1), "America/New_York")
    assert_complete("America/New_York")
    report = load_report(YEAR, person("mara"), "America/New_York")
    expected = Oracle(at(1), "America/New_York").report(YEAR, manager=True)
    assert report.headline.created == expected["headline"]["created"] == 30
    assert report.headline.reopened == expected["headline"]["reopened"]
    for status, found in report.stays.items():
        assert (found.count, found.total_s, found.median_s) == tuple(
            expected["stays"][str(status)][name] for name in ("count", "total", "median")
        )
    for reason, found in report.holds.items():
        assert (found.count, found.p90_s) == (expected["holds"][str(reason)]["count"], expected["holds"][reason]["p90"])
    assert [day.open for day in report.days] == [of_that_day for _day, of_that_day, _closed in expected["days"]]
    assert {report.headline.clocks[kind].counted for kind in ClockKind} == {0}


def test_a_second_reading_of_the_log_counts_nothing_twice():
    imported(log(4, 20))
    refresh(at(1), "UTC")
    before = counted()
    imported(log(4, 20), moment=at(60))
    refresh(at(61), "UTC")
    assert counted() == before
    assert load_report(YEAR, person("mara"), "UTC").headline.created == 20


def test_histories_that_are_brought_in_later_count_on_the_days_of_long_ago():
    refresh(NOW, "UTC")
    imported(moment=at(60))
    refresh(at(61), "UTC")
    headline = load_report(YEAR, person("mara"), "UTC").headline
    assert (headline.created, headline.closed, headline.reopened, headline.open_at_end) == (3, 2, 1, 1)
