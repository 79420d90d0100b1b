"""Edits of a ticket's facts: validated, recorded with old and new, one version each."""

import pytest
from sqlalchemy import select

from tests.factories import at, category, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.models import Event, Ticket
from ticketing.models.event import EventKind
from ticketing.rules.refusals import Conflict, Invalid, NotAllowed, Stale
from ticketing.rules.taxonomy import Priority, Status, TicketType

pytestmark = pytest.mark.usefixtures("cast")


def edit(made, **changes):
    return made.edit(by=person("ann"), at=at(30), **changes)


def changes(made, kind=EventKind.CLASSIFIED):
    db.session.flush()
    query = select(Event).where(Event.ticket_id == made.id, Event.kind == kind).order_by(Event.id)
    return [event.payload["changes"] for event in db.session.scalars(query)]


def test_a_change_is_recorded_with_old_and_new():
    made = ticket()
    assert edit(made, title="Payouts time out", priority=Priority.HIGH)
    assert changes(made, EventKind.EDITED) == [{"title": ["Deposits time out", "Payouts time out"]}]
    assert changes(made) == [{"priority": ["normal", "high"]}]
    assert (made.version, made.updated_at) == (2, at(30))


def test_nothing_new_is_no_change():
    made = ticket(details={"brand": "Northspin"})
    assert edit(made, title="Deposits  time out ", priority=Priority.NORMAL, details={"brand": "Northspin"}) is False
    assert (made.version, changes(made)) == (1, [])


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"title": "  "}, {"title": "required"}),
        ({"title": "x" * 201}, {"title": "too_long"}),
        ({"description": "x" * 20_001}, {"description": "too_long"}),
        ({"details": {"environment": "moon"}}, {"environment": "unknown_value"}),
        ({"details": {"amount": "5"}}, {"amount": "unknown_field"}),
    ],
)
def test_a_wrong_value_changes_nothing(values, errors):
    made = ticket()
    with pytest.raises(Invalid) as refusal:
        edit(made, **values)
    assert refusal.value.errors == errors
    assert (made.version, changes(made)) == (1, [])


def test_an_edit_of_an_old_version_is_stale():
    made = ticket()
    edit(made, priority=Priority.HIGH)
    with pytest.raises(Stale):
        edit(made, priority=Priority.LOW, version=1)


def test_reporters_do_not_edit():
    with pytest.raises(NotAllowed):
        ticket().edit(by=person("rita"), at=at(1), priority=Priority.CRITICAL)


def test_an_unowned_ticket_follows_its_category():
    made = ticket()
    edit(made, category=category("infrastructure"))
    assert made.team_id == person("bo").team_id
    owned = ticket_in(Status.ASSIGNED)
    edit(owned, category=category("infrastructure"))
    assert owned.team_id == person("ann").team_id


def test_the_type_decides_who_sees_it():
    made = ticket()
    edit(made, type=TicketType.SECURITY_ALERT)
    assert made.restricted
    edit(made, type=TicketType.INCIDENT)
    assert not made.restricted


def test_what_is_edited_is_found():
    made = ticket()
    edit(made, title="Wallet", details={"brand": "Northspin"})


@pytest.mark.parametrize(
    ("facts", "errors"),
    [
        ({"title": " \n "}, {"title": "required"}),
        ({"title": "x" * 10_000}, {"title": "too_long"}),
        ({"description": "x" * 20_001}, {"description": "too_long"}),
        ({"details": {"amount": "5"}}, {"amount": "unknown_field"}),
    ],
)
def test_a_ticket_is_not_filed_with_wrong_facts(facts, errors):
    facts = {"title": "Deposits time out"} | facts
    with pytest.raises(Invalid) as refusal:
        ticket(**facts)
    assert refusal.value.errors == errors
    assert db.session.scalar(select(Ticket.id)) is None


def test_a_title_is_one_line():
    assert ticket(" Deposits\n time   out ").title == "Deposits time out"


def test_a_manager_pins_and_unpins_what_is_open():
    made = ticket()
    mara = person("mara")
    assert made.pin(True, by=mara, at=at(1)) is True
    assert made.pin(True, by=mara, at=at(2)) is False
    assert made.pin(False, by=mara, at=at(3)) is True
    with pytest.raises(NotAllowed):
        made.pin(True, by=person("ann"), at=at(4))
    with pytest.raises(Conflict):
        ticket_in(Status.CLOSED).pin(True, by=mara, at=at(20))
