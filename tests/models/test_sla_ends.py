"""What ends a clock, begins it anew, and what one save holds (sla.md R10–R17), through the real verbs."""

import pytest
from sqlalchemy import select

from tests.factories import person
from tests.support.mondays import clock, filed, on
from tests.support.terms import document, use
from ticketing.extensions import db
from ticketing.models import Event, Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.models.event import EventKind
from ticketing.rules.sla import ClockState
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, RootCause, Status

S, P, C = Status, Priority, ClockState
pytestmark = pytest.mark.usefixtures("app_context")


def closed(made: Ticket, at: str = "10:00", check: str = "09:30") -> None:
    """Closed at `at`, with a solution of `check`."""
    ann, mara = person("ann"), person("mara")
    made.take(by=ann, at=on("09:05"))
    made.move_to(S.DIAGNOSTICS, by=ann, at=on("09:06"))
    made.move_to(S.SOLUTION_CHECK, by=ann, at=on(check), answers=Answers(solution="Restarted"))
    answers = Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)
    made.move_to(S.CLOSED, by=mara, at=on(at), answers=answers)


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
