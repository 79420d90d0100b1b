"""flask search: check and rebuild, as cron and an operator meet them; what is imported is found."""

import json

from sqlalchemy import text

from tests.factories import at, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.queries.filters import Filters
from ticketing.queries.search import looked_up
from ticketing.rules.taxonomy import STATUSES, Role, Status


def found(word):
    chief = person("chief", role=Role.SUPPORT_MANAGER, team=None)
    return looked_up(chief, Filters(q=(word,), status=tuple(STATUSES)), at(60)).numbers


def test_an_empty_desk_has_nothing_to_check(flask):
    assert "No tickets." in flask("search", "check").output
    assert "No tickets." in flask("search", "rebuild").output


def test_check_names_what_is_wrong_and_rebuild_mends_it(app, flask):
    with app.app_context():
        for number in range(12):
            ticket(f"Wallet {number}")
        db.session.commit()
    assert "right: looked at T-1 to T-12" in flask("search", "check", "--deep").output
    with app.app_context():
        db.session.execute(text("DELETE FROM ticket_search"))
        db.session.commit()
    said = flask("search", "check", code=1).output
    assert "T-1, T-2, T-3, T-4, T-5, T-6, T-7, T-8, T-9, T-10 and 2 more" in said
    assert "flask search rebuild" in said
    assert "Indexed T-1 to T-12." in flask("search", "rebuild").output
    assert "right" in flask("search", "check").output
    with app.app_context():
        assert len(found("wallet")) == 12


def test_what_was_carried_over_is_found_on_the_other_desk(app, flask, other_app, other_flask, tmp_path):
    with app.app_context():
        made = ticket_in(Status.CLOSED, title="Wallet drifts", details={"player_id": "PNX-00042"})
        made.say("said aloud", internal=False, by=person("mara"), at=at(9))
        made.say("noted down", internal=True, by=person("mara"), at=at(10))
        db.session.commit()
    file = tmp_path / "tickets.json"
    flask("tickets", "export", "--format", "json", "-o", file)
    assert "search" not in json.dumps(json.loads(file.read_text()))  # words are made anew, not carried along
    assert "1 created" in other_flask("tickets", "import", file, "--format", "json").output
    assert "right" in other_flask("search", "check").output
    with other_app.app_context():
        for word in ("drifts", "pnx-00042", "aloud", "noted"):
            assert len(found(word)) == 1, word


def test_the_demo_can_be_searched(app, flask):
    flask("demo", "--tickets", "300")
    assert "right" in flask("search", "check").output
