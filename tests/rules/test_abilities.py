"""Who sees a ticket and what they may do with it, as tables."""

from itertools import product

import pytest

from ticketing.rules.abilities import Ability, Permission, may, permitted, sees
from ticketing.rules.taxonomy import Role
from ticketing.rules.workflow import Relation

A = Ability
TIES = {"owner": {"owner": True}, "team": {"team": True}, "reporter": {"reporter": True}, "nobody's": {}}
ENGINEERS = ["support_engineer", "devops_engineer", "backend_developer", "integration_engineer"]
MANAGERS = ["support_manager", "administrator"]

# Who sees it: each role by what ties the person to the ticket. "watching" is for those whom nothing else lets in.
PLAIN = {
    **dict.fromkeys(ENGINEERS + MANAGERS, {"owner", "team", "reporter", "nobody's"}),
    "reporter": {"reporter"},
}
RESTRICTED = {
    **dict.fromkeys(ENGINEERS, {"owner", "team", "reporter", "watching"}),
    **dict.fromkeys(MANAGERS, {"owner", "team", "reporter", "nobody's"}),
    "reporter": {"reporter"},
}
PERMITTED = {
    **dict.fromkeys(ENGINEERS, {"use_board"}),
    "support_manager": {"use_board", "manage_board"},
    "administrator": {"use_board", "manage_board", "administer"},
    "reporter": set(),
}
STAFF_MAY = {
    A.SEE, A.SEE_INTERNAL, A.COMMENT, A.NOTE, A.ATTACH, A.EDIT, A.ASSIGN, A.WATCH, A.LINK, A.MOVE,
}  # fmt: skip


def everybody():
    """(role, tie, relation) for every role and tie; of the solver nothing here depends."""
    return [(role, tie, Relation(role, **TIES[tie])) for role, tie in product(Role, TIES)]


def abilities(relation, **facts):
    return {ability for ability in Ability if may(ability, relation, **facts)}


@pytest.mark.parametrize(("restricted", "table"), [(False, PLAIN), (True, RESTRICTED)])
def test_a_ticket_is_seen_by_those_whom_the_table_lets_in(restricted, table):
    for role, tie, relation in everybody():
        assert sees(relation, restricted, watching=False) is (tie in table[role]), (role, tie)
        let_in = tie in table[role] or "watching" in table[role]
        assert sees(relation, restricted, watching=True) is let_in, (role, tie, "watching")


def test_whoever_does_not_see_a_ticket_may_do_nothing_with_it():
    for (role, tie, relation), restricted, watching in product(everybody(), (False, True), (False, True)):
        if not sees(relation, restricted, watching):
            found = abilities(relation, restricted=restricted, watching=watching)
            assert found == set(), (role, tie, restricted, watching)


def test_staff_who_see_a_ticket_do_all_but_hold_and_pin():
    for (role, tie, relation), restricted, watching in product(everybody(), (False, True), (False, True)):
        if role != "reporter" and sees(relation, restricted, watching):
            found = abilities(relation, restricted=restricted, watching=watching)
            assert found - {A.HOLD, A.PIN} == STAFF_MAY, (role, tie, restricted, watching)


def test_a_ticket_is_held_by_its_owner_its_team_and_managers():
    for role, tie, relation in everybody():
        works_on_it = role in MANAGERS or (role in ENGINEERS and tie in ("owner", "team"))
        assert may(A.HOLD, relation) is works_on_it, (role, tie)


def test_watching_a_restricted_ticket_opens_it_but_does_not_let_one_hold_it():
    watcher = Relation(Role.BACKEND_DEVELOPER)
    assert may(A.EDIT, watcher, restricted=True, watching=True)
    assert not may(A.HOLD, watcher, restricted=True, watching=True)


def test_only_managers_pin():
    for role, tie, relation in everybody():
        assert may(A.PIN, relation) is (role in MANAGERS), (role, tie)


def test_a_reporter_sees_comments_on_attaches_to_and_closes_their_own_tickets_alone():
    for role, tie, relation in everybody():
        if role == "reporter":
            own = {A.SEE, A.COMMENT, A.ATTACH, A.MOVE} if tie == "reporter" else set()
            assert abilities(relation) == own, tie
            assert abilities(relation, restricted=True, watching=True) == own, tie


def test_staff_who_reported_a_ticket_stay_staff():
    assert abilities(Relation(Role.INTEGRATION_ENGINEER, reporter=True)) == STAFF_MAY


@pytest.mark.parametrize("role", Role)
def test_a_role_permits_what_the_table_names(role):
    assert {permission for permission in Permission if permitted(permission, role)} == PERMITTED[role]
