"""Filing a ticket: the form, what follows from a choice, the hint of duplicates, the filing itself."""

import io

import pytest

from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Attachment, Event, Ticket
from ticketing.rules.taxonomy import Priority, Status, TicketType

HX = {"HX-Request": "true"}
GOOD = {"type": "payment_issue", "title": "Payouts stay pending", "category": "payment_processing", "priority": "high"}


@pytest.fixture
def filed(app):
    """The tickets there are."""

    def get():
        with app.app_context():
            return list(db.session.query(Ticket).order_by(Ticket.id))

    return get


def test_a_ticket_is_filed_and_shown(client_for, people, filed):
    data = GOOD | {
        "description": "38 players\r\nso far",
        "payment_system": "Trustera",
        "amount": "12,5",
        "currency": "eur",
    }
    answer = client_for(people.ann).post("/tickets", data=data)
    made = filed()[0]
    assert (answer.status_code, answer.location) == (303, f"/tickets/{made.key}")
    assert (made.type, made.priority, made.status) == (TicketType.PAYMENT_ISSUE, Priority.HIGH, Status.NEW)
    assert made.description == "38 players\nso far"
    assert made.details == {"payment_system": "Trustera", "amount": "12.5", "currency": "EUR"}
    assert (made.reporter_id, made.team_id) == (people.ann.id, people.ida.team_id)


def test_the_category_brings_team_and_priority(client_for, people, filed):
    client_for(people.rita).post(
        "/tickets", data={"title": "CDN is slow", "type": "incident", "category": "infrastructure"}
    )
    made = filed()[0]
    assert (made.priority, made.team_id) == (Priority.HIGH, people.bo.team_id)


def test_without_a_category_it_lands_with_technical_support(client_for, people, filed):
    client_for(people.rita).post("/tickets", data={"title": "Something is off", "type": "incident"})
    made = filed()[0]
    assert (made.priority, made.team_id, made.category_id) == (Priority.NORMAL, people.ann.team_id, None)


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"title": ""}, "title", "This is needed."),
        ({"title": "x" * 10_000}, "title", "This is too long."),
        ({"description": "x" * 20_001}, "description", "This is too long."),
        ({"type": "miracle"}, "type", "This value is not known."),
        ({"category": "nothing"}, "category", "This value is not known."),
        ({"priority": "urgent"}, "priority", "This value is not known."),
        ({"amount": "much"}, "amount", "Write an amount such as 120.50."),
        ({"amount": "5"}, "currency", "This is needed."),
        ({"reporter": "Nobody At All"}, "reporter", "Nobody is called so"),
        ({"owner": "rita"}, "owner", "This person does not work on tickets."),
        ({"owner": "ghost"}, "owner", "This value is not known."),
        ({"owner": "me", "category": ""}, "category", "This is needed."),
    ],
)
def test_what_is_wrong_is_told_at_its_field(client_for, people, filed, changes, field, told):
    answer = client_for(people.ann).post("/tickets", data=GOOD | {"player_id": "8841207"} | changes)
    assert answer.status_code == 422
    assert told in answer.text and f'id="{field}-error"' in answer.text and "The ticket was not created." in answer.text
    assert 'value="8841207"' in answer.text or field == "type"
    assert filed() == []


def test_everything_wrong_is_told_at_once(client_for, people):
    page = client_for(people.ann).post("/tickets", data=GOOD | {"title": "", "amount": "much"}).text
    assert "2 fields need attention." in page


def test_staff_file_for_somebody_else_and_give_it_an_owner(client_for, people, filed):
    data = GOOD | {"reporter": "Rita Salmi", "owner": "ida"}
    assert client_for(people.ann).post("/tickets", data=data).status_code == 303
    made = filed()[0]
    assert (made.reporter_id, made.owner_id, made.status) == (people.rita.id, people.ida.id, Status.ASSIGNED)


@pytest.mark.parametrize("name", ["rita", "@rita", "RITA@desk.example", "rita salmi"])
def test_a_reporter_is_named_by_handle_address_or_name(client_for, people, filed, name):
    client_for(people.ann).post("/tickets", data=GOOD | {"reporter": name})
    assert filed()[0].reporter_id == people.rita.id


def test_a_reporter_has_the_short_form_and_files_for_themselves(client_for, people, filed):
    client = client_for(people.rita)
    page = client.get("/tickets/new").text
    assert 'name="owner"' not in page and 'name="reporter"' not in page and 'name="title"' in page
    client.post("/tickets", data=GOOD | {"reporter": "ann", "owner": "ann"})
    made = filed()[0]
    assert (made.reporter_id, made.owner_id) == (people.rita.id, None)


def test_files_come_with_the_ticket(app, client_for, people):
    data = GOOD | {"files": [(io.BytesIO(b"one"), "one.log"), (io.BytesIO(b"two"), "two.log")]}
    assert client_for(people.rita).post("/tickets", data=data).status_code == 303
    with app.app_context():
        assert [row.name for row in db.session.query(Attachment)] == ["one.log", "two.log"]


def test_a_file_too_large_files_nothing(client_for, people, filed, tmp_path):
    client = client_for(people.rita)
    client.application.config["MAX_UPLOAD"] = 50_000
    data = GOOD | {"description": "Kept", "files": [(io.BytesIO(b"x" * 50_001), "video.mp4")]}
    answer = client.post("/tickets", data=data)
    assert answer.status_code == 413 and "video.mp4 is larger than 50 kB" in answer.text and "Kept" in answer.text
    assert filed() == [] and not [p for p in (tmp_path / "attachments").rglob("*") if p.is_file()]


def test_an_address_fills_the_form(client_for, people):
    page = (
        client_for(people.ann)
        .get(
            "/tickets/new?type=payment_issue&title=Stuck+payout&category=payment_processing&priority=critical"
            "&provider=PayNetix&player_id=8841207&owner=me"
        )
        .text
    )
    for part in ('value="Stuck payout"', 'value="PayNetix"', 'value="8841207"', 'value="payment_processing" selected'):
        assert part in page
    assert 'value="critical" id="priority-critical" checked' in page
    assert 'value="payment_issue" id="type-payment_issue" checked' in page


def test_an_address_with_nonsense_shows_the_empty_form(client_for, people):
    answer = client_for(people.ann).get("/tickets/new?type=miracle&priority=urgent&category=x&evil=<script>")
    assert answer.status_code == 200 and "<script>" not in answer.text
    assert 'id="priority-normal" checked' in answer.text


def test_a_choice_brings_its_fields_priority_and_team(client_for, people):
    client = client_for(people.ann)
    address = "/tickets/new?type=payment_issue&category=infrastructure&priority=normal&priority_was=normal&provider=P1"
    part = client.get(address, headers=HX).text
    assert "<html" not in part and 'name="transaction_id"' in part and 'value="P1"' in part
    assert 'id="priority-high" checked' in part and "DevOps" in part
    chosen = client.get(address.replace("priority=normal", "priority=critical"), headers=HX).text
    assert 'id="priority-critical" checked' in chosen  # a choice of one's own stays


def test_what_was_typed_for_another_type_is_not_lost(client_for, people):
    part = client_for(people.ann).get("/tickets/new?type=service_request&transaction_id=pnx-1", headers=HX).text
    assert '<input type="hidden" name="transaction_id" value="pnx-1">' in part


def test_fields_of_another_type_do_not_stand_in_the_way(client_for, people, filed):
    assert client_for(people.ann).post("/tickets", data=GOOD | {"source_address": "nonsense"}).status_code == 303
    assert filed()[0].details == {}


def test_without_script_a_button_shows_the_fields(client_for, people, filed):
    answer = client_for(people.ann).post("/tickets", data={"type": "security_alert", "title": "Kept", "refresh": "1"})
    assert answer.status_code == 200 and 'name="source_address"' in answer.text and 'value="Kept"' in answer.text
    assert filed() == []


def test_filing_takes_few_statements_and_one_event(app, client_for, people):
    client = client_for(people.ann)
    client.post("/tickets", data=GOOD)
    with statements(app) as seen:
        client.post("/tickets", data=GOOD)
    assert len(seen) == 7, "\n".join(seen)
    with app.app_context():
        assert db.session.query(Event).count() == 2
