"""flask recurrence, and what an import and a demo are signed by."""

from datetime import datetime

import pytest
from sqlalchemy import func, select, text

from tests.factories import people, ticket
from ticketing.extensions import db
from ticketing.jobs.demo import bulk, run
from ticketing.models import Ticket, User
from ticketing.queries.recurrence import load_radar
from ticketing.rules.taxonomy import Role


def test_rebuild_says_what_it_did_and_check_only_looks(app, flask):
    with app.app_context():
        people()
        ticket("Lobby blank")
        db.session.execute(text("UPDATE ticket SET signature = NULL"))
        db.session.commit()
    assert "1 of 1 tickets are signed otherwise" in flask("recurrence", "rebuild", "--check", code=1).output
    assert "Signed 1 tickets by rules 1, 1 of them changed." in flask("recurrence", "rebuild").output
    assert "0 of 1" in flask("recurrence", "rebuild", "--check").output


def test_bulk_tickets_and_imported_ones_are_signed_like_all_others(app, flask, other_app, other_flask, monkeypatch):
    monkeypatch.setattr(run, "BY_VERBS_MAX", 10)
    monkeypatch.setattr(run, "BY_VERBS_OF_MANY", 4)
    monkeypatch.setattr(bulk, "_LARGE", 100)
    flask("demo", "--tickets", 150, "--seed", 2)
    assert "0 of 150" in flask("recurrence", "rebuild", "--check").output
    with app.app_context():
        signed = select(func.count(Ticket.signature), func.count(Ticket.provider), func.count(Ticket.payment_system))
        assert min(db.session.execute(signed).one()) > 15
    export = flask("tickets", "export", "--format", "json").stdout_bytes
    other_flask("tickets", "import", "--format", "json", "-", input=export)
    assert "0 of 150" in other_flask("recurrence", "rebuild", "--check").output


@pytest.mark.sqlite_only
def test_the_page_names_the_command_that_there_is(flask):
    assert "Sign every ticket anew" in flask("recurrence", "rebuild", "--help").output


@pytest.mark.sqlite_only
@pytest.mark.parametrize("moment", ["2026-05-06T14:30:00Z", "2026-05-10T02:00:00Z"])
def test_a_demo_desk_has_a_flare_and_a_comeback(app, flask, moment):
    flask("demo", "--seed", 1, "--now", moment)
    with app.app_context():
        manager = db.session.scalars(select(User).where(User.role == Role.SUPPORT_MANAGER)).first()
        radar = load_radar(manager, datetime.fromisoformat(moment))
        assert "Reelworks" in {one.signature.party.value for one in radar.flaring}
        [back] = [one for one in radar.returning if one.signature.party and one.signature.party.value == "Tin Lantern"
                  and one.signature.symptom.value == "E-2207"]  # fmt: skip
        assert back.returns >= 2
