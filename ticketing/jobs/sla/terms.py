"""Saving the terms: every policy and calendar as one document, in the next version (sla.md, Terms and R12)."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.jobs.sla.terms_follow import Followed, finish_follow_ups, note_follow_ups
from ticketing.models import CalendarVersion, Category, SlaTerms
from ticketing.models.user import User
from ticketing.rules.refusals import Invalid, Stale
from ticketing.rules.sla_calendars import clean_calendar, same_hours
from ticketing.rules.sla_terms import check_terms
from ticketing.rules.texts import is_writable

NOTE_MAX = 200
FOLLOW_AT_ONCE = 300  # tickets, while somebody waits for the answer


@dataclass(frozen=True, slots=True)
class Saved:
    """The number of the new terms, and the keys of calendars whose dated exceptions open clocks may have to follow."""

    number: int
    follows: tuple[str, ...]


def save_terms(document: dict, *, by: User | None, at: datetime, shown: int, note: str = "") -> Saved:
    """Put a document in force as the terms after `shown`, the number that it was made from.

    Raises Invalid ({path: code}) and Stale when somebody saved meanwhile. Running clocks keep what they have; what
    they are to follow is noted in the same transaction, for `finish_follow_ups` after the commit.
    """
    # Whoever saves holds the terms they started from: a second one waits here, and then sees that it is late.
    held = db.session.scalar(select(SlaTerms).where(SlaTerms.id == shown).with_for_update())
    if held is None or db.session.scalar(select(func.max(SlaTerms.id))) != shown:
        raise Stale("stale")
    errors = check_terms(document, set(db.session.scalars(select(Category.key))), at)
    if len(note) > NOTE_MAX:
        errors["note"] = "too_long"
    elif not is_writable(note):
        errors["note"] = "unwritable_characters"
    if errors:
        raise Invalid(errors)
    before = held.document["calendars"]
    calendars = {key: _version(key, body, before.get(key), by, at) for key, body in document["calendars"].items()}
    number = shown + 1
    body = json.dumps({"policies": document["policies"], "calendars": calendars})
    db.session.add(SlaTerms(id=number, body=body, note=note, made_at=at, made_by_id=by and by.id))
    follows = tuple(key for key, body in calendars.items() if _exceptions_moved(before.get(key), body))
    note_follow_ups(follows, at)
    db.session.flush()
    return Saved(number, follows)


def put_in_force(document: dict, *, by: User | None, at: datetime, shown: int, note: str = "") -> Followed:
    """Save, commit, and let the first open clocks follow; the next check does the rest. Raises as `save_terms`."""
    saved = save_terms(document, by=by, at=at, shown=shown, note=note)
    db.session.commit()
    return finish_follow_ups(at, most=FOLLOW_AT_ONCE) if saved.follows else Followed()


def _version(key: str, body: dict, before: dict | None, by: User | None, at: datetime) -> dict:
    """The body with the number of its version: a new one only where something changed, be it a name.

    Open clocks stay with the version they run on as long as the hours of both are the same (R7).
    """
    clean = clean_calendar(body)
    if before is not None and clean_calendar(before) == clean:
        return clean | {"version": before["version"]}
    made = CalendarVersion(key=key, body=json.dumps(clean), made_at=at, made_by_id=by and by.id)
    db.session.add(made)
    db.session.flush()
    return clean | {"version": made.id}


def _exceptions_moved(before: dict | None, body: dict) -> bool:
    """Did a dated exception come, go or change? Nobody's clock runs on a calendar that is new."""
    if before is None:
        return False
    return not same_hours({**body, "exceptions": before.get("exceptions", {})}, body)
