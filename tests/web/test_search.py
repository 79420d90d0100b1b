"""A search over HTTP: its order, what it marks and shows, and what nobody gets to see by it."""

import re

import pytest

from tests.factories import at, person, team, ticket, ticket_in
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.rules.taxonomy import Status, TicketType

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def desk(app, people):
    """T-1 with words everywhere, T-2 with one in its title, T-3 closed, T-4 restricted."""
    with app.app_context():
        made = ticket("Balance drifts", description="The wallet\nis <b>off</b>", details={"brand": "Northspin"})
        made.say("A player wrote: wallet empty & gone", internal=False, by=person("ann"), at=at(1))
        made.say("Rounding slip <script>alert(1)</script>", internal=True, by=person("ann"), at=at(2))
        ticket("Wallet <i>opens</i> twice")
        ticket_in(Status.CLOSED, title="Wallet closed")
        ticket("Intrusion by wallet", type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
        db.session.commit()


def keys(answer):
    return re.findall(r'data-ticket="(T-\d+)"', answer.text)


def test_a_search_lists_the_likeliest_first_and_says_so(desk, people, client_for):
    answer = client_for(people.ann).get("/queue?q=wallet")
    assert keys(answer) == ["T-2", "T-1"]
    assert "sorted by how well they match" in answer.text
    assert answer.text.count("aria-sort") == 1 and 'aria-sort="other"' in answer.text
    by_key = client_for(people.ann).get("/queue?q=wallet&sort=key")
    assert keys(by_key) == ["T-1", "T-2"]
    assert 'aria-sort="ascending"' in by_key.text and 'aria-sort="other"' not in by_key.text
    assert 'href="/queue?q=wallet"' in by_key.text  # back to the best match


@pytest.mark.parametrize(("address", "status"), [("sort=relevance", 200), ("q=x&sort=relevance", 200),
                                                 ("q=x&sort=-relevance", 422), ("q=" + "x" * 201, 422)])  # fmt: skip
def test_only_a_search_has_relevance(desk, people, client_for, address, status):
    answer = client_for(people.ann).get(f"/queue?{address}")
    assert answer.status_code == status
    assert "Best match" not in answer.text or "q=x" in address


def test_words_are_marked_in_title_and_text_and_all_else_is_escaped(desk, people, client_for):
    client = client_for(people.ann)
    text = client.get("/queue?q=wallet").text
    assert "<mark>Wallet</mark> &lt;i&gt;opens&lt;/i&gt; twice" in text
    assert "<b>Description</b> The <mark>wallet</mark></span>" in text
    assert (
        "<b>Note</b> <mark>Rounding</mark> slip &lt;script&gt;alert(1)&lt;/script&gt;"
        in client.get("/queue?q=round").text
    )
    assert "<b>Details</b> <mark>Northspin</mark>" in client.get("/queue?q=norths").text
    assert "A player wrote: wallet <mark>empty</mark> &amp; gone" in client.get("/queue?q=empty").text
    assert "<mark>" not in client.get("/queue").text
    odd = client.get("/queue", query_string={"q": '"><script>alert(1)</script>'})
    assert odd.status_code == 200 and "<script>alert" not in odd.text


def test_a_search_can_reach_closed_tickets(desk, people, client_for):
    client = client_for(people.ann)
    assert 'href="/queue?q=wallet&amp;status=any"' in client.get("/queue?q=wallet").text
    everything = client.get("/queue?q=wallet&status=any")
    assert keys(everything) == ["T-3", "T-2", "T-1"]
    assert "Remove filter: Status Any" in everything.text
    assert "Search closed tickets too" not in everything.text
    assert keys(client.get("/queue?q=t3")) == ["T-3"]
    assert len(keys(client.get("/queue?status=any"))) == 3


def test_nothing_found_says_what_to_try(desk, people, client_for):
    text = client_for(people.ann).get("/queue?q=zebra").text
    assert "No ticket matches" in text
    assert 'href="/queue?q=zebra&amp;status=any"' in text


def test_more_than_is_looked_through_is_said(desk, people, client_for, monkeypatch):
    monkeypatch.setattr("ticketing.queries.search.FOUND_MAX", 1)
    client = client_for(people.ann)
    assert "1 to 1 of more than 500" in client.get("/queue?q=wallet").text
    assert "More tickets match." in client.get("/queue?q=wallet").text
    assert "The newest of more than 500 matches" in client.get("/board?q=wallet").text


def test_board_and_queue_know_no_restricted_ticket_by_its_words(desk, people, client_for):
    for path in ("/queue?q=intrusion", "/queue?q=T-4&status=any", "/board?q=intrusion", "/queue.csv?q=intrusion"):
        assert "Intrusion" not in client_for(people.ann).get(path).text, path
        assert "trusion" in client_for(people.bo).get(path).text, path
    assert client_for(people.rita).get("/queue?q=wallet").status_code == 403


def test_the_next_thirty_are_marked_too(app, people, client_for):
    with app.app_context():
        for number in range(40):
            ticket(f"Wallet {number}", moment=at(number))
        db.session.commit()
    client = client_for(people.ann)
    assert "1 to 30 of 40" in client.get("/queue?q=wal").text
    more = client.get("/queue?q=wal&page=2&more=1", headers=FRAGMENT)
    assert keys(more) == [f"T-{number}" for number in range(10, 0, -1)]
    assert more.text.count("<mark>Wallet</mark>") == 10


@pytest.mark.parametrize(
    "query", ["?q=wallet", "?q=wallet&status=any", "?q=wallet&due=breached", "?q=wallet&sort=-created"]
)
def test_a_search_costs_a_fixed_number_of_statements(desk, app, people, client_for, query):
    client = client_for(people.ann)

    def cost():
        with statements(app) as seen:
            assert client.get(f"/queue{query}").status_code == 200
        return len(seen)

    few = cost()
    with app.app_context():
        for number in range(60):
            ticket(f"Wallet {number}")
        db.session.commit()
    # What is breached among all that the words find is a search of its own.
    assert few <= cost() <= (10 if "due" in query else 8)
    with statements(app) as seen:
        client.get(f"/board{query}")
    assert len(seen) <= 12


# My tickets


def test_reporters_search_what_was_said_to_them(desk, people, client_for):
    rita = client_for(people.rita)
    answer = rita.get("/my?q=player")
    assert "Balance drifts" in answer.text
    assert "<b>Comment</b> A <mark>player</mark> wrote" in answer.text
    for text in ("rounding", "slip", "alert"):
        assert "Balance drifts" not in rita.get(f"/my?q={text}").text
    assert "<mark>Wallet</mark> closed" in rita.get("/my?q=wal").text
    named = rita.get("/my?q=T-2").text
    assert "Wallet &lt;i&gt;opens" in named and "Balance" not in named
    assert "Nothing matches" in client_for(people.sam).get("/my?q=wallet").text


def test_a_key_comes_first_among_ones_own(app, people, client_for):
    with app.app_context():
        for title in ("Old", "2 cents", "New with 1 cent"):
            ticket(title)
        db.session.commit()
    text = client_for(people.rita).get("/my?q=1").text
    assert re.findall(r'class="key">(T-\d+)', text) == ["T-1", "T-3"]


# From every page


def test_every_page_has_a_search(desk, people, client_for):
    for who, action in ((people.ann, "/queue"), (people.mara, "/queue"), (people.rita, "/my")):
        client = client_for(who)
        for path in ("/tickets/T-1", "/tickets/new", "/profile"):
            text = client.get(path).text
            assert text.count(f'method="get" action="{action}"') >= 2, (
                path
            )  # in the bar, and in the menu of narrow ones
    assert '<input type="hidden" name="status" value="any">' in client_for(people.ann).get("/tickets/new").text
