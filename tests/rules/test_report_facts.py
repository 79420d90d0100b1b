"""What a ticket's history and clocks count as: each figure, its day in the desk's zone, and the time it took."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.rules.report_facts import (
    ENTERED,
    FIGURES,
    HOLDS,
    KINDS,
    NO_TIME,
    OUTCOMES,
    STAYS,
    SUPERSEDED,
    Fact,
    Figure,
    Happened,
    facts_of,
    figure_of,
)
from ticketing.rules.sla import SELF, ClockKind, ClockState
from ticketing.rules.taxonomy import OPEN_STATUSES, STATUSES, HoldReason, Status

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
DAY = NOW.date().toordinal()


def at(minutes):
    return NOW + timedelta(minutes=minutes)


def moved(start, end, minutes):
    kind = "closed" if end == "closed" else "reopened" if start == "closed" else "moved"
    return Happened(kind, at(minutes), {"from": start, "to": end})


def told(kind, minutes, **payload):
    return Happened(kind, at(minutes), payload)


def facts(status, *events, clocks=(), zone="UTC", created=NOW, now=None):
    return facts_of(created, Status(status), events, clocks, now or at(100_000), ZoneInfo(zone))


def seconds(found, figure):
    return [fact.seconds for fact in found if fact.figure is Figure(figure)]


@dataclass
class Clock:
    kind: ClockKind = ClockKind.RESOLUTION
    state: ClockState = ClockState.RUNNING
    cause: str | None = None
    due_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    elapsed_before_s: int = 0


def test_a_ticket_that_was_only_filed_is_created_and_in_new():
    assert facts("new") == [Fact(Figure.CREATED, DAY, 0), Fact(Figure.ENTERED_NEW, DAY, 0)]


def test_a_walk_ends_each_stay_with_its_seconds_and_closing_takes_all_of_them():
    found = facts(
        "closed", moved("new", "classified", 1), moved("classified", "assigned", 3),
        moved("assigned", "diagnostics", 7), moved("diagnostics", "correction", 15),
        moved("correction", "solution_check", 31), moved("solution_check", "closed", 63),
    )  # fmt: skip
    assert [seconds(found, figure) for figure in STAYS.values()] == [[60], [120], [240], [480], [960], [1920]]
    assert seconds(found, "closed") == [63 * 60]
    assert [len(seconds(found, figure)) for figure in ENTERED.values()] == [1] * 6


def test_reopening_counts_how_long_it_had_been_closed_and_the_second_closing_from_the_filing():
    found = facts("closed", moved("new", "closed", 10), moved("closed", "diagnostics", 40),
                  moved("diagnostics", "closed", 100))  # fmt: skip
    assert seconds(found, "reopened") == [1800]
    assert seconds(found, "closed") == [600, 6000]
    assert seconds(found, "stay_diagnostics") == [3600]


def test_what_elsewhere_was_reopened_from_its_check_is_reopened_without_a_time_and_ends_the_check():
    event = Happened("reopened", at(30), {"from": "solution_check", "to": "diagnostics", "why": "reopen_count 1"})
    found = facts("diagnostics", moved("new", "solution_check", 10), event)
    assert seconds(found, "reopened") == [NO_TIME]
    assert seconds(found, "stay_solution_check") == [1200]
    assert seconds(found, "entered_diagnostics") == [0]


@pytest.mark.parametrize("reason", HoldReason)
def test_a_hold_counts_for_its_reason_when_it_ends(reason):
    held = told("held", 1, reason=str(reason))
    assert seconds(facts("new", held), HOLDS[reason]) == []
    assert seconds(facts("new", held, told("resumed", 31, cause="resumed")), HOLDS[reason]) == [1800]


def test_another_reason_ends_the_hold_before_and_a_resume_without_a_hold_counts_nothing():
    found = facts("new", told("resumed", 1, cause="moved"), told("held", 2, reason="vendor"),
                  told("held", 12, reason="other"), told("resumed", 15, cause="moved"))  # fmt: skip
    assert [seconds(found, HOLDS[reason]) for reason in (HoldReason.VENDOR, HoldReason.OTHER)] == [[600], [180]]


def test_changes_of_owner_and_superseded_breaches_are_counted_without_a_time():
    found = facts("new", told("reassigned", 1), told("reassigned", 2), told("superseded", 3, clock="reaction"))
    assert [seconds(found, name) for name in ("reassigned", "reaction_superseded")] == [[0, 0], [0]]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", date(2026, 3, 28)), ("Europe/Berlin", date(2026, 3, 29)), ("America/New_York", date(2026, 3, 28)),
     ("Asia/Kathmandu", date(2026, 3, 29)), ("Pacific/Kiritimati", date(2026, 3, 29))],
)  # fmt: skip
def test_a_day_is_the_desks_own(zone, day):
    found = facts("new", zone=zone, created=datetime(2026, 3, 28, 23, 30, tzinfo=UTC))
    assert {date.fromordinal(fact.day) for fact in found} == {day}


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_was():
    created = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)  # 23:00 in Berlin; at 6 there it is 04:00 UTC
    event = Happened("moved", datetime(2026, 3, 29, 4, 0, tzinfo=UTC), {"from": "new", "to": "classified"})
    found = facts("classified", event, zone="Europe/Berlin", created=created)
    [stay] = [fact for fact in found if fact.figure is Figure.STAY_NEW]
    assert (stay.seconds, date.fromordinal(stay.day)) == (6 * 3600, date(2026, 3, 29))


CLOCKS = {
    "met": (Clock(state=ClockState.MET, stopped_at=at(5), elapsed_before_s=300), "resolution_met", 300),
    "late": (
        Clock(state=ClockState.STOPPED_LATE, breached_at=at(2), stopped_at=at(5), elapsed_before_s=300),
        "resolution_breached", 300,
    ),
    "breached and running": (
        Clock(ClockKind.REACTION, ClockState.BREACHED, breached_at=at(2), due_at=at(2)), "reaction_breached", NO_TIME,
    ),
    "breached and paused": (Clock(state=ClockState.PAUSED, breached_at=at(2)), "resolution_breached", NO_TIME),
    "late unseen": (Clock(due_at=at(2)), "resolution_breached", NO_TIME),
    "own": (Clock(ClockKind.REACTION, ClockState.MET, SELF, stopped_at=at(5)), "reaction_self", 0),
    "cancelled": (Clock(state=ClockState.CANCELLED, cause="invalid", stopped_at=at(5)), "resolution_cancelled", 0),
}  # fmt: skip


@pytest.mark.parametrize("clock", CLOCKS)
def test_each_end_of_a_clock_is_its_figure(clock):
    row, figure, took = CLOCKS[clock]
    [found] = [fact for fact in facts("new", clocks=[row], now=at(10)) if fact.figure in OUTCOMES.values()]
    assert found == Fact(Figure(figure), DAY, took)


@pytest.mark.parametrize("row", [Clock(due_at=at(10)), Clock(due_at=at(11)), Clock(state=ClockState.PAUSED), Clock()])
def test_what_is_not_late_yet_does_not_count(row):
    assert len(facts("new", clocks=[row], now=at(10))) == 2


def test_a_breach_moves_to_the_day_on_which_the_clock_stops():
    running = Clock(state=ClockState.BREACHED, breached_at=at(0))
    stopped = Clock(state=ClockState.STOPPED_LATE, breached_at=at(0), stopped_at=at(2880), elapsed_before_s=9)
    days = [fact.day for row in (running, stopped) for fact in facts("new", clocks=[row]) if fact.seconds]
    assert days == [DAY, DAY + 2]


def test_a_clock_that_goes_back_leaves_no_status_before_it_was_entered():
    """The order of the acts is that in which they were written; their times may not be."""
    found = facts("correction", moved("new", "diagnostics", 900), moved("diagnostics", "correction", 897), zone="UTC")
    by_figure = {fact.figure: fact for fact in found}
    assert by_figure[Figure.STAY_DIAGNOSTICS] == Fact(Figure.STAY_DIAGNOSTICS, DAY + 1, 0)
    assert by_figure[Figure.ENTERED_CORRECTION].day == DAY + 1
    assert Figure.STAY_CORRECTION not in by_figure


def test_a_history_from_elsewhere_may_list_its_moves_in_another_order():
    events = [moved("diagnostics", "closed", 30), moved("new", "diagnostics", 10)]
    assert sorted(facts("closed", *events)) == sorted(facts("closed", *reversed(events)))


def test_a_history_that_stops_short_ends_where_its_ticket_stands():
    assert stock(facts("correction", moved("new", "diagnostics", 10))) == {"correction": 1}
    assert stock(facts("closed", moved("new", "diagnostics", 10))) == {}
    assert seconds(facts("closed"), "closed") == [0]


def test_codes_from_elsewhere_may_be_written_as_people_do():
    events = [Happened("moved", at(5), {"from": "New", "to": "Solution check"}), told("held", 6, reason="Fog"),
              told("resumed", 7)]  # fmt: skip
    found = facts("solution_check", *events)
    assert stock(found) == {"solution_check": 1}
    assert seconds(found, "hold_other") == [60]


def test_an_end_before_the_beginning_took_no_time():
    found = facts("closed", moved("new", "closed", -30))
    assert (seconds(found, "closed"), seconds(found, "stay_new")) == ([0], [0])


def stock(found) -> dict:
    """In which open status the ticket is, by what it entered and left."""
    n = {str(one): len(seconds(found, ENTERED[one])) - len(seconds(found, STAYS[one])) for one in OPEN_STATUSES}
    return {status: number for status, number in n.items() if number}


@given(st.lists(st.tuples(st.sampled_from(STATUSES), st.integers(-3000, 3000)), max_size=12))
def test_after_any_walk_a_ticket_is_in_the_one_status_where_it_stands_and_never_in_less_than_none(walk):
    here, events, minutes = Status.NEW, [], 0
    for status, later in walk:
        if status is not here:
            minutes += later
            events.append(moved(str(here), str(status), minutes))
            here = status
    found = facts(here, *events)
    assert stock(found) == ({str(here): 1} if here is not Status.CLOSED else {})
    assert all(fact.seconds >= 0 for fact in found)
    for day in {fact.day for fact in found}:
        now = stock([fact for fact in found if fact.day <= day])
        assert all(number == 1 for number in now.values())
        assert len(now) <= 1
    assert len(seconds(found, "closed")) - len(seconds(found, "reopened")) == (here is Status.CLOSED)


def test_numbers_of_figures_are_those_that_are_stored():
    """They stand in rows: whoever changes one of these counts everything anew, and raises RULES."""
    assert [(figure.number, str(figure)) for figure in FIGURES[:4]] == [
        (1, "created"), (2, "closed"), (3, "reopened"), (4, "reassigned"),
    ]  # fmt: skip
    assert all(figure_of(figure.number) is figure for figure in FIGURES)
    assert (len(FIGURES), FIGURES[-1].number, str(FIGURES[21]), str(FIGURES[-1])) == (
        31, 31, "reaction_met", "resolution_superseded",
    )  # fmt: skip
    assert set(SUPERSEDED.values()).isdisjoint(OUTCOMES.values())


def test_only_what_ends_comes_with_a_time():
    timed = {str(figure) for figure in FIGURES if figure.is_timed}
    assert timed == {
        "closed", "reopened", *(f"stay_{status}" for status in OPEN_STATUSES), *(f"hold_{one}" for one in HoldReason),
        "reaction_met", "reaction_breached", "resolution_met", "resolution_breached",
    }  # fmt: skip


def test_kinds_that_are_read_are_those_that_count():
    assert set(KINDS) == {"moved", "closed", "reopened", "held", "resumed", "reassigned", "superseded"}
