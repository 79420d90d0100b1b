"""Joining, cutting and measuring stretches of time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.rules.intervals import clip, gaps, longest, total_s, union

STRETCHES = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), max_size=12)


@pytest.mark.parametrize(
    ("given_", "joined"),
    [
        ([], []),
        ([(3, 3)], []),
        ([(5, 2)], []),
        ([(1, 4), (2, 3)], [(1, 4)]),
        ([(1, 3), (3, 5)], [(1, 5)]),
        ([(6, 8), (1, 3), (2, 4)], [(1, 4), (6, 8)]),
    ],
)
def test_what_overlaps_or_touches_is_one(given_, joined):
    assert union(given_) == joined


@pytest.mark.parametrize(
    ("stretch", "cut"), [((0, 20), [(5, 10)]), ((6, 7), [(6, 7)]), ((0, 5), []), ((10, 12), []), ((0, 6), [(5, 6)])]
)
def test_only_what_lies_in_the_period_is_left(stretch, cut):
    assert clip([stretch], 5, 10) == cut


@given(STRETCHES, st.integers(-60, 60), st.integers(-60, 60))
def test_the_gaps_are_what_nothing_covers(stretches, start, end):
    covered = {second for one, other in stretches for second in range(one, other)}
    found = gaps(union(stretches), start, end)
    assert [second for gap in found for second in range(*gap)] == sorted(set(range(start, end)) - covered)
    assert found == union(found)


@given(STRETCHES)
def test_a_second_counts_once_however_many_hold_it(stretches):
    slow = {second for start, end in stretches for second in range(start, end)}
    joined = union(stretches)
    assert total_s(joined) == len(slow)
    assert {second for start, end in joined for second in range(start, end)} == slow


@given(STRETCHES)
def test_joined_ones_stand_apart_in_order(stretches):
    joined = union(stretches)
    assert all(one.end < other.start for one, other in zip(joined, joined[1:], strict=False))
    assert union(joined) == joined
    assert union(reversed(stretches)) == joined


@given(STRETCHES, st.integers(-50, 50), st.integers(-50, 50))
def test_cutting_before_and_after_joining_is_the_same(stretches, start, end):
    assert union(clip(stretches, start, end)) == clip(union(stretches), start, end)
    assert total_s(clip(union(stretches), start, end)) <= max(0, end - start)


@given(STRETCHES, st.integers(-50, 50))
def test_a_period_that_is_cut_in_two_loses_nothing(stretches, middle):
    joined = union(stretches)
    parts = [total_s(clip(joined, *part)) for part in ((-50, middle), (middle, 50))]
    assert sum(parts) == total_s(joined)


def test_the_longest_is_the_first_of_those_that_are():
    assert longest([]) is None
    assert longest([(1, 3), (5, 9), (11, 15)]) == (5, 9)


def test_an_hour_is_an_hour_also_in_the_night_in_which_the_clocks_change():
    berlin = ZoneInfo("Europe/Berlin")
    night = (
        datetime(2026, 3, 29, 0, tzinfo=berlin).astimezone(UTC),
        datetime(2026, 3, 29, 6, tzinfo=berlin).astimezone(UTC),
    )
    assert total_s([night]) == 5 * 3600
    assert total_s(union([night, (night[0] + timedelta(hours=1), night[1] + timedelta(hours=1))])) == 6 * 3600
