"""Recomputing open clocks after the terms changed (sla.md R12): what would change, once, and whole tickets only."""

from copy import deepcopy

import pytest
from sqlalchemy import delete, func, select, update

from tests.factories import at, category, person, ticket, ticket_in
from tests.support.terms import document, set_target, use
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.jobs.sla.recompute import Failures, Portion, recompute_open
from ticketing.jobs.sla.verify import verify
from ticketing.models import Event, SlaClock, SlaLevel, SlaSegment, Ticket
from ticketing.models.answers import Hold
from ticketing.models.event import EventKind
from ticketing.models.sla import current_terms
from ticketing.rules.sla import ClockKind, ClockState
from ticketing.rules.taxonomy import HoldReason, Priority, Status, TicketType

REACTION, RESOLUTION = ClockKind.REACTION, ClockKind.RESOLUTION
pytestmark = pytest.mark.usefixtures("app_context")


def critical(**facts) -> Ticket:
    """15 min and 4 h, around the clock."""
    made = ticket(priority=Priority.CRITICAL, category=category("user_system"), **facts)
    db.session.commit()
    return made


def clock(made: Ticket, kind: ClockKind) -> SlaClock:
    db.session.expire_all()
    return db.session.scalars(select(SlaClock).where(SlaClock.ticket_id == made.id, SlaClock.kind == kind)).one()


def promise(reaction: int | None, resolution: int | None, **more) -> None:
    set_target("critical", reaction, resolution, more.pop("calendar", "always"), **more)
    db.session.commit()


def everything() -> list:
    models = (Ticket, Event, SlaClock, SlaSegment, SlaLevel)
    return [db.session.execute(select(model.__table__).order_by(model.id)).all() for model in models]


def test_a_dry_run_says_what_would_change_and_writes_nothing():
    made = critical()
    promise(30, 240)
    before = everything()
    [one] = recompute_open(at(5), dry_run=True)
    assert (one.key, one.kind, one.old_due, one.new_due) == (made.key, REACTION, at(15), at(30))
    assert (one.old.target_s, one.new.target_s, one.new.policy) == (900, 1800, "everything_else")
    assert everything() == before


def test_what_was_said_is_done_and_a_second_run_finds_nothing():
    made = critical()
    promise(30, 120)
    said = recompute_open(at(5), dry_run=True)
    assert recompute_open(at(5)) == said
    assert [one.kind for one in said] == [REACTION, RESOLUTION]
    assert (clock(made, REACTION).due_at, clock(made, RESOLUTION).due_at) == (at(30), at(120))
    assert made.due_at == at(30)
    told = db.session.scalars(select(Event).where(Event.kind == EventKind.RETERMED)).one()
    assert told.payload["cause"] == "policy_change"
    before = everything()
    assert recompute_open(at(6)) == recompute_open(at(6), dry_run=True) == []
    assert everything() == before
    assert list(verify()) == []


def test_a_clock_with_no_time_left_breaches_at_this_moment_with_its_cause():
    made = critical()
    promise(5, 240)
    [one] = recompute_open(at(10))
    found = clock(made, REACTION)
    assert (found.state, found.breached_at, found.cause) == (ClockState.BREACHED, at(10), "policy_change")
    assert (one.new.state, one.new_due) == (ClockState.BREACHED, at(10))
    assert list(verify()) == []


def test_what_is_due_by_then_happens_first():
    """A breach that no check has seen yet is settled before the clock gets more time."""
    made = critical()
    promise(60, 240)
    [one] = recompute_open(at(20))
    assert (one.old.state, one.new.state) == (ClockState.BREACHED, ClockState.RUNNING)
    assert clock(made, REACTION).superseded == 1
    assert list(verify()) == []


def test_closed_tickets_stay_as_they_are():
    ticket_in(Status.CLOSED, priority=Priority.CRITICAL)
    db.session.commit()
    promise(1, 2)
    assert recompute_open(at(100)) == []


def test_a_paused_clock_stays_paused_and_an_expired_hold_has_ended():
    held, over = critical(), critical()
    for made, until in ((held, None), (over, at(30))):
        made.take(by=person("ann"), at=at(1))
        made.hold(Hold(HoldReason.VENDOR, until=until), by=person("ann"), at=at(10))
    db.session.commit()
    promise(15, 120)
    changes = {one.ticket: one for one in recompute_open(at(40))}
    assert (changes[held.id].old_due, changes[held.id].new.state) == (None, ClockState.PAUSED)
    assert (changes[over.id].old_due, changes[over.id].new_due) == (at(260), at(140))
    assert list(verify()) == []


def test_a_clock_that_gains_or_loses_its_target_starts_or_ends():
    made = critical()
    promise(None, 240)
    [one] = recompute_open(at(5))
    assert (one.kind, one.new, clock(made, REACTION).state) == (REACTION, None, ClockState.CANCELLED)
    promise(15, 240)
    [one] = recompute_open(at(20))
    assert (one.old, one.new_due) == (None, at(30))
    assert list(verify()) == []


def test_only_tickets_of_one_policy():
    plain, alert = critical(), critical(type=TicketType.SECURITY_ALERT)
    changed = document()
    for policy in changed["policies"]:
        policy["targets"]["critical"]["reaction_min"] = 7
    use(changed)
    db.session.commit()
    assert {one.ticket for one in recompute_open(at(2), "security", dry_run=True)} == {alert.id}
    assert {one.ticket for one in recompute_open(at(2), "everything_else")} == {plain.id}
    assert {one.ticket for one in recompute_open(at(2))} == {alert.id}


def test_tickets_that_would_run_under_a_new_policy_are_of_it():
    made = critical(type=TicketType.PAYMENT_ISSUE)
    changed = document()
    rush = deepcopy(changed["policies"][-1]) | {"key": "rush", "name": "Rush", "types": ["payment_issue"]}
    rush["targets"]["critical"]["reaction_min"] = 5
    changed["policies"].insert(0, rush)
    use(changed)
    db.session.commit()
    [one] = recompute_open(at(2), "rush")
    assert (one.ticket, one.old.policy, one.new.policy) == (made.id, "everything_else", "rush")


@pytest.mark.parametrize("source", ["elsewhere", None])
def test_tickets_without_clocks_get_none_by_it(source):
    """Imported by another system's numbers or whole from another desk: only a reopening gives them clocks."""
    made = critical()
    db.session.execute(delete(SlaClock.__table__))
    db.session.execute(update(Ticket.__table__).values(source=source, external_id="7", cycle=0))
    db.session.commit()
    promise(30, 120)
    assert recompute_open(at(5)) == []
    assert not db.session.get(Ticket, made.id).follow_terms(current_terms(), at(5))
    assert db.session.scalar(select(func.count()).select_from(SlaClock)) == 0


def test_one_that_fails_is_told_and_the_others_go_on(monkeypatch):
    bad, good = critical(), critical()
    promise(30, 240)
    follow = Ticket.follow_terms

    def fail_for_one(self, *args):
        if self.id == bad.id:
            raise RuntimeError("poison")
        return follow(self, *args)

    monkeypatch.setattr(Ticket, "follow_terms", fail_for_one)
    failures = Failures()
    assert [one.ticket for one in recompute_open(at(5), failures=failures)] == [good.id]
    assert failures.told == [f"{bad.key}: RuntimeError: poison"]
    assert clock(good, REACTION).due_at == at(30)
    with pytest.raises(RuntimeError):
        recompute_open(at(5))
    monkeypatch.undo()
    assert [one.ticket for one in recompute_open(at(5))] == [bad.id]


def test_a_kill_between_two_tickets_leaves_whole_ones_and_a_rerun_does_the_rest(monkeypatch):
    made = [critical() for _ in range(3)]
    promise(30, 240)
    follow, done = Ticket.follow_terms, []

    def die_at_the_second(self, *args):
        done.append(follow(self, *args))
        if len(done) == 2:
            raise KeyboardInterrupt
        return done[-1]

    monkeypatch.setattr(Ticket, "follow_terms", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        recompute_open(at(5), failures=Failures())
    db.session.rollback()
    monkeypatch.undo()
    assert [clock(one, REACTION).generation for one in made] == [2, 1, 1]
    assert len(recompute_open(at(5))) == 2
    assert list(verify()) == []


def test_more_tickets_than_a_portion(monkeypatch):
    monkeypatch.setattr("ticketing.jobs.sla.replay_reading.PORTION", 2)
    made = [critical() for _ in range(5)]
    promise(30, 240)
    assert [one.ticket for one in recompute_open(at(5))] == [one.id for one in made]
    assert db.session.scalar(select(func.count()).select_from(Event).where(Event.kind == EventKind.RETERMED)) == 5


def test_a_check_afterwards_tells_by_the_new_terms():
    made = critical()
    promise(30, 240)
    recompute_open(at(5))
    assert check.settle_all(at(16)).levels == 0
    assert check.settle_all(at(31)).levels == 2
    assert clock(made, REACTION).breached_at == at(30)


def test_a_portion_says_how_far_it_got():
    made = [critical() for _ in range(5)]
    promise(30, 240)
    portion = Portion(2)
    assert [one.ticket for one in recompute_open(at(5), portion=portion)] == [made[0].id, made[1].id]
    assert (portion.after, portion.tickets, portion.more) == (made[1].id, 2, True)
    rest = Portion(3, portion.after)
    assert len(recompute_open(at(5), dry_run=True, portion=Portion(9, portion.after))) == 3
    assert [one.ticket for one in recompute_open(at(5), portion=rest)] == [one.id for one in made[2:]]
    assert (rest.tickets, rest.more) == (3, False)
