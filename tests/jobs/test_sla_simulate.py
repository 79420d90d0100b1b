"""What if: the history under other terms gives the compliance that was worked out by hand (sla.md R19)."""

import json
from collections import Counter
from copy import deepcopy
from datetime import timedelta

import hypothesis
import pytest
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.factories import at, category, person, team, ticket
from tests.support import lives
from tests.support.terms import berlin, document, set_target
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.jobs.sla.simulate import simulate
from ticketing.models import Event, JobRun, Outbox, SlaClock, SlaLevel, SlaSegment, Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.rules.compliance import Outcome
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, RootCause, Status, TicketType

REACTION, RESOLUTION = ClockKind.REACTION, ClockKind.RESOLUTION


def solved(reacted: int, closed: int, priority: Priority = Priority.CRITICAL, begun: int = 0, **facts) -> Ticket:
    """Reacted to and closed so many minutes after it was filed, with `begun` minutes after NOW; by ann and mara."""
    facts.setdefault("category", category("user_system"))
    made = ticket(priority=priority, moment=at(begun), **facts)
    made.take(by=person("ann"), at=at(begun + reacted))
    made.move_to(Status.DIAGNOSTICS, by=person("ann"), at=at(begun + reacted))
    made.move_to(Status.SOLUTION_CHECK, by=person("ann"), at=at(begun + closed), answers=Answers(solution="Done"))
    ending = Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)
    made.move_to(Status.CLOSED, by=person("mara"), at=at(begun + closed), answers=ending)
    db.session.commit()
    return made


def tightened(reaction: int | None = None, resolution: int | None = None, priority: str = "critical") -> dict:
    changed = document()
    row = changed["policies"][-1]["targets"][priority]
    row |= {"reaction_min": reaction, "resolution_min": resolution}
    return changed


def counts(pair) -> tuple:
    return (pair.before.met, pair.before.breached), (pair.after.met, pair.after.breached)


def test_unchanged_terms_give_the_same_compliance(app_context):
    solved(10, 200)
    solved(16, 250)
    ticket(priority=Priority.CRITICAL)
    db.session.commit()
    result = simulate(document(), at(300))
    assert result.tickets == 3
    assert counts(result.total[REACTION]) == ((1, 2), (1, 2))
    assert counts(result.total[RESOLUTION]) == ((1, 2), (1, 2))
    assert (result.breaching_count, result.sparing_count) == (0, 0)
    assert result.total[REACTION].moved == 0


def test_a_tighter_target_breaches_what_it_must(app_context):
    """Reactions after 5, 9 and 12 min met their 15; of 9 min the first two would have."""
    made = [solved(minutes, 30) for minutes in (5, 9, 12)]
    result = simulate(tightened(9, 240), at(60))
    assert counts(result.total[REACTION]) == ((3, 0), (2, 1))
    assert counts(result.total[RESOLUTION]) == ((3, 0), (3, 0))
    [one] = result.breaching
    assert (one.ticket, one.kind, one.cycle, one.before, one.after) == (
        made[2].id, REACTION, 1, Outcome.MET, Outcome.BREACHED,
    )  # fmt: skip
    assert (one.due_at, one.late_s) == (at(9), 3 * 60)
    assert result.total[REACTION].moved == pytest.approx(-1 / 3)


def test_a_looser_target_spares_what_it_must(app_context):
    late = solved(20, 30)
    result = simulate(tightened(30, 240), at(60))
    assert counts(result.total[REACTION]) == ((0, 1), (1, 0))
    [one] = result.sparing
    assert (one.ticket, one.before, one.after, result.breaching_count) == (
        late.id, Outcome.BREACHED, Outcome.MET, 0,
    )  # fmt: skip


def test_a_kind_that_gains_or_loses_its_target_counts_on_one_side(app_context):
    set_target("low", None, 2400)
    solved(100, 200, Priority.LOW)
    result = simulate(tightened(90, None, "low"), at(300))
    assert counts(result.total[REACTION]) == ((0, 0), (0, 1))
    assert counts(result.total[RESOLUTION]) == ((1, 0), (0, 0))
    assert [one.before for one in result.breaching] == [None]


def test_holds_and_checks_stand_still_in_a_what_if_too(app_context):
    """10 min until the hold, 5 after it: 15 of the 20 that a resolution of 20 min has."""
    made = ticket(priority=Priority.CRITICAL, category=category("user_system"))
    made.take(by=person("ann"), at=at(2))
    made.hold(Hold(HoldReason.VENDOR, until=at(100)), by=person("ann"), at=at(10))
    made.move_to(Status.DIAGNOSTICS, by=person("ann"), at=at(102))
    made.move_to(Status.SOLUTION_CHECK, by=person("ann"), at=at(105), answers=Answers(solution="Done"))
    db.session.commit()
    assert counts(simulate(tightened(15, 20), at(500)).total[REACTION]) == ((1, 0), (1, 0))
    assert RESOLUTION not in simulate(tightened(15, 20), at(500)).total
    result = simulate(tightened(12, 12), at(500))
    assert counts(result.total[RESOLUTION]) == ((0, 0), (0, 1))
    assert result.breaching[0].due_at == at(102)


def test_another_calendar_alone_changes_what_counts(app_context):
    """Normal, filed on a Monday 16:30 in Berlin and taken Tuesday 09:30: 2 h of office time, 17 h around the clock."""
    made = ticket(priority=Priority.NORMAL, category=category("user_system"), moment=berlin("2026-05-04 16:30"))
    made.take(by=person("ann"), at=berlin("2026-05-05 09:30"))
    db.session.commit()
    changed = document()
    changed["calendars"]["office"]["weekly"] = deepcopy(changed["calendars"]["always"]["weekly"])
    result = simulate(changed, berlin("2026-05-05 10:00"))
    assert counts(result.total[REACTION]) == ((1, 0), (0, 1))
    assert [one.due_at for one in result.breaching] == [berlin("2026-05-04 20:30"), berlin("2026-05-05 08:30")]


def test_two_calendars_without_a_saved_version_are_two(app_context):
    """A change of priority moves the clock from one new calendar to another, with the same target."""
    made = ticket(priority=Priority.NORMAL, category=category("user_system"), moment=berlin("2026-05-04 16:00"))
    made.edit(priority=Priority.LOW, by=person("ann"), at=berlin("2026-05-04 17:00"))
    made.take(by=person("ann"), at=berlin("2026-05-04 19:30"))
    db.session.commit()
    changed = document()
    for name in ("one", "two"):
        changed["calendars"][name] = deepcopy(changed["calendars"]["office" if name == "one" else "always"])
        changed["calendars"][name].pop("version")
    for name, calendar in (("normal", "one"), ("low", "two")):
        row = {"reaction_min": 150, "resolution_min": 960, "at_risk_percent": 75, "calendar": calendar}
        changed["policies"][-1]["targets"][name] = row
    result = simulate(changed, berlin("2026-05-04 20:00"))
    assert [one.due_at for one in result.breaching] == [berlin("2026-05-04 18:30")]


def test_a_policy_of_its_own_for_a_type(app_context):
    solved(10, 30, type=TicketType.PAYMENT_ISSUE)
    solved(10, 30)
    changed = document()
    rush = deepcopy(changed["policies"][-1]) | {"key": "rush", "name": "Rush", "types": ["payment_issue"]}
    rush["targets"]["critical"]["reaction_min"] = 5
    changed["policies"].insert(1, rush)
    assert counts(simulate(changed, at(60)).total[REACTION]) == ((2, 0), (1, 1))


def test_priorities_and_teams_are_counted_by_themselves(app_context):
    solved(10, 30)
    solved(10, 30, Priority.HIGH, category=category("infrastructure"), owner=None)
    result = simulate(tightened(9, 240), at(60))
    assert counts(result.priorities[Priority.CRITICAL][REACTION]) == ((1, 0), (0, 1))
    assert counts(result.priorities[Priority.HIGH][REACTION]) == ((1, 0), (1, 0))
    assert set(result.teams) <= set(result.team_names)
    by_team = Counter()
    for pairs in result.teams.values():
        by_team[REACTION] += pairs[REACTION].before.counted
    assert by_team[REACTION] == 2
    assert result.team_names[team("devops").id]


def test_cancelled_and_own_reactions_are_left_out_on_both_sides(app_context):
    own = ticket(by=person("ann"), priority=Priority.CRITICAL, category=category("user_system"))
    own.take(by=person("ann"), at=at(10))
    twin = ticket(priority=Priority.CRITICAL, category=category("user_system"))
    twin.close_as(ResolutionCode.INVALID, by=person("ann"), at=at(5), comment="Spam")
    db.session.commit()
    pair = simulate(document(), at(12)).total[REACTION]
    for side in (pair.before, pair.after):
        assert (side.met, side.breached, side.self, side.cancelled) == (0, 0, 1, 1)


def test_only_the_period_counts_by_the_day_of_stop_or_breach(app_context):
    solved(20, 30)  # late
    solved(5, 30, begun=2000)
    ticket(priority=Priority.CRITICAL, moment=at(2000))
    db.session.commit()
    result = simulate(document(), at(2040), since=at(1000))
    assert result.of_tickets == result.tickets == 2
    assert counts(result.total[REACTION]) == ((1, 1), (1, 1))
    assert REACTION not in simulate(document(), at(2040), since=at(2016)).total


def test_a_late_clock_that_no_check_has_seen_is_late_on_both_sides(app_context):
    ticket(priority=Priority.CRITICAL)
    db.session.commit()
    assert counts(simulate(document(), at(16)).total[REACTION]) == ((0, 1), (0, 1))
    assert REACTION not in simulate(document(), at(15)).total


def test_reopened_cycles_count_each(app_context):
    made = solved(5, 30)
    made.move_to(Status.DIAGNOSTICS, by=person("rita"), at=at(60), answers=Answers(why="Again"))
    made.say("On it", internal=False, by=person("ann"), at=at(72))
    db.session.commit()
    result = simulate(tightened(10, 240), at(80))
    assert counts(result.total[REACTION]) == ((2, 0), (1, 1))
    assert result.breaching[0].cycle == 2


def test_a_breach_that_a_manager_took_back_is_superseded_on_both_sides(app_context):
    made = ticket(priority=Priority.CRITICAL, category=category("user_system"))
    made.edit(priority=Priority.NORMAL, by=person("mara"), at=at(20), why="One player, not all")
    made.take(by=person("ann"), at=at(30))
    db.session.commit()
    pair = simulate(document(), at(40)).total[REACTION]
    assert (pair.before.superseded, pair.after.superseded) == (1, 1)
    assert counts(pair) == ((1, 0), (1, 0))


def test_imported_tickets_have_no_part_in_it(app_context):
    made = ticket(priority=Priority.CRITICAL)
    made.cycle = 0
    db.session.commit()
    assert simulate(document(), at(60)).of_tickets == 0


def test_a_limit_takes_the_newest_and_says_so(app_context):
    made = [solved(20, 30) for _ in range(3)]
    result = simulate(tightened(30, 240), at(60), most=2, keep=1)
    assert (result.tickets, result.of_tickets, result.is_capped) == (2, 3, True)
    assert ([one.ticket for one in result.sparing], result.sparing_count) == ([made[2].id], 2)


def test_nothing_at_all_is_written(app_context):
    solved(20, 300)
    check.settle_all(at(400))
    tables = (Ticket, Event, SlaClock, SlaSegment, SlaLevel, Outbox, JobRun)

    def everything():
        return [db.session.execute(select(table.__table__)).all() for table in tables]

    before = everything()
    simulate(tightened(1, 2), at(400))
    assert everything() == before
    assert db.session.scalar(select(func.count()).select_from(JobRun)) == 0


def test_unchanged_terms_agree_with_the_rows_after_any_life(app_context):
    """Whatever happens to a ticket under one document, its replay counts as its rows do."""
    original = document()

    @hypothesis.settings(max_examples=60, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
    @hypothesis.given(
        beginning=lives.BEGINNINGS, filer=st.sampled_from(["rita", "ann", "router"]),
        priority=st.sampled_from(Priority), walked=st.integers(0, len(lives.WALK)), steps=lives.STEPS,
    )  # fmt: skip
    def holds(steps, **life):
        db.session.rollback()
        lives.start_over(original)
        calm = [step for step in steps if step[1] not in ("promise", "recompute", "hours") and step[0] >= 0]
        _made, end = lives.lead(steps=calm, **life)
        result = simulate(original, end + timedelta(minutes=7), most=1)
        for pairs in (result.total, *result.priorities.values(), *result.teams.values()):
            for pair in pairs.values():
                assert json.dumps(facts(pair.before)) == json.dumps(facts(pair.after))
        assert (result.breaching, result.sparing) == ([], [])

    holds()


def facts(side) -> list:
    return [
        side.met,
        side.breached,
        side.cancelled,
        side.self,
        side.superseded,
        side.times.count,
        side.times.total_s,
        side.median_s,
        side.p90_s,
    ]
