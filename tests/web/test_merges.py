"""Closing as a duplicate through the pages: what the survivor shows, to whom, and what cannot be merged."""

import re

import pytest

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.rules.taxonomy import ResolutionCode, Status, TicketType

DUPLICATE = ResolutionCode.DUPLICATE
HX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("that_morning")


def merge(client, key, of, version=4):
    data = {"resolution_code": "duplicate", "duplicate_of": of, "version": version}
    return client.post(f"/tickets/{key}/closing", data=data, headers=HX)


@pytest.fixture
def twins(app, people):
    """T-1 of rita and T-2 of sam, both in diagnostics, with a reply and a note each; T-2 is watched by bo."""
    with app.app_context():
        for reporter in ("rita", "sam"):
            made = make.ticket_in(Status.DIAGNOSTICS, by=make.person(reporter))
            made.say(f"Hello {reporter}", internal=False, by=make.person("ann"), at=make.at(10))
            made.say(f"About {reporter}", internal=True, by=make.person("ann"), at=make.at(11))
        made.watch(make.person("bo"), by=make.person("bo"), at=make.at(12))
        db.session.commit()
        return "T-1", "T-2"


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_survivor_shows_what_was_said_and_where(client_for, people, twins):
    survivor, source = twins
    client = client_for(people.ann)
    done = merge(client, source, survivor)
    assert done.status_code == 200 and "T-2 closed as Duplicate" in done.text
    page = client.get(f"/tickets/{survivor}").text
    for said in ("Hello rita", "About rita", "Hello sam", "About sam"):
        assert said in page
    assert page.count('class="tag tag--line comment__origin" href="/tickets/T-2"') == 2
    assert "Bo Bondar followed from T-2" in words(client.get(f"/tickets/{survivor}?activity=history").text)
    history = words(client.get(f"/tickets/{source}?activity=history").text)
    assert "Ann Haddad closed this: Duplicate of T-1" in history


def test_a_reopening_undoes_it(client_for, people, twins):
    survivor, source = twins
    client = client_for(people.ann)
    merge(client, source, survivor)
    move = {"ticket": source, "to": "diagnostics", "from": "closed", "version": 5, "why": "Another cause"}
    assert client.post("/board/moves", data=move, headers=HX).status_code == 200
    page = client.get(f"/tickets/{survivor}").text
    assert "Hello sam" not in page
    history = words(client.get(f"/tickets/{survivor}?activity=history").text)
    assert "Bo Bondar went with T-2" in history and "took a link off" in history


def test_a_reporter_reads_nothing_of_anothers_ticket(client_for, people, twins):
    survivor, source = twins
    merge(client_for(people.ann), source, survivor)
    page = client_for(people.rita).get(f"/tickets/{survivor}").text
    assert "Hello rita" in page
    for hidden in ("Hello sam", "About", "T-2", "followed"):
        assert hidden not in page
    theirs = client_for(people.sam).get(f"/tickets/{source}").text
    assert "Hello sam" in theirs and "T-1" not in theirs and "Hello rita" not in theirs
    assert client_for(people.sam).get(f"/tickets/{survivor}").status_code == 404


def test_a_reporter_reads_ones_own_merged_ticket_here(app, client_for, people, twins):
    survivor, source = twins
    with app.app_context():
        db.session.get(Ticket, 2).reporter_id = make.person("rita").id
        db.session.commit()
    merge(client_for(people.ann), source, survivor)
    page = client_for(people.rita).get(f"/tickets/{survivor}").text
    assert "Hello sam" in page and "About sam" not in page


def test_an_answer_reaches_the_reporters_of_what_was_merged(app, client_for, people, twins):
    survivor, source = twins
    client = client_for(people.ann)
    assert "Also write it on the ticket that was merged" not in client.get(f"/tickets/{survivor}").text
    merge(client, source, survivor)
    assert "Also write it on the ticket that was merged" in client.get(f"/tickets/{survivor}").text
    data = {"body": "All is **well**", "visibility": "public", "to_merged": "1"}
    answer = client.post(f"/tickets/{survivor}/comments", data=data, headers=HX)
    assert answer.status_code == 200 and "Also written on one merged ticket." in answer.text
    assert answer.text.count("<strong>well</strong>") == 1  # the copy there is not told here once more
    assert "wrote this on T-2 too" in words(answer.text)
    assert "<strong>well</strong>" in client_for(people.sam).get(f"/tickets/{source}").text
    refused = client_for(people.rita).post(f"/tickets/{survivor}/comments", data=data, headers=HX)
    assert refused.status_code == 403


def test_the_page_of_a_survivor_takes_two_statements_more_however_much_was_merged(app, client_for, people, twins):
    client = client_for(people.ann)
    client.get("/tickets/T-1")
    counts = []
    for _ in range(2):
        with statements(app) as seen:
            assert client.get("/tickets/T-1").status_code == 200
        counts.append(len(seen))
        with app.app_context():
            for number in range(3):
                made = make.ticket_in(Status.DIAGNOSTICS)
                made.say(f"More {number}", internal=False, by=make.person("ann"), at=make.at(10))
                survivor = db.session.get(Ticket, 1)
                made.close_as(DUPLICATE, by=make.person("ann"), at=make.at(12), duplicate_of=survivor)
            db.session.commit()
    assert counts[0] == 10
    with statements(app) as seen:
        client.get("/tickets/T-1")
    assert counts[1] == len(seen) == 12


# What cannot be


def test_what_was_merged_away_names_where_it_went(client_for, people, twins, ticket):
    survivor, source = twins
    client = client_for(people.ann)
    merge(client, source, survivor)
    refused = merge(client, ticket(), source)
    assert refused.status_code == 409
    assert "T-2 was merged into T-1: name that one." in refused.text and 'name="duplicate_of"' in refused.text


def test_a_survivor_one_may_not_see_has_no_name(app, client_for, people, twins, ticket):
    with app.app_context():
        make.ticket("Attack", type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id)
        db.session.commit()
    merge(client_for(people.mara), "T-2", "T-3")
    refused = merge(client_for(people.ann), ticket(), "T-2")
    assert refused.status_code == 409 and "T-3" not in refused.text
    assert "It was merged into another ticket" in refused.text
    page = client_for(people.ann).get("/tickets/T-2?activity=history").text
    assert "T-3" not in page and "Attack" not in page


def test_circles_and_itself_are_refused_at_the_field(client_for, people, twins, ticket):
    survivor, source = twins
    third = ticket()
    client = client_for(people.ann)
    itself = merge(client, source, source)
    assert itself.status_code == 422 and "A ticket cannot be linked to itself." in itself.text
    merge(client, source, survivor)
    other_way = merge(client, survivor, source)
    assert other_way.status_code == 409 and "They are linked so the other way round" in other_way.text
    merge(client, survivor, third)
    circle = merge(client, third, source)
    assert circle.status_code == 409 and "It was merged into this ticket, by way of others" in circle.text
    assert merge(client, third, "T-99").status_code == 422
    assert merge(client, third, "").status_code == 422


def test_a_closed_ticket_takes_in_what_is_reported_once_more_and_it_is_said(client_for, people, ticket):
    key, solved = ticket(), ticket(Status.CLOSED)
    done = merge(client_for(people.ann), key, solved)
    assert done.status_code == 200 and f"{solved}, which it was merged into, is closed too." in done.text
