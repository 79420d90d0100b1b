"""Who may see a ticket and do what with it, moves aside (those are workflow.py's)."""

from enum import StrEnum

from ticketing.rules.taxonomy import Role
from ticketing.rules.workflow import Relation


class Ability(StrEnum):
    SEE = "see"
    SEE_INTERNAL = "see_internal"  # notes, their attachments, clocks, links, history
    COMMENT = "comment"  # a comment visible to the reporter
    NOTE = "note"
    ATTACH = "attach"
    EDIT = "edit"  # type, category, priority, fields
    ASSIGN = "assign"
    WATCH = "watch"
    LINK = "link"
    MOVE = "move"  # the table decides which moves
    HOLD = "hold"
    PIN = "pin"


class Permission(StrEnum):
    """What a role may do that is not about one ticket."""

    USE_BOARD = "use_board"  # board, queue, reports, staff lists
    MANAGE_BOARD = "manage_board"  # pins, limits, policies, calendars
    ADMINISTER = "administer"  # people, teams, categories


_STAFF = frozenset({
    Ability.SEE, Ability.SEE_INTERNAL, Ability.COMMENT, Ability.NOTE, Ability.ATTACH, Ability.EDIT,
    Ability.ASSIGN, Ability.WATCH, Ability.LINK, Ability.MOVE,
})  # fmt: skip
_REPORTER = frozenset({Ability.SEE, Ability.COMMENT, Ability.ATTACH, Ability.MOVE})


def sees(relation: Relation, restricted: bool, watching: bool) -> bool:
    """May this person know that the ticket exists?"""
    if not relation.role.is_staff:
        return relation.reporter
    if not restricted:
        return True
    return relation.role.is_manager or relation.owner or relation.team or relation.reporter or watching


def may(ability: Ability, relation: Relation, *, restricted: bool = False, watching: bool = False) -> bool:
    if not sees(relation, restricted, watching):
        return False
    if not relation.role.is_staff:
        return ability in _REPORTER
    if ability is Ability.HOLD:
        return relation.works_on_it
    if ability is Ability.PIN:
        return relation.role.is_manager
    return ability in _STAFF


def permitted(permission: Permission, role: Role) -> bool:
    match permission:
        case Permission.USE_BOARD:
            return role.is_staff
        case Permission.MANAGE_BOARD:
            return role.is_manager
        case Permission.ADMINISTER:
            return role is Role.ADMINISTRATOR
