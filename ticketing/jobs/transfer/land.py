"""Writes one complete record as a ticket with its whole history. The caller holds the savepoint."""

from sqlalchemy import insert, select

from ticketing.extensions import db
from ticketing.jobs.transfer.names import Names
from ticketing.jobs.transfer.record import INSTANTS, read_key, translate
from ticketing.jobs.transfer.trouble import RowRefused
from ticketing.models import Comment, Event, Link, Ticket, Watcher
from ticketing.models.event import EventKind
from ticketing.models.markup import mentioned_handles, render
from ticketing.rules.instants import read_instant
from ticketing.rules.taxonomy import LinkKind, Role, TicketType

_AS_GIVEN = (
    "type", "priority", "status", "title", "hold_reason", "resolution_code", "root_cause", "source", "external_id",
)  # fmt: skip
_TEXTS = ("description", "solution", "hold_text")


def land(record: dict, names: Names) -> Ticket:
    """Add the ticket, its comments, events and watchers; links wait until every ticket is there."""
    owner = names.person(record.get("owner"), Role.SUPPORT_ENGINEER)
    comments = record.get("comments", [])
    ticket = Ticket(
        **{name: record.get(name) for name in _AS_GIVEN},
        **{name: record.get(name) or "" for name in _TEXTS},
        **{name: record.get(name) and read_instant(record[name]) for name in INSTANTS},
        id=record.get("key") and read_key(record["key"]),
        category_id=names.categories[record["category"]].id if record.get("category") else None,
        team_id=names.teams[record["team"]],
        details=record.get("details") or {},
        restricted=record["type"] == TicketType.SECURITY_ALERT,
        reporter_id=names.person(record["reporter"]),
        owner_id=owner,
        solver_id=names.person(record.get("solver"), Role.SUPPORT_ENGINEER),
        comment_count=len(comments),
        visible_comment_count=sum(not said["internal"] for said in comments),
        version=1,
    )
    ticket.relane()
    db.session.add(ticket)
    db.session.flush()
    said = _say(ticket, comments, names)
    _remember(ticket, record["events"], said, names)
    watchers = [
        {"ticket_id": ticket.id, "user_id": names.person(one["person"], Role.SUPPORT_ENGINEER),
         "since": read_instant(one["since"])}
        for one in record.get("watchers", [])
    ]  # fmt: skip
    if watchers:
        db.session.execute(insert(Watcher.__table__), watchers)
    return ticket


def _say(ticket: Ticket, comments: list[dict], names: Names) -> list[int]:
    rows = []
    for said in comments:
        mentions = {handle: names.handles[handle] for handle in mentioned_handles(said["body"]) & names.handles.keys()}
        rows.append(
            Comment(ticket_id=ticket.id, author_id=names.person(said["author"]), internal=said["internal"],
                    body=said["body"], html=render(said["body"], mentions), created_at=read_instant(said["at"]))
        )  # fmt: skip
    db.session.add_all(rows)
    db.session.flush()
    return [row.id for row in rows]


def _remember(ticket: Ticket, events: list[dict], said: list[int], names: Names) -> None:
    def number(sort: str, value):
        match sort:
            case "person":
                return names.person(value)
            case "team":
                return names.teams[names.team_key(value)]
            case "category":
                return names.categories[names.category_key(value)].id
            case "ticket":
                return read_key(value)
            case "comment":
                if value > len(said):
                    raise RowRefused("events", "no_such_comment", value)
                return said[value - 1]
        return None

    rows = [
        {"ticket_id": ticket.id, "kind": event["kind"], "actor_id": names.person(event["actor"]),
         "at": read_instant(event["at"]), "noticed_at": read_instant(event["noticed_at"]),
         "payload": translate(EventKind(event["kind"]), event["payload"], number)}
        for event in events
    ]  # fmt: skip
    db.session.execute(insert(Event.__table__), rows)


def land_link(source_id: int, one: dict, names: Names) -> bool | None:
    """Tie two tickets, without events: those came with the tickets. None: the other ticket is not here."""
    target_id, kind = read_key(one["ticket"]), LinkKind(one["kind"])
    target, source = db.session.get(Ticket, target_id), db.session.get(Ticket, source_id)
    if target is None or source is None or target_id == source_id:
        return None
    here = select(Link.id).where(Link.kind == kind, Link.source_id == source_id, Link.target_id == target_id)
    if db.session.scalar(here) is not None:
        return False
    if kind is LinkKind.PARENT:
        if target.parent_id is not None:
            return None
        target.parent_id = source_id
        source.child_count += 1
    if kind is LinkKind.RECURRENCE_OF:
        target.repeat_count += 1
    author = names.person(one["by"])
    db.session.add(
        Link(kind=kind, source_id=source_id, target_id=target_id, author_id=author, created_at=read_instant(one["at"]))
    )
    db.session.flush()
    return True
