"""A merge is closing as a duplicate: watchers follow to the ticket that survives, and a reopening undoes it.

Comments stay where they were written; the survivor's page reads them through the link (queries/merged.py). A merge can
follow a merge, T-1 into T-2 and that into T-3, but never into a ticket that was merged away itself: nobody looks there.
Into one that is closed otherwise it can be: what was solved already is the commonest thing to be reported once more.
"""

from datetime import datetime

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.event import Event, EventKind
from ticketing.models.followers import bring_followers
from ticketing.models.link import Link, link, unlink, way_of
from ticketing.models.user import User
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.rules.taxonomy import LinkKind, ResolutionCode


def check_merge(source, target) -> None:
    """May `source` be closed as a duplicate of `target`?

    Raises Invalid (itself) and Conflict: linked_other_way (`target` was merged into it), merge_circle (so it was, by
    way of others), merged_away (`target` was merged into `survivor`, which is where this belongs).
    """
    if target.id == source.id:
        raise Invalid({"duplicate_of": "itself"})
    survivors = _linked_to(target) if target.resolution_code is ResolutionCode.DUPLICATE else []
    if not survivors:
        return
    if source.id in survivors:
        raise Conflict("linked_other_way")
    if source.id in way_of(target.id):
        raise Conflict("merge_circle")
    raise Conflict("merged_away", survivor=survivors[0])


def merge(source, target, *, by: User, at: datetime) -> None:
    """`source` has just been closed as a duplicate of `target`."""
    link(source, target, LinkKind.DUPLICATE_OF, by=by, at=at)
    bring_followers(source, target, by=by, at=at)


def undo_merge(source, *, by: User, at: datetime) -> None:
    """`source` is being reopened: if it was closed as a duplicate, it is none of that ticket any more."""
    if source.resolution_code is not ResolutionCode.DUPLICATE:
        return
    for number in survivors_of(source):
        target = db.session.get(type(source), number)
        if target is not None:  # an imported history may name what was not imported
            unlink(source, target, LinkKind.DUPLICATE_OF, by=by, at=at)


def survivors_of(source) -> list[int]:
    """What its last closing made it a duplicate of; where the closing does not say, all that it is linked to so."""
    closing = db.session.scalar(
        select(Event.payload)
        .where(Event.ticket_id == source.id, Event.kind == EventKind.CLOSED)
        .order_by(Event.id.desc())
        .limit(1)
    ) or {}  # fmt: skip
    if closing.get("duplicate_of"):
        return [closing["duplicate_of"]]
    if "with_parent" in closing:  # its parent was the duplicate
        return []
    return _linked_to(source)


def _linked_to(source) -> list[int]:
    targets = select(Link.target_id).where(Link.source_id == source.id, Link.kind == LinkKind.DUPLICATE_OF)
    return list(db.session.scalars(targets.order_by(Link.target_id)))
