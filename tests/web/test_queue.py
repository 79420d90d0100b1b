"""The queue's page, its pages, its file, and what it costs."""

import csv
import io
import re

import pytest

from tests import factories
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.rules.taxonomy import Priority, Status, TicketType

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def fill(app, people):
    """`fill(40)`: so many new tickets."""

    def make(count, **facts):
        with app.app_context():
            for number in range(count):
                factories.ticket(f"Ticket {number}", moment=factories.at(number), **facts)
            db.session.commit()

    return make


def keys(answer):
    return re.findall(r'data-ticket="(T-\d+)"', answer.text)


def test_the_queue_lists_open_tickets(app, people, client_for):
    with app.app_context():
        factories.ticket("Wallet drifts")
        factories.ticket_in(Status.CLOSED, title="Long done")
        db.session.commit()
    answer = client_for(people.ann).get("/queue")
    assert answer.status_code == 200
    assert "Wallet drifts" in answer.text
    assert "Long done" not in answer.text
    assert "Long done" in client_for(people.ann).get("/queue?status=closed").text


def test_htmx_gets_the_main_region_alone_but_the_page_for_its_history(fill, people, client_for):
    fill(1)
    client = client_for(people.ann)
    assert "<html" not in client.get("/queue", headers=FRAGMENT).text
    again = client.get("/queue", headers=FRAGMENT | {"HX-History-Restore-Request": "true"})
    assert "<html" in again.text


def test_thirty_rows_a_page_and_the_next_thirty_join_them(fill, people, client_for):
    fill(65)
    client = client_for(people.ann)
    first = client.get("/queue?sort=key")
    assert keys(first) == [f"T-{number}" for number in range(1, 31)]
    assert "1 to 30 of 65" in first.text
    more = client.get("/queue?sort=key&page=2&more=1", headers=FRAGMENT)
    assert keys(more) == [f"T-{number}" for number in range(31, 61)]
    assert 'hx-target="#queue-rows" hx-swap="beforeend"' in more.text
    last = client.get("/queue?sort=key&page=3")
    assert len(keys(last)) == 5
    assert 'rel="next"' not in last.text


@pytest.mark.parametrize(
    "address", ["sort=colour", "sort=-", "page=0", "page=101", "page=x", "status=lost", "due=never"]
)
def test_what_the_address_may_not_say_is_422(people, client_for, address):
    assert client_for(people.ann).get(f"/queue?{address}").status_code == 422


@pytest.mark.parametrize("column", ["due", "key", "priority", "status", "owner", "updated", "created"])
def test_each_heading_says_how_the_list_is_sorted_and_turns_it(fill, people, client_for, column):
    fill(2)
    client = client_for(people.ann)
    up, down = client.get(f"/queue?sort={column}"), client.get(f"/queue?sort=-{column}")
    assert up.text.count('aria-sort="ascending"') == 1
    assert f'href="/queue?sort=-{column}"' in up.text
    assert down.text.count('aria-sort="descending"') == 1
    assert f'href="/queue?sort={column}"' in down.text


def test_links_keep_the_filters_and_the_sort(fill, people, client_for):
    fill(40)
    text = client_for(people.ann).get("/queue?priority=normal&sort=key").text
    assert 'href="/queue?priority=normal&amp;sort=-key"' in text
    assert 'href="/queue?priority=normal&amp;sort=key&amp;page=2"' in text
    assert '<input type="hidden" name="sort" value="key">' in text


def test_an_empty_queue_says_why(people, client_for):
    client = client_for(people.ann)
    assert "No open tickets" in client.get("/queue").text
    assert "No ticket matches" in client.get("/queue?q=nothing").text


@pytest.mark.usefixtures("that_morning")
def test_tabs_and_tallies_count_what_the_viewer_may_see(app, people, client_for):
    with app.app_context():
        factories.ticket("Plain")
        factories.ticket("Alert", type=TicketType.SECURITY_ALERT, team_id=factories.team("devops").id)
        urgent = {"priority": Priority.CRITICAL, "moment": factories.at(-300)}  # to be resolved within four hours
        factories.ticket_in(Status.DIAGNOSTICS, title="Breached", **urgent)
        db.session.commit()

    def counts(user):
        text = client_for(user).get("/queue").text
        return dict(re.findall(r">([\w ]+)<span class=\"count\">(\d+)</span>", text)), text

    managers, text = counts(people.mara)
    assert managers == {"All open": "3", "Mine": "0", "Unassigned": "2", "Restricted": "1"}
    assert '1<span class="tallies__word"> breached' in text
    engineers, _text = counts(people.ann)
    assert engineers == {"All open": "2", "Mine": "1", "Unassigned": "1", "My team": "2", "Restricted": "0"}


def test_a_restricted_ticket_is_in_nobody_elses_queue_or_file(app, people, client_for):
    with app.app_context():
        factories.ticket("Hidden attack", type=TicketType.SECURITY_ALERT, team_id=factories.team("devops").id)
        db.session.commit()
    for path in ("/queue", "/queue?view=restricted", "/queue?q=attack", "/queue.csv"):
        said = [
            client_for(one).get(path).text.replace("<mark>", "").replace("</mark>", "")
            for one in (people.ann, people.bo)
        ]
        assert ["Hidden attack" in text for text in said] == [False, True], path


@pytest.mark.parametrize(
    "query", ["", "?view=mine", "?sort=-updated", "?priority=high&team=devops&owner=ann", "?q=wallet"]
)
def test_the_queue_costs_a_fixed_number_of_statements(fill, app, people, client_for, query):
    client = client_for(people.ann)

    def cost():
        with statements(app) as seen:
            assert client.get(f"/queue{query}").status_code == 200
        return len(seen)

    fill(3)
    few = cost()
    fill(60)
    assert few <= 8
    assert cost() <= 8
    if not query:
        assert cost() == few == 7


def read_csv(answer):
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.data.decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_the_file_holds_every_match_and_not_one_page(fill, people, client_for):
    fill(70)
    fill(5, priority=Priority.CRITICAL)
    client = client_for(people.ann)
    assert len(read_csv(client.get("/queue.csv"))) == 75
    rows = read_csv(client.get("/queue.csv?priority=critical"))
    assert [row["priority"] for row in rows] == ["critical"] * 5


def test_the_file_says_all_there_is_to_say(app, people, client_for):
    with app.app_context():
        factories.ticket_in(Status.CLOSED, title="Done")
        db.session.commit()
    [row] = read_csv(client_for(people.ann).get("/queue.csv?status=closed"))
    assert row == {
        "key": "T-1", "title": "Done", "type": "incident", "category": "User System", "priority": "normal",
        "status": "closed", "owner": "Ann Haddad", "team": "Technical Support", "reporter": "Rita Salmi", "hold": "",
        "created": "2026-05-04T09:00:00Z", "updated": "2026-05-04T09:06:00Z", "closed": "2026-05-04T09:06:00Z",
        "resolution code": "fixed", "root cause": "software",
    }  # fmt: skip


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "'quoted"])
def test_no_cell_becomes_a_formula(app, people, client_for, start):
    with app.app_context():
        factories.ticket(start)
        db.session.commit()
    [row] = read_csv(client_for(people.ann).get("/queue.csv"))
    assert row["title"] == f"'{start}"


def test_a_menus_people_are_those_who_work_on_tickets(app, people, client_for):
    with app.app_context():
        factories.ticket_in(Status.ASSIGNED)
        db.session.commit()
    client = client_for(people.bo)
    text = client.get("/queue/people", headers=FRAGMENT).text
    assert 'value="ann"' in text
    assert "1 open" in text
    assert 'value="rita"' not in text
    assert 'value="ann"' not in client.get("/queue/people?owner=ann").text
    assert 'name="assign" value="ann"' in client.get("/queue/people?for=bulk").text
