"""A parent incident and its children: closing them with it, telling them what it was told (board.md, sla.md R11).

Each child is an own ticket with its own clocks, version and history; the parent's act only reaches them. Every verb
here works in the transaction of whoever calls it and commits nothing.

Making one incident of many tickets, say of a flare that somebody has seen:

    parent = Ticket.file("Deposits by X fail", by=me, at=at, team_id=team)
    reached = parent.adopt(tickets, by=me, at=at)   # an event on each side; reached.refused says who did not come
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Integer, bindparam, select

from ticketing.extensions import db
from ticketing.models.answers import Answers
from ticketing.models.comment import Comment
from ticketing.models.event import EventKind
from ticketing.models.link import Link, link
from ticketing.models.user import User
from ticketing.rules.abilities import sees
from ticketing.rules.refusals import Conflict, IllegalMove, Invalid, Refusal
from ticketing.rules.taxonomy import LinkKind, ResolutionCode, Status


@dataclass(slots=True)
class Reached:
    """What became of a parent's children, or of what was merged into a ticket: `done`, and `refused` as (ticket, code
    of the rule), each by number.

    A child that the person may not see is in neither: it stays as it is, and nothing tells of it.
    """

    done: list = field(default_factory=list)
    refused: list[tuple] = field(default_factory=list)
    left: set[Status] = field(default_factory=set)  # the statuses in which the children stood before


class Family:
    def adopt(self, children: Iterable, *, by: User, at: datetime) -> Reached:
        """Make this ticket the parent of `children` (tickets, in any order; none is no error).

        It was just filed, or the caller has locked it and them by number (nobody else may wait for what we hold).
        Each gets its link with an event on both sides, and its reaction if this one has one (R2d); the rows are locked
        by number. `done` are this ticket's children now, those that were so before included. `refused` holds what
        cannot be one, with the code of the rule: itself, has_parent, parent_is_one_level. A ticket this person may
        not see is in neither. In the caller's transaction; raises nothing of its own.
        """
        own = type(self)
        wanted = {child.id for child in children}
        locked = select(own).where(own.id.in_(wanted)).order_by(own.id).with_for_update(of=own)
        found = list(db.session.scalars(locked.execution_options(populate_existing=True))) if wanted else []
        return self._reach(found, by, lambda child: link(self, child, LinkKind.PARENT, by=by, at=at))

    def open_children(self) -> list:
        """Its open children by number, locked. Who has locked the parent before took them in the same order."""
        own = type(self)
        found = select(own).where(own.parent_id == bindparam("parent", type_=Integer()), own.status != Status.CLOSED)
        locked = found.order_by(own.id).with_for_update(of=own).execution_options(populate_existing=True)
        return list(db.session.scalars(locked, {"parent": self.id})) if self.child_count else []

    def close_children(self, *, by: User, at: datetime) -> Reached:
        """Close with this ticket, which this person closed at this instant, what belongs to it (R11).

        One transaction with the closing itself: their clocks stop at the same instant or not at all.
        """
        self._expect_closing(at)
        reached = self._reach(self.open_children(), by, lambda child: child.close_with(self, by=by, at=at))
        self._tell_of(EventKind.CHILDREN_CLOSED, reached, by, at)
        return reached

    def close_with(self, parent, *, by: User, at: datetime) -> bool:
        """Close a child with its parent, which is being closed: its code and root cause are the parent's.

        Returns False when it is closed already. Raises IllegalMove (no such parent, or not just closed), NotAllowed.
        """
        if not self.is_open:
            return False
        if self.parent_id != parent.id:
            raise IllegalMove("only_with_parent")
        parent._expect_closing(at)
        self.settle(at)
        answers = Answers(resolution_code=parent.resolution_code, root_cause=parent.root_cause, with_parent=parent)
        self._go(Status.CLOSED, by=by, at=at, answers=answers)
        return True

    def tell_children(self, said: Comment, *, by: User, at: datetime) -> Reached:
        """Write a comment or note of this ticket on its open children too, each as a comment of its own."""
        reached = self._reach(self.open_children(), by, self._copying(said, by, at))
        self._tell_of(EventKind.PASSED_ON, reached, by, at, comment=said.id)
        return reached

    def tell_merged(self, said: Comment, *, by: User, at: datetime) -> Reached:
        """Write a comment or note of this ticket on what was merged into it too: it is there that their reporters
        read, who cannot follow as watchers.
        """
        reached = self._reach(self.merged_here(by), by, self._copying(said, by, at))
        self._tell_of(EventKind.PASSED_ON, reached, by, at, comment=said.id)
        return reached

    def merged_here(self, by: User) -> list:
        """What this person may see of the tickets closed as duplicates of this one, and of those: by number, locked."""
        own, found, ends = type(self), {}, [self.id]
        while ends:
            step = select(own).join(Link, Link.source_id == own.id).where(
                Link.kind == LinkKind.DUPLICATE_OF, Link.target_id.in_(ends), own.id.not_in([self.id, *found]),
                own.resolution_code == ResolutionCode.DUPLICATE,
            ).order_by(own.id).with_for_update(of=own).execution_options(populate_existing=True)  # fmt: skip
            new = {one.id: one for one in db.session.scalars(step) if _may_be_reached(one, by)}
            found |= new
            ends = list(new)
        return [found[number] for number in sorted(found)]

    def _copying(self, said: Comment, by: User, at: datetime):
        def copy(other) -> None:
            if self.restricted and not other.restricted:  # what few may read does not go where everybody does
                raise Conflict("restricted_words")
            other.say(said.body, internal=said.internal, by=by, at=at, copied_from=self)

        return copy

    def _expect_closing(self, at: datetime) -> None:
        if self.is_open:
            raise IllegalMove("only_with_parent")
        if self.closed_at != at:
            raise Conflict("closed")

    def _tell_of(self, kind: EventKind, reached: Reached, by: User, at: datetime, **facts) -> None:
        """The act in this ticket's own history; each of the others tells of it in its own."""
        if reached.done:
            self.record(kind, by, at, tickets=[child.id for child in reached.done], **facts)

    @staticmethod
    def _reach(children: list, by: User, act) -> Reached:
        reached = Reached()
        for child in children:
            if not _may_be_reached(child, by):
                continue
            was = child.status
            try:
                act(child)
            except Refusal as refusal:
                reached.refused.append((child, _code_of(refusal)))
            else:
                reached.done.append(child)
                reached.left.add(was)
        return reached


def _may_be_reached(ticket, by: User) -> bool:
    return sees(ticket.relation_to(by), ticket.restricted, ticket.restricted and ticket.is_watched_by(by))


def _code_of(refusal: Refusal) -> str:
    """The rule; of what is wrong with a value, what it is."""
    return next(iter(refusal.errors.values())) if isinstance(refusal, Invalid) else refusal.code
