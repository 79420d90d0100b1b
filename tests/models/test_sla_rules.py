"""What starts, stops and pauses a clock (sla.md R1–R5), one rule a test, through the real verbs."""

import pytest

from tests.factories import person
from tests.support.mondays import clock, filed, on
from ticketing.extensions import db
from ticketing.models import SlaSegment
from ticketing.models.answers import Answers, Hold
from ticketing.models.link import link
from ticketing.rules.refusals import Conflict
from ticketing.rules.sla import ClockState
from ticketing.rules.taxonomy import HoldReason, LinkKind, ResolutionCode, Status

S, C = Status, ClockState
pytestmark = pytest.mark.usefixtures("app_context")


# R1, R2: what is a reaction

REACTIONS = {
    "take": lambda made, ann: made.take(by=ann, at=on("09:09")),
    "assigning somebody": lambda made, ann: made.assign(person("bo"), by=ann, at=on("09:09")),
    "a move to assigned": lambda made, ann: made.move_to(S.ASSIGNED, by=ann, at=on("09:09")),
    "a visible comment": lambda made, ann: made.say("We look at it", internal=False, by=ann, at=on("09:09")),
    "closing as auto_resolved": lambda made, ann: made.close_as(
        ResolutionCode.AUTO_RESOLVED, by=ann, at=on("09:09")
    ),
}  # fmt: skip


@pytest.mark.parametrize("act", REACTIONS.values(), ids=REACTIONS)
def test_a_person_of_the_staff_reacts_by(act):
    made = filed()
    act(made, person("ann"))
    found = clock(made)
    assert (found.state, found.elapsed_before_s, found.stopped_at) == (C.MET, 9 * 60, on("09:09"))
    assert made.reacted_at == on("09:09")


def _classify(made, ann):
    made.move_to(S.CLASSIFIED, by=ann, at=on("09:09"))


NO_REACTIONS = {
    "a move to classified": _classify,
    "an internal note": lambda made, ann: made.say("Known?", internal=True, by=ann, at=on("09:09")),
    "an edit": lambda made, ann: made.edit(title="Deposits fail", by=ann, at=on("09:09")),
    "watching": lambda made, ann: made.watch(ann, by=ann, at=on("09:09")),
    "the reporter's own comment": lambda made, _: made.say("Hello?", internal=False, by=made.reporter, at=on("09:09")),
    "a change of team": lambda made, ann: made.change_team(person("bo").team_id, by=ann, at=on("09:09")),
    "an integration's owner": lambda made, _: made.assign(
        person("ann"), by=person("router", machine=True), at=on("09:09")
    ),
    "an integration's comment": lambda made, _: made.say(
        "Seen", internal=False, by=person("router", machine=True), at=on("09:09")
    ),
}  # fmt: skip


@pytest.mark.parametrize("act", NO_REACTIONS.values(), ids=NO_REACTIONS)
def test_no_reaction_is(act):
    made = filed()
    act(made, person("ann"))
    assert (clock(made).state, made.reacted_at) == (C.RUNNING, None)


def test_a_comment_of_a_member_of_staff_who_is_the_reporter_is_no_reaction():
    made = filed(by=person("ann"))
    made.say("More about it", internal=False, by=person("ann"), at=on("09:05"))
    assert clock(made).state is C.RUNNING


def test_linking_to_a_parent_that_has_its_reaction_is_one():
    parent, child, early = filed(), filed(), filed()
    link(parent, early, LinkKind.PARENT, by=person("ann"), at=on("09:02"))
    parent.take(by=person("ann"), at=on("09:05"))
    link(parent, child, LinkKind.PARENT, by=person("ann"), at=on("09:08"))
    assert (clock(child).state, clock(child).stopped_at) == (C.MET, on("09:08"))
    assert clock(early).state is C.RUNNING


def test_naming_somebody_else_while_filing_is_no_reaction_and_oneself_is():
    named = filed(by=person("ann"), owner=person("bo"))
    own = filed(by=person("ann"), owner=person("ann"))
    assert (named.owner, clock(named).state) == (person("bo"), C.RUNNING)
    assert (clock(own).state, clock(own).cause, clock(own).elapsed_before_s) == (C.MET, "self", 0)


def test_who_is_first_to_react_to_their_own_ticket_is_marked_unless_it_was_late():
    own, late = filed(by=person("ann")), filed(by=person("ann"))
    own.take(by=person("ann"), at=on("09:10"))
    late.take(by=person("ann"), at=on("09:16"))
    assert (clock(own).state, clock(own).cause, clock(own).elapsed_before_s) == (C.MET, "self", 0)
    assert (clock(late).state, clock(late).cause, clock(late).elapsed_before_s) == (C.STOPPED_LATE, None, 16 * 60)


def test_a_second_reaction_changes_nothing():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.say("Found it", internal=False, by=person("ann"), at=on("09:08"))
    assert (clock(made).stopped_at, made.reacted_at) == (on("09:05"), on("09:05"))
    assert not made.take(by=person("ann"), at=on("09:09"))


# R3, R4, R5: holds and checks


def test_a_hold_is_refused_while_the_reaction_runs():
    made = filed(by=person("router", machine=True), owner=person("ann"))
    with pytest.raises(Conflict, match="reaction_runs"):
        made.hold(Hold(HoldReason.PROVIDER), by=person("ann"), at=on("09:05"))
    made.take(by=person("ann"), at=on("09:06"))
    made.hold(Hold(HoldReason.PROVIDER), by=person("ann"), at=on("09:07"))


def test_a_hold_ends_at_its_instant_not_at_its_detection():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.hold(Hold(HoldReason.RELEASE_WINDOW, until=on("10:00")), by=person("ann"), at=on("09:30"))
    made.say("Still there?", internal=True, by=person("ann"), at=on("11:00"))
    found = clock(made, "resolution")
    assert (found.state, found.segment_start, found.due_at) == (C.RUNNING, on("10:00"), on("13:30"))


def test_an_expired_hold_can_be_late_by_the_time_it_is_noticed():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.hold(Hold(HoldReason.RELEASE_WINDOW, until=on("10:00")), by=person("ann"), at=on("09:30"))
    made.resume(by=person("ann"), at=on("14:00"))
    assert clock(made, "resolution").breached_at == on("13:30")


@pytest.mark.parametrize(("reason", "goes_on"), [(HoldReason.REPORTER, True), (HoldReason.PROVIDER, False)])
def test_the_reporters_answer_ends_a_hold_for_the_reporter_alone(reason, goes_on):
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.hold(Hold(reason), by=person("ann"), at=on("09:30"))
    made.say("Here is the log", internal=False, by=made.reporter, at=on("10:00"))
    assert (clock(made, "resolution").state is C.RUNNING) is goes_on


def test_changing_the_reason_of_a_hold_counts_nothing():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.hold(Hold(HoldReason.REPORTER), by=person("ann"), at=on("09:30"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("10:30"))
    made.resume(by=person("ann"), at=on("11:00"))
    assert clock(made, "resolution").elapsed_before_s == 30 * 60
    assert db.session.query(SlaSegment).filter_by(clock_id=clock(made, "resolution").id).count() == 1


def test_a_hold_at_the_instant_of_its_end_changes_nothing():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    due = clock(made, "resolution").due_at
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("09:30"))
    made.resume(by=person("ann"), at=on("09:30"))
    assert clock(made, "resolution").due_at == due


def test_a_hold_that_goes_on_into_the_check_is_one_pause_after_another():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.move_to(S.DIAGNOSTICS, by=person("ann"), at=on("09:06"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("09:30"))
    made.move_to(S.SOLUTION_CHECK, by=person("ann"), at=on("10:00"), answers=Answers(solution="Vendor fixed it"))
    found = clock(made, "resolution")
    assert (found.state, found.elapsed_before_s) == (C.PAUSED, 30 * 60)
