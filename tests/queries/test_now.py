"""What a manager looks at now, each list and figure against a slow count over the tickets themselves."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Event, SlaClock, Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.queries.now import HOUR, SHOWN, UNOWNED_FOR, load_now
from ticketing.queries.report_scope import Scope
from ticketing.queries.workload import backlog, load
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import HoldReason, Priority, Status, TicketType

S = Status
NOW = make.at(9 * 60)  # 18:00 in UTC on a Monday
OPEN = (S.NEW, S.CLASSIFIED, S.ASSIGNED, S.DIAGNOSTICS, S.CORRECTION, S.SOLUTION_CHECK)


def person(handle):
    return make.person(handle)


@pytest.fixture
def desk(app, people):
    """A hundred tickets of all kinds, filed in the days up to now."""
    rng = random.Random(5)
    with app.app_context():
        for number in range(100):
            _live(rng, number)
        db.session.commit()
    return app


def _live(rng, number):
    kind = rng.choice((TicketType.INCIDENT, TicketType.PAYMENT_ISSUE, TicketType.SECURITY_ALERT))
    filed = NOW - timedelta(minutes=rng.choice((5, 9, 30, 70, 200, 500, 3000, 40_000)) + rng.randrange(0, 90) + 6)
    made = make.ticket_in(
        rng.choice((*OPEN, *OPEN, S.CLOSED)), title=f"Number {number}", owner=person(rng.choice(("ann", "bo", "ida"))),
        type=kind, priority=rng.choice(list(Priority)), moment=filed,
        category_key=rng.choice(("user_system", "api_integration")),
    )  # fmt: skip
    at = filed + timedelta(minutes=7)
    mara = person("mara")
    if made.status is S.ASSIGNED and rng.random() < 0.3:
        made.assign(None, by=mara, at=min(at + timedelta(hours=rng.randrange(0, 9)), NOW), answers=Answers(why="Away"))
    elif made.status in (S.DIAGNOSTICS, S.CORRECTION, S.ASSIGNED) and rng.random() < 0.5 and not made.awaits_reaction:
        until = rng.choice((None, NOW - timedelta(minutes=1), NOW + timedelta(hours=1)))
        made.hold(Hold(HoldReason.VENDOR, "", until if until and until > at else None), by=mara, at=at)
    if made.is_open and rng.random() < 0.2:
        made.settle(NOW, checking=True)
    if made.restricted and rng.random() < 0.3:
        made.watch(person("ann"), by=mara, at=at)


def tickets():
    return list(db.session.scalars(select(Ticket).where(Ticket.status != S.CLOSED).order_by(Ticket.id)))


def visible(ticket, viewer):
    relation = ticket.relation_to(viewer)
    watching = ticket.is_watched_by(viewer)
    return (
        not ticket.restricted or viewer.is_manager or relation.owner or relation.team or relation.reporter or watching
    )


def state(ticket):
    if ticket.hold_reason and (ticket.hold_until is None or ticket.hold_until > NOW):
        return "hold"
    if ticket.due_at and ticket.due_at < NOW:
        return "breached"
    return "at_risk" if ticket.due_at and ticket.warn_at and ticket.warn_at <= NOW else "on_track"


@pytest.mark.parametrize("who", ["mara", "ann", "bo"])
def test_each_has_what_a_slow_count_finds(desk, who):
    with desk.app_context():
        viewer, slow = person(who), {}
        for ticket in tickets():
            if visible(ticket, viewer):
                counts = slow.setdefault(ticket.owner_id, {"hold": 0, "breached": 0, "at_risk": 0, "on_track": 0})
                counts[state(ticket)] += 1
        found = {one.owner_id: one for one in load(None, viewer, NOW)}
        assert {number for number, one in found.items() if one.open} == set(slow)
        for number, counts in slow.items():
            assert {name: getattr(found[number], name) for name in counts} == counts
            assert found[number].open == sum(counts.values())
        assert found[person("ben").id].open == 0  # who has nothing is there too


@pytest.mark.parametrize(
    ("filters", "keeps"),
    [
        ({"team": "devops"}, lambda ticket: ticket.team.key == "devops"),
        ({"type": "payment_issue"}, lambda ticket: ticket.type == "payment_issue"),
        ({"category": "user_system"}, lambda ticket: ticket.category and ticket.category.key == "user_system"),
        ({"priority": "high"}, lambda ticket: ticket.priority == "high"),
        ({"person": "ann"}, lambda ticket: ticket.owner and ticket.owner.handle == "ann"),
        ({"person": "none"}, lambda ticket: ticket.owner is None),
    ],
)
def test_a_scope_leaves_tickets_out_of_loads_and_ages(desk, filters, keeps):
    with desk.app_context():
        asked = Scope(NOW.date(), NOW.date(), **filters)
        kept = [ticket for ticket in tickets() if keeps(ticket)]
        found = load(asked, person("mara"), NOW)
        assert {one.owner_id for one in found} == {ticket.owner_id for ticket in kept}
        assert sum(one.open for one in found) == len(kept) == backlog(asked, person("mara"), NOW).total > 0
        assert {one.limit for one in found} == {None}  # a part of the work is no measure


def test_the_backlogs_ages_are_what_a_slow_count_finds(desk):
    with desk.app_context():
        slow = dict.fromkeys(("1d", "3d", "7d", "28d", "older"), 0)
        for ticket in tickets():
            days = (NOW - ticket.created_at) / timedelta(days=1)
            slow[
                "1d" if days <= 1 else "3d" if days <= 3 else "7d" if days <= 7 else "28d" if days <= 28 else "older"
            ] += 1
        found = backlog(None, person("mara"), NOW)
        assert {age.code: age.count for age in found.ages} == slow
        assert found.oldest == min((ticket.created_at, ticket.id) for ticket in tickets())[::-1]


@pytest.mark.parametrize(("days", "code"), [(1, "1d"), (3, "3d"), (7, "7d"), (28, "28d")])
def test_an_age_ends_with_its_last_second(app, people, days, code):
    with app.app_context():
        make.ticket(moment=NOW - timedelta(days=days))
        make.ticket(moment=NOW - timedelta(days=days, seconds=1))
        counts = {age.code: age.count for age in backlog(None, people.mara, NOW).ages}
        assert counts.pop(code) == 1
        assert sum(counts.values()) == 1


def test_nothing_is_open(app, people):
    with app.app_context():
        found = backlog(None, people.mara, NOW)
        assert (found.total, found.oldest, {age.count for age in found.ages}) == (0, None, {0})
        assert [one.open for one in load(None, people.mara, NOW)] == [0] * 4  # who is in a team


def test_whoever_left_shows_what_they_left(app, people):
    with app.app_context():
        make.ticket_in(S.ASSIGNED, owner=person("bo"))
        person("bo").active = False
        found = {one.handle: one for one in load(None, person("mara"), NOW)}
        assert (found["bo"].open, found["bo"].active, found["bo"].limit) == (1, False, None)
        assert "mara" not in found  # in no team, with nothing


def _waits_too_long(ticket):
    clocks = db.session.scalars(select(SlaClock).where(SlaClock.ticket_id == ticket.id, SlaClock.stopped_at.is_(None)))
    clocks = {clock.kind: clock for clock in clocks if clock.due_at}
    if any(clock.due_at < NOW for clock in clocks.values()):
        return True
    reaction = clocks.get(ClockKind.REACTION)
    if reaction is not None:
        gone = reaction.elapsed_before_s + reaction.calendar.work(reaction.segment_start, NOW)
        return gone > reaction.target_s / 2
    off = db.session.scalars(select(Event.at).where(Event.ticket_id == ticket.id, Event.kind == "unassigned")).all()
    return max(off, default=ticket.created_at) <= NOW - UNOWNED_FOR


@pytest.mark.parametrize("who", ["mara", "ann"])
def test_what_waits_for_an_owner_is_what_a_slow_look_finds(desk, who):
    with desk.app_context():
        viewer = person(who)
        slow = {one.id for one in tickets() if one.owner_id is None and visible(one, viewer) and _waits_too_long(one)}
        unowned = [one.id for one in tickets() if one.owner_id is None]
        found = load_now(viewer, NOW).unowned
        assert found.total == len(slow)
        numbers = {row.id for row in found.rows}
        assert numbers <= slow
        assert len(numbers) == min(SHOWN, len(slow))
        assert 0 < len(slow) < len(unowned)


@pytest.mark.parametrize("who", ["mara", "ann"])
def test_what_breaches_within_the_hour_is_what_a_slow_look_finds(desk, who):
    with desk.app_context():
        viewer, soon, late = person(who), set(), set()
        for ticket in tickets():
            for clock in db.session.scalars(select(SlaClock).where(SlaClock.ticket_id == ticket.id)):
                if clock.stopped_at or not clock.due_at or not visible(ticket, viewer):
                    continue
                if NOW <= clock.due_at <= NOW + HOUR:
                    soon.add(ticket.id)
                if NOW - HOUR <= clock.due_at < NOW:
                    late.add(ticket.id)
        found = load_now(viewer, NOW)
        assert {row.id for row in found.soon.rows} == soon
        assert {row.id for row in found.late.rows} == late
        assert (found.soon.total, found.late.total) == (len(soon), len(late))
        assert soon
        assert late
        dues = [row.due_at for row in found.soon.rows]
        assert dues == sorted(dues)


def test_exactly_at_due_is_soon_and_a_second_later_it_is_late(app, people):
    with app.app_context():
        made = make.ticket(priority=Priority.CRITICAL, moment=make.at(0))
        for seconds, lists in ((0, (1, 0)), (1, (0, 1))):
            found = load_now(person("mara"), made.due_at + timedelta(seconds=seconds))
            assert (found.soon.total, found.late.total) == lists


def test_a_breached_reaction_does_not_hide_the_resolution_that_follows(app, people):
    with app.app_context():
        made = make.ticket(priority=Priority.CRITICAL, moment=make.at(0))  # react in 15 min, resolve in 4 h
        found = load_now(person("mara"), make.at(200))
        assert [row.id for row in found.soon.rows] == [made.id]
        assert found.soon.rows[0].clock_face["kind"] == ClockKind.RESOLUTION
        assert found.soon.rows[0].due_at == make.at(240)


def test_what_has_passed_all_its_levels_at_once_is_found_too(app, people):
    with app.app_context():
        mara = person("mara")
        made = make.ticket_in(S.DIAGNOSTICS, priority=Priority.LOW, moment=make.at(-60 * 24 * 6))
        made.edit(by=mara, at=make.at(0), priority=Priority.CRITICAL, category=make.category("security_events"))
        clock = db.session.scalar(select(SlaClock).where(SlaClock.ticket_id == made.id, SlaClock.kind == "resolution"))
        assert (clock.next_at, clock.due_at) == (None, make.at(0))
        assert [row.id for row in load_now(mara, make.at(30)).late.rows] == [made.id]


def test_half_of_a_target_is_counted_in_working_time(app, people):
    """React within 4 h of the office's hours: filed an hour before it closes, half is not gone until the next day."""
    with app.app_context():
        monday = make.at(6 * 60)  # 17:00 in Berlin; the office closes at 18:00
        made = make.ticket(priority=Priority.NORMAL, moment=monday)
        clock = db.session.scalar(select(SlaClock).where(SlaClock.ticket_id == made.id, SlaClock.kind == "reaction"))
        half = clock.calendar.add(monday, clock.target_s // 2)
        assert half - monday > timedelta(hours=12)
        assert load_now(person("mara"), half).unowned.total == 0
        assert load_now(person("mara"), half + timedelta(seconds=1)).unowned.total == 1


def test_an_owner_taken_off_begins_the_wait_anew(app, people):
    with app.app_context():
        made = make.ticket_in(S.ASSIGNED, priority=Priority.LOW, moment=make.at(-60 * 24))
        made.assign(None, by=person("mara"), at=make.at(0), answers=Answers(why="Away"))
        assert load_now(person("mara"), make.at(239)).unowned.total == 0
        found = load_now(person("mara"), make.at(240)).unowned
        assert [(row.id, row.since) for row in found.rows] == [(made.id, make.at(0))]


def test_lists_are_cut_and_their_totals_are_not(app, people):
    with app.app_context():
        for number in range(SHOWN + 3):
            make.ticket(f"Waits {number}", priority=Priority.CRITICAL, moment=make.at(0))
        found = load_now(person("mara"), make.at(10))
        assert (len(found.unowned.rows), found.unowned.total) == (SHOWN, SHOWN + 3)
        assert (len(found.soon.rows), found.soon.total) == (SHOWN, SHOWN + 3)


def test_what_the_overloaded_could_hand_on(app, people):
    with app.app_context():
        mara = person("mara")
        person("liv")  # the other one in ann's team
        rest = [make.ticket_in(S.CORRECTION, title="Begun") for _ in range(4)]
        fresh = [make.ticket_in(S.ASSIGNED, title="Not begun") for _ in range(3)]
        checked = make.ticket_in(S.SOLUTION_CHECK)
        held = make.ticket_in(S.DIAGNOSTICS)
        held.hold(Hold(HoldReason.VENDOR), by=mara, at=make.at(20))
        found = load_now(mara, make.at(30))
        assert [one.handle for one in found.overloaded] == ["ann"]
        numbers = [row.id for row in found.handed_on.rows]
        assert set(numbers[:3]) == {one.id for one in fresh}
        assert set(numbers[3:]) < {one.id for one in rest}
        assert (len(numbers), found.handed_on.total) == (5, 7)
        assert not {checked.id, held.id} & set(numbers)


def test_the_statements_are_as_many_whatever_there_is(app, people):
    def asked():
        with app.app_context(), statements(app) as seen:
            load_now(person("mara"), NOW)
            return [sql for sql in seen if "FROM user_account \nWHERE user_account.handle" not in sql]

    with app.app_context():
        make.ticket(priority=Priority.CRITICAL, moment=NOW)
        db.session.commit()
    first = len(asked())
    rng = random.Random(3)
    with app.app_context():
        for number in range(40):
            _live(rng, number)
        db.session.commit()
    assert len(asked()) == first <= 7
