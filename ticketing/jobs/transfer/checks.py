"""One value at a time: what it must be, or RowRefused with the field's name."""

import re

from ticketing.jobs.transfer.record import read_key, write_key
from ticketing.jobs.transfer.trouble import RowRefused
from ticketing.rules.instants import read_instant, write_instant

_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,189}")
# What no text column takes: NUL on PostgreSQL, and bytes that were no UTF-8.
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def check_address(field: str, value: object) -> str:
    text = check_text(field, value, 254)
    if not _ADDRESS.fullmatch(text):
        raise RowRefused(field, "not_an_email", text)
    return text


def check_text(field: str, value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise RowRefused(field, "not_a_text", value)
    if _UNWRITABLE.search(value):
        raise RowRefused(field, "unwritable_characters")
    if len(value) > longest:
        raise RowRefused(field, "too_long", len(value))
    return value


def check_instant(field: str, value: object) -> str:
    try:
        return write_instant(read_instant(check_text(field, value, 40)))
    except ValueError:
        raise RowRefused(field, "not_an_instant", value) from None


def check_code(field: str, value: object, codes) -> str:
    """A code as we write it, or the same as people do: "Payment Issue" is payment_issue."""
    text = check_text(field, value, 80).strip().lower().replace(" ", "_").replace("-", "_")
    try:
        return codes(text).value
    except ValueError:
        raise RowRefused(field, "unknown_value", value) from None


def check_key(field: str, value: object) -> str:
    try:
        return write_key(read_key(check_text(field, value, 20)))
    except ValueError:
        raise RowRefused(field, "not_a_key", value) from None
