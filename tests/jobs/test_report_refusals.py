"""What the counting cannot do does not keep it from the rest."""

import flask_migrate
from sqlalchemy import func, select

from tests.factories import at, ticket, ticket_in
from ticketing.extensions import db
from ticketing.jobs.reports import facts
from ticketing.jobs.reports.refresh import run
from ticketing.models import ReportFact
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import Status


def test_a_ticket_that_cannot_be_counted_keeps_no_other_waiting(app, monkeypatch):
    with app.app_context():
        bad, good = ticket("Bad", moment=at(-1)), ticket("Good")
        db.session.commit()
        real, broken = facts.facts_of, bad.created_at

        def fails_for_one(created_at, *rest):
            if created_at == broken:
                raise OverflowError("of another age")
            return real(created_at, *rest)

        monkeypatch.setattr(facts, "facts_of", fails_for_one)
        assert run(at(60), "UTC").failed == [f"T-{bad.id}: OverflowError: of another age"]
        assert set(db.session.scalars(select(ReportFact.ticket_id))) == {good.id}
        monkeypatch.undo()
        bad.record(EventKind.EDITED, None, at(70), changes={})
        db.session.commit()
        assert run(at(71), "UTC").failed == []
        assert set(db.session.scalars(select(ReportFact.ticket_id))) == {good.id, bad.id}


def test_tables_that_went_and_came_back_are_counted_from_the_start(app):
    with app.app_context():
        ticket_in(Status.CLOSED)
        db.session.commit()
        run(at(60), "UTC")
        counted = db.session.scalar(select(func.count()).select_from(ReportFact))
        assert counted > 5
        db.session.remove()
        flask_migrate.downgrade(revision="0003")
        flask_migrate.upgrade()
        run(at(61), "UTC")
        assert db.session.scalar(select(func.count()).select_from(ReportFact)) == counted
