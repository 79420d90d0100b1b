"""Links: one row, two sides, an event on each."""

import pytest
from sqlalchemy import func, select

from tests.factories import at, person, ticket
from ticketing.extensions import db
from ticketing.models import Event, Link
from ticketing.models.event import EventKind
from ticketing.models.link import link, unlink
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.rules.taxonomy import LinkKind

pytestmark = pytest.mark.usefixtures("cast")


def count():
    db.session.flush()
    return db.session.scalar(select(func.count()).select_from(Link))


def connect(source, target, kind, act=link):
    return act(source, target, kind, by=person("ann"), at=at(1))


@pytest.mark.parametrize("kind", list(LinkKind))
def test_a_link_is_told_on_both_sides(kind):
    one, two = ticket(), ticket()
    assert connect(one, two, kind)
    db.session.flush()
    told = {
        event.ticket_id: (event.payload["side"], event.payload["ticket"])
        for event in db.session.scalars(select(Event).where(Event.kind == EventKind.LINKED))
    }
    assert told == {one.id: ("source", two.id), two.id: ("target", one.id)}
    assert (one.version, two.version) == (1, 1)


@pytest.mark.parametrize("kind", list(LinkKind))
def test_a_link_that_exists_changes_nothing_and_goes_once(kind):
    one, two = ticket(), ticket()
    connect(one, two, kind)
    assert connect(one, two, kind) is False
    assert count() == 1
    assert connect(one, two, kind, unlink) is True
    assert connect(one, two, kind, unlink) is False
    assert count() == 0


def test_related_is_the_same_from_either_side():
    one, two = ticket(), ticket()
    connect(one, two, LinkKind.RELATED)
    assert connect(two, one, LinkKind.RELATED) is False
    assert connect(two, one, LinkKind.RELATED, unlink) is True


def test_blocks_is_not():
    one, two = ticket(), ticket()
    connect(one, two, LinkKind.BLOCKS)
    assert connect(two, one, LinkKind.BLOCKS) is True


def test_a_ticket_is_not_linked_to_itself():
    one = ticket()
    with pytest.raises(Invalid):
        connect(one, one, LinkKind.RELATED)


def test_a_parent_counts_its_children_and_they_know_it():
    parent, child = ticket(), ticket()
    connect(parent, child, LinkKind.PARENT)
    assert (parent.child_count, child.parent_id) == (1, parent.id)
    connect(parent, child, LinkKind.PARENT, unlink)
    assert (parent.child_count, child.parent_id) == (0, None)


def test_a_child_has_one_parent_and_no_children():
    one, two, three = ticket(), ticket(), ticket()
    connect(one, two, LinkKind.PARENT)
    for source, target, code in ((three, two, "has_parent"), (two, three, "parent_is_one_level"),
                                 (three, one, "parent_is_one_level"), (two, one, "parent_is_one_level")):  # fmt: skip
        with pytest.raises(Conflict) as refusal:
            connect(source, target, LinkKind.PARENT)
        assert refusal.value.code == code


def test_what_came_back_counts_on_the_first():
    first, again = ticket(), ticket()
    connect(again, first, LinkKind.RECURRENCE_OF)
    assert first.repeat_count == 1
    connect(again, first, LinkKind.RECURRENCE_OF, unlink)
    assert first.repeat_count == 0
