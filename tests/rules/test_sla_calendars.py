"""Calendars as a document: what is refused, and exceptions that come under running clocks (sla.md R12)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.terms_document import CLOSED, NOW, OFFICE, office, refused, terms
from ticketing.rules.sla import ClockState
from ticketing.rules.sla_calendars import (
    check_calendar,
    clean_calendar,
    exceptions_from,
    moves_due,
    read_calendar,
    same_hours,
    with_later_exceptions,
)
from ticketing.rules.working_hours import WEEKDAYS, Calendar


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "x" * 61}, "name", "too_long"),
        ({"time_zone": "Mars/Base"}, "time_zone", "unknown_value"),
        ({"time_zone": "Europe"}, "time_zone", "unknown_value"),
        ({"time_zone": "../UTC"}, "time_zone", "unknown_value"),
        ({"time_zone": ""}, "time_zone", "unknown_value"),
        ({"time_zone": None}, "time_zone", "unknown_value"),
        ({"weekly": None}, "weekly", "required"),
        ({"weekly": {}}, "weekly", "never_open"),
        ({"weekly": {"mon": []}}, "weekly", "never_open"),
        ({"weekly": {"day": OFFICE}}, "weekly.day", "unknown_value"),
        ({"weekly": {"mon": "09-18"}}, "weekly.mon", "not_intervals"),
        ({"weekly": {"mon": [["09:00"]]}}, "weekly.mon", "not_intervals"),
        ({"weekly": {"mon": [["9", "18"]]}}, "weekly.mon", "not_a_time"),
        ({"weekly": {"mon": [[9, 18]]}}, "weekly.mon", "not_a_time"),
        ({"weekly": {"mon": [["09:00", "24:01"]]}}, "weekly.mon", "not_a_time"),
        ({"weekly": {"mon": [["18:00", "09:00"]]}}, "weekly.mon", "from_after_to"),
        ({"weekly": {"mon": [["09:00", "09:00"]]}}, "weekly.mon", "empty_interval"),
        ({"weekly": {"mon": [["09:00", "10:00"]] * 9}}, "weekly.mon", "too_many"),
        ({"exceptions": []}, "exceptions", "unreadable"),
        ({"exceptions": {str(n): CLOSED for n in range(1001)}}, "exceptions", "too_many"),
        ({"exceptions": {"2026-02-30": CLOSED}}, "exceptions.2026-02-30", "not_a_date"),
        ({"exceptions": {"20260501": CLOSED}}, "exceptions.20260501", "not_a_date"),
        ({"exceptions": {"2026-W18-5": CLOSED}}, "exceptions.2026-W18-5", "not_a_date"),
        ({"exceptions": {"": CLOSED}}, "exceptions.", "not_a_date"),
        ({"exceptions": {"2026-05-01": None}}, "exceptions.2026-05-01", "unreadable"),
        ({"exceptions": {"2026-05-01": {"name": 5, "open": []}}}, "exceptions.2026-05-01", "unreadable"),
        ({"exceptions": {"2026-05-01": {"name": "x" * 61, "open": []}}}, "exceptions.2026-05-01", "too_long"),
        ({"exceptions": {"2026-05-01": {"name": "x"}}}, "exceptions.2026-05-01", "not_intervals"),
        ({"exceptions": {"2026-05-01": {"open": [["9", "10"]]}}}, "exceptions.2026-05-01", "not_a_time"),
    ],
)
def test_what_is_wrong_with_a_calendar(change, field, code):
    assert check_calendar(office(**change), NOW) == {field: code}
    assert refused(terms(office=office(**change))) == {f"calendars.office.{field}": code}


def test_a_calendar_may_open_on_a_dated_exception_alone_for_as_long_as_that_lies_ahead():
    rare = office(weekly={}, exceptions={"2030-01-01": {"name": "Open day", "open": [["10:00", "11:00"]]}})
    assert check_calendar(rare, NOW) == {}
    assert check_calendar(rare, NOW - timedelta(days=1500)) == {"weekly": "never_open"}
    assert check_calendar(rare, datetime(2030, 1, 2, tzinfo=UTC)) == {"weekly": "never_open"}


def test_what_a_calendar_may_be():
    whole = {"sun": [["00:00", "24:00"]], "mon": [["08:00:30", "12:00"], ["11:00", "13:00"]]}
    assert check_calendar(office(weekly=whole, time_zone="Asia/Kathmandu"), NOW) == {}
    assert check_calendar({name: value for name, value in office().items() if name != "exceptions"}, NOW) == {}
    assert check_calendar("x", NOW) == {"": "unreadable"}


def test_always_is_there_and_always():
    document = terms()
    document["calendars"]["always"]["weekly"]["sun"] = [["00:00", "12:00"]]
    assert refused(document) == {"calendars.always": "built_in"}
    document["calendars"]["always"]["weekly"]["sun"] = "x"
    assert refused(document) == {"calendars.always.weekly.sun": "not_intervals"}
    del document["calendars"]["always"]
    assert refused(document) == {"calendars.always": "required"}


def test_calendars_have_keys_and_names_of_their_own():
    assert refused(terms(**{"Night shift": office(name="Nights")})) == {"calendars.Night shift": "not_a_key"}
    assert refused(terms(nights=office(name="office "))) == {"calendars.nights.name": "taken"}


def test_a_clocks_own_week_and_past_meet_the_exceptions_to_come():
    own = office(exceptions={"2026-05-01": CLOSED, "2026-05-08": CLOSED}, time_zone="Europe/Malta")
    saved = office(name="New", weekly={"sat": OFFICE}, exceptions={"2026-04-30": CLOSED, "2026-05-04": CLOSED})
    merged = with_later_exceptions(own, saved, date(2026, 5, 4))
    assert list(merged["exceptions"]) == ["2026-05-01", "2026-05-04"]
    assert (merged["weekly"], merged["time_zone"]) == (own["weekly"], "Europe/Malta")
    assert exceptions_from(own, date(2026, 5, 8)) == {"2026-05-08": CLOSED}
    assert own["exceptions"].keys() == {"2026-05-01", "2026-05-08"}


def test_names_and_order_make_no_other_hours():
    one = office(exceptions={"2026-05-01": CLOSED})
    other = office(name="Else", weekly=dict.fromkeys(reversed(WEEKDAYS[:5]), OFFICE[::-1]) | {"sun": []},
                   exceptions={"2026-05-01": {"open": []}})  # fmt: skip
    assert same_hours(one, other)
    assert clean_calendar(other)["weekly"] == one["weekly"]
    assert not same_hours(one, office())


class Clock:
    def __init__(self, state=ClockState.RUNNING, target=4, elapsed=0, breached=None):
        self.state, self.target_s, self.elapsed_before_s, self.breached_at = state, target * 3600, elapsed, breached
        self.segment_start = None if state is ClockState.PAUSED else NOW
        self.calendar = read_calendar(office())


@pytest.mark.parametrize(
    ("clock", "day", "moves"),
    [
        (Clock(), "2026-05-04", True),
        (Clock(), "2026-05-05", False),
        (Clock(target=16), "2026-05-05", True),
        (Clock(target=16), "2026-05-06", False),
        (Clock(target=16, elapsed=12 * 3600), "2026-05-05", False),
        (Clock(ClockState.PAUSED), "2026-05-20", True),
        (Clock(ClockState.BREACHED, breached=NOW), "2026-05-04", False),
        (Clock(ClockState.PAUSED, breached=NOW), "2026-05-04", False),
        (Clock(target=1, elapsed=3600), "2026-05-04", False),
    ],
)
def test_only_a_due_that_moves_is_moved(clock, day, moves):
    hours = read_calendar(office(exceptions={day: CLOSED}))
    assert moves_due(clock, hours, NOW) is moves


def test_a_calendar_that_closes_for_good_moves_a_due_too():
    assert moves_due(Clock(), Calendar("UTC", {}), NOW)


def test_open_spans_are_told_within_bounds():
    calendar = read_calendar(office())
    spans = list(calendar.open_between(NOW + timedelta(hours=1), NOW + timedelta(hours=6)))
    assert [(opens.hour, closes.hour) for opens, closes in spans] == [(8, 11), (12, 13)]
    assert list(calendar.open_between(NOW, NOW)) == []
    assert list(Calendar.always().open_between(NOW, NOW + timedelta(days=9))) == [(NOW, NOW + timedelta(days=9))]
    assert list(Calendar("UTC", {}).open_between(NOW, NOW + timedelta(days=9))) == []
