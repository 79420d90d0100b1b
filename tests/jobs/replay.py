"""Reads a ticket's events as anybody could, and says where the ticket must stand after them."""

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.models import Comment, Event, Ticket
from ticketing.models.event import EventKind as K
from ticketing.rules.taxonomy import Status


def replayed(ticket: Ticket) -> dict:
    """The facts that the events leave behind."""
    facts = {"status": Status.NEW, "owner_id": None, "solver_id": None, "closed_at": None, "category_id": None,
             "hold_reason": None, "held_since": None, "resolution_code": None, "root_cause": None, "comment_count": 0,
             "visible_comment_count": 0}  # fmt: skip
    for event in db.session.scalars(select(Event).where(Event.ticket_id == ticket.id).order_by(Event.at, Event.id)):
        _follow(facts, event.kind, event.payload, event)
    return facts


def standing(ticket: Ticket, facts: dict) -> dict:
    """The same facts as the row has them."""
    return {name: getattr(ticket, name) for name in facts}


def comments_of(ticket: Ticket) -> int:
    return db.session.scalar(select(func.count()).where(Comment.ticket_id == ticket.id))


def _follow(facts: dict, kind: K, payload: dict, event: Event) -> None:
    match kind:
        case K.CREATED:
            facts |= {"priority": payload["priority"], "type": payload["type"], "team_id": payload["team"],
                      "category_id": payload["category"], "created_at": event.at, "status_since": event.at}  # fmt: skip
        case K.CLASSIFIED:
            changed = {name: pair[1] for name, pair in payload["changes"].items()}
            if "category" in changed:
                changed["category_id"] = changed.pop("category")
            facts |= changed
        case K.ASSIGNED:
            facts["owner_id"] = payload["owner"]
        case K.REASSIGNED | K.TEAM_CHANGED:
            facts["owner_id" if kind is K.REASSIGNED else "team_id"] = payload["to"]
        case K.UNASSIGNED:
            facts["owner_id"] = None
        case K.MOVED | K.REOPENED | K.CLOSED:
            _enter(facts, payload, event)
        case K.HELD:
            facts |= {"hold_reason": payload["reason"], "held_since": facts["held_since"] or event.at}
        case K.RESUMED:
            facts |= {"hold_reason": None, "held_since": None}
        case K.COMMENTED:
            facts["comment_count"] += 1
            facts["visible_comment_count"] += not payload["internal"]


def _enter(facts: dict, payload: dict, event: Event) -> None:
    assert facts["status"] == payload["from"]
    closed = event.kind is K.CLOSED
    facts |= {"status": Status.CLOSED if closed else payload["to"], "status_since": event.at,
              "closed_at": event.at if closed else None,
              "resolution_code": payload["resolution_code"] if closed else None,
              "root_cause": payload.get("root_cause") if closed else None}  # fmt: skip
    if facts["status"] == Status.SOLUTION_CHECK:
        facts["solver_id"] = event.actor_id
