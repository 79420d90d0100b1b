"""Who follows a duplicate to the ticket that survives it, and leaves again when it is none after all.

Its watchers follow, and whoever of the staff reported it. Who came by a merge stands in the survivor's own history:
WATCHED with `merged_from`.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Integer, bindparam, or_, select, table, union
from sqlalchemy import column as named

from ticketing.extensions import db
from ticketing.models.comment import Watcher
from ticketing.models.event import Event, EventKind
from ticketing.models.user import User
from ticketing.rules.abilities import sees
from ticketing.rules.taxonomy import LinkKind, ResolutionCode

# Named, not imported: the models of both import this module.
_LINK = table("link", named("kind"), named("source_id"), named("target_id"))
_TICKET = table("ticket", named("id"), named("reporter_id"))


def bring_followers(source, target, *, by: User, at: datetime) -> None:
    """Whoever watches or reported the duplicate `source` watches `target` from now on, if they may see it anyway.

    A reporter without a role of the staff watches nothing; their own ticket stays their way to what is done.
    """
    watching = select(Watcher.user_id).where(Watcher.ticket_id == source.id)
    following = select(User).where(or_(User.id.in_(watching), User.id == source.reporter_id), User.active)
    for person in db.session.scalars(following.order_by(User.id)):
        if person.is_staff and sees(target.relation_to(person), target.restricted, watching=False):
            target.watch(person, by=by, at=at, merged_from=source.id)


def let_followers_go(source, target, *, by: User, at: datetime, who: Collection[int] | None = None) -> None:
    """Whoever watches `target` only because `source` was its duplicate leaves, and what that was merged into as well.

    Who has begun to watch it by themselves stays, and who came or would have come with another duplicate. With `who`
    the source stays one, and only these people have left it.
    """
    came = came_by_merge(target)
    if not came:
        return
    merged = _duplicates_of(target)
    if who is None:
        merged -= {source.id}
        going = {person for person, origin in came.items() if origin not in merged}
    else:
        going = {person for person in who if came.get(person) == source.id}
    going -= _followers_of(merged)
    left = [number for number in sorted(going) if _leave(number, source, target, by, at)]
    for further in _merged_into(target) if left else ():  # they had gone on from here
        let_followers_go(target, further, by=by, at=at, who=left)


def came_by_merge(target) -> dict[int, int]:
    """{person: the duplicate they came with}, of those whose last word on watching it was a merge."""
    told = select(Event.kind, Event.payload).where(
        Event.ticket_id == target.id, Event.kind.in_([EventKind.WATCHED, EventKind.UNWATCHED])
    )
    last: dict[int, int | None] = {}
    for kind, payload in db.session.execute(told.order_by(Event.id)):
        last[payload["user"]] = payload.get("merged_from") if kind is EventKind.WATCHED else None
    return {person: origin for person, origin in last.items() if origin is not None}


def _leave(number: int, source, target, by: User, at: datetime) -> bool:
    return target.unwatch(db.session.get(User, number), by=by, at=at, merged_from=source.id)


def _duplicates_of(target) -> set[int]:
    """What is closed as a duplicate of `target`."""
    ticket = type(target)
    merged = select(ticket.id).join(_LINK, _LINK.c.source_id == ticket.id)
    merged = merged.where(_LINK.c.kind == LinkKind.DUPLICATE_OF.value, _LINK.c.target_id == target.id)
    return set(db.session.scalars(merged.where(ticket.resolution_code == ResolutionCode.DUPLICATE)))


def _merged_into(source) -> list:
    """What `source` is closed as a duplicate of."""
    ticket = type(source)
    if source.resolution_code is not ResolutionCode.DUPLICATE:
        return []
    found = select(ticket).join(_LINK, _LINK.c.target_id == ticket.id)
    found = found.where(_LINK.c.kind == LinkKind.DUPLICATE_OF.value, _LINK.c.source_id == source.id)
    return list(db.session.scalars(found.order_by(ticket.id)))


def _followers_of(tickets: Collection[int]) -> set[int]:
    """Whoever watches or reported one of these."""
    if not tickets:
        return set()
    numbers = bindparam("numbers", list(tickets), expanding=True, type_=Integer())
    rows = union(
        select(Watcher.user_id).where(Watcher.ticket_id.in_(numbers)),
        select(_TICKET.c.reporter_id).where(_TICKET.c.id.in_(numbers)),
    )
    return set(db.session.scalars(rows))
