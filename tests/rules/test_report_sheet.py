"""Packed lists of times give the figures that one sorted list gives, however many they are and however they are cut."""

from statistics import median
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.rules import spread
from ticketing.rules.compliance import Compliance, Outcome
from ticketing.rules.report_facts import ENTERED, FIGURES, NO_TIME, OUTCOMES, STAYS, SUPERSEDED, Figure
from ticketing.rules.report_sheet import Pile, lay_together, pack, pack_counts
from ticketing.rules.sla import ClockKind
from ticketing.rules.spread import Spread
from ticketing.rules.taxonomy import Status

STAY = Figure.STAY_NEW
SECONDS = st.integers(0, 10_000_000) | st.sampled_from([0, 1, 2**31 - 1, 60, 61])
LISTS = st.lists(st.lists(SECONDS | st.just(NO_TIME), max_size=12), min_size=1, max_size=8)
# Few values a list are put together and sorted, many are counted where they lie.
WAYS = pytest.mark.parametrize("long", [0, 10**9], ids=["counted", "sorted"])


def spread_of(lists, figure=STAY) -> Spread:
    return Pile(pack({figure.number: one}) for one in lists if one).spread(figure)


def smallest_that_nine_of_ten_keep(values):
    return next(one for one in sorted(values) if 10 * sum(other <= one for other in values) >= 9 * len(values))


@WAYS
@given(lists=LISTS)
def test_many_packed_lists_are_as_one_sorted_list(long, lists):
    values = [one for each in lists for one in each if one != NO_TIME]
    with patch.object(spread, "_LONG", long):
        found = spread_of(lists)
        # In any order, and asked again: looking must not change what is there.
        figures = [(found.p90_s, found.median_s, found.mean_s, found.total_s, found.count) for _ in range(2)]
    assert figures[0] == figures[1]
    assert found.count == sum(map(len, lists))
    assert found.total_s == sum(values)
    if values:
        assert found.median_s == round(median(values))
        assert found.p90_s == smallest_that_nine_of_ten_keep(values)
        assert found.mean_s == round(sum(values) / len(values))
    else:
        assert (found.median_s, found.p90_s, found.mean_s) == (None, None, None)


@given(lists=LISTS)
def test_both_ways_of_finding_the_middle_find_the_same(lists):
    found = []
    for long in (0, 10**9):
        with patch.object(spread, "_LONG", long):
            one = spread_of(lists)
            found.append((one.median_s, one.p90_s))
    assert found[0] == found[1]


@pytest.mark.parametrize("size", [1, 2, 3, 9, 10, 11, 19, 20, 21, 99, 100, 101, 999, 1000, 5000])
def test_nine_of_ten_is_exact_for_every_size(size):
    found = spread_of([list(range(1, size + 1))])
    assert found.p90_s == -(-9 * size // 10)
    assert found.median_s == round((size + 1) / 2)


def test_long_lists_are_counted_by_themselves():
    """Above the limit, without anything set: the same figures."""
    lists = [list(range(start, start + 3000, 3)) for start in (0, 1, 2)]
    found = spread_of(lists)
    assert (found.median_s, found.p90_s, found.total_s) == (round(2999 / 2), 2699, sum(range(3000)))


def test_what_has_no_time_counts_but_has_no_part_in_a_median():
    found = spread_of([[NO_TIME, 10], [NO_TIME], [30, NO_TIME, 20]])
    assert (found.count, found.total_s, found.median_s, found.mean_s) == (6, 60, 20, 20)


SHEETS = st.lists(
    st.dictionaries(st.sampled_from(FIGURES), st.lists(SECONDS, min_size=1, max_size=5)), max_size=6
)  # fmt: skip


@given(SHEETS)
def test_counts_add_up_whether_sheets_or_piles_are_laid_together(sheets):
    bodies = [pack({figure.number: times for figure, times in one.items()}) for one in sheets]
    whole, heap = Pile(bodies), Pile()
    for body in bodies:
        heap.add_pile(Pile([body]))
    for figure in FIGURES:
        expected = sum(len(one.get(figure, ())) for one in sheets)
        assert whole.count(figure) == heap.count(figure) == expected
        if figure.is_timed:
            times = [second for one in sheets for second in one.get(figure, ())]
            assert whole.spread(figure).total_s == heap.spread(figure).total_s == sum(times)
            assert whole.spread(figure).median_s == heap.spread(figure).median_s


@given(SHEETS)
def test_one_sheet_of_many_says_what_they_say(sheets):
    bodies = [pack({figure.number: times for figure, times in one.items()}) for one in sheets]
    one, many = Pile([lay_together(bodies)]), Pile(bodies)
    for figure in FIGURES:
        assert one.count(figure) == many.count(figure)
        assert (one.spread(figure).median_s, one.spread(figure).p90_s) == (
            many.spread(figure).median_s, many.spread(figure).p90_s,
        )  # fmt: skip
    assert lay_together([lay_together(bodies[:2]), *bodies[2:]]) == lay_together(bodies)


def test_laying_a_pile_on_another_leaves_it_as_it_was():
    one, other = Pile([pack({STAY.number: [5]})]), Pile([pack({STAY.number: [7]})])
    both = Pile()
    both.add_pile(one)
    both.add_pile(other)
    both.add_pile(other)
    assert (both.count(STAY), one.count(STAY), one.spread(STAY).total_s, other.spread(STAY).total_s) == (3, 1, 5, 7)


def test_only_figures_with_a_time_carry_one():
    body = pack({Figure.CREATED.number: [0, 0, 0], STAY.number: [9, 3, 6], Figure.REASSIGNED.number: [0]})
    assert len(body) == 4 * (2 + 2 + 3 + 2)
    pile = Pile([body])
    assert (pile.count(Figure.CREATED), pile.count(STAY), pile.count(Figure.REASSIGNED)) == (3, 3, 1)
    assert pile.spread(STAY).median_s == 6


def test_an_endless_time_is_cut_to_what_a_sheet_can_hold():
    assert spread_of([[2**40]]).median_s == 2**31 - 1


def test_a_sum_that_is_not_complete_may_be_less_than_nothing():
    """Days are summed up one by one: a ticket that went to another team leaves this one before it had come."""
    new, assigned = ENTERED[Status.NEW], ENTERED[Status.ASSIGNED]
    body = pack_counts({new.number: -2, assigned.number: 3, ENTERED[Status.CLASSIFIED].number: 0})
    pile = Pile([body, pack({new.number: [0, 0, 0]})])
    assert (pile.count(new), pile.count(assigned), pile.count(ENTERED[Status.CLASSIFIED])) == (1, 3, 0)
    assert pack_counts({new.number: 0}) == b""


def test_cycles_are_what_their_figures_say():
    numbers = {Outcome.MET: [10, 20, 30], Outcome.BREACHED: [100, NO_TIME], Outcome.CANCELLED: [0], Outcome.SELF: [0]}
    facts = {OUTCOMES[ClockKind.REACTION, outcome].number: times for outcome, times in numbers.items()}
    pile = Pile([pack(facts | {SUPERSEDED[ClockKind.REACTION].number: [0, 0]})])
    cycles = pile.cycles(ClockKind.REACTION)
    assert (cycles.met, cycles.breached, cycles.cancelled, cycles.self, cycles.superseded) == (3, 2, 1, 1, 2)
    assert (cycles.counted, cycles.share) == (5, 0.6)
    assert (cycles.median_s, cycles.p90_s, cycles.mean_s) == (25, 100, 40)
    assert pile.cycles(ClockKind.RESOLUTION).counted == 0


def test_nothing_at_all_has_no_share_and_no_median():
    nothing = Pile().cycles(ClockKind.REACTION)
    assert (nothing.counted, nothing.share, nothing.median_s, nothing.p90_s, nothing.mean_s) == (0, *[None] * 4)
    assert Compliance().share is None
    assert Compliance(cancelled=3, self=2, superseded=1).share is None
    empty = Pile().spread(*STAYS.values())
    assert (empty.count, empty.total_s, empty.median_s) == (0, 0, None)
