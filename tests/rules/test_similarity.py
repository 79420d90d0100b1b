"""What makes two texts alike: their terms, the weight of these, and equal facts."""

import pytest

from tests import factories as make
from ticketing.rules.gist import forms_of, stem, terms_of
from ticketing.rules.similarity import ENOUGH, Ground, compare, profile, standing_factor, weight
from ticketing.rules.taxonomy import ResolutionCode

SHARES = {"player": 0.6, "error": 0.3, "deposit": 0.25, "paynetix": 0.05, "provider=paynetix": 0.05}


def weigh(term):
    return weight(SHARES.get(term, 0.001))


def alike(one, other):
    return compare(one, other, weigh)


@pytest.mark.parametrize(
    "words",
    [
        "payout payouts withdrawal withdrawals cashout", "fail fails failed failing", "charge charges charged charging",
        "retry retries retried retrying", "stop stops stopped stopping", "cancel cancelled cancelling canceled",
        "login logins", "certificate certificates tls ssl", "2fa tfa mfa",
    ],
)  # fmt: skip
def test_forms_of_one_word_are_one_term(words):
    assert len({term for word in words.split() for term in terms_of(word)}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cash out", "payout"), ("logs in", "login"), ("timed out", "timeout"), ("Time-outs", "timeout"),
        ("two factor", "2fa"), ("HTTP bad gateway", "HTTP 502"), ("Zürich", "zurich"), ("E-2201", "e_2201"),
    ],
)  # fmt: skip
def test_several_ways_to_say_it_are_one_term(one, other):
    assert list(terms_of(one)) == list(terms_of(other))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("the player of 38 at 10:45 on 2026-11-25", ["player"]), ("Error 5003 at 12 tables", ["error", "5003", "tabl"]),
        ("player 8841207", ["player", "8841207"]), ("", []), ("?! -- \U0001f4a5", []), ("x" * 500, []),
        ("TR-118, v2.14.3", ["tr 118", "v2 14 3"]), ("wallet-api.internal", ["wallet", "api", "internal"]),
    ],
)  # fmt: skip
def test_counts_times_and_stop_words_are_no_terms(text, terms):
    assert list(terms_of(text)) == terms


@pytest.mark.parametrize("word", ["status", "access", "spring", "bus", "used", "é", "да", "a1"])
def test_what_only_looks_like_an_ending_stays(word):
    assert stem(word) == word


@pytest.mark.parametrize("word", ["payouts", "cancelled", "retrying", "charging", "timeout", "2fa", "withdrawals"])
def test_the_index_is_asked_for_the_word_as_it_was_written(word):
    (term,) = terms_of(word)
    assert word in forms_of(term)


def test_a_rare_word_weighs_more_and_a_common_one_nothing():
    assert weight(0.6) == weight(0.25) == 0 < weight(0.05) < weight(0.001) <= weight(0) == weight(1e-12)


def test_common_words_are_never_enough_however_many():
    found = alike(profile("Player deposit error"), profile("Error: deposit of a player", "deposit error player"))
    assert not found.enough and found.evidence < ENOUGH


def test_one_rare_word_in_both_titles_is_enough():
    assert alike(profile("Trustera error"), profile("Player: Trustera")).enough


def test_an_equal_error_code_counts_more_than_an_equal_provider():
    asked = profile("Trouble", details={"error_code": "E-2201", "provider": "PayNetix"})
    by_code = alike(asked, profile("Something", details={"error_code": "e-2201"}))
    by_provider = alike(asked, profile("Something", details={"provider": "PAYNETIX"}))
    assert by_code.score > by_provider.score and by_code.enough and not by_provider.enough
    assert by_code.why[0].ground == "error_code"


def test_a_fact_named_in_the_text_is_the_same_fact():
    found = alike(profile("PayNetix says E-2201"), profile("Cards", details={"error_code": "E-2201"}))
    assert found.enough and found.why[0] == ("error_code", "E-2201")


def test_another_provider_makes_it_less_alike():
    asked = profile("Callbacks arrive late", details={"provider": "PayNetix"})
    same = alike(asked, profile("Callbacks arrive late", details={"provider": "PayNetix"}))
    unknown = alike(asked, profile("Callbacks arrive late"))
    other = alike(asked, profile("Callbacks arrive late", details={"provider": "Zappo"}))
    assert same.score > unknown.score > other.score


def test_the_grounds_name_title_facts_category_and_words():
    asked = profile("Reels freeze in Frost Gate", details={"provider": "PayNetix"}, category=3)
    why = alike(asked, profile("Frost Gate: reels freeze", details={"provider": "PayNetix"}, category=3)).why
    assert [one.ground for one in why] == [Ground.SAME_TITLE, "provider", Ground.CATEGORY, Ground.WORDS]
    assert set(why[-1].value.split(", ")) == {"reels", "freeze", "frost", "gate"}


def test_a_payment_system_named_as_provider_too_is_one_fact():
    twice = {"provider": "PayNetix", "payment_system": "PayNetix"}
    why = alike(profile("A", details=twice), profile("B", details=twice)).why
    assert len(why) == 1


def test_it_is_the_same_from_either_side():
    one = profile("Trustera payouts pending", "German IBANs", {"error_code": "TR-118"}, category=1)
    other = profile("Withdrawals hang at Trustera", "TR-118 in the log", category=1)
    assert {w.ground for w in alike(one, other).why} == {w.ground for w in alike(other, one).why}


def test_solved_before_open_before_invalid_and_the_later_before_the_earlier():
    old, new, now = make.at(0), make.at(60 * 24 * 200), make.at(60 * 24 * 201)
    factors = [
        standing_factor(ResolutionCode.FIXED, new, new, now),
        standing_factor(None, None, new, now),
        standing_factor(ResolutionCode.NOT_REPRODUCIBLE, new, new, now),
        standing_factor(ResolutionCode.INVALID, new, new, now),
    ]
    assert factors == sorted(factors, reverse=True) and len(set(factors)) == 4
    assert standing_factor(ResolutionCode.FIXED, old, old, now) < factors[0]
