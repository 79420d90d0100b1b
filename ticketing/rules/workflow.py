"""The move table of the board: who may take a ticket from one status to another, and what is asked for.

Every surface asks here through `Ticket.move_to`; nothing else knows the table.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from ticketing.rules.refusals import IllegalMove, NotAllowed
from ticketing.rules.taxonomy import STATUSES, Priority, ResolutionCode, Role, Status, TicketType

REOPEN_WINDOW = timedelta(days=7)
EARLY_CODES = frozenset({ResolutionCode.DUPLICATE, ResolutionCode.INVALID, ResolutionCode.AUTO_RESOLVED})
ORDINARY_CODES = tuple(code for code in ResolutionCode if code not in EARLY_CODES)


@dataclass(frozen=True, slots=True)
class Relation:
    """What one person is to one ticket."""

    role: Role
    owner: bool = False
    team: bool = False
    reporter: bool = False
    solver: bool = False  # made the last move into solution check

    @property
    def works_on_it(self) -> bool:
        return self.role.is_staff and (self.owner or self.team or self.role.is_manager)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the table needs to know of a ticket."""

    status: Status
    type: TicketType
    priority: Priority
    owned: bool


class Who(StrEnum):
    STAFF = "staff"
    WORKERS = "workers"  # owner, team, manager
    WORKERS_OR_UNOWNED = "workers_or_unowned"  # and any staff while nobody owns it
    CHECKERS = "checkers"  # reporter and staff, under the four-eyes rule
    REOPENERS = "reopeners"  # reporter and staff
    PARENTS_CLOSERS = "parents_closers"  # whoever closes the parent in the same act, again under the four-eyes rule


@dataclass(frozen=True, slots=True)
class Move:
    who: Who
    asks: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_CLASSIFY = ("type", "category", "priority")
_S = Status
MOVES: dict[tuple[Status, Status], Move] = {
    (_S.NEW, _S.CLASSIFIED): Move(Who.STAFF, _CLASSIFY),
    (_S.NEW, _S.ASSIGNED): Move(Who.STAFF, (*_CLASSIFY, "owner")),
    (_S.CLASSIFIED, _S.ASSIGNED): Move(Who.STAFF, (*_CLASSIFY, "owner")),
    (_S.ASSIGNED, _S.DIAGNOSTICS): Move(Who.WORKERS),
    (_S.DIAGNOSTICS, _S.CORRECTION): Move(Who.WORKERS, optional=("finding",)),
    (_S.DIAGNOSTICS, _S.SOLUTION_CHECK): Move(Who.WORKERS, ("solution",)),
    (_S.CORRECTION, _S.SOLUTION_CHECK): Move(Who.WORKERS, ("solution",)),
    (_S.SOLUTION_CHECK, _S.CLOSED): Move(Who.CHECKERS, ("resolution_code", "root_cause")),
    (_S.SOLUTION_CHECK, _S.CORRECTION): Move(Who.STAFF, ("why",)),
    (_S.SOLUTION_CHECK, _S.DIAGNOSTICS): Move(Who.STAFF, ("why",)),
    (_S.CLASSIFIED, _S.NEW): Move(Who.WORKERS_OR_UNOWNED, ("why",)),
    (_S.ASSIGNED, _S.CLASSIFIED): Move(Who.WORKERS_OR_UNOWNED, ("why",)),
    (_S.DIAGNOSTICS, _S.ASSIGNED): Move(Who.WORKERS_OR_UNOWNED, ("why",)),
    (_S.CORRECTION, _S.DIAGNOSTICS): Move(Who.WORKERS_OR_UNOWNED, ("why",)),
    (_S.CLOSED, _S.DIAGNOSTICS): Move(Who.REOPENERS, ("why",)),
}
_EARLY_CLOSING = Move(Who.WORKERS_OR_UNOWNED, ("resolution_code",))
_DUPLICATE_CLOSING = Move(Who.WORKERS_OR_UNOWNED, ("resolution_code", "duplicate_of"))
# Nothing is asked for: code and root cause are the parent's.
_WITH_PARENT = Move(Who.PARENTS_CLOSERS, optional=("resolution_code", "root_cause", "with_parent"))
# A reporter who is not staff is asked for neither code nor cause.
_REPORTER_CLOSING = Move(Who.CHECKERS)


def find_move(facts: Facts, target: Status, code: ResolutionCode | None = None, *, with_parent: bool = False) -> Move:
    """The row of the table, or IllegalMove with the reason. `code` names an early closing."""
    if target is Status.CLOSED and with_parent and facts.status is not Status.CLOSED:
        return _WITH_PARENT
    if target is Status.CLOSED and code in EARLY_CODES and facts.status is not Status.CLOSED:
        return _DUPLICATE_CLOSING if code is ResolutionCode.DUPLICATE else _EARLY_CLOSING
    move = MOVES.get((facts.status, target))
    if move is None:
        raise IllegalMove(why_not(facts.status, target), status=facts.status, target=target)
    return move


def check_move(facts: Facts, relation: Relation, target: Status, code: ResolutionCode | None = None, *,
               with_parent: bool = False) -> Move:  # fmt: skip
    """The move this person may make, with the fields it asks for.

    Raises IllegalMove (not in the table from here) or NotAllowed (in it, but not for this person).
    """
    move = find_move(facts, target, code, with_parent=with_parent)
    refusal = _refusal(move, facts, relation)
    if refusal:
        raise NotAllowed(refusal, status=facts.status, target=target)
    if move.who is Who.CHECKERS and not relation.role.is_staff:
        return _REPORTER_CLOSING
    return move


@lru_cache(maxsize=4096)
def legal_targets(facts: Facts, relation: Relation) -> tuple[Status, ...]:
    """The statuses a drop may lead to, in column order."""
    return tuple(
        target
        for target in STATUSES
        if (move := MOVES.get((facts.status, target))) and not _refusal(move, facts, relation)
    )


def may_close_as(facts: Facts, relation: Relation) -> bool:
    return facts.status is not Status.CLOSED and not _refusal(_EARLY_CLOSING, facts, relation)


def within_reopen_window(closed_at: datetime, now: datetime) -> bool:
    return now <= closed_at + REOPEN_WINDOW


def why_not(status: Status, target: Status) -> str:
    """A code for why this move is not open: the rule that is in the way, or who may make it."""
    if status == target:
        return "current"
    move = MOVES.get((status, target))
    if move is not None:
        return {Who.CHECKERS: "four_eyes", Who.STAFF: "staff_only", Who.REOPENERS: "reporter_or_staff"}.get(
            move.who, "workers_only"
        )
    if status is Status.CLOSED:
        return "reopens_to_diagnostics"
    if STATUSES.index(target) < STATUSES.index(status):
        return "one_step_back"
    if target is Status.CLOSED:
        return "needs_solution_check"
    if target is Status.DIAGNOSTICS:
        return "needs_owner"
    return "needs_diagnostics"


def _refusal(move: Move, facts: Facts, relation: Relation) -> str | None:
    staff = relation.role.is_staff
    match move.who:
        case Who.STAFF:
            return None if staff else "staff_only"
        case Who.WORKERS:
            return None if relation.works_on_it else "workers_only"
        case Who.WORKERS_OR_UNOWNED:
            return None if relation.works_on_it or (staff and not facts.owned) else "workers_only"
        case Who.REOPENERS:
            return None if staff or relation.reporter else "reporter_or_staff"
        case Who.CHECKERS:
            if not (staff or relation.reporter):
                return "reporter_or_staff"
            return "four_eyes" if _solved_alone(facts, relation) else None
        case Who.PARENTS_CLOSERS:  # closing the parent must be no way round the second pair of eyes
            checked = facts.status is Status.SOLUTION_CHECK
            return "four_eyes" if checked and _solved_alone(facts, relation) else None


def _solved_alone(facts: Facts, relation: Relation) -> bool:
    guarded = facts.priority is Priority.CRITICAL or facts.type is TicketType.SECURITY_ALERT
    return guarded and relation.solver and not relation.role.is_manager
