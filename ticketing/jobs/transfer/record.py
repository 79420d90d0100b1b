"""The shape in which a ticket travels: a flat dict with these keys, in this order.

Values are what JSON can hold. People are e-mail addresses, teams and categories their keys, tickets
"T-142", instants "2026-05-04T09:00:00Z". The nested ones are lists of dicts (details: a dict):

    watchers  person, since
    links     kind, ticket, by, at       (only those that start here: "T-2 is a duplicate of T-1")
    comments  author, at, internal, body (Markdown; rendered anew on import)
    events    kind, actor, at, noticed_at, payload

In a payload the numbers of this database become names as well; a comment is its place among the ticket's
comments, from 1. An attachment's file does not travel, so its number becomes null.

Nor do SLA clocks: an imported ticket has none until somebody reopens it (sla.md R1, R10). Its history still tells when
it was reacted to and what was late, but not which terms it ran under, and without them a replay starts no clock.
"""

import re

from ticketing.models.event import EventKind

COLUMNS = (
    "key", "type", "category", "priority", "status", "title", "description", "details", "reporter", "owner",
    "solver", "team", "hold_reason", "hold_text", "hold_until", "held_since", "created_at", "updated_at",
    "closed_at", "status_since", "pinned_at", "resolution_code", "root_cause", "solution", "source",
    "external_id", "watchers", "links", "comments", "events",
)  # fmt: skip
NESTED = ("details", "watchers", "links", "comments", "events")
INSTANTS = ("hold_until", "held_since", "created_at", "updated_at", "closed_at", "status_since", "pinned_at")
PEOPLE = ("reporter", "owner", "solver")

# What the numbers in a payload stand for: {kind: {key: sort}}. `changes` holds pairs, old and new.
_OWNERS = {"owner": "person", "from": "person", "to": "person"}
REFERENCES: dict[EventKind, dict[str, str]] = {
    EventKind.CREATED: {"category": "category", "team": "team"},
    EventKind.ASSIGNED: _OWNERS,
    EventKind.REASSIGNED: _OWNERS,
    EventKind.UNASSIGNED: _OWNERS,
    EventKind.TEAM_CHANGED: {"from": "team", "to": "team"},
    EventKind.CLOSED: {"with_parent": "ticket", "duplicate_of": "ticket"},
    EventKind.COMMENTED: {"comment": "comment", "from_ticket": "ticket"},
    EventKind.ATTACHED: {"attachment": "attachment"},
    EventKind.LINKED: {"ticket": "ticket"},
    EventKind.UNLINKED: {"ticket": "ticket"},
    EventKind.CHILDREN_CLOSED: {"tickets": "tickets"},
    EventKind.PASSED_ON: {"tickets": "tickets", "comment": "comment"},
    EventKind.WATCHED: {"user": "person", "merged_from": "ticket"},
    EventKind.UNWATCHED: {"user": "person", "merged_from": "ticket"},
}
CHANGED_REFERENCES = {"category": "category"}
# Numbers of this desk's policies and calendars: clocks do not travel, and to another desk they mean something else.
STAYS = frozenset({"terms", "calendars"})

_KEY = re.compile(r"[Tt]-(\d{1,9})")


def translate(kind: EventKind, payload: dict, name) -> dict:
    """The payload with each reference replaced by name(sort, value), and without what STAYS; None stays None."""
    references = REFERENCES.get(kind, {})
    translated = {}
    for key, value in payload.items():
        if key in STAYS:
            continue
        if key == "changes" and isinstance(value, dict):
            value = {field: _pair(field, pair, name) for field, pair in value.items()}
        elif key in references and value is not None:
            sort = references[key]
            value = [name("ticket", one) for one in value] if sort == "tickets" else name(sort, value)
        translated[key] = value
    return translated


def _pair(field: str, pair, name):
    sort = CHANGED_REFERENCES.get(field)
    if sort is None or not isinstance(pair, list):
        return pair
    return [None if value is None else name(sort, value) for value in pair]


def write_key(number: int) -> str:
    return f"T-{number}"


def read_key(text: str) -> int:
    """The number of a key. ValueError if it is none."""
    found = _KEY.fullmatch(text.strip())
    if found is None or not int(found.group(1)):
        raise ValueError(text)
    return int(found.group(1))
