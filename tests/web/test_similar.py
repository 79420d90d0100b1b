"""Similar tickets as people meet them: on a ticket's page, on a page of their own, and beside the form of a new one."""

import pytest

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Answers
from ticketing.rules.taxonomy import LinkKind, ResolutionCode, RootCause, Status, TicketType

HX = {"HX-Request": "true"}
TROUBLE = "Trustera payouts stay pending for German IBANs"
WRITTEN = {"title": "Withdrawals with German IBANs hang at Trustera", "type": "payment_issue"}
GOOD = WRITTEN | {"category": "payment_processing", "priority": "high"}


@pytest.fixture
def save(ticket):
    """`save(title, …)` files a ticket and gives its key."""
    return lambda title=TROUBLE, **facts: ticket(Status.NEW, title=title, **facts)


@pytest.fixture
def solved(app, people):
    """The key of one that ann has solved."""
    with app.app_context():
        made = make.ticket_in(Status.SOLUTION_CHECK, title=TROUBLE, description="Since 09:40")
        answers = Answers(resolution_code=ResolutionCode.PROVIDER_FIXED, root_cause=RootCause.PROVIDER)
        made.move_to(Status.CLOSED, by=make.person("mara"), at=make.at(30), answers=answers)
        db.session.commit()
        return made.key


def test_the_page_says_where_they_will_stand_and_asks_for_nothing(app, client_for, people, save, solved):
    key = save(moment=make.at(60))
    client = client_for(people.ann)
    client.get(f"/tickets/{key}")
    with statements(app) as seen:
        page = client.get(f"/tickets/{key}").text
    assert f'hx-get="/tickets/{key}/similar"' in page and f'<a href="/tickets/{key}/similar">' in page
    assert len(seen) <= 10 and not any("MATCH" in one for one in seen)


def test_the_panel_tells_how_it_was_fixed_and_why_it_is_here(client_for, people, save, solved):
    key = save(moment=make.at(60))
    part = client_for(people.ann).get(f"/tickets/{key}/similar", headers=HX).text
    for told in (solved, TROUBLE, "Fixed by the provider", "cause: Provider", "Restarted the worker", "Ann Haddad, in",
                 "of working time", "Nearly the same title", "Both say:", "Closed "):  # fmt: skip
        assert told in part, told
    assert "<html" not in part and 'id="similar"' in part


def test_the_panel_costs_six_statements(app, client_for, people, save, solved):
    key = save(moment=make.at(60))
    client = client_for(people.ann)
    client.get(f"/tickets/{key}/similar", headers=HX)
    with statements(app) as seen:
        client.get(f"/tickets/{key}/similar", headers=HX)
    assert len(seen) == 6, "\n\n".join(seen)


def test_without_script_there_is_a_page(client_for, people, save, solved):
    key = save(moment=make.at(60))
    page = client_for(people.ann).get(f"/tickets/{key}/similar").text
    assert "<h1>Similar to " in page and solved in page and f'href="/tickets/{key}"' in page


def test_nothing_alike_is_said(client_for, people, save):
    key = save("Lobby tiles are blurred")
    client = client_for(people.ann)
    assert "Nothing else like it so far" in client.get(f"/tickets/{key}/similar", headers=HX).text
    assert "Nothing else like it so far" in client.get(f"/tickets/{key}/similar").text


def test_one_click_links(client_for, people, save, links):
    first, key = save(), save(moment=make.at(60))
    client = client_for(people.ann)
    part = client.get(f"/tickets/{key}/similar", headers=HX).text
    assert f'hx-post="/tickets/{key}/links"' in part and f'name="other" value="{first}"' in part
    assert "recurrence" not in part  # the first one is open
    answer = client.post(f"/tickets/{key}/links", data={"kind": "related", "other": first}, headers=HX).text
    assert f'hx-get="/tickets/{key}/similar" hx-trigger="load"' in answer  # the panel is renewed
    assert links() == [(LinkKind.RELATED, int(key[2:]), int(first[2:]))]
    after = client.get(f"/tickets/{key}/similar", headers=HX).text
    assert "Linked with this ticket" in after and 'name="other"' not in after


def test_what_was_closed_before_may_have_come_back(client_for, people, save, solved, links):
    late, early = save(moment=make.at(60)), save(moment=make.at(-60))
    client = client_for(people.ann)
    assert 'value="recurrence_of"' in client.get(f"/tickets/{late}/similar", headers=HX).text
    assert 'value="recurrence_of"' not in client.get(f"/tickets/{early}/similar", headers=HX).text


def test_a_duplicate_is_marked_by_the_dialog_that_closes(client_for, people, save, ticket):
    first, key = save(), ticket(title=TROUBLE)
    client = client_for(people.ann)
    part = client.get(f"/tickets/{key}/similar", headers=HX).text
    address = f"/tickets/{key}/closing?resolution_code=duplicate&amp;duplicate_of={first}"
    assert f'href="{address}" data-into="#dialog-host"' in part
    dialog = client.get(address.replace("&amp;", "&"), headers=HX).text
    assert f'name="duplicate_of" value="{first}"' in dialog and 'value="duplicate" checked' in dialog


def test_nobody_is_offered_a_closing_they_may_not_do(client_for, people, save, ticket):
    save()
    key = ticket(title=TROUBLE)  # ann's, of her team
    assert "/closing" not in client_for(people.bo).get(f"/tickets/{key}/similar", headers=HX).text


def test_a_reporter_is_shown_no_such_panel(client_for, people, save, solved):
    key = save(moment=make.at(60))
    for client in (client_for(people.rita), client_for(people.sam)):
        for headers in (HX, {}):
            answer = client.get(f"/tickets/{key}/similar", headers=headers)
            assert answer.status_code == 404 and solved not in answer.text
    assert "/similar" not in client_for(people.rita).get(f"/tickets/{key}").text


def ask(client, headers=HX, **changes):
    return client.post("/tickets/similar", data=WRITTEN | changes, headers=headers)


def test_while_writing_they_show_with_what_can_be_done(app, client_for, people, save, solved):
    still_open = save()
    client = client_for(people.ann)
    ask(client)
    with statements(app) as seen:
        part = ask(client).text
    assert len(seen) == 5, "\n\n".join(seen)
    assert solved in part and still_open in part and "Restarted the worker" in part
    assert f'name="related_to" value="{still_open}"' in part and "Open it instead" in part
    assert '<a href="#similar">2 similar tickets</a>' in part
    assert f'name="again" value="{solved}"' in part and f'name="again" value="{still_open}"' not in part


def is_hidden(part):
    return " hidden>" in part.partition('<section class="panel" id="similar"')[2].partition("\n")[0]


def test_the_facts_of_the_form_count(client_for, people, save):
    key = save("Cards are declined", type=TicketType.PAYMENT_ISSUE,
               details={"error_code": "E-2201", "payment_system": "PayNetix"})  # fmt: skip
    client = client_for(people.ann)
    vague = {"title": "Nothing works today"}
    assert key not in ask(client, **vague).text
    part = ask(client, **vague, error_code="e-2201", payment_system="Paynetix").text
    assert key in part and "Same error code E-2201" in part and "Same payment system PayNetix" in part
    assert key in ask(client, **vague, description="The log of PayNetix says E-2201").text


def test_too_little_is_not_asked_and_nothing_alike_is_said(client_for, people, save):
    save()
    client = client_for(people.ann)
    assert is_hidden(ask(client, title="Tru").text)
    part = ask(client, title="error player deposit").text
    assert "Nothing like it was found" in part and not is_hidden(part)


def test_a_reporter_writing_meets_only_their_own(client_for, people, save, solved):
    part = ask(client_for(people.rita)).text
    assert solved in part and "Restarted" not in part and "related_to" not in part and "cause:" not in part
    assert solved not in ask(client_for(people.sam)).text


def test_a_restricted_one_is_not_hinted_at(client_for, people, save, app):
    with app.app_context():
        team = make.team("devops").id
    key = save("API token of Oddstone leaked", type=TicketType.SECURITY_ALERT, team_id=team)
    assert key not in ask(client_for(people.ann), title="Oddstone API token leaked", related_to=key).text
    assert key in ask(client_for(people.bo), title="Oddstone API token leaked").text


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "miracle"}, {"category": "nothing"}, {"title": "x" * 50_000}, {"description": "y " * 50_000},
        {"error_code": "z" * 5_000}, {"related_to": ["T-999999", "x", "", "-1"]}, {"related_to": ["T-1"] * 500},
        {"title": "'; DROP TABLE ticket; --"}, {"title": "\U0001f4a5" * 80}, {"amount": "much"},
    ],
)  # fmt: skip
def test_odd_input_is_no_error(client_for, people, save, changes):
    save()
    assert ask(client_for(people.ann), **changes).status_code == 200


def test_what_is_chosen_is_linked_when_it_is_filed(app, client_for, people, save, links):
    first, second = save(), save("Lobby tiles are blurred")
    client = client_for(people.ann)
    part = ask(client, related_to=[first, second]).text
    assert part.count("checked") == 2 and "Will be linked" in part  # the second is not alike, and stays chosen
    answer = client.post("/tickets", data=GOOD | {"related_to": [second, first]})
    assert answer.status_code == 303
    number = int(answer.location.rpartition("-")[2])
    assert links() == [(LinkKind.RELATED, number, 1), (LinkKind.RELATED, number, 2)]


@pytest.mark.parametrize(
    ("named", "told"),
    [(["T-999"], "There is no such ticket."), (["nonsense"], "There is no such ticket."),
     ([f"T-{n}" for n in range(1, 13)], "These are too many tickets to link at once.")],
)  # fmt: skip
def test_what_cannot_be_linked_is_told_and_nothing_is_filed(app, client_for, people, save, named, told):
    save()
    answer = client_for(people.ann).post("/tickets", data=GOOD | {"related_to": named})
    assert answer.status_code == 422 and told in answer.text and 'href="#similar"' in answer.text
    with app.app_context():
        assert db.session.query(Ticket).count() == 1


def test_nobody_links_to_what_they_may_not_know_of(client_for, people, save, app):
    with app.app_context():
        team = make.team("devops").id
    key = save("Leak", type=TicketType.SECURITY_ALERT, team_id=team)
    answer = client_for(people.ann).post("/tickets", data=GOOD | {"related_to": [key]})
    assert answer.status_code == 422 and "There is no such ticket." in answer.text


def test_a_reporter_links_nothing(client_for, people, save, links):
    key = save()
    assert client_for(people.rita).post("/tickets", data=GOOD | {"related_to": [key]}).status_code == 303
    assert links() == []


def test_it_came_back_makes_the_form_its_recurrence(client_for, people, solved, links):
    client = client_for(people.ann)
    parts = client.get("/tickets/new", query_string=GOOD | {"again": solved}, headers=HX).text
    assert 'hx-target="#recurrence"' in parts and f'name="recurrence_of" value="{solved}"' in parts
    page = client.post("/tickets", data={"title": "Again", "type": "incident", "category": "", "again": solved})
    assert page.status_code == 200 and f'name="recurrence_of" value="{solved}"' in page.text
    assert 'value="Again"' in page.text and 'value="user_system" selected' in page.text and links() == []
    filed = client.post("/tickets", data=GOOD | {"recurrence_of": solved, "related_to": [solved]})
    assert filed.status_code == 303
    assert [kind for kind, *_ in links()] == [LinkKind.RECURRENCE_OF]


def test_another_one_that_came_back_takes_the_place_of_the_first(client_for, people, solved, ticket):
    other = ticket(Status.CLOSED)
    client = client_for(people.ann)
    asked = GOOD | {"again": solved, "recurrence_of": other, "not_linked": "y"}
    parts = client.get("/tickets/new", query_string=asked, headers=HX).text
    assert f'name="recurrence_of" value="{solved}"' in parts and other not in parts and "checked" in parts
    unknown = client.get("/tickets/new", query_string=asked | {"again": "T-999"}, headers=HX)
    assert unknown.status_code == 200


def test_without_script_the_form_looks_for_them_by_a_button(client_for, people, solved):
    page = client_for(people.ann).post("/tickets", data=WRITTEN | {"refresh": "1"}).text
    assert solved in page and "Look for similar tickets" in page


def test_what_was_wrong_keeps_what_was_chosen(client_for, people, save):
    key = save()
    page = client_for(people.ann).post("/tickets", data=GOOD | {"amount": "much", "related_to": [key]}).text
    assert f'name="related_to" value="{key}" checked' in page
