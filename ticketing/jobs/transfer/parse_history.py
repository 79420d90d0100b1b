"""Checks what hangs on a record: watchers, links, comments and events."""

import json
from collections.abc import Collection

from ticketing.jobs.transfer.checks import check_address, check_code, check_instant, check_key, check_text
from ticketing.jobs.transfer.record import REFERENCES, translate
from ticketing.jobs.transfer.trouble import RowRefused
from ticketing.models.event import EventKind, check_payload
from ticketing.rules.numbers import LARGEST
from ticketing.rules.sla import LEVELS, ClockKind
from ticketing.rules.taxonomy import TEXT_MAX, LinkKind, ResolutionCode, Status

_CLOCK = {"clock": frozenset(ClockKind)}
_CODES = {
    EventKind.REACTED: {"how": frozenset(("take", "move", "owner", "comment", "parent"))},
    EventKind.SLA_LEVEL: _CLOCK | {"level": frozenset(LEVELS)},
    EventKind.SUPERSEDED: _CLOCK,
}
_MOVES = {EventKind.MOVED: ("from", "to"), EventKind.REOPENED: ("from", "to"), EventKind.CLOSED: ("from",)}


def check_watchers(value: object) -> list[dict]:
    return [
        {"person": check_address(field, one.get("person")), "since": check_instant(field, one.get("since"))}
        for field, one in _each("watchers", value)
    ]


def check_links(value: object) -> list[dict]:
    return [
        {
            "kind": check_code(field, one.get("kind"), LinkKind),
            "ticket": check_key(field, one.get("ticket")),
            "by": _nobody_or_address(field, one.get("by")),
            "at": check_instant(field, one.get("at")),
        }
        for field, one in _each("links", value)
    ]


def check_comments(value: object) -> list[dict]:
    return [_comment(field, one) for field, one in _each("comments", value)]


def check_events(value: object) -> list[dict]:
    return [_event(field, one) for field, one in _each("events", value)]


def _each(name: str, value: object):
    if not isinstance(value, list):
        raise RowRefused(name, "not_a_list")
    for place, one in enumerate(value, 1):
        field = f"{name}[{place}]"
        if not isinstance(one, dict):
            raise RowRefused(field, "not_an_object")
        yield field, one


def _comment(field: str, one: dict) -> dict:
    body = check_text(f"{field}.body", one.get("body"), TEXT_MAX)
    if not body.strip():
        raise RowRefused(f"{field}.body", "required")
    if not isinstance(one.get("internal"), bool):
        raise RowRefused(f"{field}.internal", "not_true_or_false", one.get("internal"))
    return {
        "author": check_address(f"{field}.author", one.get("author")),
        "at": check_instant(f"{field}.at", one.get("at")),
        "internal": one["internal"],
        "body": body,
    }


def _event(field: str, one: dict) -> dict:
    kind = EventKind(check_code(f"{field}.kind", one.get("kind"), EventKind))
    at = check_instant(f"{field}.at", one.get("at"))
    return {
        "kind": kind.value,
        "actor": _nobody_or_address(f"{field}.actor", one.get("actor")),
        "at": at,
        "noticed_at": check_instant(f"{field}.noticed_at", one.get("noticed_at") or at),
        "payload": _payload(f"{field}.payload", kind, one.get("payload")),
    }


def _payload(field: str, kind: EventKind, payload: object) -> dict:
    if not isinstance(payload, dict):
        raise RowRefused(field, "not_an_object")
    try:
        check_payload(kind, payload)
    except ValueError as lack:
        raise RowRefused(field, "incomplete", str(lack)) from None
    check_text(field, json.dumps(payload, ensure_ascii=False), 10 * TEXT_MAX)
    if REFERENCES.get(kind, {}).get("tickets") and not isinstance(payload["tickets"], list):
        raise RowRefused(f"{field}.tickets", "not_a_list")
    for name in _MOVES.get(kind, ()):
        check_code(f"{field}.{name}", payload[name], Status)
    for name, codes in _CODES.get(kind, {}).items():
        _check_exactly(f"{field}.{name}", payload[name], codes)
    if "cycle" in payload:
        _check_cycle(f"{field}.cycle", payload["cycle"])
    if kind is EventKind.SUPERSEDED:
        check_instant(f"{field}.breached_at", payload["breached_at"])
        check_text(f"{field}.why", payload["why"], TEXT_MAX)
    if payload.get("cause") is not None:
        check_text(f"{field}.cause", payload["cause"], 24)
    if kind is EventKind.CLOSED:
        check_code(f"{field}.resolution_code", payload["resolution_code"], ResolutionCode)
    return translate(kind, payload, lambda sort, value: _reference(field, sort, value))


def _check_exactly(field: str, value: object, codes: Collection[str]) -> None:
    """A code inside a payload goes in as it stands, so it must be written as we write it."""
    if not isinstance(value, str) or value not in codes:
        raise RowRefused(field, "unknown_value", value)


def _check_cycle(field: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST:
        raise RowRefused(field, "not_a_number", value)


def _reference(field: str, sort: str, value: object):
    if sort == "person":
        return check_address(field, value)
    if sort == "ticket":
        return check_key(field, value)
    if sort == "comment":
        if not isinstance(value, int) or value < 1:
            raise RowRefused(field, "not_a_number", value)
        return value
    return None if sort == "attachment" else check_text(field, value, 80)


def _nobody_or_address(field: str, value: object) -> str | None:
    return None if value is None else check_address(field, value)
