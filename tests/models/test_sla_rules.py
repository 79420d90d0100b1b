"""What starts, stops, pauses and changes a clock (sla.md R1–R11), one rule a test, through the real verbs."""

import pytest
from sqlalchemy import select

from tests.factories import category, person, ticket
from tests.support.terms import berlin, document, set_target, use
from ticketing.extensions import db
from ticketing.models import Event, Outbox, SlaClock, SlaLevel, SlaSegment, Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.models.event import EventKind
from ticketing.models.link import link
from ticketing.rules.refusals import Conflict, Invalid, NotAllowed
from ticketing.rules.sla import ClockState, overrun
from ticketing.rules.taxonomy import (
    HoldReason,
    LinkKind,
    Priority,
    ResolutionCode,
    RootCause,
    Status,
    TicketType,
)

S, P, C = Status, Priority, ClockState
MONDAY = "2026-05-04 "


@pytest.fixture(autouse=True)
def context(app):
    with app.app_context():
        yield


def on(time: str):
    return berlin(MONDAY + time)


def filed(time: str = "09:00", priority: Priority = P.CRITICAL, **facts) -> Ticket:
    """Filed on a Monday; critical unless said: 15 min and 4 h, around the clock."""
    facts.setdefault("category", category("user_system"))
    return ticket(moment=on(time), priority=priority, **facts)


def clock(made, kind: str = "reaction", cycle: int = 1) -> SlaClock:
    db.session.flush()
    return next(c for c in made.clockwork.clocks if c.kind == kind and c.cycle == cycle)


def in_check(made, at: str = "09:30"):
    """Walk a ticket to solution check, one minute a step before `at`."""
    ann = person("ann")
    made.take(by=ann, at=on("09:05"))
    made.move_to(S.DIAGNOSTICS, by=ann, at=on("09:06"))
    made.move_to(S.SOLUTION_CHECK, by=ann, at=on(at), answers=Answers(solution="Restarted"))


def closed(made, at: str = "10:00", check: str = "09:30"):
    in_check(made, check)
    answers = Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)
    made.move_to(S.CLOSED, by=person("mara"), at=on(at), answers=answers)


def messages() -> list:
    return [row.payload["level"] for row in db.session.scalars(select(Outbox).order_by(Outbox.id))]


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


# R7, R8: changes


def test_a_change_that_changes_no_promise_leaves_the_clock_alone():
    made = filed()
    made.edit(type=TicketType.SERVICE_REQUEST, by=person("ann"), at=on("09:05"))
    found = clock(made)
    assert (found.generation, found.segment_start) == (1, on("09:00"))
    assert db.session.query(SlaSegment).count() == 0


def test_a_paused_clock_stays_paused_through_a_change():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("09:30"))
    made.edit(priority=P.HIGH, by=person("ann"), at=on("10:00"))
    found = clock(made, "resolution")
    assert (found.state, found.target_s, found.due_at) == (C.PAUSED, 8 * 3600, None)
    made.resume(by=person("ann"), at=on("11:00"))
    assert found.due_at == on("18:30")


def test_a_stopped_clock_is_not_touched_by_a_change():
    made = filed(priority=P.NORMAL)
    made.take(by=person("ann"), at=on("09:20"))
    made.edit(priority=P.CRITICAL, by=person("ann"), at=on("09:30"))
    assert (clock(made).target_s, clock(made).state) == (240 * 60, C.MET)


def test_a_move_that_also_lowers_the_priority_does_not_save_the_late_reaction():
    """R17: the clocks stop before the priority changes."""
    made = ticket(moment=on("09:00"), priority=P.CRITICAL)
    answers = Answers(category=category("user_system"), priority=P.NORMAL)
    made.move_to(S.ASSIGNED, by=person("ann"), at=on("09:20"), answers=answers)
    assert (clock(made).state, clock(made).breached_at) == (C.STOPPED_LATE, on("09:15"))
    assert clock(made, "resolution").target_s == 960 * 60


def test_what_is_gained_starts_now_and_what_is_lost_is_cancelled():
    set_target("low", None, 2400)
    made = filed(priority=P.NORMAL)
    made.edit(priority=P.LOW, by=person("ann"), at=on("10:00"))
    assert (clock(made).state, clock(made).cause) == (C.CANCELLED, "no_target")
    made.edit(priority=P.NORMAL, by=person("ann"), at=on("11:00"))
    found = clock(made)
    assert (found.state, found.elapsed_before_s, found.segment_start) == (C.RUNNING, 3600, on("11:00"))
    assert found.due_at == berlin("2026-05-04 15:00")


def test_a_reaction_is_not_gained_by_who_has_reacted():
    set_target("low", None, 2400)
    made = filed(priority=P.LOW)
    made.take(by=person("ann"), at=on("09:30"))
    made.edit(priority=P.NORMAL, by=person("ann"), at=on("10:00"))
    assert [c.kind for c in made.clockwork.clocks] == ["resolution"]


def test_a_gained_resolution_waits_while_the_ticket_is_on_hold():
    set_target("low", 480, None)
    made = filed(priority=P.LOW)
    made.take(by=person("ann"), at=on("09:30"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("09:40"))
    made.edit(priority=P.NORMAL, by=person("ann"), at=on("10:00"))
    assert clock(made, "resolution").state is C.PAUSED
    made.resume(by=person("ann"), at=on("11:00"))
    assert (clock(made, "resolution").segment_start, clock(made, "resolution").elapsed_before_s) == (on("11:00"), 0)


@pytest.mark.parametrize(
    ("by", "why", "error"),
    [("ann", "Only one player", NotAllowed), ("mara", " ", Invalid), ("mara", "Only one player", None)],
)
def test_more_time_for_a_breached_clock_is_a_managers_decision_with_a_reason(by, why, error):
    made = filed()
    db.session.commit()
    if error is None:
        assert made.edit(priority=P.LOW, by=person(by), at=on("09:30"), why=why)
        return
    with pytest.raises(error):
        made.edit(priority=P.LOW, by=person(by), at=on("09:30"), why=why)
    db.session.rollback()
    assert (made.priority, db.session.query(SlaLevel).count()) == (P.CRITICAL, 0)


def test_a_second_breach_after_more_time_alerts_again():
    made = filed()
    made.edit(priority=P.HIGH, by=person("mara"), at=on("09:20"), why="Partly up again")
    assert (clock(made).due_at, messages()) == (on("10:00"), ["breach"])
    made.settle(on("10:05"), checking=True)
    assert (clock(made).breached_at, messages()) == (on("10:00"), ["breach", "breach"])
    assert clock(made).generation == 2


def test_a_standing_breach_is_not_told_again_when_the_target_shrinks():
    made = filed(priority=P.HIGH)
    made.settle(on("10:01"), checking=True)
    assert messages() == ["breach"]
    made.edit(priority=P.CRITICAL, by=person("ann"), at=on("10:02"))
    assert (clock(made).breached_at, clock(made).due_at) == (on("10:00"), on("10:00"))
    assert messages() == ["breach", "escalate"]  # 62 min are more than half over 15, and that is news


def test_more_time_that_is_not_enough_leaves_the_breach_standing():
    made = filed()
    made.settle(on("10:30"), checking=True)
    made.edit(priority=P.HIGH, by=person("mara"), at=on("10:30"), why="Partly up again")
    found = clock(made)
    assert (found.state, found.breached_at, found.superseded) == (C.BREACHED, on("09:15"), 0)


# R9: breaches


@pytest.mark.parametrize(("at", "state"), [("09:15:00", C.MET), ("09:15:01", C.STOPPED_LATE)])
def test_exactly_at_due_is_no_breach(at, state):
    made = filed()
    made.take(by=person("ann"), at=on(at))
    assert clock(made).state is state


def test_a_late_answer_between_two_checks_is_a_breach_dated_at_its_due():
    made = filed()
    made.take(by=person("ann"), at=on("09:20"))
    found = clock(made)
    assert (found.breached_at, overrun(found, on("12:00"))) == (on("09:15"), 5 * 60)
    (breach,) = db.session.scalars(select(SlaLevel).where(SlaLevel.level == "breach"))
    assert (breach.due_at, breach.detected_at) == (on("09:15"), on("09:20"))
    assert messages() == ["breach"]


def test_a_warning_that_an_act_finds_is_recorded_and_not_sent():
    made = filed()
    made.take(by=person("ann"), at=on("09:12"))
    assert [(x.level, x.due_at) for x in db.session.scalars(select(SlaLevel))] == [("warn", on("09:11:15"))]
    assert messages() == []


def test_a_hold_after_a_breach_leaves_it_standing_and_the_later_levels_go_on():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("13:30"))
    found = clock(made, "resolution")
    assert (found.state, found.breached_at, found.due_at, found.next_at) == (C.PAUSED, on("13:00"), None, None)
    made.resume(by=person("ann"), at=on("14:30"))
    assert (found.state, found.due_at, found.next_at) == (C.BREACHED, on("13:00"), on("16:00"))
    assert (made.due_at, messages()) == (on("13:00"), ["breach"])


def test_repeats_come_five_times_and_then_no_more():
    made = filed()
    made.settle(on("20:00"), checking=True)
    found = [(x.level, x.due_at) for x in db.session.scalars(select(SlaLevel).join(SlaClock).where(
        SlaClock.kind == "reaction").order_by(SlaLevel.id))]  # fmt: skip
    assert found[2:] == [("escalate", on("09:22:30"))] + [(f"repeat-{k}", on(f"{9 + k:02}:22:30")) for k in range(1, 6)]
    assert clock(made).next_at is None


# R10, R11: ends and new beginnings


def test_staff_who_reopen_start_no_reaction_even_as_the_reporter():
    made = filed(by=person("ann"))
    closed(made)
    made.move_to(S.DIAGNOSTICS, by=person("ann"), at=on("11:00"), answers=Answers(why="Back"))
    assert [(c.kind, c.cycle) for c in made.clockwork.clocks if c.cycle == 2] == [("resolution", 2)]
    assert clock(made, "resolution", 2).due_at == on("15:00")


def test_an_alert_that_reopens_starts_both():
    made = filed()
    closed(made)
    made.move_to(S.DIAGNOSTICS, by=person("probe", machine=True), at=on("11:00"), answers=Answers(why="Fires"))
    assert {c.kind for c in made.clockwork.clocks if c.cycle == 2} == {"reaction", "resolution"}
    assert made.reacted_at is None


def test_the_reaction_of_the_second_cycle_is_taken_by_its_owner():
    made = filed()
    closed(made)
    made.move_to(S.DIAGNOSTICS, by=made.reporter, at=on("11:00"), answers=Answers(why="Again"))
    assert made.awaits_reaction
    assert made.take(by=person("ann"), at=on("11:07"))
    assert (clock(made, "reaction", 2).state, clock(made, "reaction", 2).elapsed_before_s) == (C.MET, 7 * 60)
    assert clock(made, "reaction", 1).stopped_at == on("09:05")


@pytest.mark.parametrize("code", [ResolutionCode.DUPLICATE, ResolutionCode.INVALID])
def test_duplicates_and_invalid_ones_are_left_out_but_what_breached_stays(code):
    fresh, late = filed(), filed()
    twin = filed() if code is ResolutionCode.DUPLICATE else None
    fresh.close_as(code, by=person("ann"), at=on("09:10"), duplicate_of=twin)
    late.close_as(code, by=person("ann"), at=on("09:20"), duplicate_of=twin)
    assert [c.state for c in fresh.clockwork.clocks] == [C.CANCELLED, C.CANCELLED]
    assert (clock(late).state, clock(late).breached_at) == (C.STOPPED_LATE, on("09:15"))
    assert clock(late, "resolution").state is C.CANCELLED
    assert fresh.clock_face is None


def test_what_resolves_by_itself_stops_the_resolution_and_cancels_the_reaction():
    made = filed()
    made.close_as(ResolutionCode.AUTO_RESOLVED, by=person("probe", machine=True), at=on("09:10"))
    assert (clock(made).state, clock(made, "resolution").state) == (C.CANCELLED, C.MET)


def test_a_closed_ticket_shows_whether_it_was_met():
    good, bad = filed(), filed()
    closed(good)
    closed(bad, at="14:00", check="13:30")
    assert (good.clock_face, bad.clock_face) == ({"outcome": "met"}, {"outcome": "missed"})
    assert (good.due_at, bad.due_at) == (None, None)


# R17, R20 and the present


def test_in_one_save_a_move_ends_the_old_hold_and_the_new_one_begins_on_the_new_status():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.move_to(S.DIAGNOSTICS, by=person("ann"), at=on("09:06"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("09:30"))
    version = made.version
    made.save(hold=Hold(HoldReason.PROVIDER), priority=P.HIGH, target=S.CORRECTION, by=person("ann"), at=on("10:00"))
    kinds = list(db.session.scalars(select(Event.kind).where(Event.ticket_id == made.id).order_by(Event.id)))
    assert kinds[-4:] == [EventKind.RESUMED, EventKind.MOVED, EventKind.HELD, EventKind.CLASSIFIED]
    assert (made.version, made.hold_reason, made.status) == (version + 1, HoldReason.PROVIDER, S.CORRECTION)
    found = clock(made, "resolution")
    assert (found.state, found.elapsed_before_s, found.target_s) == (C.PAUSED, 30 * 60, 8 * 3600)


def test_a_machine_whose_clock_went_back_counts_no_second_twice():
    made = filed()
    made.take(by=person("ann"), at=on("09:05"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("09:30"))
    made.resume(by=person("ann"), at=on("09:20"))
    found = clock(made, "resolution")
    assert (found.segment_start, found.due_at) == (on("09:30"), on("13:00"))
    made.hold(Hold(HoldReason.VENDOR), by=person("ann"), at=on("09:10"))
    assert found.elapsed_before_s == 30 * 60
    made.close_as(ResolutionCode.AUTO_RESOLVED, by=person("ann"), at=on("09:01"))
    assert (found.state, found.elapsed_before_s) == (C.MET, 30 * 60)


def test_terms_that_change_do_not_touch_what_runs():
    made = filed()
    changed = document()
    changed["policies"][-1]["targets"]["critical"]["reaction_min"] = 5
    use(changed)
    made.settle(on("09:07"))
    assert (clock(made).due_at, clock(made).breached_at) == (on("09:15"), None)


def test_open_clocks_follow_changed_terms_when_they_are_told_to():
    made = filed()
    changed = document()
    changed["policies"][-1]["targets"]["critical"]["reaction_min"] = 10
    terms = use(changed).terms
    assert made.follow_terms(terms, on("09:07"))
    assert (clock(made).due_at, clock(made).terms_id, clock(made).generation) == (on("09:10"), terms.id, 2)
    assert not made.follow_terms(terms, on("09:08"))
