"""“It came back”, beside the form of a new ticket: the form then says what the old one was, with script and without."""

import re

import pytest

from tests import factories as make
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.rules.taxonomy import Priority, Status, TicketType

HX = {"HX-Request": "true"}
TYPED = {"title": "Session store fails over once more", "type": "incident", "category": "", "environment": "",
         "priority": "normal", "priority_was": "normal"}  # fmt: skip


@pytest.fixture
def old(app, people):
    """The key of an infrastructure issue on staging that was closed."""
    with app.app_context():
        made = make.ticket_in(
            Status.CLOSED, title="Session store failover drops sessions", type=TicketType.INFRASTRUCTURE_ISSUE,
            category_key="infrastructure", priority=Priority.HIGH,
            details={"environment": "staging", "affected_service": "session-store"},
        )  # fmt: skip
        db.session.commit()
        return made.key


def with_script(client, **fields):
    return client.get("/tickets/new", query_string=TYPED | fields, headers=HX)


def without_script(client, **fields):
    return client.post("/tickets", data=TYPED | fields)


def carried(text):
    """(type, category, environment) that the form has chosen."""
    kind = re.findall(r'name="type" value="([a-z_]+)" id="[^"]+" checked', text)
    category, environment = (
        re.findall(r'<option value="([a-z_]+)" selected', chosen)
        for name in ("category", "environment")
        for chosen in re.findall(rf'<select[^>]* name="{name}".*?</select>', text, re.DOTALL) or [""]
    )
    return kind, category, environment


@pytest.mark.parametrize("ask", [with_script, without_script])
def test_the_form_carries_type_category_and_details(client_for, people, old, ask):
    answer = ask(client_for(people.ann), again=old)
    assert answer.status_code == 200
    assert carried(answer.text) == (["infrastructure_issue"], ["infrastructure"], ["staging"])
    assert 'name="affected_service"' in answer.text and 'value="session-store"' in answer.text
    assert f'name="recurrence_of" value="{old}"' in answer.text


def test_with_script_the_parts_that_say_so_are_renewed(client_for, people, old):
    client = client_for(people.ann)
    parts = with_script(client, again=old).text
    for place in ("recurrence", "kinds", "category-field", "type-fields", "priorities", "next-up"):
        assert parts.count(f'<hx-partial hx-target="#{place}"') == 1, place
    assert "#kinds" not in with_script(client).text  # what one has just chosen is not redrawn under one's hand


@pytest.mark.parametrize("ask", [with_script, without_script])
def test_what_was_chosen_by_hand_stays(client_for, people, old, ask):
    answer = ask(client_for(people.ann), again=old, category="user_system", environment="test")
    assert carried(answer.text) == (["infrastructure_issue"], ["user_system"], ["test"])


@pytest.mark.parametrize("ask", [with_script, without_script])
def test_a_reporter_gets_the_type_and_no_words_of_staff(client_for, people, old, ask):
    answer = ask(client_for(people.rita), again=old)
    assert carried(answer.text) == (["infrastructure_issue"], [], [])
    assert "session-store" not in answer.text


@pytest.mark.parametrize("ask", [with_script, without_script])
def test_what_one_may_not_know_of_changes_nothing(app, client_for, people, ask):
    with app.app_context():
        hidden = make.ticket("Attack", type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id).key
        db.session.commit()
    answer = ask(client_for(people.ann), again=hidden)
    assert answer.status_code == 200 and carried(answer.text) == (["incident"], [], [])
    assert "recurrence_of" not in answer.text


def test_what_the_form_carries_is_what_is_filed(app, client_for, people, old):
    client = client_for(people.ann)
    kind, category, environment = carried(without_script(client, again=old).text)
    sent = TYPED | {"type": kind, "category": category, "environment": environment, "recurrence_of": old}
    answer = client.post("/tickets", data=sent)
    assert answer.status_code == 303
    with app.app_context():
        made = db.session.get(Ticket, int(answer.location.rpartition("-")[2]))
        assert made.type is TicketType.INFRASTRUCTURE_ISSUE and made.category.key == "infrastructure"
        assert made.details["environment"] == "staging"


@pytest.mark.parametrize(
    "path", ["/tickets/new", "/tickets/new?type=service_request", "/tickets/new?recurrence_of={old}"]
)
def test_an_environment_is_offered_in_words(client_for, people, old, path):
    page = client_for(people.ann).get(path.format(old=old)).text
    options = re.search(r'<select[^>]* name="environment">(.*?)</select>', page, re.DOTALL)[1]
    assert re.findall(r">([^<]+)</option>", options) == ["Not set", "Production", "Staging", "Test"]


def test_an_environment_that_is_none_is_refused_at_its_field(client_for, people):
    page = client_for(people.ann).post("/tickets", data=TYPED | {"environment": "moon"})
    assert page.status_code == 422
    assert 'name="environment" aria-invalid="true" aria-describedby="environment-error"' in page.text
    assert 'id="environment-error"' in page.text and 'href="#environment"' in page.text
