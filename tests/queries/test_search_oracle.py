"""The search against a plain one that reads every text, and its own ways against each other, on both databases."""

import unicodedata
from itertools import permutations
from random import Random

import pytest
from sqlalchemy import select

from tests.factories import at, person, ticket
from tests.support.searching import found
from ticketing.extensions import db
from ticketing.models import Ticket, User
from ticketing.queries import search, tickets
from ticketing.queries.board import found_on_board
from ticketing.queries.filters import Filters
from ticketing.queries.search_words import read_words
from ticketing.rules.taxonomy import TicketType


@pytest.fixture(autouse=True)
def soon_far(monkeypatch):
    """PostgreSQL walks through few tickets before it asks its index, as it does where there are many."""
    monkeypatch.setattr(search, "_NEAR", 3)


@pytest.fixture
def desk(app, people):
    """A context to make tickets in; what is found there needs no commit."""
    with app.app_context():
        yield app


WORDS = [
    "wallet",
    "Wallet",
    "wal",
    "walleting",
    "PNX",
    "00042",
    "042",
    "Łódź",
    "naïve",
    "naive",
    "OR",
    "not",
    "ж",
    "1e9b",
    "a",
    "t",
]
SIGNS = [" ", " ", " ", "-", "--", "/", ". ", '"', "*", ":", "(", ") ", "😀", "\u200b", "'", "\\", "\n", "&"]


def plain_words(text):
    """Letters and digits in lower case without accents, written for this test alone. Between two texts of one ticket
    PostgreSQL sees no gap: what follows from there to here may be found, and need not."""
    flat = "".join(one for one in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(one))
    return "".join(one if one.isalnum() else " " for one in unicodedata.normalize("NFC", flat)).split()


def plainly_in(texts, piece):
    """Does one of the texts have these words in a row, the last of them perhaps going on?"""
    for words in map(plain_words, texts):
        for start in range(len(words) - len(piece) + 1):
            here = words[start : start + len(piece)]
            if here[:-1] == piece[:-1] and here[-1].startswith(piece[-1]):
                return True
    return False


def phrase(rng, most):
    return "".join(rng.choice(WORDS) + rng.choice(SIGNS) for _ in range(rng.randint(1, most)))


@pytest.mark.parametrize("seed", range(6))
def test_it_finds_what_a_plain_search_finds(desk, seed):
    rng = Random(seed)
    texts = {}
    for _ in range(25):
        title, description, said, noted, brand = (phrase(rng, 4) for _ in range(5))
        made = ticket(
            title.strip() or "x", description=description, details={"brand": brand.strip()} if brand.strip() else {}
        )
        shown, facts = [made.title, made.description], [*made.details.values()]
        for body, internal in ((said, False), (noted, True)):
            if body.strip():
                made.say(body, internal=internal, by=person("ann"), at=at(1))
        texts[made.id] = (shown + [said], facts + [noted])
    for _ in range(60):
        text = phrase(rng, 3)
        pieces = [piece for piece in map(plain_words, text.split()) if piece]
        for who, notes in (("mara", True), ("rita", False)):
            expected, loosely = set(), set()
            for number, (shown, hidden) in texts.items():
                read = shown + hidden * notes
                expected |= {number} if pieces and all(plainly_in(read, piece) for piece in pieces) else set()
                whole = [" ".join(order) for order in permutations(read)]
                loosely |= {number} if pieces and all(plainly_in(whole, piece) for piece in pieces) else set()
            got = found(text, "mara") if notes else [row.id for row in tickets.reported_by(person("rita"), text)[0]]
            named = {read_words(text).number} & texts.keys()
            assert expected | named <= set(got) <= loosely | named, (text, who)


def test_the_cast_finds_the_same_however_it_is_asked(desk):
    """The queue, a condition on tickets, and the board agree for every member of the cast."""
    rng = Random(11)
    for number in range(20):
        made = ticket(phrase(rng, 3).strip() or "x", by=person(rng.choice(["rita", "sam"])), moment=at(number),
                      type=rng.choice([TicketType.INCIDENT, TicketType.SECURITY_ALERT]))  # fmt: skip
        made.say("wallet " + phrase(rng, 3), internal=rng.random() < 0.5, by=person("mara"), at=at(number))
    for viewer in db.session.scalars(select(User).where(User.role != "reporter")).all():
        for text in ("wallet", "a", "PNX-00042", "not wal"):
            with_condition = select(Ticket.id).where(search.holds(text, viewer), search.visible_to(viewer))
            board = found_on_board(viewer, Filters(q=(text,)), at(60)).numbers
            assert set(found(text, viewer.handle)) == set(db.session.scalars(with_condition)) == set(board)
