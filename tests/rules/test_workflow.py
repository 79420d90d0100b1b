"""The move table, written out once more from the rules of the board: every cell, for everybody, on every ticket."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from ticketing.rules.refusals import IllegalMove, NotAllowed
from ticketing.rules.taxonomy import STATUSES, Priority, ResolutionCode, Role, Status, TicketType
from ticketing.rules.workflow import (
    EARLY_CODES,
    ORDINARY_CODES,
    Facts,
    Relation,
    check_move,
    legal_targets,
    may_close_as,
    why_not,
    within_reopen_window,
)

S, C = Status, ResolutionCode

# A row per status, a column per target. Capitals: who may make the move. Small letters: why there is none.
TABLE = """
from            new            classified     assigned       diagnostics    correction     solution_check closed
new             current        STAFF          STAFF          owner_first    diagnose_first diagnose_first check_first
classified      BACK           current        STAFF          owner_first    diagnose_first diagnose_first check_first
assigned        one_step       BACK           current        WORKERS        diagnose_first diagnose_first check_first
diagnostics     one_step       one_step       BACK           current        WORKERS        WORKERS        check_first
correction      one_step       one_step       one_step       BACK           current        WORKERS        check_first
solution_check  one_step       one_step       one_step       STAFF          STAFF          current        CHECKERS
closed          reopen_first   reopen_first   reopen_first   REOPENERS      reopen_first   reopen_first   current
"""
REASONS = {
    "current": "current",
    "owner_first": "needs_owner",
    "diagnose_first": "needs_diagnostics",
    "check_first": "needs_solution_check",
    "one_step": "one_step_back",
    "reopen_first": "reopens_to_diagnostics",
}
ASKS = {
    (S.NEW, S.CLASSIFIED): ("type", "category", "priority"),
    (S.NEW, S.ASSIGNED): ("type", "category", "priority", "owner"),
    (S.CLASSIFIED, S.ASSIGNED): ("type", "category", "priority", "owner"),
    (S.ASSIGNED, S.DIAGNOSTICS): (),
    (S.DIAGNOSTICS, S.CORRECTION): (),
    (S.DIAGNOSTICS, S.SOLUTION_CHECK): ("solution",),
    (S.CORRECTION, S.SOLUTION_CHECK): ("solution",),
    (S.SOLUTION_CHECK, S.CLOSED): ("resolution_code", "root_cause"),
    (S.SOLUTION_CHECK, S.CORRECTION): ("why",),
    (S.SOLUTION_CHECK, S.DIAGNOSTICS): ("why",),
    (S.CLASSIFIED, S.NEW): ("why",),
    (S.ASSIGNED, S.CLASSIFIED): ("why",),
    (S.DIAGNOSTICS, S.ASSIGNED): ("why",),
    (S.CORRECTION, S.DIAGNOSTICS): ("why",),
    (S.CLOSED, S.DIAGNOSTICS): ("why",),
}
STAFF = [role for role in Role if role is not Role.REPORTER]
MANAGERS = (Role.SUPPORT_MANAGER, Role.ADMINISTRATOR)
TIES = {"owner": {"owner": True}, "team": {"team": True}, "reporter": {"reporter": True}, "nobody's": {}}
# Plain, critical, and an alert: the last two are guarded by a second pair of eyes.
KINDS = [
    (TicketType.INCIDENT, Priority.HIGH),
    (TicketType.PAYMENT_ISSUE, Priority.CRITICAL),
    (TicketType.SECURITY_ALERT, Priority.LOW),
]


def cells():
    """{(from, to): word} of the table above."""
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return {(S(row[0]), S(to)): word for row in rows for to, word in zip(head[1:], row[1:], strict=True)}


CELLS = cells()
EVERYBODY = [
    Relation(role, solver=solver, **TIES[tie]) for role, tie, solver in product(Role, TIES, (False, True))
]  # fmt: skip
EVERY_CASE = [
    (Facts(status, kind, priority, owned), relation)
    for status, (kind, priority), owned, relation in product(S, KINDS, (False, True), EVERYBODY)
]


def refusal(word, facts, relation):
    """What the rules of the board answer this person, or None: they may."""
    staff, manager = relation.role in STAFF, relation.role in MANAGERS
    worker = staff and (relation.owner or relation.team or manager)
    guarded = facts.priority is Priority.CRITICAL or facts.type is TicketType.SECURITY_ALERT
    if word == "STAFF":
        return None if staff else "staff_only"
    if word == "WORKERS":
        return None if worker else "workers_only"
    if word == "BACK":
        return None if worker or (staff and not facts.owned) else "workers_only"
    if not staff and not relation.reporter:
        return "reporter_or_staff"
    return "four_eyes" if word == "CHECKERS" and guarded and relation.solver and not manager else None


def answer(facts, relation, target, code=None):
    """What the product answers, in the same words."""
    try:
        check_move(facts, relation, target, code)
    except IllegalMove as illegal:
        return f"illegal: {illegal.code}"
    except NotAllowed as refused:
        return refused.code
    return None


def test_the_table_has_a_cell_for_every_pair_and_asks_for_every_move():
    assert set(CELLS) == set(product(S, S))
    assert {cell for cell, word in CELLS.items() if word.isupper()} == set(ASKS)


def test_every_move_is_open_to_whom_the_table_names_and_to_nobody_else():
    for facts, relation in EVERY_CASE:
        for target in STATUSES:
            word = CELLS[facts.status, target]
            expected = refusal(word, facts, relation) if word.isupper() else f"illegal: {REASONS[word]}"
            assert answer(facts, relation, target) == expected, (facts, relation, target)


def test_a_card_carries_exactly_the_targets_that_a_move_would_allow():
    for facts, relation in EVERY_CASE:
        allowed = tuple(target for target in STATUSES if answer(facts, relation, target) is None)
        assert legal_targets(facts, relation) == allowed, (facts, relation)


@pytest.mark.parametrize(("origin", "target"), ASKS)
def test_a_move_asks_a_manager_for_exactly_what_the_table_says(origin, target):
    move = check_move(Facts(origin, *KINDS[0], True), Relation(Role.SUPPORT_MANAGER), target)
    assert move.asks == ASKS[origin, target]
    assert move.optional == (("finding",) if (origin, target) == (S.DIAGNOSTICS, S.CORRECTION) else ())


def test_a_reporter_closes_without_naming_code_or_cause_but_staff_who_reported_name_both():
    checked = Facts(S.SOLUTION_CHECK, *KINDS[0], True)
    assert check_move(checked, Relation(Role.REPORTER, reporter=True), S.CLOSED).asks == ()
    for role in STAFF:
        asks = check_move(checked, Relation(role, reporter=True), S.CLOSED).asks
        assert asks == ("resolution_code", "root_cause"), role


def test_a_reporter_may_close_a_solved_ticket_and_reopen_a_closed_one_and_nothing_else():
    reporter = Relation(Role.REPORTER, reporter=True)
    for status, owned in product(S, (False, True)):
        targets = {S.SOLUTION_CHECK: (S.CLOSED,), S.CLOSED: (S.DIAGNOSTICS,)}.get(status, ())
        assert legal_targets(Facts(status, *KINDS[0], owned), reporter) == targets, status


def test_an_early_closing_is_open_from_every_open_status_to_those_who_may_step_back():
    for (facts, relation), code in product(EVERY_CASE, EARLY_CODES):
        if facts.status is S.CLOSED:
            continue
        expected = refusal("BACK", facts, relation)
        assert answer(facts, relation, S.CLOSED, code) == expected, (facts, relation, code)
        assert may_close_as(facts, relation) is (expected is None), (facts, relation)


def test_a_closed_ticket_is_not_closed_again_by_any_code():
    for facts, relation in EVERY_CASE:
        if facts.status is S.CLOSED:
            assert not may_close_as(facts, relation)
            assert {answer(facts, relation, S.CLOSED, code) for code in C} == {"illegal: current"}


def test_an_ordinary_code_does_not_open_the_way_past_the_check():
    for status, code in product(STATUSES[:5], ORDINARY_CODES):
        facts = Facts(status, *KINDS[0], False)
        found = answer(facts, Relation(Role.ADMINISTRATOR, owner=True), S.CLOSED, code)
        assert found == "illegal: needs_solution_check", (status, code)


def test_an_early_code_changes_no_other_move():
    for (facts, relation), code in product(EVERY_CASE, EARLY_CODES):
        for target in STATUSES[:6]:
            assert answer(facts, relation, target, code) == answer(facts, relation, target), (facts, relation, target)


def test_only_a_duplicate_asks_for_the_other_ticket():
    facts, owner = Facts(S.DIAGNOSTICS, *KINDS[0], True), Relation(Role.DEVOPS_ENGINEER, owner=True)
    asks = {code: check_move(facts, owner, S.CLOSED, code).asks for code in EARLY_CODES}
    assert asks == {
        C.DUPLICATE: ("resolution_code", "duplicate_of"),
        C.INVALID: ("resolution_code",),
        C.AUTO_RESOLVED: ("resolution_code",),
    }


def test_three_codes_are_early_and_five_ordinary():
    assert {C.DUPLICATE, C.INVALID, C.AUTO_RESOLVED} == EARLY_CODES
    assert ORDINARY_CODES == (C.FIXED, C.WORKAROUND, C.PROVIDER_FIXED, C.NOT_REPRODUCIBLE, C.DECLINED)


def test_the_sentence_of_a_dimmed_column_is_the_one_a_refusal_gives():
    legal = {"STAFF": "staff_only", "WORKERS": "workers_only", "BACK": "workers_only", "CHECKERS": "four_eyes",
             "REOPENERS": "reporter_or_staff"}  # fmt: skip
    for (origin, target), word in CELLS.items():
        assert why_not(origin, target) == (legal | REASONS)[word], (origin, target)


def test_a_refusal_says_where_the_ticket_is_and_where_it_was_to_go():
    with pytest.raises(IllegalMove) as refused:
        check_move(Facts(S.ASSIGNED, *KINDS[0], True), Relation(Role.SUPPORT_MANAGER), S.CLOSED)
    assert refused.value.facts == {"status": S.ASSIGNED, "target": S.CLOSED}


def test_the_reopen_window_is_seven_days_to_the_second():
    closed = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)  # the clocks change in between; seven days stay seven days
    end = closed + timedelta(days=7)
    assert within_reopen_window(closed, closed)
    assert within_reopen_window(closed, end)
    assert not within_reopen_window(closed, end + timedelta(seconds=1))
