"""Who is told of a clock's level, and as what (sla.md R13)."""

from enum import StrEnum

from ticketing.rules.abilities import sees
from ticketing.rules.sla import Level
from ticketing.rules.taxonomy import Role
from ticketing.rules.workflow import Relation


class Ground(StrEnum):
    """Why somebody is told; the first that holds is named."""

    OWNER = "owner"
    WATCHER = "watcher"
    TEAM = "team"
    MANAGER = "manager"
    ON_CALL = "on_call"  # an address, no account


def told_as(level: Level, relation: Relation, *, restricted: bool, watching: bool, owned: bool) -> Ground | None:
    """On what ground a member of staff is told, None when not at all.

    `owned` says whether an owner can hear a warning; without one its team hears it. Being the reporter is no ground,
    and an administrator gets no manager's notifications.
    """
    if not relation.role.is_staff or not sees(relation, restricted, watching):
        return None
    return next((ground for ground in _grounds(level, owned) if _holds(ground, relation, watching)), None)


def calls_out(level: Level) -> bool:
    """Does this level go to the on-call channel, too?"""
    return level not in (Level.WARN, Level.BREACH)


def _grounds(level: Level, owned: bool) -> tuple[Ground, ...]:
    if level is Level.WARN:
        return (Ground.OWNER,) if owned else (Ground.TEAM,)
    if level is Level.BREACH:
        return Ground.OWNER, Ground.WATCHER, Ground.TEAM, Ground.MANAGER
    return (Ground.MANAGER,)


def _holds(ground: Ground, relation: Relation, watching: bool) -> bool:
    return {
        Ground.OWNER: relation.owner,
        Ground.WATCHER: watching,
        Ground.TEAM: relation.team,
        Ground.MANAGER: relation.role is Role.SUPPORT_MANAGER,
    }[ground]
