"""What a change of a clock announces: once, the highest, and nothing that should be told is lost (R7, R14, R15)."""

import pytest
from sqlalchemy import func, select

from tests.factories import category, person, ticket
from tests.support.mondays import on
from tests.support.terms import document, set_target, use
from ticketing.extensions import db
from ticketing.jobs.outbox.announce import announce_all
from ticketing.models import Event, Notification, Outbox
from ticketing.models.event import EventKind
from ticketing.queries.explain import explain
from ticketing.rules.taxonomy import Priority

P = Priority
pytestmark = pytest.mark.usefixtures("app_context")


def filed(priority: Priority = P.CRITICAL):
    made = ticket(moment=on("09:00"), priority=priority, category=category("user_system"))
    db.session.commit()
    return made


def reaction(made):
    return next(clock for clock in made.clockwork.clocks if clock.kind == "reaction")


def told() -> list[str]:
    rows = db.session.scalars(select(Outbox).where(Outbox.channel == "sla").order_by(Outbox.id))
    return [row.dedupe_key.split(":", 2)[2] for row in rows]


def test_a_second_breach_after_a_detour_without_a_target_alerts_again():
    set_target("low", None, 2400)
    made = filed()
    made.settle(on("10:00"), checking=True)
    made.edit(priority=P.LOW, by=person("mara"), at=on("10:00"), why="Only one player")
    made.edit(priority=P.CRITICAL, by=person("ann"), at=on("10:10"))
    found = reaction(made)
    assert (found.breached_at, found.cause) == (on("10:10"), "priority_change")
    assert told() == ["1:escalate", f"{found.generation}:escalate"]


def test_what_one_act_finds_of_a_clock_is_one_message_the_highest():
    made = filed(P.HIGH)
    made.settle(on("10:01"), checking=True)
    made.edit(priority=P.CRITICAL, by=person("ann"), at=on("11:31"))  # settled: escalate; changed: repeats, too
    assert told() == ["1:breach", "2:repeat-2"]


@pytest.mark.parametrize("minutes", [240, 200])
def test_a_warning_that_a_recompute_finds_is_told_since_nobody_acted(minutes):
    made = filed(P.NORMAL)  # warned at 12:00 of 13:00… in office hours
    changed = document()
    changed["policies"][-1]["targets"]["normal"]["reaction_min"] = minutes
    made.follow_terms(use(changed).terms, on("12:00"))
    assert [level.split(":")[1] for level in told()] == ["warn"]


def test_a_recompute_that_gives_more_time_tells_so_in_the_history():
    made = filed()
    made.settle(on("09:20"), checking=True)
    changed = document()
    changed["policies"][-1]["targets"]["critical"]["reaction_min"] = 60
    made.follow_terms(use(changed).terms, on("09:30"))
    assert reaction(made).superseded == 1
    assert db.session.scalar(select(func.count()).where(Event.kind == EventKind.SUPERSEDED)) == 1


def test_when_a_breach_was_noticed_survives_a_change_of_its_terms():
    made = filed(P.HIGH)
    made.settle(on("10:01"), checking=True)
    made.edit(priority=P.CRITICAL, by=person("ann"), at=on("11:00"))
    db.session.commit()
    (story,) = [one for one in explain(made, on("11:05")) if one.kind == "reaction"]
    assert (story.breached_at, story.detected_at) == (on("10:00"), on("10:01"))
    person("mara")
    db.session.commit()
    announce_all(on("11:05"))
    payloads = [row.payload for row in db.session.scalars(select(Notification).order_by(Notification.id))]
    found = {payload["breach_detected_at"] for payload in payloads if "breach_detected_at" in payload}
    assert found == {"2026-05-04T08:01:00Z"}
