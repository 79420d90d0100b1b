"""Signatures made anew: all that differ and nothing else, and no ticket counts as changed by it."""

import pytest
from sqlalchemy import select, text

from tests.factories import ticket
from ticketing.extensions import db
from ticketing.jobs import recurrence
from ticketing.models import Event, Setting, Ticket
from ticketing.rules.recurrence import RULES, RULES_SETTING

pytestmark = pytest.mark.usefixtures("cast")


def signed():
    return list(db.session.execute(select(Ticket.id, Ticket.signature, Ticket.provider).order_by(Ticket.id)))


def test_what_is_signed_otherwise_is_signed_anew(monkeypatch):
    monkeypatch.setattr(recurrence, "_PAGE", recurrence._PAGE.limit(2))
    for n in range(5):
        ticket(f"Lobby {'x' * (n + 2)} blank", details={"provider": "Reelworks"})
    ticket("502")
    db.session.commit()
    before, events = signed(), db.session.scalars(select(Event.id)).all()
    assert before[5].signature is None
    db.session.execute(text("UPDATE ticket SET signature = 'old', provider = NULL WHERE id IN (2, 4, 6)"))
    db.session.execute(text("DELETE FROM setting WHERE key = 'recurrence_rules'"))
    db.session.commit()
    assert recurrence.rebuild(dry_run=True) == recurrence.Rebuilt(6, 3)
    assert signed() != before and db.session.get(Setting, RULES_SETTING) is None
    assert recurrence.rebuild() == recurrence.Rebuilt(6, 3)
    assert signed() == before and db.session.scalars(select(Event.id)).all() == events
    assert set(db.session.scalars(select(Ticket.version))) == {1}
    assert db.session.get(Setting, RULES_SETTING).value == RULES
    assert recurrence.rebuild() == recurrence.Rebuilt(6, 0)
