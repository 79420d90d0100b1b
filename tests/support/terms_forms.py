"""What the tests of policies and calendars fill in and read off the page."""

import re
from datetime import timedelta

from ticketing.clock import now
from ticketing.forms.sla import calendar_values, policy_values


def policy_form(document, key="security", number=1, **changes):
    policy = next(one for one in document["policies"] if one["key"] == key)
    return policy_values(policy) | {"terms": str(number)} | changes


def calendar_form(document, key="office", number=1, days=(), **changes):
    values, rows = calendar_values(document["calendars"][key])
    rows = [(row.day, row.name, row.hours) for row in rows] + list(days)
    lists = dict(zip(("day", "day_name", "day_hours"), map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
    return values | lists | {"terms": str(number)} | changes


def error_at(page, field):
    found = re.search(rf'id="{field}-error">.*?</svg>(.*?)</p>', page, re.S)
    return found and found[1]


def days_from_now(days):
    return (now() + timedelta(days=days)).date().isoformat()
