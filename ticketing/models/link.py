"""Links between tickets, each read from both sides."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.extensions import db
from ticketing.models.event import EventKind
from ticketing.models.followers import let_followers_go
from ticketing.models.types import Code, Instant
from ticketing.models.user import User
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.rules.taxonomy import LinkKind


class Link(db.Model):
    """`source` is <kind> of/to `target`: source duplicate_of target, source blocks target, source parent of target."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("kind", "source_id", "target_id"),
        CheckConstraint("source_id <> target_id", name="not_itself"),
        Index("ix_link_source", "source_id"),
        Index("ix_link_target", "target_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[LinkKind] = mapped_column(Code(LinkKind))
    source_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)


def link(source, target, kind: LinkKind, *, by: User, at: datetime) -> bool:
    """Link two tickets, with an event on each. Returns False when the link exists.

    Raises Invalid (itself) and Conflict: linked_other_way (each the duplicate or the return of the other),
    merge_circle (the same by way of others), has_parent (a child has one), parent_is_one_level (no grandparents).
    """
    if source.id == target.id:
        raise Invalid({"other": "itself"})
    if _find(source, target, kind) is not None:
        return False
    if kind in (LinkKind.DUPLICATE_OF, LinkKind.RECURRENCE_OF) and _find(target, source, kind) is not None:
        raise Conflict("linked_other_way")
    if kind is LinkKind.DUPLICATE_OF and source.id in way_of(target.id):
        raise Conflict("merge_circle")
    if kind is LinkKind.PARENT:
        if target.parent_id is not None:
            raise Conflict("has_parent", parent=target.parent_id)
        if source.parent_id is not None or target.child_count:
            raise Conflict("parent_is_one_level")
        target.parent_id = source.id
        source.child_count += 1
    if kind is LinkKind.RECURRENCE_OF:
        target.repeat_count += 1
    db.session.add(Link(kind=kind, source_id=source.id, target_id=target.id, author_id=by.id, created_at=at))
    source.record(EventKind.LINKED, by, at, link=kind, side="source", ticket=target.id)
    target.record(EventKind.LINKED, by, at, link=kind, side="target", ticket=source.id)
    if kind is LinkKind.PARENT and source.reacted_at is not None and target.is_open:
        target.settle(at)
        target.react("parent", by=by, at=at)  # the parent incident has its reaction: so has what belongs to it (R2d)
    return True


def unlink(source, target, kind: LinkKind, *, by: User, at: datetime) -> bool:
    """Take a link off, with an event on each. Returns False when there is none."""
    found = _find(source, target, kind)
    if found is None:
        return False
    if kind is LinkKind.PARENT:
        target.parent_id = None
        source.child_count -= 1
    if kind is LinkKind.RECURRENCE_OF:
        target.repeat_count -= 1
    db.session.delete(found)
    if kind is LinkKind.DUPLICATE_OF:
        let_followers_go(source, target, by=by, at=at)
    source.record(EventKind.UNLINKED, by, at, link=kind, side="source", ticket=target.id)
    target.record(EventKind.UNLINKED, by, at, link=kind, side="target", ticket=source.id)
    return True


def _find(source, target, kind: LinkKind) -> Link | None:
    pairs = [(source.id, target.id)]
    if kind is LinkKind.RELATED:  # says the same from either side
        pairs.append((target.id, source.id))
    for source_id, target_id in pairs:
        found = db.session.scalar(
            select(Link).where(Link.kind == kind, Link.source_id == source_id, Link.target_id == target_id)
        )
        if found is not None:
            return found
    return None


def way_of(number: int) -> set[int]:
    """What the ticket with this number was merged into, what that was, and so on; by its links alone."""
    return _walk(number, Link.source_id, Link.target_id)


def merged_into(number: int) -> set[int]:
    """What was merged into the ticket with this number, and into that, and so on; by their links alone."""
    return _walk(number, Link.target_id, Link.source_id)


def _walk(number: int, here, there) -> set[int]:
    found, ends = set(), {number}
    while ends:
        further = select(there).where(Link.kind == LinkKind.DUPLICATE_OF, here.in_(ends))
        ends = set(db.session.scalars(further)) - found - {number}
        found |= ends
    return found
