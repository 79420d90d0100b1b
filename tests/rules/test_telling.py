"""Who is told of a level, and as what (sla.md R13), as a table."""

import pytest

from ticketing.rules.sla import LEVELS, Level
from ticketing.rules.taxonomy import Role
from ticketing.rules.telling import calls_out, told_as
from ticketing.rules.workflow import Relation

ENGINEER, MANAGER, ADMIN = Role.SUPPORT_ENGINEER, Role.SUPPORT_MANAGER, Role.ADMINISTRATOR
WARN, BREACH, ESCALATE, REPEAT = Level.WARN, Level.BREACH, Level.ESCALATE, Level.REPEAT_3


def told(level, role, *ties, restricted=False, owned=True):
    relation = Relation(role=role, **{tie: True for tie in ties if tie != "watching"})
    return told_as(level, relation, restricted=restricted, watching="watching" in ties, owned=owned)


@pytest.mark.parametrize(
    ("level", "role", "ties", "owned", "ground"),
    [
        (WARN, ENGINEER, ["owner"], True, "owner"),
        (WARN, ENGINEER, ["team"], True, None),
        (WARN, ENGINEER, ["team"], False, "team"),
        (WARN, ENGINEER, ["watching"], True, None),
        (WARN, MANAGER, [], False, None),
        (WARN, MANAGER, ["team"], False, "team"),
        (BREACH, ENGINEER, ["owner", "team"], True, "owner"),
        (BREACH, ENGINEER, ["team"], True, "team"),
        (BREACH, ENGINEER, ["watching", "team"], True, "watcher"),
        (BREACH, ENGINEER, [], True, None),
        (BREACH, MANAGER, [], True, "manager"),
        (BREACH, ADMIN, [], True, None),
        (BREACH, ADMIN, ["watching"], True, "watcher"),
        (BREACH, ADMIN, ["team"], True, "team"),
        (ESCALATE, ENGINEER, ["owner", "team", "watching"], True, None),
        (ESCALATE, MANAGER, [], True, "manager"),
        (ESCALATE, ADMIN, ["owner"], True, None),
        (REPEAT, MANAGER, ["owner"], True, "manager"),
        (REPEAT, ENGINEER, ["owner"], True, None),
    ],
)
def test_who_is_told_as_what(level, role, ties, owned, ground):
    assert told(level, role, *ties, owned=owned) == ground


@pytest.mark.parametrize("level", list(Level))
def test_nobody_is_told_as_the_reporter(level):
    assert told(level, Role.REPORTER, "reporter", "watching") is None
    assert told(level, ENGINEER, "reporter") is None
    assert told(level, ADMIN, "reporter") is None


@pytest.mark.parametrize("level", list(Level))
def test_a_restricted_ticket_is_told_of_to_those_who_may_see_it(level):
    for role in (ENGINEER, ADMIN):
        assert told(level, role, restricted=True) is None
    assert told(level, MANAGER, restricted=True) == (None if level is WARN else "manager")
    assert told(BREACH, ENGINEER, "watching", restricted=True) == "watcher"


def test_only_what_follows_a_breach_calls_out():
    assert [level for level in LEVELS if not calls_out(level)] == [WARN, BREACH]
