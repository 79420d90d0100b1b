"""Whole numbers as people and addresses write them."""

import re

LARGEST = 2**31 - 1  # what a key, a version or a page may be on either database
_DIGITS = re.compile(r"[0-9]{1,10}")


def whole(text: str | None, low: int = 0, high: int = LARGEST) -> int | None:
    """The number a text stands for, in plain digits and within bounds; else None."""
    if text is None or not _DIGITS.fullmatch(text):
        return None
    number = int(text)
    return number if low <= number <= high else None
