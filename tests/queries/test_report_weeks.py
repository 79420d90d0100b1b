"""Which sheets hold a period: whole weeks by their own, the days beside them by theirs, each day once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.models.report import week_of
from ticketing.queries.report_sheets import _spans

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def days_of(number: int) -> list[date]:
    """Of a sheet, by the number it has for a day; no sheet has one that is no Sunday's."""
    if number > 0:
        return [date.fromordinal(number)]
    if date.fromordinal(-number).weekday() != 6:
        return []
    return [date.fromordinal(-number) - timedelta(days=before) for before in range(6, -1, -1)]


@given(DAYS, st.integers(0, 900))
def test_a_period_holds_each_of_its_days_once(first, length):
    last = first + timedelta(days=length)
    spans = _spans(first.toordinal(), last.toordinal())
    held = [day for start, end in spans for number in range(start, end + 1) for day in days_of(number)]
    assert sorted(held) == [first + timedelta(days=place) for place in range(length + 1)]
    assert sum(end - start + 1 for start, end in spans if start > 0) <= 12 or length < 13


@given(DAYS)
def test_what_has_no_end_begins_on_its_day_and_goes_on_by_weeks(first):
    *beside, (start, end) = _spans(first.toordinal(), None)
    assert start is None
    held = [day for one in beside for number in range(one[0], one[1] + 1) for day in days_of(number)]
    monday = days_of(end)[0]
    assert monday.weekday() == 0
    assert held == [first + timedelta(days=place) for place in range((monday - first).days)]


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 26), date(2026, 11, 29)])
def test_a_week_is_named_after_its_sunday(day):
    assert week_of(day.toordinal()) == -date(2026, 11, 29).toordinal()
