"""The calendars of the terms as plain JSON: read, checked, and changed under running clocks (sla.md, Terms and R12)."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import available_timezones

from ticketing.rules.sla import ClockState, elapsed
from ticketing.rules.texts import is_writable
from ticketing.rules.working_hours import WEEKDAYS, Calendar, NeverOpen

ALWAYS = "always"
NAME_MAX = 60
INTERVALS_MAX = 8
EXCEPTIONS_MAX = 1000


def read_calendar(body: Mapping) -> Calendar:
    """Opening hours out of a document's body. Raises ValueError."""
    exceptions = {date.fromisoformat(day): found["open"] for day, found in body.get("exceptions", {}).items()}
    return Calendar(body["time_zone"], body["weekly"], exceptions)


def clean_calendar(body: Mapping) -> dict:
    """A checked body in the one form in which it is kept: days and dates in order, nothing beside them."""
    weekly = {day: _sorted(body["weekly"][day]) for day in WEEKDAYS if body["weekly"].get(day)}
    exceptions = {
        day: {"name": found.get("name", ""), "open": _sorted(found["open"])}
        for day, found in sorted(body.get("exceptions", {}).items())
    }
    return {"name": body["name"], "time_zone": body["time_zone"], "weekly": weekly, "exceptions": exceptions}


def same_hours(one: Mapping, other: Mapping) -> bool:
    """Are these open at the same times, whatever their days are called?"""
    return _hours(one) == _hours(other)


def exceptions_from(body: Mapping, today: date) -> dict:
    """The dated exceptions of today and later; ISO dates sort as text."""
    return {day: found for day, found in body.get("exceptions", {}).items() if day >= today.isoformat()}


def with_later_exceptions(own: Mapping, saved: Mapping, today: date) -> dict:
    """A clock's own hours with the exceptions that were saved for today and later (R12). What is past stays."""
    past = {day: found for day, found in own.get("exceptions", {}).items() if day < today.isoformat()}
    return clean_calendar({**own, "name": saved["name"], "exceptions": past | exceptions_from(saved, today)})


def moves_due(clock, hours: Calendar, at: datetime) -> bool:
    """Would an open clock be due at another instant if it went on under these hours from `at` (R12)?

    A breach keeps its due. A paused clock has none yet: whatever opens or closes may move it.
    """
    if clock.breached_at is not None:
        return False
    if clock.state is ClockState.PAUSED:
        return True
    left = clock.target_s - elapsed(clock, at)
    return left > 0 and _reach(clock.calendar, at, left) != _reach(hours, at, left)


def check_calendar(body: object, now: datetime) -> dict[str, str]:
    """What is wrong with one calendar: {field: code}; fields are name, time_zone, weekly.mon…, exceptions.DATE."""
    if not isinstance(body, Mapping):
        return {"": "unreadable"}
    errors = check_name(body)
    zone, weekly, exceptions = body.get("time_zone"), body.get("weekly"), body.get("exceptions", {})
    if not isinstance(zone, str) or zone not in time_zones():
        errors["time_zone"] = "unknown_value"
    if not isinstance(weekly, Mapping):
        return errors | {"weekly": "required"}
    if not isinstance(exceptions, Mapping):
        return errors | {"exceptions": "unreadable"}
    if len(exceptions) > EXCEPTIONS_MAX:
        return errors | {"exceptions": "too_many"}
    for day, spans in weekly.items():
        if day not in WEEKDAYS:
            errors[f"weekly.{day}"] = "unknown_value"
        elif code := check_spans(spans):
            errors[f"weekly.{day}"] = code
    for day, found in exceptions.items():
        if code := _check_exception(day, found):
            errors[f"exceptions.{day}"] = code
    if not errors and not opens_within_five_years(read_calendar(body), now):
        errors["weekly"] = "never_open"
    return errors


def opens_within_five_years(calendar: Calendar, now: datetime) -> bool:
    try:
        calendar.add(now, 1)
    except NeverOpen:
        return False
    return True


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """Every zone this machine knows by its name."""
    return frozenset(available_timezones())


def check_spans(spans: object) -> str | None:
    """What is wrong with the intervals of one day, a list of [from, to]; None when nothing is."""
    if not isinstance(spans, list) or not all(isinstance(span, list | tuple) and len(span) == 2 for span in spans):
        return "not_intervals"
    if len(spans) > INTERVALS_MAX:
        return "too_many"
    for span in spans:
        if not all(_builds((end, end)) for end in span):
            return "not_a_time"
        if not _builds(tuple(span)):
            return "from_after_to"
        if _seconds(span[0]) == _seconds(span[1]):
            return "empty_interval"
    return None


def check_name(body: Mapping) -> dict[str, str]:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        return {"name": "required"}
    if not is_writable(name):
        return {"name": "unwritable_characters"}
    return {"name": "too_long"} if len(name) > NAME_MAX else {}


def _check_exception(day: object, found: object) -> str | None:
    try:
        # Other ways to write a date would be other keys for the same day.
        if date.fromisoformat(day).isoformat() != day:
            return "not_a_date"
    except (TypeError, ValueError):
        return "not_a_date"
    if not isinstance(found, Mapping) or not isinstance(found.get("name", ""), str):
        return "unreadable"
    if not is_writable(found.get("name", "")):
        return "unwritable_characters"
    if len(found.get("name", "")) > NAME_MAX:
        return "too_long"
    return check_spans(found.get("open"))


def _builds(span: tuple) -> bool:
    try:
        Calendar("UTC", {"mon": [span]})
    except ValueError:
        return False
    return True


def _seconds(time: str) -> int:
    hours, minutes, *rest = map(int, time.split(":"))
    return hours * 3600 + minutes * 60 + (rest[0] if rest else 0)


def _hours(body: Mapping) -> tuple:
    weekly = {day: spans for day in WEEKDAYS if (spans := _sorted(body["weekly"].get(day, ())))}
    exceptions = {day: _sorted(found["open"]) for day, found in body.get("exceptions", {}).items()}
    return body["time_zone"], weekly, exceptions


def _sorted(spans) -> list[list[str]]:
    return sorted(map(list, spans))


def _reach(calendar: Calendar, at: datetime, seconds: int) -> datetime | None:
    try:
        return calendar.add(at, seconds)
    except NeverOpen:
        return None
