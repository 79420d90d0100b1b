"""The search as lists have it, on both databases: its order, with other filters, and for whom."""

import pytest

from tests.factories import at, person, team, ticket, ticket_in
from tests.support.searching import ANY, found, full_ticket
from ticketing.extensions import db
from ticketing.queries import facets, queue, search, tickets
from ticketing.queries.board import found_on_board, load_board
from ticketing.queries.counts import open_counts
from ticketing.queries.csv_export import export
from ticketing.queries.filters import Filters
from ticketing.rules.taxonomy import Priority, Status, TicketType


@pytest.fixture(autouse=True)
def soon_far(monkeypatch):
    """PostgreSQL walks through few tickets before it asks its index, as it does where there are many."""
    monkeypatch.setattr(search, "_NEAR", 3)


@pytest.fixture
def desk(app, people):
    """A context to make tickets in; what is found there needs no commit."""
    with app.app_context():
        yield app


def test_the_likeliest_comes_first_and_of_equals_the_newest(desk):
    ticket("Other", description="wallet")  # 1
    ticket("Wallet again")  # 2
    ticket("Walletless accounts")  # 3
    ticket("Another", details={"brand": "Wallet"})  # 4
    ticket("The wallet")  # 5
    ticket("Walletlike")  # 6
    assert found("wallet") == [5, 2, 6, 3, 4, 1]
    assert found("wallet again") == [2]


def test_more_than_it_looks_through_keeps_what_has_the_words_in_its_title(desk, monkeypatch):
    monkeypatch.setattr(search, "FOUND_MAX", 5)
    monkeypatch.setattr(search, "RANKED_MAX", 2)
    ticket("Wallet")
    for _ in range(9):
        ticket("Other", description="wallet")
    filters = queue.found_in_queue(person("ann"), Filters(q=("wallet",)), queue.RELEVANCE, at(60))
    page = queue.load_page(person("ann"), filters, queue.RELEVANCE, 1, at(60))
    assert filters.cut and page.cut and page.total is None
    assert [row.id for row in page.rows] == [1, 10, 9, 8, 7]
    newest = queue.load_page(person("ann"), Filters(q=("wallet",)), "-key", 1, at(60))
    assert [row.id for row in newest.rows] == [10, 9, 8, 7, 6]
    oldest = queue.load_page(person("ann"), Filters(q=("wallet",)), "key", 1, at(60))
    assert [row.id for row in oldest.rows] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("sort", queue.SORTS)
def test_a_search_can_be_sorted_like_the_list(desk, sort):
    ticket("Wallet low", priority=Priority.LOW, moment=at(1))
    ticket("Wallet critical", priority=Priority.CRITICAL, moment=at(2))
    ticket_in(Status.DIAGNOSTICS, title="Wallet at work", owner=person("bo"), moment=at(3))
    for each in (sort, f"-{sort}"):
        searched = queue.load_page(person("ann"), Filters(q=("wallet",)), each, 1, at(60)).rows
        plain = queue.load_page(person("ann"), Filters(), each, 1, at(60)).rows
        assert [row.id for row in searched] == [row.id for row in plain]


def test_pages_of_a_search_follow_each_other(desk):
    for number in range(65):
        ticket(f"Wallet {number}")
    pages = [queue.load_page(person("ann"), Filters(q=("wallet",)), queue.RELEVANCE, n, at(90)) for n in (1, 2, 3, 4)]
    assert [row.id for page in pages for row in page.rows] == list(range(65, 0, -1))
    assert [(page.more, page.total) for page in pages] == [(True, 65), (True, 65), (False, 65), (False, 65)]


# Filters


def test_filters_and_words_narrow_together(desk):
    ticket("Wallet", priority=Priority.HIGH)
    ticket("Wallet", priority=Priority.LOW)
    ticket("Deposit", priority=Priority.HIGH)
    closed = ticket_in(Status.CLOSED, title="Wallet")
    assert found("wallet") == [2, 1]
    assert found("wallet", priority=("high",)) == [1]
    assert found("wallet", priority=("high",), owner=("me",)) == []
    assert found("wallet", status=("closed",)) == [closed.id]
    assert found("wallet", status=("closed", "new")) == [closed.id, 2, 1]
    assert found("wallet", status=ANY) == [closed.id, 2, 1]
    assert found("wallet", view=("unassigned",)) == [2, 1]
    assert found("wallet", reporter=("rita",), team=("technical_support",), created=("1",)) == [2, 1]


def test_board_queue_and_file_find_the_same_open_tickets(desk):
    for status in Status:
        ticket_in(status, title=f"Wallet {status}", owner=person("bo"))
    ticket("Deposit")
    viewer, filters, now = person("ann"), Filters(q=("wal",)), at(60)
    columns = load_board(viewer, filters, now, open_counts(viewer, now))
    assert {status: [card.id for card in column.cards] for status, column in columns.items()} == {
        status: [place] for place, status in enumerate(Status, 1)
    }
    assert [column.matching for column in columns.values()] == [1] * 7
    assert sorted(found("wal")) == [1, 2, 3, 4, 5, 6]
    lines = "".join(export(viewer, filters, now)).splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == [f"T-{number}" for number in range(1, 7)]
    assert "".join(export(viewer, Filters(q=("T-7",)), now)).count("T-7,") == 1


def test_the_board_shows_what_was_closed_in_the_last_days_however_much_is_open(desk, monkeypatch):
    monkeypatch.setattr(search, "FOUND_MAX", 2)
    old = ticket_in(Status.CLOSED, title="Wallet", moment=at(-60 * 24 * 9))
    new = ticket_in(Status.CLOSED, title="Wallet")
    for _ in range(4):
        ticket("Wallet")
    filters = found_on_board(person("ann"), Filters(q=("wallet",)), at(60))
    assert filters.cut
    assert new.id in filters.numbers and old.id not in filters.numbers
    assert len(filters.numbers) == 3


def test_tallies_and_views_count_what_the_words_leave(desk):
    ticket_in(Status.DIAGNOSTICS, title="Wallet", priority=Priority.CRITICAL, moment=at(-600))
    ticket_in(Status.DIAGNOSTICS, title="Deposit", priority=Priority.CRITICAL, moment=at(-600))
    for filters in (
        Filters(q=("wallet",)),
        Filters(q=("wallet",), due=("at_risk",)),
        Filters(q=("wallet",), status=ANY),
    ):
        asked = queue.found_in_queue(person("ann"), filters, queue.RELEVANCE, at(60))
        assert facets.tallies(person("ann"), asked, at(60))["breached"] == 1
    assert facets.tallies(person("ann"), Filters(q=("nothing",)), at(60))["breached"] == 0


# Permissions


def test_a_restricted_ticket_is_found_by_those_who_may_see_it(desk):
    alert = ticket("Intrusion", type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
    alert.say("attacker left traces", internal=True, by=person("bo"), at=at(1))
    alert.watch(person("ben"), by=person("mara"), at=at(2))
    for text in ("intrusion", "traces", "T-1"):
        assert {who for who in ("ann", "bo", "mara", "ada", "ben", "ida") if found(text, who)} == {
            "bo",
            "mara",
            "ada",
            "ben",
        }
    for viewer in (person("ann"), person("ida")):
        columns = load_board(viewer, Filters(q=("intrusion",)), at(9), open_counts(viewer, at(9)))
        assert sum(column.matching for column in columns.values()) == 0
        assert "Intrusion" not in "".join(export(viewer, Filters(q=("intrusion",)), at(9)))


def test_many_restricted_tickets_hide_none_of_ones_own(desk, monkeypatch):
    monkeypatch.setattr(search, "FOUND_MAX", 3)
    ticket("Intrusion")
    for _ in range(6):
        ticket("Intrusion", type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
    filters = queue.found_in_queue(person("ann"), Filters(q=("intrusion",)), queue.RELEVANCE, at(60))
    assert (filters.numbers, filters.cut) == ([1], False)


def test_a_reporter_finds_what_was_said_to_them_and_no_note(desk):
    made = full_ticket()
    made.solution = "Patched the ledger"
    db.session.flush()
    mine = lambda text: [row.id for row in tickets.reported_by(person("rita"), text)[0]]  # noqa: E731
    assert mine("wallet") == mine("angry") == mine("T-1") == mine("since angry") == [1]
    assert mine("northspin") == mine("00042") == mine("wallet northspin") == []
    assert mine("rounding") == mine("slip") == mine("wallet rounding") == mine("ledger") == []
    assert found("ledger") == [1]
    assert [row.id for row in tickets.reported_by(person("sam"), "wallet")[0]] == []


def test_the_rows_of_a_reporter_carry_no_note(desk):
    full_ticket()
    [row] = tickets.reported_by(person("rita"), "wallet")[0]
    assert "rounding" not in str(tuple(row))
