"""What staff write down about a reporter's ticket is told to the reporter by no page, no search and no likeness."""

import pytest

from tests import factories as make
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.rules.taxonomy import LinkKind, Priority, Status, TicketType

pytestmark = pytest.mark.both_databases
HX = {"HX-Request": "true"}
TITLE = "Trustera payouts stay pending for German IBANs"
DETAILS = {"provider": "Zephyrpay", "error_code": "QX-7781", "player_id": "PNX-00042", "brand": "Northspin"}
NOTE, SOLUTION, OUTSIDE = "Vermilion is to blame", "Restarted the Kestrel", "EXT-5150"
SECRETS = ["zephyrpay", "7781", "QX-7781", "PNX-00042", "northspin", "vermilion", "kestrel", "5150", OUTSIDE]


@pytest.fixture
def old(app, people):
    """A closed ticket of rita's that staff have written all over, and a file of what they have written."""
    with app.app_context():
        made = make.ticket_in(
            Status.CLOSED, title=TITLE, description="Since 09:40, players complain", type=TicketType.PAYMENT_ISSUE,
            priority=Priority.LOW, category_key="payment_processing",
        )  # fmt: skip
        made.say("We are on it with the bank", internal=False, by=make.person("ann"), at=make.at(20))
        made.say(NOTE, internal=True, by=make.person("ann"), at=make.at(21))
        made.details, made.solution, made.external_id = DETAILS, SOLUTION, OUTSIDE
        made.team_id = make.team("backend").id
        db.session.commit()
        return made.key


@pytest.fixture
def rita(people, client_for):
    return client_for(people.rita)


def told(text):
    return [word for word in (*DETAILS.values(), "Vermilion", "Kestrel", OUTSIDE) if word in text]


@pytest.mark.parametrize("secret", SECRETS)
def test_their_search_finds_nothing_by_what_staff_wrote(old, people, client_for, rita, secret):
    for asked in (secret, f"trustera {secret}", secret[:4]):
        page = rita.get("/my", query_string={"q": asked}).text
        assert TITLE not in page and "Trustera" not in page, asked
    assert f'data-ticket="{old}"' in client_for(people.ann).get(f"/queue?status=any&q={secret}").text


@pytest.mark.parametrize("text", ["trustera", "players complain", "the bank", "T-1", "trustera complain bank"])
def test_their_search_finds_what_their_page_shows(old, rita, text):
    page = rita.get("/my", query_string={"q": text}).text
    assert 'class="key">T-1' in page and told(page) == []


def test_their_page_their_list_and_the_old_ticket_tell_none_of_it(old, rita):
    for address in (f"/tickets/{old}", "/my", "/my?q=trustera", f"/tickets/{old}/actions"):
        for headers in ({}, HX):
            answer = rita.get(address, headers=headers)
            assert answer.status_code == 200 and told(answer.text) == [], address


def test_what_is_like_a_ticket_is_no_page_of_theirs(old, people, client_for, rita):
    for headers in ({}, HX):
        answer = rita.get(f"/tickets/{old}/similar", headers=headers)
        assert answer.status_code == 404 and told(answer.text) == []
        assert client_for(people.ann).get(f"/tickets/{old}/similar", headers=headers).status_code == 200


@pytest.mark.parametrize("named", ["recurrence_of", "again"])
def test_a_ticket_that_came_back_fills_in_what_their_page_shows_of_it(old, people, client_for, rita, named):
    for headers in ({}, HX):
        page = rita.get(f"/tickets/new?{named}={old}", headers=headers).text
        assert told(page) == [] and "<dd>Backend</dd>" not in page
        assert 'value="payment_processing" selected' not in page
    page = rita.get(f"/tickets/new?{named}={old}").text
    assert f'name="recurrence_of" value="{old}"' in page
    assert f'value="{TITLE}"' in page and 'id="type-payment_issue" checked' in page
    assert 'id="priority-low" checked' in page
    assert len(told(client_for(people.ann).get(f"/tickets/new?{named}={old}").text)) >= 3


def test_no_choice_in_the_form_tells_where_the_old_ticket_stood(app, old, rita):
    with app.app_context():
        keys = [one.key for one in db.session.scalars(db.select(make.Category))]
    for key in keys:
        part = rita.get(f"/tickets/new?recurrence_of={old}&category={key}", headers=HX).text
        assert "Lands with" not in part, key
    free = rita.get(f"/tickets/new?recurrence_of={old}&not_linked=y&category=infrastructure", headers=HX).text
    assert "<dd>DevOps</dd>" in free


def test_the_button_without_script_fills_in_no_more(old, rita):
    page = rita.post("/tickets", data={"title": "", "again": old})
    assert page.status_code == 200 and told(page.text) == [] and f'value="{TITLE}"' in page.text
    assert told(rita.post("/tickets", data={"title": TITLE, "refresh": "1"}).text) == []
    refused = rita.post("/tickets", data={"title": "", "type": "payment_issue", "recurrence_of": old})
    assert refused.status_code == 422 and told(refused.text) == []


def test_what_they_file_still_lands_where_the_old_ticket_stood(app, old, rita):
    data = {"title": "Again", "type": "payment_issue", "category": "", "priority": "low", "recurrence_of": old}
    answer = rita.post("/tickets", data=data)
    assert answer.status_code == 303
    with app.app_context():
        made = db.session.get(Ticket, int(answer.location.rpartition("-")[2]))
        assert (made.team.key, made.category.key, made.details) == ("backend", "payment_processing", {})
    assert told(rita.get(answer.location).text) == []
    assert LinkKind.RECURRENCE_OF not in rita.get(answer.location).text


@pytest.mark.parametrize("field", ["title", "description", "provider", "error_code", "player_id"])
@pytest.mark.parametrize(
    "secret", ["Zephyrpay", "QX-7781", "PNX-00042", "Zephyrpay QX-7781 Northspin Kestrel Vermilion"]
)
def test_what_they_write_meets_no_ticket_by_what_staff_wrote(old, people, client_for, rita, field, secret):
    written = {"title": "Nothing works today", "type": "payment_issue"} | {field: secret}
    part = rita.post("/tickets/similar", data=written, headers=HX)
    assert part.status_code == 200 and old not in part.text
    if field == "error_code" and secret == "QX-7781":
        assert old in client_for(people.ann).post("/tickets/similar", data=written, headers=HX).text


def test_what_they_write_meets_their_ticket_by_its_title_and_tells_no_fact_of_it(old, rita):
    guess = DETAILS | {"category": "payment_processing"}
    for more in ({}, guess):
        written = {"title": "Withdrawals with German IBANs hang at Trustera", "type": "payment_issue"} | more
        part = rita.post("/tickets/similar", data=written, headers=HX).text
        assert old in part and "Both say:" in part
        assert told(part) == [] and "Same " not in part and "category" not in part.lower()
