"""Reads of the terms and of what runs under them."""

import pytest

from tests.factories import person, ticket, ticket_in
from tests.support.terms import set_target
from ticketing.extensions import db
from ticketing.models import SlaTerms
from ticketing.queries import sla_terms as reads
from ticketing.rules.taxonomy import Status, TicketType

pytestmark = pytest.mark.usefixtures("app_context")


def test_the_highest_number_is_in_force():
    assert reads.in_force().id == 1
    made = set_target("normal", 60, 960)
    assert (reads.in_force(), reads.terms_numbered(1).id, reads.terms_numbered(9)) == (made, 1, None)


def test_history_is_read_in_pages_with_who_saved():
    mara = person("mara")
    body = reads.in_force().body
    for number in range(2, 25):
        db.session.add(SlaTerms(id=number, body=body, note="", made_at=mara.created_at, made_by_id=mara.id))
    db.session.flush()
    first = reads.history()
    assert ([row.id for row in first], first[0].made_by) == (list(range(24, 3, -1)), "Mara Lindqvist")
    rest = reads.history(before=4)
    assert ([row.id for row in rest], rest[-1].made_by) == ([3, 2, 1], None)
    assert (reads.saved_by(2), reads.saved_by(1)) == ("Mara Lindqvist", None)


def test_open_tickets_are_counted_once_each_and_to_a_limit(monkeypatch):
    ticket()
    ticket(type=TicketType.SECURITY_ALERT)
    ticket_in(Status.DIAGNOSTICS)
    ticket_in(Status.CLOSED)
    db.session.flush()
    assert (reads.open_tickets(), reads.open_tickets("security"), reads.open_tickets("gone")) == (3, 1, 0)
    monkeypatch.setattr(reads, "COUNTED_TO", 1)
    assert reads.open_tickets() == 2


def test_keys_and_names():
    assert reads.keys_ever_used() == {"always", "office"}
    assert reads.category_names()["payment_processing"] == "Payment Processing"
