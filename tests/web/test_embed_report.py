"""Report a problem: filled in by the panel, checked here, and never more than its fields say."""

import io
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from tests.support.embedding import frame_of, get, make_key, post
from ticketing.extensions import db
from ticketing.models import Attachment, Ticket
from ticketing.rules.taxonomy import Status, TicketType

GOOD = {"title": "Deposit missing", "description": "Since noon", "player": "P-77", "provider": "Reelworks",
        "page": "https://panel.example/players/77?tab=cash"}  # fmt: skip


@pytest.fixture
def rita(app, people):
    """A reporter in a frame."""
    return frame_of(app, make_key(app), role="reporter")


def filed(app):
    with app.app_context():
        return db.session.scalars(select(Ticket)).all()


def draft(client, **given):
    return post(client, "/report/draft", data=given)


def test_what_the_panel_knows_fills_in(app, rita):
    known = {
        "player": "P-77",
        "transaction": "TX-1",
        "provider": "Reelworks",
        "page": "https://panel.example/x",
        "title": "Hi",
    }
    page, by_address = draft(rita, **known).text, get(rita, f"/report?{urlencode(known)}").text
    for value in known.values():
        assert f'value="{value}"' in page, value
        assert f'value="{value}"' not in by_address  # an address stands in logs
    page = draft(rita, page="javascript:x").text  # a text, never a link
    assert "javascript:x" in page and 'href="javascript:' not in page
    assert filed(app) == []


def test_what_is_too_long_is_cut_and_told(rita):
    assert draft(rita, player="9", title="\0a\nb").status_code == 422  # nobody types a NUL
    page = draft(rita, player="9" * 200).text
    assert f'value="{"9" * 80}"' in page and "has been cut" in page


def test_a_problem_becomes_a_ticket_of_whoever_sends_it(app, rita):
    sent = post(rita, "/report", data=GOOD | {"files": (io.BytesIO(b"log"), "log.txt")})
    assert (sent.status_code, sent.location) == (303, "/embed/reported/T-1")
    assert "T-1: Deposit missing" in get(rita, "/reported/T-1").text
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        assert (ticket.reporter.email, ticket.type, ticket.status) == (
            "pia@panel.example",
            TicketType.INCIDENT,
            Status.NEW,
        )
        assert ticket.details == {"player_id": "P-77", "provider": "Reelworks"}
        assert ticket.description == "Since noon\n\n`https://panel.example/players/77?tab=cash`"
        assert db.session.scalar(select(Attachment.name)) == "log.txt"


def test_what_names_a_transaction_is_about_money(app, rita):
    assert post(rita, "/report", data=GOOD | {"transaction": "TX-1"}).status_code == 303
    [ticket] = filed(app)
    assert (ticket.type, ticket.details["transaction_id"]) == (TicketType.PAYMENT_ISSUE, "TX-1")


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"title": " "}, "title"), ({"title": "x" * 201}, "title"), ({"description": "x" * 20_000}, "description"),
     ({"player": "9" * 81}, "player"), ({"page": "x" * 501}, "page"), ({"provider": "x" * 121}, "provider")],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_filed(app, rita, changed, said):
    answer = post(rita, "/report", data=GOOD | changed)
    assert answer.status_code == 422
    assert f'id="{said}-error"' in answer.text
    assert filed(app) == []


def test_no_hidden_field_says_more(app, people, rita):
    more = {
        "priority": "critical", "owner": "ann", "owner_id": people.ann.id, "status": "closed", "team": "devops",
        "team_id": 2, "restricted": "1", "reporter": "mara", "reporter_id": people.mara.id, "type": "security_alert",
        "id": 99, "version": 7, "pinned": "1", "created_at": 1, "details": "{}", "parent_id": 1,
    }  # fmt: skip
    assert post(rita, "/report", data=GOOD | more).status_code == 303
    [ticket] = filed(app)
    assert (ticket.id, ticket.owner_id, ticket.status, ticket.restricted) == (1, None, Status.NEW, False)
    assert (ticket.type, str(ticket.priority), ticket.parent_id) == (TicketType.INCIDENT, "normal", None)


def test_a_foreign_report_is_not_found(app, people, rita):
    post(rita, "/report", data=GOOD)
    other = frame_of(app, make_key(app, name="B", issuer="b"), sub="9", email="o@panel.example", role="reporter")
    assert get(other, "/reported/T-1").status_code == 404
    assert rita.get("/report", base_url="https://localhost").status_code == 404  # only in frames
