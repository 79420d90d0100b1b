"""Once the time to reopen a ticket is over, a new one is offered: filled in from the old one and linked to it."""

import re

import pytest
import time_machine
from sqlalchemy import select

from tests import factories as make
from tests.support.sql import statements
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import Event, Ticket
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import LinkKind, Priority, Status, TicketType

HX = {"HX-Request": "true"}
OFFER = "File as a recurrence"


@pytest.fixture
def old(app, people):
    """A payment issue that was closed months ago, in another team than its category's."""
    with app.app_context():
        made = make.ticket_in(
            Status.CLOSED, title="Payouts <stay> pending", type=TicketType.PAYMENT_ISSUE, priority=Priority.LOW,
            category_key="payment_processing", details={"provider": "PayNetix", "player_id": "8841207"},
        )  # fmt: skip
        made.team_id = make.team("backend").id
        db.session.commit()
        return made.key


@pytest.fixture
def saved(app):
    """`saved(key)`: the ticket as it is now."""

    def get(key):
        with app.app_context():
            return db.session.get(Ticket, int(key[2:]))

    return get


def filed(answer):
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[-1]


def asked(key, **changes):
    return {"title": "Again", "type": "payment_issue", "category": "payment_processing", "priority": "low",
            "recurrence_of": key} | changes  # fmt: skip


@pytest.mark.parametrize("who", ["ann", "rita"])
@pytest.mark.parametrize("place", ["", "/actions", "/actions?part=moves&context=ticket", "/actions?context=board"])
def test_a_ticket_closed_long_ago_offers_a_recurrence(client_for, people, old, who, place):
    page = client_for(getattr(people, who)).get(f"/tickets/{old}{place}", headers=HX if place else {}).text
    assert OFFER in page and f'href="/tickets/new?recurrence_of={old}"' in page


def test_what_is_open_or_can_be_reopened_offers_none(client_for, people, ticket):
    client = client_for(people.ann)
    for key in (ticket(Status.CLOSED, moment=now()), ticket(Status.CORRECTION)):
        for place in ("", "/actions"):
            assert OFFER not in client.get(f"/tickets/{key}{place}").text


@pytest.mark.parametrize("context", ["ticket", "board"])
def test_a_refused_reopening_offers_it_in_its_toast(client_for, people, old, saved, context):
    data = {"ticket": old, "to": "diagnostics", "version": saved(old).version, "from": "closed", "context": context}
    answer = client_for(people.ann).post("/board/moves", data=data, headers=HX)
    toast = answer.text[answer.text.index('data-kind="conflict"') :]
    assert answer.status_code == 409 and "the time to reopen it is over" in toast
    assert f'<a class="btn btn--sm" href="/tickets/new?recurrence_of={old}">{OFFER}</a>' in toast


def test_a_refused_reopening_offers_it_without_script(client_for, people, old, saved):
    data = {"ticket": old, "to": "diagnostics", "version": saved(old).version, "from": "closed"}
    answer = client_for(people.ann).post("/board/moves", data=data)
    assert answer.status_code == 409
    assert f'href="/tickets/new?recurrence_of={old}"' in answer.text and f"Open {old}" in answer.text


def test_the_form_is_filled_in_from_the_old_ticket(client_for, people, old):
    page = client_for(people.ann).get(f"/tickets/new?recurrence_of={old}").text
    assert f'Recurrence of <a href="/tickets/{old}">{old}</a>: Payouts &lt;stay&gt; pending' in page
    for part in (
        f'<input type="hidden" name="recurrence_of" value="{old}">', 'value="Payouts &lt;stay&gt; pending"',
        'value="payment_issue" id="type-payment_issue" checked', 'value="payment_processing" selected',
        'id="priority-low" checked', 'value="PayNetix"', 'value="8841207"', "<dd>Backend</dd>",
    ):  # fmt: skip
        assert part in page


def test_what_the_address_says_goes_before_the_old_ticket(client_for, people, old):
    page = client_for(people.ann).get(f"/tickets/new?recurrence_of={old}&title=Other&priority=critical").text
    assert 'value="Other"' in page and 'id="priority-critical" checked' in page and 'value="PayNetix"' in page


def test_a_choice_later_on_does_not_fill_in_again_what_was_cleared(client_for, people, old):
    address = f"/tickets/new?recurrence_of={old}&type=payment_issue&category=payment_processing&priority=low"
    part = client_for(people.ann).get(address, headers=HX).text
    assert "PayNetix" not in part and "<dd>Backend</dd>" in part
    for change in ("&not_linked=y", "&category=infrastructure"):
        address = address.replace("&category=payment_processing", "") if "category" in change else address
        assert "<dd>Backend</dd>" not in client_for(people.ann).get(address + change, headers=HX).text


@pytest.mark.parametrize("named", ["T-999999", "nonsense", "T-0", "", "T-99999999999999"])
def test_an_address_that_names_nothing_shows_the_empty_form(client_for, people, named):
    answer = client_for(people.ann).get(f"/tickets/new?recurrence_of={named}")
    assert answer.status_code == 200 and 'name="recurrence_of"' not in answer.text and "Recurrence" not in answer.text


@time_machine.travel(make.NOW, tick=False)  # the two pages say the same time
def test_what_one_may_not_see_is_as_good_as_nothing(app, client_for, people, old, ticket, links):
    secret = ticket(Status.CLOSED, type=TicketType.SECURITY_ALERT, team_id=1, owner=people.bo, title="Keys leaked")
    for person, key in ((people.sam, old), (people.ben, secret)):
        client = client_for(person)
        page = client.get(f"/tickets/new?recurrence_of={key}").text
        unknown = client.get("/tickets/new?recurrence_of=T-999999").text
        assert re.sub(r'(csrf_token" value|nonce|content)="[^"]*"', "", page) == re.sub(
            r'(csrf_token" value|nonce|content)="[^"]*"', "", unknown
        )
        refused = client.post("/tickets", data=asked(key))
        assert refused.status_code == 422 and "There is no such ticket." in refused.text
        assert "Keys leaked" not in refused.text and "stay&gt;" not in refused.text
    assert links() == []


@pytest.mark.both_databases
@pytest.mark.parametrize("who", ["ann", "rita"])
def test_filing_makes_the_ticket_and_its_link(app, client_for, people, old, saved, links, who):
    person = getattr(people, who)
    made = saved(filed(client_for(person).post("/tickets", data=asked(old))))
    assert links() == [(LinkKind.RECURRENCE_OF, made.id, int(old[2:]))]
    assert (made.status, made.reporter_id, made.team_id) == (Status.NEW, person.id, saved(old).team_id)
    assert saved(old).repeat_count == 1 and saved(old).status is Status.CLOSED
    with app.app_context():
        told = select(Event).where(Event.kind == EventKind.LINKED).order_by(Event.ticket_id)
        assert [(row.ticket_id, row.payload["side"]) for row in db.session.scalars(told)] == [
            (int(old[2:]), "target"), (made.id, "source"),
        ]  # fmt: skip
    page = client_for(people.ann).get(f"/tickets/{made.key}").text
    assert "Recurrence of" in page and f'href="/tickets/{old}"' in page


@pytest.mark.both_databases
def test_a_key_a_number_or_an_address_names_the_ticket(client_for, people, old, links):
    client = client_for(people.ann)
    for named in (old, old[2:], f"https://desk.example/tickets/{old}/"):
        filed(client.post("/tickets", data=asked(named)))
    assert len(links()) == 3


def test_another_category_goes_to_its_own_team(client_for, people, old, saved):
    made = saved(filed(client_for(people.ann).post("/tickets", data=asked(old, category="infrastructure"))))
    assert made.team_id == people.bo.team_id


@pytest.mark.parametrize("changes", [{"not_linked": "y"}, {"recurrence_of": ""}])
def test_the_link_can_be_left_out(client_for, people, old, saved, links, changes):
    made = saved(filed(client_for(people.ann).post("/tickets", data=asked(old, **changes))))
    assert links() == [] and saved(old).repeat_count == 0
    assert made.team_id == people.ida.team_id


@pytest.mark.parametrize("named", ["T-999999", "nonsense"])
def test_a_ticket_that_is_not_there_is_told_at_its_field(client_for, people, links, named):
    answer = client_for(people.ann).post("/tickets", data=asked(named, player_id="8841207"))
    assert answer.status_code == 422 and 'id="recurrence_of-error"' in answer.text
    assert 'href="#recurrence_of"' in answer.text and "There is no such ticket." in answer.text
    assert f'value="{named}"' in answer.text and 'value="8841207"' in answer.text and 'value="Again"' in answer.text
    assert links() == []


@pytest.mark.parametrize("left_out", [False, True])
def test_what_is_wrong_elsewhere_keeps_the_link_and_what_was_typed(client_for, people, old, links, left_out):
    changes = {"title": "", "description": "Kept"} | ({"not_linked": "y"} if left_out else {})
    answer = client_for(people.rita).post("/tickets", data=asked(old, **changes))
    assert answer.status_code == 422 and "Kept" in answer.text and links() == []
    assert f'<input type="hidden" name="recurrence_of" value="{old}">' in answer.text
    assert bool(re.search(r'<input[^>]* checked[^>]* name="not_linked"', answer.text)) is left_out


def test_the_button_for_the_fields_of_a_type_keeps_the_link(client_for, people, old, links):
    answer = client_for(people.ann).post("/tickets", data=asked(old, type="incident", refresh="1"))
    assert answer.status_code == 200 and links() == []
    assert f'<input type="hidden" name="recurrence_of" value="{old}">' in answer.text


def test_the_offer_costs_the_other_pages_nothing(app, client_for, people, old):
    client = client_for(people.ann)

    def count(call):
        call()
        with statements(app) as seen:
            call()
        return len(seen)

    plain = count(lambda: client.get("/tickets/new"))
    assert count(lambda: client.get("/tickets/new?recurrence_of=")) == plain
    assert count(lambda: client.get(f"/tickets/new?recurrence_of={old}")) <= plain + 3
    filing = count(lambda: client.post("/tickets", data=asked("")))
    assert filing == 7
    # The old ticket read and counted up, two looks for a link, the link, and two events that come later than the first.
    assert count(lambda: client.post("/tickets", data=asked(old))) == filing + 7
