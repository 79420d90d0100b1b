"""By how much a number differs from the one before: as people see both, and by a word that fits them."""

import pytest

from ticketing.rules.report_change import COUNT, LESS, MORE, NEITHER, SHARE, TIME, Mood, difference, mood, percent


@pytest.mark.parametrize(
    ("sort", "now", "then", "by"),
    [
        (COUNT, 5, 3, 2), (COUNT, 3, 3, 0), (COUNT, None, 3, None), (COUNT, 3, None, None),
        (TIME, 600, 300, 300), (TIME, 119, 61, 0), (TIME, 121, 119, 60),
        (TIME, 59, 0, 59), (TIME, 0, 1, -1), (TIME, 59, 1, 0), (TIME, 0, 0, 0), (TIME, 60, 59, 60), (TIME, 0, 61, -60),
        (SHARE, 0.5, 0.25, 25.0), (SHARE, 0.9494, 0.9486, 0.0), (SHARE, 0.9496, 0.9494, 0.1),
        (SHARE, 1, 0.9999, 0.1), (SHARE, 0, 0.0001, -0.1), (SHARE, 1, 0, 100), (SHARE, 0.9999, 0.9994, 0.0),
    ],
)  # fmt: skip
def test_the_difference_is_that_of_the_numbers_people_see(sort, now, then, by):
    assert difference(sort, now, then) == by


@pytest.mark.parametrize("now", [0, 0.0001, 0.3333, 0.9494, 0.95, 0.9999, 1])
@pytest.mark.parametrize("then", [0, 0.0001, 0.3333, 0.9494, 0.95, 0.9999, 1])
def test_two_shares_differ_exactly_where_their_words_do(now, then):
    assert (difference(SHARE, now, then) == 0) == (percent(now) == percent(then))


@pytest.mark.parametrize(
    ("change", "better", "felt"),
    [(None, LESS, Mood.FLAT), (0, LESS, Mood.FLAT), (30, LESS, Mood.BAD), (-30, LESS, Mood.GOOD),
     (0.1, MORE, Mood.GOOD), (-0.1, MORE, Mood.BAD), (5, NEITHER, Mood.FLAT)],
)  # fmt: skip
def test_a_change_is_good_bad_or_neither(change, better, felt):
    assert mood(change, better) is felt
