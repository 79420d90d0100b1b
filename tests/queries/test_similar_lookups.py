"""Where similar tickets are looked for: rare words alone, common ones together, and nothing that would walk far."""

import pytest

from tests import factories as make
from ticketing.extensions import db
from ticketing.queries import desk_vocabulary
from ticketing.queries.desk_vocabulary import Vocabulary, vocabulary
from ticketing.queries.similar_lookups import LOOKUPS, lookups
from ticketing.rules.similarity import profile
from ticketing.rules.taxonomy import TicketType

MILLION = 1_000_000


@pytest.fixture
def desk():
    """A large desk: every word of a trouble is in a share of its tickets, and the words of one stand together."""
    words = Vocabulary(top=MILLION)
    for place in range(1_000):
        said = ["player", "deposit"] if place % 2 else ["player"]
        if place % 20 == 0:
            said += ["paynetix", "secure", "step", "timeout"]
        if place % 100 == 0:
            said += ["quillbank"]
        words.add(" ".join(said), "", {})
    return words


def asked(words, title):
    return [set(one.terms) for one in lookups(profile(title), words)]


def test_a_word_of_very_many_tickets_is_never_looked_up_alone(desk):
    assert asked(desk, "player deposit") == [] == asked(desk, "player paynetix"[:6])
    assert all(len(one) > 1 for one in asked(desk, "paynetix secure step timeout"))


def test_a_seldom_word_is_looked_up_alone_and_joins_no_others(desk):
    found = asked(desk, "paynetix secure step frobnicated")
    assert {"frobnicat"} in found and sum("frobnicat" in one for one in found) == 1


def test_what_brings_the_same_is_asked_once(desk):
    assert len(asked(desk, "paynetix secure step timeout")) == 1


def test_what_finds_very_many_is_looked_for_among_the_newest_and_once(desk):
    broad = [one.broad for one in lookups(profile("paynetix secure step timeout quillbank player"), desk)]
    assert broad.count(True) == 1


def test_there_are_no_more_questions_than_places(desk):
    title = " ".join(f"word{chr(97 + place)}x" for place in range(26))
    assert len(asked(desk, title + " paynetix secure step quillbank")) <= LOOKUPS


def test_the_words_of_a_small_desk_follow_its_tickets(app, people):
    with app.app_context():
        make.ticket("Trustera payouts pending")
        make.ticket("API token of Oddstone", type=TicketType.SECURITY_ALERT)
        db.session.flush()
        first = vocabulary()
        assert (first.size, first.count("trustera"), first.count("oddston")) == (1, 1, 0)  # no restricted one
        make.ticket("Trustera again", details={"provider": "Trustera"})
        db.session.flush()
        second = vocabulary()
        assert (second.count("trustera"), second.count("provider=trustera")) == (2, 1)
        assert first.count("trustera") == 1 and vocabulary() is second


def test_a_large_desk_is_sampled_and_not_read_whole(app, people, monkeypatch):
    monkeypatch.setattr(desk_vocabulary, "SAMPLE", 10)
    with app.app_context():
        for place in range(40):
            make.ticket("Trustera payouts pending" if place % 2 else "Lobby is blurred")
        db.session.flush()
        words = vocabulary()
        assert words.size == 10 and words.top == 40
        assert 80 >= words.expected("trustera") + words.expected("lobbi") >= 40
        make.ticket("One more")
        db.session.flush()
        assert vocabulary() is words
        for _ in range(12):
            make.ticket("Many more")
        db.session.flush()
        assert vocabulary().top == 53
