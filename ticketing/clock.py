"""The only place that asks the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant in UTC, in whole seconds: the grain of every clock and event."""
    return datetime.now(UTC).replace(microsecond=0)
