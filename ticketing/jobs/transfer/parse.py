"""Checks one record, field by field, and fills in what a file leaves out, as filing a ticket would."""

from ticketing.jobs.transfer.checks import check_address, check_code, check_instant, check_key, check_text
from ticketing.jobs.transfer.parse_history import check_comments, check_events, check_links, check_watchers
from ticketing.jobs.transfer.record import COLUMNS, INSTANTS, PEOPLE
from ticketing.jobs.transfer.trouble import RowRefused
from ticketing.models.ticket_edits import clean_title
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import (
    DETAIL_FIELDS,
    HOLD_TEXT_MAX,
    TEXT_MAX,
    TITLE_MAX,
    HoldReason,
    Priority,
    ResolutionCode,
    RootCause,
    Status,
    TicketType,
    clean_details,
)

_CODES = {
    "type": TicketType, "priority": Priority, "status": Status, "hold_reason": HoldReason,
    "resolution_code": ResolutionCode, "root_cause": RootCause,
}  # fmt: skip
_LONGEST = {
    "title": TITLE_MAX, "description": TEXT_MAX, "solution": TEXT_MAX, "hold_text": HOLD_TEXT_MAX,
    "source": 40, "external_id": 80, "team": 80, "category": 80,
}  # fmt: skip
_HISTORY = {"watchers": check_watchers, "links": check_links, "comments": check_comments, "events": check_events}


def parse(raw: dict) -> dict:
    """The given fields in the form of record.py. Raises RowRefused at the first field that is wrong."""
    record = {name: raw[name] for name in COLUMNS if raw.get(name) not in (None, "")}
    for name in record:
        record[name] = _field(name, record[name])
    if "title" not in record:
        raise RowRefused("title", "required")
    whole = is_whole(record)
    if not whole:
        record["title"] = _plain_title(record["title"])
    if "details" in record:
        record["details"] = _details(record["details"], TicketType(record.get("type", "incident")), whole)
    _check_together(record)
    return record


def is_whole(record: dict) -> bool:
    """Does it carry its own history, as our exports do?"""
    return bool(record.get("events"))


def _field(name: str, value: object):
    if name in _CODES:
        return check_code(name, value, _CODES[name])
    if name in INSTANTS:
        return check_instant(name, value)
    if name in PEOPLE:
        return check_address(name, value)
    if name in _HISTORY:
        return _HISTORY[name](value)
    if name == "key":
        return check_key(name, value)
    if name == "details":
        return value
    return check_text(name, value, _LONGEST[name])


def _plain_title(title: str) -> str:
    try:
        return clean_title(title)
    except Invalid as refusal:
        raise RowRefused("title", refusal.errors["title"]) from None


def _details(value: object, ticket_type: TicketType, whole: bool) -> dict:
    if not isinstance(value, dict):
        raise RowRefused("details", "not_an_object")
    for name, text in value.items():
        check_text(f"details.{name}", text, 400)
    clean, errors = clean_details(ticket_type, value)
    for name, code in errors.items():
        # A ticket whose type was changed keeps the details of its old one.
        if not (whole and name in DETAIL_FIELDS and code in ("unknown_field", "required")):
            raise RowRefused(f"details.{name}", code, value.get(name))
    return dict(sorted((value if whole else clean).items()))


def _check_together(record: dict) -> None:
    closed = record.get("status") == Status.CLOSED
    if record.get("closed_at") and not closed:
        raise RowRefused("closed_at", "not_closed", record["closed_at"])
    if closed and is_whole(record) and not record.get("closed_at"):
        raise RowRefused("closed_at", "required")
    if record.get("closed_at", "9") < record.get("created_at", ""):
        raise RowRefused("closed_at", "before_created_at", record["closed_at"])
    if record.get("hold_reason") and closed:
        raise RowRefused("hold_reason", "closed", record["hold_reason"])
    if bool(record.get("external_id")) != bool(record.get("source")) and is_whole(record):
        raise RowRefused("source" if record.get("external_id") else "external_id", "required")
