"""Who is overloaded, and when half of a target is gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.rules.workload import half_of, limit, limits


@pytest.mark.parametrize(
    ("middle", "most"), [(0, 2), (1, 3), (2, 4), (3.5, 6), (4, 6), (5, 7), (6, 9), (7, 10), (7.5, 11), (10, 15)]
)
def test_the_most_that_is_no_overload(middle, most):
    assert limit(middle) == most


@given(st.integers(0, 400), st.integers(0, 700))
def test_over_the_limit_is_both_half_as_much_again_and_three_more(halves, work):
    middle = halves / 2
    assert (work > limit(middle)) is (work > 1.5 * middle and work >= middle + 3)


def test_each_is_measured_by_their_team():
    found = limits([("ann", 1, 10), ("liv", 1, 2), ("bo", 2, 40), ("kim", 2, 42)])
    assert found == {"ann": 9, "liv": 9, "bo": 61, "kim": 61}


def test_who_is_alone_or_in_no_team_is_measured_by_everybody_who_is_in_one():
    found = limits([("ann", 1, 4), ("liv", 1, 4), ("bo", 2, 9), ("mara", None, 50)])
    assert found == {"ann": 6, "liv": 6, "bo": 6, "mara": 6}


def test_without_teams_there_is_nothing_to_compare_with():
    assert limits([]) == {}
    assert limits([("mara", None, 50)]) == {}


@given(st.integers(1, 10**6), st.data())
def test_half_is_gone_when_less_than_half_is_left(target, data):
    left = data.draw(st.integers(0, target))
    assert (left < half_of(target)) is (target - left > target / 2)
