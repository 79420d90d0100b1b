"""The ticket and the only doors to its status, owner and hold."""

from datetime import datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.extensions import db
from ticketing.models.answers import Answers, Hold
from ticketing.models.event import EventKind
from ticketing.models.merging import check_merge, merge, undo_merge
from ticketing.models.sla import current_terms
from ticketing.models.ticket_clocks import Clocks
from ticketing.models.ticket_conversation import Conversation
from ticketing.models.ticket_edits import Edits, clean_facts
from ticketing.models.ticket_family import Family
from ticketing.models.ticket_hold import Holding
from ticketing.models.ticket_row import TicketRow
from ticketing.models.user import User
from ticketing.rules import routing, workflow
from ticketing.rules.refusals import Conflict, Invalid, NotAllowed
from ticketing.rules.taxonomy import (
    TEXT_MAX,
    ResolutionCode,
    Status,
    TicketType,
)

_UNASSIGNED = (Status.NEW, Status.CLASSIFIED)


class Ticket(Edits, Conversation, Family, Holding, Clocks, TicketRow, db.Model):
    __tablename__ = "ticket"

    # Grows by one with each act on the ticket's own facts; comments and watchers leave it alone.
    version: Mapped[int] = mapped_column(Integer, default=1)
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

    @classmethod
    def file(cls, title: str, *, by: User, at: datetime, team_id: int, reporter: User | None = None,
             type: TicketType = TicketType.INCIDENT, category=None, priority=None, description: str = "",
             details: dict | None = None, owner: User | None = None,
             routed: bool = True) -> "Ticket":  # fmt: skip
        """Register a new ticket. `team_id` gets what no category routes; unless `routed`, it gets the ticket anyhow.

        Naming an owner is the move to *assigned* and asks for what that asks for (Invalid).
        """
        title, details = clean_facts(title, description, type, details or {})
        ticket = cls(
            title=title, description=description, type=type, details=details, status=Status.NEW,
            category=category, priority=routing.priority_for(priority or (category and category.priority)),
            team_id=routing.team_for(category and category.team_id, team_id) if routed else team_id,
            reporter=reporter or by, created_at=at, updated_at=at, status_since=at, version=1,
            restricted=type is TicketType.SECURITY_ALERT,
        )  # fmt: skip
        terms = current_terms()
        clocks = ticket._first_clocks(by, at, terms)
        db.session.add(ticket)
        db.session.flush()
        ticket.record(EventKind.CREATED, by, at, type=ticket.type, priority=ticket.priority,
                      category=category and category.id, team=ticket.team_id, terms=terms.id)  # fmt: skip
        ticket._write_clocks(clocks)
        if owner is not None:  # naming somebody else while filing is no reaction (sla.md R2)
            ticket._go(Status.ASSIGNED, by=by, at=at, answers=Answers(owner=owner), reacts=owner.id == by.id)
        return ticket

    def move_to(self, target: Status, *, by: User, at: datetime, version: int | None = None,
                answers: Answers | None = None) -> bool:  # fmt: skip
        """Take the ticket to another status, as workflow's table allows this person.

        Returns False when it is there already. Raises Stale (`version` is not the present one),
        IllegalMove, NotAllowed, Conflict (reopen window over), Invalid (what is missing, by field).
        """
        if target is self.status:
            return False
        self.expect(version)
        self.settle(at)
        self._go(target, by=by, at=at, answers=answers or Answers())
        return True

    def close_as(self, code: ResolutionCode, *, by: User, at: datetime, version: int | None = None,
                 duplicate_of: "Ticket | None" = None, comment: str = "") -> bool:  # fmt: skip
        """An early closing: as duplicate, invalid or auto_resolved."""
        if code not in workflow.EARLY_CODES:
            raise Invalid({"resolution_code": "unknown_value"})
        if self.status is Status.CLOSED and self.resolution_code is not code:
            self.expect(version)
            raise Conflict("closed")
        answers = Answers(resolution_code=code, duplicate_of=duplicate_of, comment=comment)
        return self.move_to(Status.CLOSED, by=by, at=at, version=version, answers=answers)

    def assign(self, owner: User | None, *, by: User, at: datetime, version: int | None = None,
               answers: Answers | None = None) -> bool:  # fmt: skip
        """Give the ticket an owner, or take its owner away (then it goes back to *classified*).

        An owner on a new or classified ticket is the move to *assigned*. Returns False when nothing changes.
        """
        if (owner.id if owner else None) == self.owner_id:
            return False
        self.expect(version)
        self.settle(at)
        answers = answers or Answers()
        if owner is None:
            if self.status is not Status.ASSIGNED:
                raise Conflict("owner_is_replaced_not_removed", status=self.status)
            return self.move_to(Status.CLASSIFIED, by=by, at=at, answers=answers)
        self._check_owner(owner)
        if self.status in _UNASSIGNED:
            answers.owner = owner
            return self.move_to(Status.ASSIGNED, by=by, at=at, answers=answers)
        if self.status is Status.CLOSED:
            raise Conflict("closed")
        if not by.is_staff:
            raise NotAllowed("staff_only")
        self.touch(at)
        self._set_owner(owner, by, at)
        self.react("owner", by=by, at=at)
        return True

    def change_team(self, team_id: int, *, by: User, at: datetime, version: int | None = None,
                    owner: User | None = None, why: str = "") -> bool:  # fmt: skip
        """Hand the ticket to a team. An owner who is not in it is dropped; from diagnostics on, name the new one.

        Dropping the owner of an *assigned* ticket is the move back to *classified*, with all that it asks for.
        """
        if owner is not None and owner.id == self.owner_id:
            owner = None
        if team_id == self.team_id and owner is None:
            return False
        self.expect(version)
        self.settle(at)
        if not by.is_staff:
            raise NotAllowed("staff_only")
        if self.status is Status.CLOSED:
            raise Conflict("closed")
        if owner is not None and owner.team_id != team_id:
            raise Invalid({"owner": "not_in_team"})
        leaves = self.owner is not None and self.owner.team_id != team_id
        if leaves and owner is None and self.status not in (*_UNASSIGNED, Status.ASSIGNED):
            raise Invalid({"owner": "required"})
        if owner is not None and self.status in _UNASSIGNED:
            return self.assign(owner, by=by, at=at)
        if owner is not None:
            self._check_owner(owner)
            self.touch(at)
            self._set_owner(owner, by, at)
            self.react("owner", by=by, at=at)
            return True
        if leaves:
            self.move_to(Status.CLASSIFIED, by=by, at=at, answers=Answers(why=why))
        else:
            self.touch(at)
        self.record(EventKind.TEAM_CHANGED, by, at, **{"from": self.team_id, "to": team_id})
        self.team_id = team_id
        return True

    def save(self, *, by: User, at: datetime, version: int | None = None, target: Status | None = None,
             answers: Answers | None = None, hold: Hold | None = None, **edits) -> bool:  # fmt: skip
        """Several changes in one save, in the order of sla.md R17 however they were given, as one version.

        A move first, since it ends a hold; then a new hold; then `edits` (see `edit`). Raises what these raise.
        """
        self.expect(version)
        before, changed = self.version, False
        if target is not None:
            changed |= self.move_to(target, by=by, at=at, answers=answers)
        if hold is not None:
            self.hold(hold, by=by, at=at)
            changed = True
        if edits:
            changed |= self.edit(by=by, at=at, **edits)
        self.version = min(self.version, before + 1)
        return changed

    def take(self, *, by: User, at: datetime, version: int | None = None) -> bool:
        """Make it one's own. On a ticket one owns already it acknowledges: its reaction stops (sla.md R2a).

        Returns False when it is one's own and somebody has reacted.
        """
        if self.owner_id != by.id:
            return self.assign(by, by=by, at=at, version=version)
        self.expect(version)
        self.settle(at)
        if not self.awaits_reaction:
            return False
        self.touch(at)
        return self.react("take", by=by, at=at)

    def _go(self, target: Status, *, by: User, at: datetime, answers: Answers, reacts: bool = True) -> None:
        """A checked move of a settled ticket, in the order of sla.md R17. Without `reacts` it is nobody's reaction."""
        move = workflow.check_move(self.facts, self.relation_to(by), target, answers.resolution_code,
                                   with_parent=answers.with_parent is not None)  # fmt: skip
        if self.status is Status.CLOSED and not workflow.within_reopen_window(self.closed_at, at):
            raise Conflict("reopen_window_over", closed_at=self.closed_at)
        asked = (*move.asks, *move.optional)
        answers = answers.only((*asked, "why") if "priority" in asked else asked)
        self._check_answers(move, answers, by)
        reacts = reacts and self._is_reaction(target, answers.resolution_code)
        self._check_relaxed(answers, by, target, reacts)
        self.touch(at)
        self._end_hold("moved", by, at)
        if reacts:
            self.react("move", by=by, at=at)
        origin = self.status
        self._move(target, answers, by, at)
        self._clocks_after_move(origin, target, by, at)
        self._classify_by(answers, by, at)
        if answers.comment.strip():
            self.say(answers.comment, internal=by.is_staff, by=by, at=at)

    def _check_answers(self, move: workflow.Move, answers: Answers, by: User) -> None:
        errors = {}
        if "category" in move.asks and not (answers.category or self.category_id):
            errors["category"] = "required"
        for field in move.asks:
            if field in ("type", "category", "priority", "owner"):
                continue  # a ticket always has a type and a priority; the owner defaults to whoever acts
            value = getattr(answers, field)
            if not (value.strip() if isinstance(value, str) and not hasattr(value, "value") else value):
                errors[field] = "required"
        for field in ("solution", "finding", "why", "comment"):
            if len(getattr(answers, field)) > TEXT_MAX:
                errors[field] = "too_long"
        if errors:
            raise Invalid(errors)
        if answers.duplicate_of is not None:
            check_merge(self, answers.duplicate_of)
        if "owner" in move.asks:
            self._check_owner(answers.owner or by)

    def _check_owner(self, owner: User) -> None:
        if not owner.active or not owner.is_staff:
            raise Invalid({"owner": "not_an_engineer"})

    def _move(self, target: Status, answers: Answers, by: User, at: datetime) -> None:
        origin = self.status
        facts = {"from": origin, "to": target}
        if answers.why.strip():
            facts["why"] = answers.why.strip()
        if answers.finding.strip():
            facts["finding"] = answers.finding.strip()
        if target is Status.CLOSED:
            self._close(answers, by, at, facts)
            return
        if target is Status.ASSIGNED and origin in _UNASSIGNED:
            self._set_owner(answers.owner or by, by, at)
        elif target is Status.ASSIGNED and self.owner_id is None:
            self._set_owner(by, by, at)  # *assigned* always has an owner, also what was reopened without one
        elif target is Status.CLASSIFIED and origin is Status.ASSIGNED:
            self._drop_owner(by, at)
        elif target is Status.SOLUTION_CHECK:
            self.solution, self.solver_id = answers.solution.strip(), by.id
            facts["solution"] = self.solution
        kind = EventKind.MOVED
        if origin is Status.CLOSED:
            kind = EventKind.REOPENED
            facts["resolution_code"] = self.resolution_code
            undo_merge(self, by=by, at=at)
            facts |= self._reopen_clocks(by, at)
            self.closed_at = self.resolution_code = self.root_cause = None
        if origin in (Status.SOLUTION_CHECK, Status.CLOSED):
            self.solution = ""  # the next check asks anew what was done
        self._enter(target, at)
        self.record(kind, by, at, **facts)

    def _close(self, answers: Answers, by: User, at: datetime, facts: dict) -> None:
        self.resolution_code = answers.resolution_code or ResolutionCode.FIXED
        self.root_cause = answers.root_cause
        self.closed_at = at
        self.pinned_at = None
        self._enter(Status.CLOSED, at)
        self.record(EventKind.CLOSED, by, at, **facts, **answers.others, resolution_code=self.resolution_code,
                    root_cause=self.root_cause)  # fmt: skip
        if answers.duplicate_of is not None:
            merge(self, answers.duplicate_of, by=by, at=at)

    def _set_owner(self, owner: User, by: User, at: datetime) -> None:
        if self.owner_id is None:
            self.record(EventKind.ASSIGNED, by, at, owner=owner.id)
        else:
            self.record(EventKind.REASSIGNED, by, at, **{"from": self.owner_id, "to": owner.id})
        self.owner, self.owner_id = owner, owner.id
        if owner.team_id is not None and owner.team_id != self.team_id:
            self.record(EventKind.TEAM_CHANGED, by, at, **{"from": self.team_id, "to": owner.team_id})
            self.team_id = owner.team_id

    def _drop_owner(self, by: User, at: datetime) -> None:
        if self.owner_id is not None:
            self.record(EventKind.UNASSIGNED, by, at, **{"from": self.owner_id})
            self.owner = self.owner_id = None

    def _enter(self, status: Status, at: datetime) -> None:
        self.status = status
        self.status_since = at
        self.relane()
