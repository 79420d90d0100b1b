"""Other terms of service than the ones a desk starts with, and instants as people in Berlin say them."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.models import CalendarVersion, SlaTerms

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(text: str) -> datetime:
    """The instant of a local time in Berlin: "2026-05-04 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def document() -> dict:
    """The terms in force, to be changed and given to `use`."""
    return db.session.scalar(select(SlaTerms).order_by(SlaTerms.id.desc()).limit(1)).document


def use(changed: dict, at: datetime | None = None) -> SlaTerms:
    """Put a document in force, with a version for each calendar that has none."""
    at = at or berlin("2026-01-01 00:00")
    for key, body in changed["calendars"].items():
        kept = db.session.get(CalendarVersion, body["version"]) if "version" in body else None
        plain = {name: value for name, value in body.items() if name != "version"}
        if kept is None or json.loads(kept.body) != plain:
            made = CalendarVersion(key=key, body=json.dumps(plain), made_at=at)
            db.session.add(made)
            db.session.flush()
            body["version"] = made.id
    number = db.session.scalar(select(func.max(SlaTerms.id))) + 1
    terms = SlaTerms(id=number, body=json.dumps(changed), note="", made_at=at)
    db.session.add(terms)
    db.session.flush()
    return terms


def set_target(priority: str, reaction: int | None, resolution: int | None, calendar: str | None = None,
               policy: str = "everything_else", warn: int = 75) -> SlaTerms:  # fmt: skip
    """Promise other minutes for one priority."""
    changed = document()
    found = next(one for one in changed["policies"] if one["key"] == policy)
    found["targets"][priority] = {
        "reaction_min": reaction, "resolution_min": resolution, "at_risk_percent": warn, "calendar": calendar,
    }  # fmt: skip
    return use(changed)
