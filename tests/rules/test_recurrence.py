"""What makes two tickets the same trouble, word by word, and when a trouble flares."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ticketing.rules.recurrence import KEY_MAX, PARTY_MAX, is_flaring, party_key, signature_of
from ticketing.rules.symptoms import code_in, plain_code, words_of
from ticketing.rules.taxonomy import TITLE_MAX


@pytest.mark.parametrize(("written", "plain"), [
    ("HTTP 502", "502"), ("http502", "502"), (" 502 ", "502"), ("HTTP/1.1 502 Bad Gateway", "502"), ("0502", "502"),
    ("status: 502", "502"), ("HTTP-502", "502"), ("Error 502", "502"),
    ("E-2207", "E-2207"), ("e2207", "E-2207"), ("E 02207", "E-2207"), ("e_2207", "E-2207"), ("E‑2207", "E-2207"),
    ("DB-0040", "DB-40"), ("TLS-47", "TLS-47"), ("ERR_CONN_RESET", "ERR-CONN-RESET"),
    ("err conn reset", "ERR-CONN-RESET"),
    ("Error code: 17", "17"), ("0007", "7"), ("0x80070005", "0X80070005"), ("0x0080070005", "0X80070005"),
    ("E-10-7", "E-10-7"), ("E-107", "E-107"), ("５０２", "502"), ("5020", "5020"), ("e٢٢٠٧", "E-2207"),
    ("", None), ("-", None), ("n/a", None), ("none", None), ("Unknown", None), ("error", None), ("???", None),
    ("3f2b8c1d-1111-2222-3333-444455556666", None),
])  # fmt: skip
def test_an_error_code_has_one_spelling(written, plain):
    assert plain_code(written) == plain


@pytest.mark.parametrize(("title", "code"), [
    ("Slot API returns 502 on /launch", "502"), ("Webhook answers 401 since noon", "401"), ("HTTP 503 at login", "503"),
    ("Error E-1042 in lobby", "E-1042"), ("Deposit fails with error 1042", "1042"), ("ERR_CONNECTION_RESET in app",
    "ERR-CONNECTION-RESET"), ("Wallet: e-2207", "E-2207"), ("Login gives error code 0042", "42"),
    ("412 players cannot log in", None), ("Errors 412 players see", None), ("Returns 500 players to the lobby", None),
    ("T-142 again", None), ("Order 502 is lost", None), ("gw-pay-3 is down", None), ("Error 12.5 % of the time", None),
    ("Payout ORD-2231 is missing", None), ("Disk at 94 %", None),
])  # fmt: skip
def test_a_title_names_a_code_only_where_it_plainly_is_one(title, code):
    assert code_in(title) == code


SAME = [
    ("Deposits time out", "DEPOSITS TIME OUT"),
    ("Deposits time out", "deposit times out!"),
    ("Deposits time out after 30 s", "Deposits timeout after 45 s"),
    ("Time out of deposits", "Deposits time out"),
    ("Zahlung fällt aus", "zahlung fallt aus"),
    ("Łódź payouts stuck", "Lodz payouts stuck"),
    ("Payout of 25.00 EUR is stuck", "Payout of €1,200 is stuck"),
    ("Refund for T-142 missing", "refund for t-9 is missing"),
    ("Login fails for ann@desk.example", "Login fails for bo@other.example"),
    ("Wallet 3f2b8c1d-1111-2222-3333-444455556666 locked", "Wallet 9f2b8c1d-aaaa-2222-3333-444455556666 locked"),
    ("Batch 0xdeadbeef01 broken", "Batch deadbeef9912ab broken"),
    ("Export missing since 4 May 2026", "Export missing since 2026-06-11 10:31"),
    ("Game “Frost Gate” does not load", 'Game "Nine Ravens" doesn\'t load'),
    ("Replica lag on db-session-3", "Replica lag on edge-fra-12"),
    ("Players' wallets aren't shown", "Player's wallet isn't shown"),
    ("Launches fail", "Launch fail"), ("Caches stale", "Cache stale"), ("Queries slow", "Query slow"),
    ("Log in broken", "login broken"), ("Webhook retried 12 times", "Webhook retried 1203 times"),
    ("https://a.example/x?y=1 : lobby blank", "lobby blank"),
    ("Since today the lobby is blank again", "Lobby blank"),
    ("Release 8.12 breaks chat", "Release 9.1.3 breaks chat"),
]  # fmt: skip
OTHER = [
    ("Deposits time out", "Payouts time out"), ("Lobby loads", "Lobby does not load"), ("Status wrong", "Statue wrong"),
    ("2FA codes refused", "3DS codes refused"), ("Access denied", "Acces denied now by proxy"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_titles_of_the_same_trouble_are_one(one, other):
    assert signature_of(one, {}).key == signature_of(other, {}).key


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_titles_of_other_troubles_are_two(one, other):
    assert signature_of(one, {}).key != signature_of(other, {}).key


def test_what_other_fields_name_is_taken_out_of_the_title():
    first = {"provider": "Reelworks", "brand": "Lucky Fjord", "game_id": "moth-flame", "player_id": "P-8"}
    second = {"provider": "  reelWORKS ", "brand": "Tidalbet", "game_id": "frost-gate"}
    one = signature_of("Reelworks: free spins of Lucky Fjord in Moth & Flame are lost for P-8", first)
    assert one.key == signature_of("Free spins lost in Frost Gate (Tidalbet)", second).key
    assert [part.value for part in one.explain] == ["Reelworks", "free spins lost"]


def test_a_code_goes_before_the_title_and_says_where_it_is_from():
    field = signature_of("Launch fails", {"provider": "Réelworks", "error_code": "http 502"})
    title = signature_of("All is lost: HTTP 502", {"provider": "Reelworks"})
    assert field.key == title.key
    assert [(p.kind, p.value, p.source) for p in field.explain] == [
        ("provider", "Réelworks", "field"), ("error_code", "502", "field"),
    ]  # fmt: skip
    assert title.symptom.source == "title"


@pytest.mark.parametrize(("details", "kind"), [
    ({"affected_service": "a", "payment_system": "b", "provider": "c"}, "provider"),
    ({"affected_service": "a", "payment_system": "b", "provider": " "}, "payment_system"),
    ({"affected_service": "a"}, "affected_service"), ({}, None), (None, None),
])  # fmt: skip
def test_the_party_is_the_provider_else_the_payment_system_else_the_service(details, kind):
    party = signature_of("Lobby blank", details).party
    assert (party and party.kind) == kind


def test_the_same_name_as_provider_and_as_service_is_two_parties():
    assert signature_of("Blank", {"provider": "Nova"}).key != signature_of("Blank", {"affected_service": "Nova"}).key


@pytest.mark.parametrize("title", ["", "502", "T-142", "!!!", "the and of", "Help!", "2026-05-04", "🙂", "a@b.de"])
def test_what_says_nothing_has_no_signature(title):
    assert signature_of(title, {"provider": "Reelworks"}) is None


def test_a_title_all_in_quotes_quotes_nothing():
    assert words_of("“Lobby blank”") == words_of("Lobby blank")


@pytest.mark.parametrize(("name", "key"), [
    (" Reelworks ", "reelworks"), ("Zappo \t Wallet", "zappo wallet"), ("", None), ("  ", None), (None, None),
    ("ÉCLAIR", "éclair"), ("x" * 300, "x" * PARTY_MAX),
])  # fmt: skip
def test_scorecards_group_a_party_by_its_plain_name(name, key):
    assert party_key(name) == key


@pytest.mark.parametrize(("day", "before", "flares"), [
    (0, 0, False), (2, 0, False), (3, 0, True), (3, 28, True), (3, 29, False), (9, 84, True), (9, 85, False),
])  # fmt: skip
def test_a_flare_is_three_and_three_times_the_mean(day, before, flares):
    assert is_flaring(day, before) is flares


ANY_TEXT = st.text(max_size=TITLE_MAX)
WORDS = st.lists(st.text(string.ascii_lowercase, min_size=4, max_size=9), min_size=1, max_size=6)


@given(ANY_TEXT, st.dictionaries(st.sampled_from(["provider", "payment_system", "brand", "error_code"]), ANY_TEXT))
def test_whatever_people_type_has_a_short_stable_signature_or_none(title, details):
    one = signature_of(title, details)
    assert one == signature_of(title, dict(reversed(details.items())))
    if one is not None:
        assert len(one.key) <= KEY_MAX and one.key.isascii() and one.explain and all(part.value for part in one.explain)
    assert len(party_key(details.get("provider")) or "") <= PARTY_MAX


@given(WORDS, st.randoms(), st.integers(0, 10**12))
def test_order_case_blanks_and_numbers_change_nothing(words, random, number):
    one = signature_of(" ".join(words), {})
    shuffled = [word.upper() if random.random() < 0.5 else word for word in words]
    other = "  ".join([*shuffled, f"({number})", f"T-{number % 10**6}"])
    assume(not any(code_in(title) for title in (" ".join(words), other)))
    pairs = {(a, b) for a, b in zip(shuffled, shuffled[1:], strict=False)}
    assume(not any(a.lower().startswith(("time", "log", "sign")) for a, _ in pairs))
    found = signature_of(other, {})
    assert (one and one.key) == (found and found.key)


@given(st.from_regex(r"[A-Z]{1,4}", fullmatch=True), st.integers(1, 10**7), st.sampled_from(["", "-", " ", "_", ":"]),
       st.integers(0, 3))  # fmt: skip
def test_separators_and_zeros_in_a_code_change_nothing(letters, number, separator, zeros):
    assume(letters not in ("HTTP", "CODE", "NO", "NR", "X"))
    plain = plain_code(f"{letters}-{number}")
    assert plain_code(f"{letters.lower()}{separator}{'0' * zeros}{number}") == plain


@given(st.text(max_size=80))
def test_a_plain_code_is_its_own_plain_code(text):
    plain = plain_code(text)
    assert plain is None or plain_code(plain) == plain
