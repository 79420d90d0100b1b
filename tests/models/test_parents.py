"""A parent incident and its children: closed with it at the same instant, each by its own verb with its own clocks."""

import threading

import pytest
from sqlalchemy import select

from tests.factories import at, category, person, team, ticket, ticket_in
from ticketing.extensions import db
from ticketing.jobs.sla.verify import verify
from ticketing.models import Comment, Event, SlaClock, Ticket, User
from ticketing.models.answers import Answers, Hold
from ticketing.models.event import EventKind
from ticketing.models.link import link
from ticketing.rules.refusals import Conflict, IllegalMove
from ticketing.rules.sla import ClockState
from ticketing.rules.taxonomy import HoldReason, LinkKind, Priority, ResolutionCode, RootCause, Status, TicketType

S, C = Status, ClockState
DONE = Answers(resolution_code=ResolutionCode.PROVIDER_FIXED, root_cause=RootCause.PROVIDER)
pytestmark = pytest.mark.usefixtures("cast")


def family(*children: Ticket, reached: Status = S.SOLUTION_CHECK) -> Ticket:
    """A parent in this status, which was nobody's yet when it was linked: so its children have no reaction by it."""
    parent = ticket()
    for child in children:
        link(parent, child, LinkKind.PARENT, by=person("mara"), at=at(8))
    walk = (S.ASSIGNED, S.DIAGNOSTICS, S.SOLUTION_CHECK)
    for minute, step in enumerate(walk[: walk.index(reached) + 1], 9):
        answers = Answers(owner=person("bo"), category=category("user_system"), solution="Failed over")
        parent.move_to(step, by=person("bo"), at=at(minute), answers=answers)
    db.session.commit()
    return parent


def close(parent: Ticket, by="mara", minute=20, answers=DONE):
    """Close a parent and its children as one act, and see that every clock is what the history says."""
    by = person(by)
    parent.move_to(S.CLOSED, by=by, at=at(minute), answers=answers)
    reached = parent.close_children(by=by, at=at(minute))
    db.session.commit()
    assert list(verify()) == []
    return reached


def events(made: Ticket, *kinds) -> list:
    query = select(Event).where(Event.ticket_id == made.id, Event.at >= at(20)).order_by(Event.id)
    return [row for row in db.session.scalars(query) if not kinds or row.kind in kinds]


def clocks(made: Ticket) -> dict:
    rows = db.session.scalars(select(SlaClock).where(SlaClock.ticket_id == made.id))
    return {str(row.kind): (row.state, row.stopped_at) for row in rows}


@pytest.mark.parametrize("status", [status for status in S if status is not S.CLOSED])
def test_any_open_child_is_closed_with_code_and_cause_of_its_parent(status):
    child = ticket_in(status)
    version = child.version
    parent = family(child)
    reached = close(parent)
    assert [one.key for one in reached.done] == [child.key] and reached.left == {status}
    assert (child.status, child.closed_at, child.version) == (S.CLOSED, at(20), version + 1)
    assert (child.resolution_code, child.root_cause) == (ResolutionCode.PROVIDER_FIXED, RootCause.PROVIDER)
    [closed] = events(child, EventKind.CLOSED)
    assert (closed.payload["with_parent"], closed.payload["from"]) == (parent.id, status)
    assert closed.actor_id == person("mara").id


def test_the_clocks_of_a_child_are_its_own_and_stop_at_the_same_instant():
    child = ticket(priority=Priority.CRITICAL, moment=at(10))
    parent = family(child)
    close(parent)
    assert clocks(child) == {"reaction": (C.MET, at(20)), "resolution": (C.MET, at(20))}
    assert [row.kind for row in events(child)] == [EventKind.REACTED, EventKind.CLOSED]


def test_a_childs_clock_that_is_late_stays_late():
    child = ticket(priority=Priority.CRITICAL)  # to be reacted to within 15 min
    close(family(child))
    assert clocks(child)["reaction"] == (C.STOPPED_LATE, at(20))


def test_a_hold_ends_first_and_is_not_counted():
    child = ticket_in(S.DIAGNOSTICS)
    child.hold(Hold(HoldReason.PROVIDER), by=person("ann"), at=at(6))
    close(family(child))
    assert [row.kind for row in events(child)] == [EventKind.RESUMED, EventKind.CLOSED]
    assert (child.hold_reason, child.due_at, child.clock_face) == (None, None, {"outcome": "met"})


def test_a_reporter_takes_their_own_along_but_reacts_to_nothing():
    mine, theirs = ticket(), ticket(by=person("sam"))
    reached = close(family(mine, theirs), by="rita", answers=Answers())
    assert [one.key for one in reached.done] == [mine.key] and reached.refused == []
    assert clocks(mine) == {"reaction": (C.CANCELLED, at(20)), "resolution": (C.MET, at(20))}
    assert theirs.status is S.NEW


@pytest.mark.parametrize("code", [ResolutionCode.DUPLICATE, ResolutionCode.INVALID])
def test_what_counts_nowhere_counts_nowhere_for_the_children_either(code):
    child = ticket()
    parent, other = family(child, reached=S.DIAGNOSTICS), ticket()
    close(parent, answers=Answers(resolution_code=code, duplicate_of=other))
    assert child.resolution_code is code
    assert {state for state, _ in clocks(child).values()} == {C.CANCELLED}
    assert events(child, EventKind.LINKED, EventKind.REACTED) == []


def test_what_is_closed_stays_as_it_is():
    child = ticket_in(S.CLOSED)
    version = child.version
    assert close(family(child)).done == []
    assert (child.version, child.resolution_code) == (version, ResolutionCode.FIXED)


def test_a_child_one_may_not_see_stays_open_and_is_not_spoken_of():
    alert = ticket(type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
    seen = ticket()
    reached = close(family(alert, seen), by="ann")
    assert [one.key for one in reached.done] == [seen.key] and reached.refused == []
    assert alert.status is S.NEW and events(alert) == []


def test_a_watcher_sees_it_and_takes_it_along():
    alert = ticket(type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
    alert.watch(person("ann"), by=person("mara"), at=at(1))
    assert [one.key for one in close(family(alert), by="ann").done] == [alert.key]


def test_closing_the_parent_is_no_way_round_the_second_pair_of_eyes():
    guarded = ticket_in(S.SOLUTION_CHECK, priority=Priority.CRITICAL)  # ann solved it
    other = ticket_in(S.DIAGNOSTICS, priority=Priority.CRITICAL)
    reached = close(family(guarded, other), by="ann")
    assert [(child.key, code) for child, code in reached.refused] == [(guarded.key, "four_eyes")]
    assert [one.key for one in reached.done] == [other.key]
    assert guarded.status is S.SOLUTION_CHECK


def test_without_its_parents_closing_nothing_closes_so():
    child, stranger = ticket(), ticket_in(S.CLOSED)
    parent = family(child)
    with pytest.raises(IllegalMove):
        parent.close_children(by=person("mara"), at=at(20))
    with pytest.raises(IllegalMove):
        child.close_with(parent, by=person("mara"), at=at(20))
    with pytest.raises(IllegalMove):
        child.close_with(stranger, by=person("mara"), at=at(6))
    parent.move_to(S.CLOSED, by=person("mara"), at=at(20), answers=DONE)
    with pytest.raises(Conflict):
        parent.close_children(by=person("mara"), at=at(21))
    assert child.status is S.NEW


def test_the_parent_tells_which_children_went_with_it():
    one, two, guarded = ticket(), ticket(), ticket_in(S.SOLUTION_CHECK, priority=Priority.CRITICAL)
    parent = family(one, two, guarded)
    close(parent, by="ann")
    [told] = events(parent, EventKind.CHILDREN_CLOSED)
    assert (told.payload, told.actor_id) == ({"tickets": [one.id, two.id]}, person("ann").id)


def test_where_no_child_went_nothing_is_told():
    parent = family(ticket_in(S.CLOSED))
    close(parent)
    assert events(parent, EventKind.CHILDREN_CLOSED) == []


def test_a_child_reopens_by_itself():
    child = ticket_in(S.DIAGNOSTICS)
    parent = family(child)
    close(parent)
    child.move_to(S.DIAGNOSTICS, by=person("ann"), at=at(30), answers=Answers(why="Not this one"))
    db.session.commit()
    assert parent.status is S.CLOSED and child.cycle == 2
    assert list(verify()) == []


# One update for all


def tell(parent: Ticket, body="All fixed @bo", by="ann", internal=False):
    said = parent.say(body, internal=internal, by=person(by), at=at(20))
    reached = parent.tell_children(said, by=person(by), at=at(20))
    db.session.commit()
    assert list(verify()) == []
    return reached


def test_an_update_is_a_comment_of_its_own_on_each_open_child():
    one, two, gone = ticket(), ticket(), ticket_in(S.CLOSED)
    parent = family(one, two, gone)
    reached = tell(parent)
    assert [child.key for child in reached.done] == [one.key, two.key]
    assert (one.comment_count, two.visible_comment_count, gone.comment_count) == (1, 1, 0)
    [told] = events(one, EventKind.COMMENTED)
    assert told.payload["from_ticket"] == parent.id
    assert db.session.get(Comment, told.payload["comment"]).body == "All fixed @bo"
    assert one.version == 1


def test_the_parent_tells_on_which_children_it_was_written_too():
    one, two = ticket(), ticket()
    parent = family(one, two)
    tell(parent)
    [written] = events(parent, EventKind.COMMENTED)
    [told] = events(parent, EventKind.PASSED_ON)
    assert told.payload == {"tickets": [one.id, two.id], "comment": written.payload["comment"]}


def test_a_visible_one_is_a_reaction_but_for_the_childs_own_reporter():
    theirs, anns = ticket(), ticket(by=person("ann"))
    tell(family(theirs, anns))
    assert (theirs.reacted_at, anns.reacted_at) == (at(20), None)


def test_a_note_is_none():
    child = ticket()
    tell(family(child), internal=True)
    assert (child.reacted_at, child.visible_comment_count) == (None, 0)


def test_a_copy_lets_nobody_in():
    alert = ticket(type=TicketType.SECURITY_ALERT)  # of ann's team
    parent = family(alert)
    tell(parent, "Look @ben")
    assert parent.is_watched_by(person("ben")) and not alert.is_watched_by(person("ben"))


# At once


def test_whoever_moves_a_child_meanwhile_waits_and_finds_it_closed(app):
    child = ticket_in(S.DIAGNOSTICS)
    parent = family(child)
    numbers, ann, mara = sorted([parent.id, child.id]), person("ann").id, person("mara").id
    child_id, parent_id = child.id, parent.id
    db.session.commit()
    db.session.remove()
    results, gate = [], threading.Barrier(2)

    def locked(wanted):
        query = select(Ticket).where(Ticket.id.in_(wanted)).order_by(Ticket.id).with_for_update()
        return {row.id: row for row in db.session.scalars(query.execution_options(populate_existing=True))}

    def close_family():
        with app.app_context():
            gate.wait()
            found, by = locked(numbers)[parent_id], db.session.get(User, mara)
            found.move_to(S.CLOSED, by=by, at=at(20), answers=DONE)
            results.append(("closed", len(found.close_children(by=by, at=at(20)).done)))
            db.session.commit()
            db.session.remove()

    def move_child():
        with app.app_context():
            gate.wait()
            found = locked([child_id])[child_id]
            try:
                found.move_to(S.CORRECTION, by=db.session.get(User, ann), at=at(20))
                db.session.commit()
                results.append(("moved", 1))
            except IllegalMove:
                db.session.rollback()
                results.append(("illegal", 0))
            db.session.remove()

    threads = [threading.Thread(target=close_family), threading.Thread(target=move_child)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert ("closed", 1) in results and len(results) == 2
    assert db.session.get(Ticket, child_id).status is S.CLOSED
    assert list(verify()) == []


def test_the_words_of_a_restricted_parent_stay_where_few_read_them():
    parent = ticket("Attack", type=TicketType.SECURITY_ALERT, by=person("mara"))
    open_to_all, guarded = ticket("Slow", by=person("rita")), ticket("Scan", type=TicketType.SECURITY_ALERT)
    parent.adopt([open_to_all, guarded], by=person("mara"), at=at(1))
    said = parent.say("The attacker is 10.0.0.1", internal=False, by=person("mara"), at=at(2))
    reached = parent.tell_children(said, by=person("mara"), at=at(2))
    assert [child.id for child in reached.done] == [guarded.id]
    assert [(child.id, code) for child, code in reached.refused] == [(open_to_all.id, "restricted_words")]
