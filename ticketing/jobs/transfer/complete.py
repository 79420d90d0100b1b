"""What a plain row leaves out, as filing the ticket would have filled it in, with the history to match."""

from collections.abc import Callable
from datetime import datetime

from ticketing.jobs.transfer.names import Names
from ticketing.models.event import EventKind
from ticketing.rules import routing
from ticketing.rules.instants import write_instant
from ticketing.rules.taxonomy import ResolutionCode, Status, TicketType

NOBODY = "import@imported.invalid"


def complete(record: dict, names: Names, at: datetime, source: str, note: Callable) -> dict:
    """The record with every field a ticket must have. `note(field, value)` hears of what people may want to know."""
    full = dict(record)

    def default(field: str, value, tell: bool = False):
        if full.get(field) in (None, ""):
            full[field] = value
            if tell:
                note(field, value)

    category = names.categories.get(full.get("category"))
    default("type", TicketType.INCIDENT.value, tell=True)
    default("priority", routing.priority_for(category and category.priority).value, tell=True)
    default("reporter", NOBODY, tell=True)
    default("created_at", write_instant(at))
    default("status", (Status.ASSIGNED if full.get("owner") else Status.NEW).value, tell=True)
    if "team" not in full:
        number = routing.team_for(category and category.team_id, names.default_team)
        default("team", next(key for key, team in names.teams.items() if team == number))
    if full["status"] == Status.CLOSED:
        default("closed_at", full.get("status_since") or full.get("updated_at") or full["created_at"], tell=True)
        default("resolution_code", ResolutionCode.FIXED.value, tell=True)
    default("status_since", full.get("closed_at") or full["created_at"])
    default("updated_at", max(full["status_since"], full["created_at"]))
    if full.get("hold_reason"):
        default("held_since", full["status_since"])
    if not full.get("events"):
        if full.get("external_id"):
            default("source", source)
        full["events"] = _history(full, write_instant(at), source)
    return full


def _history(full: dict, noticed_at: str, source: str) -> list[dict]:
    """The least history that ends where the row stands."""

    def event(kind: EventKind, at: str, actor: str | None = None, **payload):
        events.append({"kind": kind, "actor": actor, "at": at, "noticed_at": noticed_at, "payload": payload})

    events: list[dict] = []
    event(EventKind.CREATED, full["created_at"], full["reporter"], type=full["type"], priority=full["priority"],
          category=full.get("category"), team=full["team"])  # fmt: skip
    for said, comment in enumerate(full.get("comments", []), 1):
        event(EventKind.COMMENTED, comment["at"], comment["author"], comment=said, internal=comment["internal"])
    since = full["status_since"]
    if full.get("owner"):
        event(EventKind.ASSIGNED, since, owner=full["owner"])
    if full["status"] == Status.CLOSED:
        event(EventKind.CLOSED, full["closed_at"], **{"from": Status.NEW, "to": Status.CLOSED},
              resolution_code=full["resolution_code"], root_cause=full.get("root_cause"))  # fmt: skip
    elif full["status"] != Status.NEW:
        event(EventKind.MOVED, since, **{"from": Status.NEW, "to": full["status"]})
    if full.get("hold_reason"):
        event(EventKind.HELD, full["held_since"], reason=full["hold_reason"], text=full.get("hold_text", ""),
              until=full.get("hold_until"))  # fmt: skip
    event(EventKind.IMPORTED, noticed_at, source=full.get("source") or source, external_id=full.get("external_id"))
    return events
