"""A small document of terms, for rules that know no database."""

import copy
from datetime import UTC, datetime

from ticketing.rules.sla_terms import check_terms
from ticketing.rules.taxonomy import Priority
from ticketing.rules.working_hours import WEEKDAYS

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
CATEGORIES = {"payment_processing", "security_events", "user_system"}
OFFICE = [["09:00", "13:00"], ["14:00", "18:00"]]
CLOSED = {"name": "Closed", "open": []}


def target(reaction=240, resolution=960, share=75, calendar=None):
    return {"reaction_min": reaction, "resolution_min": resolution, "at_risk_percent": share, "calendar": calendar}


def policy(key="rest", name=None, types=(), categories=(), **changes):
    return {
        "key": key, "name": name or key.title(), "types": list(types), "categories": list(categories),
        "calendar": "office", "targets": {str(priority): target() for priority in Priority},
    } | changes  # fmt: skip


def office(**changes):
    weekly = {day: copy.deepcopy(OFFICE) for day in WEEKDAYS[:5]}
    return {"name": "Office", "time_zone": "Europe/Berlin", "weekly": weekly, "exceptions": {}} | changes


def terms(*policies, **calendars):
    always = {"name": "Always", "time_zone": "UTC", "weekly": {day: [["00:00", "24:00"]] for day in WEEKDAYS}}
    return {
        "policies": [*policies] or [policy("security", types=["security_alert"]), policy()],
        "calendars": {"always": always | {"exceptions": {}}, "office": office()} | calendars,
    }


def refused(document):
    return check_terms(document, CATEGORIES, NOW)
