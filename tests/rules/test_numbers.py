"""Numbers from outside: plain digits within bounds, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ticketing.rules.numbers import LARGEST, whole


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("142", 142), ("007", 7), (str(LARGEST), LARGEST)])
def test_plain_digits_are_numbers(text, number):
    assert whole(text) == number


@pytest.mark.parametrize(
    "text", [None, "", "-1", "+1", "1.5", "1e3", " 1", "²", "٣", "1_000", str(LARGEST + 1), "9" * 400]
)
def test_everything_else_is_none(text):
    assert whole(text) is None


def test_bounds_are_kept():
    assert (whole("5", 1, 5), whole("6", 1, 5), whole("0", 1)) == (5, None, None)


@given(some.text(max_size=14) | some.text("-+ 0123456789._", max_size=12) | some.integers(-5, LARGEST + 5).map(str))
def test_any_text_is_no_number_or_one_that_reads_the_same_again(text):
    number = whole(text)
    if number is None:
        assert not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST)
    else:
        assert number == int(text) and 0 <= number <= LARGEST
        assert whole(str(number)) == number
