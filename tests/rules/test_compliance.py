"""How cycles count in reports (sla.md R19)."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from ticketing.rules.compliance import Compliance, Outcome, Tally, judge
from ticketing.rules.sla import ClockState

S, How = ClockState, Outcome
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def clock(state: ClockState, **facts) -> SimpleNamespace:
    values = {"cause": None, "due_at": None, "breached_at": None, "stopped_at": None, "elapsed_before_s": 60,
              "superseded": 0}  # fmt: skip
    return SimpleNamespace(state=state, **(values | facts))


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        (clock(S.MET, stopped_at=ago(5)), (How.MET, ago(5))),
        (clock(S.MET, stopped_at=ago(5), cause="self"), (How.SELF, ago(5))),
        (clock(S.STOPPED_LATE, stopped_at=ago(5), breached_at=ago(9)), (How.BREACHED, ago(5))),
        (clock(S.STOPPED_LATE, stopped_at=ago(5), breached_at=ago(9), cause="duplicate"), (How.BREACHED, ago(5))),
        (clock(S.CANCELLED, stopped_at=ago(5), cause="invalid"), (How.CANCELLED, ago(5))),
        (clock(S.BREACHED, due_at=ago(9), breached_at=ago(9)), (How.BREACHED, ago(9))),
        (clock(S.PAUSED, breached_at=ago(9)), (How.BREACHED, ago(9))),
        (clock(S.RUNNING, due_at=ago(1)), (How.BREACHED, ago(1))),
        (clock(S.RUNNING, due_at=NOW), None),
        (clock(S.RUNNING, due_at=ago(-5)), None),
        (clock(S.RUNNING), None),
        (clock(S.PAUSED), None),
    ],
)
def test_a_clock_counts_by_how_it_stopped_or_that_it_is_late(found, counts):
    assert judge(found, NOW) == counts


def counted(*clocks) -> Compliance:
    made = Tally()
    for one in clocks:
        made.add(judge(one, NOW)[0], one)
    return made.compliance


def test_cancelled_and_own_reactions_stand_apart():
    made = counted(
        clock(S.MET, stopped_at=ago(1)), clock(S.MET, stopped_at=ago(1)), clock(S.MET, stopped_at=ago(1)),
        clock(S.BREACHED, breached_at=ago(1)), clock(S.CANCELLED, stopped_at=ago(1)),
        clock(S.MET, stopped_at=ago(1), cause="self"),
    )  # fmt: skip
    assert (made.met, made.breached, made.cancelled, made.self) == (3, 1, 1, 1)
    assert (made.counted, made.share) == (4, 0.75)


def test_nothing_counted_is_no_share():
    assert (Compliance().share, Compliance().median_s, Compliance().p90_s, Compliance().mean_s) == (None,) * 4
    assert counted(clock(S.CANCELLED, stopped_at=ago(1))).share is None


def test_superseded_breaches_are_counted_by_themselves():
    made = counted(clock(S.MET, stopped_at=ago(1), superseded=2), clock(S.CANCELLED, stopped_at=ago(1), superseded=1))
    assert (made.superseded, made.met, made.breached) == (3, 1, 0)


def lasting(*seconds: int) -> Compliance:
    return counted(*(clock(S.MET, stopped_at=ago(1), elapsed_before_s=one) for one in seconds))


@pytest.mark.parametrize(
    ("durations", "median", "p90", "mean"),
    [((5,), 5, 5, 5), ((1, 9), 5, 9, 5), ((3, 1, 2), 2, 3, 2), (tuple(range(1, 11)), 6, 9, 6),
     (tuple(range(1, 101)), 50, 90, 50), ((0, 0, 0, 100), 0, 100, 25)],
)  # fmt: skip
def test_median_ninth_tenth_and_mean(durations, median, p90, mean):
    made = lasting(*durations)
    assert (made.median_s, made.p90_s, made.mean_s) == (median, p90, mean)


def test_only_what_stopped_for_good_has_a_duration():
    made = counted(
        clock(S.STOPPED_LATE, stopped_at=ago(1), breached_at=ago(2), elapsed_before_s=100),
        clock(S.BREACHED, breached_at=ago(2), elapsed_before_s=900),
        clock(S.CANCELLED, stopped_at=ago(1), elapsed_before_s=900),
        clock(S.MET, stopped_at=ago(1), cause="self", elapsed_before_s=0),
    )
    assert (made.times.count, made.times.total_s) == (1, 100)
