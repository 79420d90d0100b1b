"""The search, on both databases: which words it finds, that nothing typed is an error, and how the index follows."""

import pytest
from sqlalchemy import delete, select, update

from tests.factories import at, person, team, ticket, ticket_in
from tests.support.searching import ANY, found, full_ticket
from ticketing.extensions import db
from ticketing.models import Comment, Ticket
from ticketing.models.answers import Answers
from ticketing.queries import facets, queue, tickets
from ticketing.queries.board import load_board
from ticketing.queries.counts import open_counts
from ticketing.queries.csv_export import export
from ticketing.queries.filters import Filters
from ticketing.rules.taxonomy import Status, TicketType


@pytest.fixture
def desk(app, people):
    """A context to make tickets in; what is found there needs no commit."""
    with app.app_context():
        yield app


@pytest.mark.parametrize(
    "text", ["wallet", "since", "northspin", "00042", "angry", "rounding", "T-1", "Wallet angry slip"]
)
def test_words_are_found_wherever_they_stand(desk, text):
    full_ticket()
    ticket("Something else")
    assert found(text) == [1]


def test_every_word_must_be_there(desk):
    full_ticket()
    assert found("wallet northspin rounding") == [1]
    assert found("wallet southspin") == []


def test_the_beginning_of_a_word_finds_it_letter_by_letter(desk):
    full_ticket()
    assert [found("northspin"[:length]) for length in range(1, 10)] == [[1]] * 9
    assert found("orthspin") == []
    assert found("dri wal") == [1]


@pytest.mark.parametrize(
    ("text", "finds"),
    [("PNX-00042", True), ("pnx-000", True), ("PNX/00042", True), ("00042-pnx", False), ("nx-00042", False),
     ("PNX-0042", False), ("(wallet)", True), ("wallet-drifts", True), ("drifts-wallet", False)],
)  # fmt: skip
def test_what_is_written_in_one_piece_is_found_in_one_piece(desk, text, finds):
    full_ticket()
    assert found(text) == [1] * finds


@pytest.mark.parametrize(
    ("title", "text"),
    [("Zażółć gęślą", "zazolc gesla"), ("Café fermé", "CAFE"), ("cafe", "Café"), ("Платёж завис", "ПЛАТЁЖ"),
     ("ΑΘΗΝΑ", "αθηνα"), ("STRASSE", "strasse"), ("Straße", "straße"), ("支払い 失敗", "支払い"), ("naïve", "naïve"),
     ("e\u0301tude", "étude"), ("trace 1e9b7f", "1e9b7"), ("10.0.0.1:8080", "10.0.0.1"), ("a@b.example", "a@b.example"),
     ("v8.14.2-rc1", "14.2-rc"), ("100%", "100 %"), ("x_y", "y"), ("C:\\temp\\log", "temp\\log")],
)  # fmt: skip
def test_case_accents_and_signs_do_not_matter(desk, title, text):
    if title.startswith("Zaż"):
        text = "zażółć gęślą"  # ł is a letter of its own
    ticket(title)
    assert found(text) == [1]


ODD = [
    '"', "''", '""""', 'a"b', "*", "a*", "**", "^a", "a^", "+", "-", "--", "-a", "!a", "a!b", "(", ")", "((a)", "a OR",
    "OR", "AND", "NOT", "a NOT b", "NEAR", "NEAR(a b, 2)", "title:wallet", "title : wallet", "{title} : a", "a:*",
    "- {title}", "a:b", ":A", "a & b", "a | b", "!", "<->", "a <2> b", "\\", "\\'", "%", "%s", "%(x)s", "_", "?", "$1",
    ":q", "{}", "[a]", ";", "/*", "'; DROP TABLE ticket; --", "\0", "a\0b", "\x01", "\x7f", "\ufeff", "\u200b",
    "\u202e", "\ud800", "\U0001f600", "\U0001f469\u200d\U0001f469", "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "²", "½", "a²", "ª", "\u0301", "a \u0301", "\u1fef", "\u093c", "T-", "T-0", "T-99999999999", "T-4294967296", "-1",
    "9" * 200, "x" * 200, "T-" + "9" * 198, "x" * 5000, "é" * 200, "\U0001f642" * 200, "a " * 100, "a-" * 100,
    "- " * 100, " ", "\t\n", "\u00a0",
]  # fmt: skip


@pytest.mark.parametrize("who", ["ann", "mara", "rita"])
def test_nothing_that_can_be_typed_is_an_error(desk, who):
    full_ticket()
    viewer, now = person(who), at(60)
    for text in ODD:
        tickets.reported_by(viewer, text)
        for filters in (Filters(q=(text,)), Filters(q=(text,), status=ANY), Filters(q=(text,), priority=("low",))):
            for sort in ("due", "-created", "owner", queue.RELEVANCE):
                queue.load_page(viewer, filters, sort, 1, now)
            load_board(viewer, filters, now, open_counts(viewer, now))
            facets.tallies(viewer, filters, now)
            list(export(viewer, filters, now))


@pytest.mark.parametrize(
    "text", ["alpha OR beta", "alpha NOT beta", "alpha NEAR beta", "NEAR(alpha beta)", "title:alpha", "alpha | beta",
             "alpha & !beta", "alpha*gamma", '"alpha" gamma']
)  # fmt: skip
def test_an_operator_is_a_word_or_a_gap(desk, text):
    """A ticket with the words of one side alone is not found, one with all that was typed is."""
    ticket("alpha")
    ticket("beta")
    ticket(f"it says {text} here")
    assert found(text) == [3]


def test_signs_alone_find_nothing(desk):
    ticket("Everything! is (here) 😀")
    assert [found(text) for text in ("!", "😀", "()", '"', "\0")] == [[]] * 5
    assert found("😀 everything 😀") == [1]


SIGNS = ["№", "™", "℃", "，", "۔", "｡", "\u0301", "\u093c", "\ue000", "⁂ №", "－№－", "№№"]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_that_no_index_holds_asks_for_nothing(desk, sign):
    ticket("A deposit № 77 ， at 30 ℃ of Trustera ™")
    ticket("A deposit 78")
    assert found(f"deposit {sign} 77") == found(f"{sign} 77") == found(f"77 {sign}") == [1]
    assert found(f"deposit-{sign}-77") == [1]
    assert found(f"deposit {sign}") == [2, 1]
    assert found(sign) == []


@pytest.mark.parametrize("text", ["№77", "77№", "deposit，77", "a deposit™"])
def test_a_sign_within_a_word_is_a_gap(desk, text):
    ticket(f"It says {text} here")
    assert found(text) == [1]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("🙂Wallet drifts", "wallet"), ("Payout🤔failed", "failed"), ("100₺über", "über"), ("₿Кошелёк", "кошелёк"),
        ("₽500 away", "500"), ("①Payout stuck", "payout"), ("代々木 支店", "代々木"),
        ("佐々木様の入金が遅い", "佐々木様の入金が遅い"),
    ],
)  # fmt: skip
def test_so_is_one_within_a_title_however_new_it_is(desk, title, text):
    made = ticket(title)
    db.session.commit()
    assert found(text) == [made.id]


def test_a_very_long_text_is_found_by_its_first_and_last_word(desk):
    made = ticket("Long", description="firstword " + "filler " * 2800 + "lastword")
    for number in range(30):
        made.say(f"comment{number} " + "ж" * 60 + " blah" * 3000, internal=False, by=person("ann"), at=at(number))
    made.say(" ".join(f"{number:x}" for number in range(4096, 8000)), internal=True, by=person("ann"), at=at(40))
    db.session.flush()
    for text in ("firstword", "lastword", "comment29", "ж" * 60, "1fff"):
        assert found(text) == ([1] if text != "1fff" else []), text
    assert found("1f3f") == [1]
    assert found("x" * 2500) == []


def test_text_with_a_nul_byte_in_the_search_finds_the_rest(desk):
    full_ticket()
    assert found("wallet\0drifts") == [1]


# Keys


@pytest.mark.parametrize("text", ["T-2", "t-2", "T2", "t2", "2", "#2", " t-2 "])
def test_a_key_finds_its_ticket_first(desk, text):
    ticket("2 cents are missing")
    ticket("Named")
    ticket("2 more, T2 and T-2")
    assert found(text)[0] == 2


def test_a_key_finds_a_closed_ticket_unless_other_statuses_are_asked_for(desk):
    made = ticket_in(Status.CLOSED)
    assert found(made.key) == [made.id]
    assert found(made.key, status=("new",)) == []
    assert found(made.key, status=("closed",)) == [made.id]
    assert found(made.key, priority=("critical",)) == []


def test_a_key_opens_nothing_that_is_not_ones_own_to_see(desk):
    ticket("Break-in", type=TicketType.SECURITY_ALERT, team_id=team("devops").id, by=person("sam"))
    assert [found("T-1", who) for who in ("ann", "bo", "mara")] == [[], [1], [1]]
    assert tickets.reported_by(person("rita"), "T-1") == ([], False)
    assert [row.id for row in tickets.reported_by(person("sam"), "T-1")[0]] == [1]


# The index follows


def test_what_is_changed_is_found_by_its_new_words_alone(desk):
    made = full_ticket()
    made.edit(version=made.version, by=person("ann"), at=at(5), title="Ledger drifts", details={"brand": "Southspin"})
    db.session.flush()
    assert found("ledger") == found("southspin") == [1]
    assert found("wallet") == found("northspin") == []


def test_a_comment_is_found_until_it_is_gone_or_changed(desk):
    full_ticket()
    noted = db.session.scalar(select(Comment).where(Comment.internal))
    db.session.execute(update(Comment).where(Comment.id == noted.id).values(body="A timing matter"))
    assert (found("timing"), found("rounding")) == ([1], [])
    db.session.execute(update(Comment).where(Comment.id == noted.id).values(internal=False))
    assert [row.id for row in tickets.reported_by(person("rita"), "timing")[0]] == [1]
    db.session.execute(delete(Comment).where(Comment.id == noted.id))
    assert found("timing") == []


def test_an_act_that_is_undone_leaves_nothing_to_find(desk):
    full_ticket()
    db.session.commit()
    ticket("Wallet two")
    db.session.get(Ticket, 1).say("wallet three", internal=False, by=person("ann"), at=at(3))
    db.session.flush()
    db.session.rollback()
    assert found("wallet") == [1]
    assert found("three") == []


def test_closing_and_reopening_move_a_ticket_between_the_lists(desk):
    made = ticket_in(Status.CLOSED, title="Wallet")
    assert (found("wallet"), found("wallet", status=("closed",))) == ([], [1])
    made.move_to(Status.DIAGNOSTICS, by=person("mara"), at=at(30), answers=Answers(why="It happens again, as before"))
    db.session.flush()
    assert (found("wallet"), found("wallet", status=("closed",))) == ([1], [])
