"""The door to the status: what each move does, asks and refuses."""

import pytest
from sqlalchemy import func, select

from tests.factories import at, category, people, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.models import BoardCount, Event, Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.models.board_count import rebuild_counts
from ticketing.models.event import EventKind
from ticketing.rules.refusals import Conflict, IllegalMove, Invalid, NotAllowed, Stale
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, RootCause, Status, TicketType

S = Status
pytestmark = pytest.mark.usefixtures("app_context")


def kinds(made):
    db.session.flush()
    return list(db.session.scalars(select(Event.kind).where(Event.ticket_id == made.id).order_by(Event.id)))


def test_a_ticket_walks_from_new_to_closed_with_every_step_in_its_history():
    made = ticket_in(S.CLOSED)
    assert made.closed_at == at(6)
    assert kinds(made) == [
        EventKind.CREATED, EventKind.MOVED, EventKind.CLASSIFIED, EventKind.TEAM_CHANGED, EventKind.REACTED,
        EventKind.ASSIGNED, EventKind.TEAM_CHANGED, EventKind.MOVED, EventKind.MOVED, EventKind.MOVED,
        EventKind.MOVED, EventKind.CLOSED,
    ]  # fmt: skip


def test_each_act_is_one_version():
    made = ticket_in(S.CORRECTION)
    assert made.version == 5


def test_classifying_asks_for_the_category_alone():
    made = ticket()
    with pytest.raises(Invalid) as refusal:
        made.move_to(S.CLASSIFIED, by=person("ann"), at=at(1))
    assert refusal.value.errors == {"category": "required"}


def test_a_refused_move_leaves_no_trace():
    made = ticket_in(S.DIAGNOSTICS)
    before, version = kinds(made), made.version
    with pytest.raises(Invalid):
        made.move_to(S.SOLUTION_CHECK, by=person("ann"), at=at(9))
    assert (kinds(made), made.version, made.status) == (before, version, S.DIAGNOSTICS)


def test_an_unowned_ticket_moved_to_assigned_is_taken_by_whoever_moves_it():
    made = ticket_in(S.CLASSIFIED)
    made.move_to(S.ASSIGNED, by=person("ann"), at=at(3))
    assert made.owner.handle == "ann"


def test_setting_an_owner_on_a_new_ticket_is_the_move_to_assigned_and_asks_the_same():
    made = ticket()
    with pytest.raises(Invalid) as refusal:
        made.assign(person("ann"), by=person("mara"), at=at(1))
    assert refusal.value.errors == {"category": "required"}
    made.assign(person("ann"), by=person("mara"), at=at(1), answers=Answers(category=category("user_system")))
    assert made.status is S.ASSIGNED


def test_an_owner_from_another_team_takes_the_ticket_there():
    made = ticket_in(S.CORRECTION)
    made.assign(person("bo"), by=person("ann"), at=at(9))
    assert (made.owner.handle, made.team_id) == ("bo", person("bo").team_id)
    assert kinds(made)[-2:] == [EventKind.REASSIGNED, EventKind.TEAM_CHANGED]


def test_removing_the_owner_and_going_back_to_classified_are_one_act():
    made = ticket_in(S.ASSIGNED)
    with pytest.raises(Invalid) as refusal:
        made.assign(None, by=person("ann"), at=at(5))
    assert refusal.value.errors == {"why": "required"}
    made.assign(None, by=person("ann"), at=at(5), answers=Answers(why="Wrong team"))
    assert (made.status, made.owner_id) == (S.CLASSIFIED, None)


def test_a_later_owner_is_replaced_not_removed():
    made = ticket_in(S.DIAGNOSTICS)
    with pytest.raises(Conflict, match="owner_is_replaced_not_removed"):
        made.assign(None, by=person("ann"), at=at(5), answers=Answers(why="x"))


def test_a_stale_version_is_refused_but_the_same_wish_is_a_success():
    made = ticket_in(S.DIAGNOSTICS)
    with pytest.raises(Stale):
        made.move_to(S.CORRECTION, by=person("ann"), at=at(9), version=made.version - 1)
    assert made.move_to(S.DIAGNOSTICS, by=person("ann"), at=at(9), version=1) is False


@pytest.mark.parametrize(("status", "target", "reason"), [
    (S.DIAGNOSTICS, S.CLOSED, "needs_solution_check"), (S.NEW, S.DIAGNOSTICS, "needs_owner"),
    (S.CORRECTION, S.CLASSIFIED, "one_step_back"), (S.CLASSIFIED, S.CORRECTION, "needs_diagnostics"),
    (S.CLOSED, S.CORRECTION, "reopens_to_diagnostics"),
])  # fmt: skip
def test_an_illegal_move_names_the_rule(status, target, reason):
    made = ticket_in(status)
    with pytest.raises(IllegalMove) as refusal:
        made.move_to(target, by=person("mara"), at=at(9))
    assert refusal.value.code == reason


def test_a_stranger_to_the_ticket_may_not_push_it_on():
    made = ticket_in(S.DIAGNOSTICS)
    with pytest.raises(NotAllowed, match="workers_only"):
        made.move_to(S.CORRECTION, by=person("bo"), at=at(9))


@pytest.mark.parametrize("facts", [{"priority": Priority.CRITICAL}, {"type": TicketType.SECURITY_ALERT}])
def test_whoever_solved_a_critical_or_security_ticket_does_not_close_it(facts):
    made = ticket_in(S.SOLUTION_CHECK, **facts)
    done = Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)
    with pytest.raises(NotAllowed, match="four_eyes"):
        made.move_to(S.CLOSED, by=person("ann"), at=at(9), answers=done)
    made.move_to(S.CLOSED, by=person("rita"), at=at(9))
    assert (made.resolution_code, made.root_cause) == (ResolutionCode.FIXED, None)


def test_a_manager_may_close_what_they_solved_themselves():
    mara = person("mara")
    made = ticket_in(S.CORRECTION, priority=Priority.CRITICAL)
    made.move_to(S.SOLUTION_CHECK, by=mara, at=at(7), answers=Answers(solution="Failover"))
    done = Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.INFRASTRUCTURE)
    assert made.move_to(S.CLOSED, by=mara, at=at(8), answers=done)


def test_closing_asks_for_code_and_cause_and_takes_no_early_code():
    made = ticket_in(S.SOLUTION_CHECK)
    with pytest.raises(Invalid) as refusal:
        made.move_to(S.CLOSED, by=person("ann"), at=at(9))
    assert set(refusal.value.errors) == {"resolution_code", "root_cause"}


def test_a_duplicate_is_closed_from_anywhere_and_linked():
    other, made = ticket("The first"), ticket("The second")
    with pytest.raises(Invalid, match="invalid"):
        made.close_as(ResolutionCode.DUPLICATE, by=person("ann"), at=at(1))
    made.close_as(ResolutionCode.DUPLICATE, by=person("ann"), at=at(1), duplicate_of=other)
    assert made.status is S.CLOSED
    assert kinds(other)[-1] is EventKind.LINKED


def test_an_owned_ticket_is_not_closed_early_by_another_team():
    made = ticket_in(S.ASSIGNED)
    with pytest.raises(NotAllowed):
        made.close_as(ResolutionCode.INVALID, by=person("bo"), at=at(9))


def test_reopening_needs_a_reason_and_the_window():
    made = ticket_in(S.CLOSED)
    with pytest.raises(Invalid):
        made.move_to(S.DIAGNOSTICS, by=person("rita"), at=at(60))
    with pytest.raises(Conflict, match="reopen_window_over"):
        made.move_to(S.DIAGNOSTICS, by=person("rita"), at=at(60 * 24 * 8), answers=Answers(why="Again"))
    made.move_to(S.DIAGNOSTICS, by=person("rita"), at=at(60), answers=Answers(why="Again"))
    assert (made.closed_at, made.resolution_code, kinds(made)[-1]) == (None, None, EventKind.REOPENED)


def test_a_hold_never_carries_over_a_move():
    made = ticket_in(S.DIAGNOSTICS)
    made.hold(Hold(HoldReason.PROVIDER), by=person("ann"), at=at(9))
    assert made.lane == 3
    made.move_to(S.CORRECTION, by=person("ann"), at=at(10))
    assert (made.hold_reason, made.lane) == (None, 1)
    assert kinds(made)[-3:] == [EventKind.HELD, EventKind.RESUMED, EventKind.MOVED]


def test_a_hold_with_an_end_ended_then_and_not_when_somebody_looked():
    made = ticket_in(S.DIAGNOSTICS)
    made.hold(Hold(HoldReason.VENDOR, until=at(20)), by=person("ann"), at=at(9))
    made.move_to(S.CORRECTION, by=person("ann"), at=at(30))
    resumed = db.session.scalars(select(Event).where(Event.kind == EventKind.RESUMED)).one()
    assert (resumed.at, resumed.noticed_at, resumed.payload["cause"]) == (at(20), at(30), "expired")


def test_a_hold_is_refused_where_it_makes_no_sense():
    with pytest.raises(Conflict, match="not_holdable"):
        ticket_in(S.CLASSIFIED).hold(Hold(HoldReason.VENDOR), by=person("mara"), at=at(9))
    with pytest.raises(Invalid):
        ticket_in(S.DIAGNOSTICS).hold(Hold(HoldReason.OTHER), by=person("ann"), at=at(9))


def test_a_change_of_team_drops_an_owner_who_is_not_in_it():
    people()
    made = ticket_in(S.ASSIGNED)
    with pytest.raises(NotAllowed):
        made.change_team(person("bo").team_id, by=person("ben"), at=at(9), why="Not ours")
    with pytest.raises(Invalid) as refusal:
        made.change_team(person("bo").team_id, by=person("mara"), at=at(9))
    assert refusal.value.errors == {"why": "required"}
    made.change_team(person("bo").team_id, by=person("mara"), at=at(9), why="Not ours")
    assert (made.owner_id, made.status, made.team_id) == (None, S.CLASSIFIED, person("bo").team_id)
    made = ticket_in(S.DIAGNOSTICS)
    with pytest.raises(Invalid):
        made.change_team(person("bo").team_id, by=person("mara"), at=at(9))
    made.change_team(person("bo").team_id, by=person("mara"), at=at(9), owner=person("bo"))
    assert made.owner.handle == "bo"


def test_the_kept_counts_are_what_counting_would_give():
    for status in S:
        ticket_in(status, type=TicketType.SECURITY_ALERT if status is S.NEW else TicketType.INCIDENT)
    ticket_in(S.DIAGNOSTICS).assign(person("bo"), by=person("mara"), at=at(9))
    db.session.commit()
    key = (BoardCount.status, BoardCount.team_id, BoardCount.restricted, BoardCount.owned, BoardCount.n)
    kept = set(map(tuple, db.session.execute(select(*key).where(BoardCount.n != 0))))
    rebuild_counts()
    assert kept == set(map(tuple, db.session.execute(select(*key))))
    assert sum(row[-1] for row in kept) == db.session.scalar(select(func.count()).select_from(Ticket))


def test_what_is_closed_otherwise_is_not_said_to_be_closed_as_wished():
    made = ticket_in(S.CLOSED)
    with pytest.raises(Conflict, match="closed"):
        made.close_as(ResolutionCode.INVALID, by=person("mara"), at=at(9), version=made.version)
    twin = ticket("Twin")
    twin.close_as(ResolutionCode.INVALID, by=person("mara"), at=at(9))
    assert twin.close_as(ResolutionCode.INVALID, by=person("ann"), at=at(10), version=1) is False


def test_what_a_move_does_not_ask_for_is_not_applied():
    made, twin = ticket_in(S.SOLUTION_CHECK), ticket("Twin")
    sent = Answers(
        type=TicketType.SECURITY_ALERT, priority=Priority.CRITICAL, category=category("infrastructure"),
        resolution_code=ResolutionCode.DECLINED, root_cause=RootCause.USER, duplicate_of=twin,
    )  # fmt: skip
    made.move_to(S.CLOSED, by=person("rita"), at=at(9), answers=sent)
    assert (made.type, made.priority, made.category.key) == (TicketType.INCIDENT, Priority.NORMAL, "user_system")
    assert (made.resolution_code, made.root_cause) == (ResolutionCode.FIXED, None)
    assert EventKind.LINKED not in kinds(made)


def test_an_answer_that_is_too_long_is_refused_at_its_field():
    made = ticket_in(S.DIAGNOSTICS)
    with pytest.raises(Invalid) as refusal:
        made.move_to(S.ASSIGNED, by=person("ann"), at=at(9), answers=Answers(why="x" * 20_001))
    assert refusal.value.errors == {"why": "too_long"}


def test_what_was_reopened_without_an_owner_gets_one_with_assigned():
    made = ticket()
    made.close_as(ResolutionCode.INVALID, by=person("ann"), at=at(1))
    made.move_to(S.DIAGNOSTICS, by=person("rita"), at=at(2), answers=Answers(why="It is real"))
    made.move_to(S.ASSIGNED, by=person("ben"), at=at(3), answers=Answers(why="Start over"))
    assert made.owner.handle == "ben"


def test_a_column_takes_three_pins():
    cards = [ticket_in(S.DIAGNOSTICS) for _ in range(4)]
    for card in cards[:3]:
        assert card.pin(True, by=person("mara"), at=at(9))
    with pytest.raises(Conflict, match="pins_full"):
        cards[3].pin(True, by=person("mara"), at=at(9))


def test_a_title_of_unseen_marks_is_no_title():
    with pytest.raises(Invalid):
        ticket("\u200b\u202e \u2060")
    assert ticket("Pay\u202eout").title == "Payout"
