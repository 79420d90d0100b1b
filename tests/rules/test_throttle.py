"""How long somebody waits who has failed too often."""

from datetime import UTC, datetime, timedelta

import pytest

from ticketing.rules.throttle import BRAKES, Brake, block_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
THREE = Brake(3, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("minutes_ago", "wait_s"),
    [([], 0), ([1, 2], 0), ([1, 2, 3], 420), ([9, 9.5, 3], 30), ([10, 1, 2], 0), ([11, 10.5, 1], 0),
     ([1, 2, 3, 4, 5], 420), ([0, 0, 0], 600), ([9.999, 9.999, 9.999], 1)],
)  # fmt: skip
def test_the_wait_lasts_until_the_oldest_that_counts_is_gone(minutes_ago, wait_s):
    failures = [NOW - timedelta(minutes=one) for one in minutes_ago]
    assert THREE.wait_s(failures, NOW) == wait_s


def test_an_account_is_braked_before_an_address():
    assert BRAKES["account"].most < BRAKES["address"].most


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("10.0.0.1", "10.0.0.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"), ("::1", "::/64"), ("", ""), ("unix:", "unix:"),
    ],
)  # fmt: skip
def test_what_is_counted_as_one_address(address, block):
    assert block_of(address) == block
