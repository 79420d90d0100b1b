"""Business time: worked examples, the odd days of odd zones, and properties against a slow and obvious reference."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ticketing.rules.working_hours import WEEKDAYS, Calendar, NeverOpen

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = {day: [("09:00", "13:00"), ("14:00", "18:00")] for day in WEEKDAYS[:5]}
NAIVE = datetime(2026, 5, 4)  # noqa: DTZ001 - what must be refused
HOURS, MINUTES = 3600, 60
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/Havana", "Asia/Kathmandu", "Asia/Beirut",
    "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "Asia/Tehran", "Pacific/Chatham",
]  # fmt: skip


def berlin(month, day, hour=0, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def office():
    return Calendar("Europe/Berlin", OFFICE, {date(2026, 5, 1): []})


def night():
    return Calendar("Europe/Berlin", {day: [("22:00", "24:00"), ("00:00", "06:00")] for day in WEEKDAYS})


@pytest.mark.parametrize(
    ("calendar", "start", "seconds", "due"),
    [
        (Calendar.always(), berlin(4, 30, 23, 50), 15 * MINUTES, berlin(5, 1, 0, 5)),
        (office(), berlin(4, 30, 16, 30), 4 * HOURS, berlin(5, 4, 11, 30)),
        (office(), berlin(4, 30, 16, 30), 3 * HOURS, berlin(5, 4, 10, 30)),
        (office(), berlin(5, 4, 12, 40), HOURS, berlin(5, 4, 14, 40)),
        (office(), berlin(5, 4, 9), 8 * HOURS, berlin(5, 4, 18)),
        (office(), berlin(5, 6, 10), 3 * HOURS, berlin(5, 6, 13)),
        (night(), berlin(3, 28, 23), 6 * HOURS, berlin(3, 29, 6)),
        (night(), berlin(10, 24, 23), 6 * HOURS, berlin(10, 25, 4)),
    ],
)
def test_the_worked_examples(calendar, start, seconds, due):
    assert calendar.add(start, seconds) == due
    assert calendar.add(start, seconds).tzinfo is UTC
    assert calendar.work(start, due) == seconds


def test_the_night_of_twenty_five_hours_has_eight():
    assert night().work(berlin(10, 24, 23), berlin(10, 25, 6)) == 8 * HOURS
    assert night().work(berlin(3, 28, 23), berlin(3, 29, 6)) == 6 * HOURS


def test_nothing_added_is_the_same_instant_even_where_it_is_closed():
    assert office().add(berlin(5, 2, 12), 0) == berlin(5, 2, 12)
    assert Calendar("UTC", {}).add(berlin(5, 2, 12), 0) == berlin(5, 2, 12)


def test_an_end_before_the_start_is_no_work():
    assert office().work(berlin(5, 5), berlin(5, 4)) == 0


def test_a_calendar_that_never_opens_is_built_and_has_no_due_date():
    closed = Calendar("Europe/Berlin", {"mon": [("09:00", "09:00")]})
    assert closed.work(berlin(1, 1), berlin(12, 31)) == 0
    with pytest.raises(NeverOpen):
        closed.add(berlin(1, 1), 1)
    once = Calendar("UTC", {}, {date(2026, 6, 1): [("10:00", "11:00")]})
    assert once.add(datetime(2026, 1, 1, tzinfo=UTC), HOURS) == datetime(2026, 6, 1, 11, tzinfo=UTC)
    with pytest.raises(NeverOpen):
        once.add(datetime(2026, 1, 1, tzinfo=UTC), HOURS + 1)
    with pytest.raises(NeverOpen):
        once.add(datetime(2020, 1, 1, tzinfo=UTC), HOURS)


def test_a_day_that_a_zone_leaves_out_has_no_time():
    apia = ZoneInfo("Pacific/Apia")  # went from 29 to 31 December 2011
    fridays = Calendar("Pacific/Apia", {"fri": [("00:00", "24:00")]})
    assert fridays.work(datetime(2011, 12, 29, tzinfo=apia), datetime(2012, 1, 1, tzinfo=apia)) == 0
    all_days = Calendar("Pacific/Apia", {day: [("00:00", "24:00")] for day in WEEKDAYS}, {date(2020, 1, 1): []})
    assert all_days.work(datetime(2011, 12, 29, tzinfo=apia), datetime(2012, 1, 1, tzinfo=apia)) == 48 * HOURS


def test_touching_and_overlapping_intervals_count_once():
    calendar = Calendar(
        "UTC", {"mon": [("10:00", "12:00"), ("09:00", "10:00"), ("11:00", "13:00:30"), ("15:00", "15:00")]}
    )
    day = datetime(2026, 5, 4, tzinfo=UTC)
    assert calendar.work(day, day + timedelta(days=1)) == 4 * HOURS + 30


@pytest.mark.parametrize("intervals", [
    [("10:00", "09:00")], [("9:00", "10:00")], [("09:00", "24:01")], [("09:00", "24:00:01")], [("09:60", "10:00")],
    [("", "10:00")], [("09:00",)], ["09"], [(None, "10:00")], [("09:00", "10:00", "11:00")], [("٠٩:00", "10:00")],
])  # fmt: skip
def test_wrong_times_are_refused(intervals):
    with pytest.raises(ValueError):
        Calendar("UTC", {"mon": intervals})


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "Europe", "../etc/passwd", None, 7])
def test_unknown_zones_are_refused(zone):
    with pytest.raises(ValueError):
        Calendar(zone, OFFICE)


def test_other_wrong_input_is_refused():
    for wrong in (lambda: Calendar("UTC", {"monday": []}), lambda: Calendar("UTC", {}, {"2026-05-01": []}),
                  lambda: office().add(NAIVE, 1), lambda: office().add(berlin(5, 4), -1),
                  lambda: office().work(NAIVE, berlin(5, 5))):  # fmt: skip
        with pytest.raises(ValueError):
            wrong()


minutes = st.integers(0, 96).map(lambda quarter: quarter * 15)
intervals = st.lists(st.tuples(minutes, minutes).map(sorted).map(tuple), max_size=3)
weeks = st.fixed_dictionaries(dict.fromkeys(WEEKDAYS, intervals))
starts = st.integers(-2 * 365 * 1440, 18 * 365 * 1440).map(
    lambda minute: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
zones = st.sampled_from(ZONES)


def hhmm(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


def build(zone, week):
    return Calendar(zone, {day: [(hhmm(a), hhmm(b)) for a, b in spans] for day, spans in week.items()})


def wall(zone, day, minute):
    """A local time as an instant, by the standard library alone."""
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def open_minutes(zone, week, start, end):
    """Every minute of [start, end] that the calendar is open, one by one."""
    found, day = set(), start.date() - timedelta(days=2)
    while day <= end.date() + timedelta(days=2):
        lower, upper = wall(zone, day, 0), wall(zone, day, 1440)
        for opens, closes in week[WEEKDAYS[day.weekday()]]:
            at, until = max(wall(zone, day, opens), lower, start), min(wall(zone, day, closes), upper, end)
            while at < until:
                found.add(at)
                at += timedelta(minutes=1)
        day += timedelta(days=1)
    return found


@settings(max_examples=500)
@given(zones, weeks, starts, st.integers(0, 5 * 1440))
def test_work_is_what_counting_minutes_gives(zone, week, start, span):
    end = start + timedelta(minutes=span)
    assert build(zone, week).work(start, end) == 60 * len(open_minutes(zone, week, start, end))


@settings(max_examples=500)
@given(zones, weeks, starts, st.integers(0, 400 * 3600))
def test_adding_and_measuring_are_inverse(zone, week, start, seconds):
    calendar = build(zone, week)
    assume(any(a < b for spans in week.values() for a, b in spans))
    try:
        due = calendar.add(start, seconds)
    except NeverOpen:  # only the fall of the clocks' one hour was open
        return
    assert calendar.work(start, due) == seconds
    if seconds:
        assert calendar.work(start, due - timedelta(seconds=1)) == seconds - 1


@settings(max_examples=500)
@given(zones, weeks, starts, st.integers(0, 30 * 1440), st.integers(0, 30 * 1440))
def test_splitting_a_span_changes_nothing(zone, week, start, first, second):
    calendar = build(zone, week)
    middle, end = start + timedelta(minutes=first), start + timedelta(minutes=first + second)
    assert calendar.work(start, end) == calendar.work(start, middle) + calendar.work(middle, end)


@settings(max_examples=500)
@given(zones, weeks, starts, st.integers(0, 200 * 3600), st.integers(0, 200 * 3600))
def test_more_to_do_is_never_done_earlier(zone, week, start, one, other):
    calendar = build(zone, week)
    assume(any(a < b for spans in week.values() for a, b in spans))
    less, more = sorted((one, other))
    try:
        assert calendar.add(start, less) <= calendar.add(start, more)
        assert calendar.add(calendar.add(start, less), more - less) == calendar.add(start, more)
    except NeverOpen:
        return


def test_what_comes_only_after_fifty_years_is_not_waited_for():
    weekly = Calendar("Europe/Berlin", {"mon": [("09:00", "09:01")]})
    start = berlin(5, 4)
    assert weekly.add(start, 60 * 522) == berlin(4, 28, 9, 1, year=2036)
    assert weekly.add(start, 60 * 2600).year == 2076
    with pytest.raises(NeverOpen):
        weekly.add(start, 366 * 24 * 3600)


def test_calendars_are_the_same_when_their_hours_are():
    assert office() == office()
    assert hash(office()) == hash(office())
    assert Calendar("UTC", {"mon": [("09:00", "10:00"), ("10:00", "11:00")]}) == Calendar(
        "UTC", {"mon": [("09:00", "11:00")], "tue": []}
    )
    assert office() != Calendar("Europe/Malta", OFFICE, {date(2026, 5, 1): []})
    assert office() != Calendar("Europe/Berlin", OFFICE)
    assert office() != night()
    assert office() != "Office"
