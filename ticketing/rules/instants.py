"""Instants as text: read from whoever gives one, and written as everything here writes them."""

from datetime import UTC, date, datetime
from functools import lru_cache

_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def is_within_reach(day: date) -> bool:
    """Days outside of these years are slips of the pen, and reckoning with some of them breaks off."""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


@lru_cache(maxsize=4096)  # a ticket says the same moment many times over
def read_instant(text: str) -> datetime:
    """An ISO 8601 instant or day; without a zone it is taken as UTC. ValueError if it is none, or of another age."""
    moment = datetime.fromisoformat(text.strip())
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None
    if not is_within_reach(moment):
        raise ValueError(text)
    return moment.replace(microsecond=0)


def write_instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
