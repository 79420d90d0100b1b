"""Making one ticket the parent of others at once: who comes, who cannot, and who is not spoken of."""

import pytest
from sqlalchemy import select

from tests.factories import at, person, team, ticket, ticket_in
from ticketing.extensions import db
from ticketing.jobs.sla.verify import verify
from ticketing.models import Event, SlaClock
from ticketing.models.event import EventKind
from ticketing.rules.sla import ClockKind, ClockState
from ticketing.rules.taxonomy import Priority, Status, TicketType

pytestmark = pytest.mark.usefixtures("cast")


def test_a_fresh_parent_adopts_what_it_is_given_by_number():
    one, two, three = ticket(), ticket(), ticket_in(Status.CLOSED)
    parent = ticket("Deposits by X fail", by=person("ann"), moment=at(15))
    reached = parent.adopt([three, one, two], by=person("ann"), at=at(15))
    db.session.commit()
    assert [child.id for child in reached.done] == [one.id, two.id, three.id] and reached.refused == []
    assert (parent.child_count, one.parent_id, three.parent_id) == (3, parent.id, parent.id)
    sides = {
        row.ticket_id: row.payload["side"]
        for row in db.session.scalars(select(Event).where(Event.kind == EventKind.LINKED))
    }
    assert sides == {parent.id: "source", one.id: "target", two.id: "target", three.id: "target"}
    assert list(verify()) == []


def test_who_cannot_be_a_child_is_told_and_who_may_not_be_seen_is_not():
    taken, other_parent, alert = ticket(), ticket(), ticket(type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
    other_parent.adopt([taken], by=person("mara"), at=at(8))
    parent = ticket(moment=at(15))
    reached = parent.adopt([taken, other_parent, alert, parent], by=person("ann"), at=at(15))
    assert reached.done == []
    assert [(child.id, code) for child, code in reached.refused] == [
        (taken.id, "has_parent"), (other_parent.id, "parent_is_one_level"), (parent.id, "itself"),
    ]  # fmt: skip
    assert alert.parent_id is None


def test_adopting_once_more_changes_nothing():
    child, parent = ticket(), ticket()
    parent.adopt([child], by=person("ann"), at=at(1))
    assert [one.id for one in parent.adopt([child], by=person("ann"), at=at(2)).done] == [child.id]
    assert parent.child_count == 1
    assert parent.adopt([], by=person("ann"), at=at(3)).done == []


def test_a_parent_that_was_reacted_to_brings_its_children_their_reaction():
    child, parent = ticket(priority=Priority.CRITICAL), ticket()
    parent.say("On it", internal=False, by=person("bo"), at=at(5))
    parent.adopt([child], by=person("ann"), at=at(10))
    db.session.commit()
    reaction = select(SlaClock).where(SlaClock.ticket_id == child.id, SlaClock.kind == ClockKind.REACTION)
    clock = db.session.scalar(reaction)
    assert (clock.state, clock.stopped_at) == (ClockState.MET, at(10))
    assert list(verify()) == []
