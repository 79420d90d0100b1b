"""The closed lists of the desk, and what a detail field takes, refuses and tidies."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ticketing.rules.taxonomy import (
    DETAIL_FIELDS,
    DETAILS_OF_TYPE,
    HOLDABLE,
    OPEN_STATUSES,
    PRIORITIES,
    STATUSES,
    Priority,
    Role,
    Status,
    TicketType,
    clean_details,
)
from ticketing.rules.texts import visible

T = TicketType
PAYMENT, ALERT = T.PAYMENT_ISSUE, T.SECURITY_ALERT

# Text as people and machines send it, with the letters on which the formats turn.
TEXTS = some.text(max_size=400) | some.text("0123456789.,-+e/:%abcdefEUR ٣²\u00a0", max_size=24)
DETAILS = some.dictionaries(some.sampled_from([*DETAIL_FIELDS, "colour", ""]), some.none() | some.integers() | TEXTS)


def test_statuses_stand_in_the_order_of_the_board():
    assert STATUSES == ["new", "classified", "assigned", "diagnostics", "correction", "solution_check", "closed"]
    assert STATUSES[:-1] == OPEN_STATUSES
    assert {Status.ASSIGNED, Status.DIAGNOSTICS, Status.CORRECTION} == HOLDABLE


def test_priorities_are_ranked_from_the_most_urgent():
    assert [(str(priority), priority.rank) for priority in PRIORITIES] == [
        ("critical", 1), ("high", 2), ("normal", 3), ("low", 4),
    ]  # fmt: skip
    assert sorted(Priority, key=lambda one: one.rank) == PRIORITIES


def test_all_but_the_reporter_are_staff_and_two_manage():
    assert [role for role in Role if not role.is_staff] == [Role.REPORTER]
    assert {role for role in Role if role.is_manager} == {Role.SUPPORT_MANAGER, Role.ADMINISTRATOR}


def test_every_type_has_fields_and_every_field_a_type():
    assert set(DETAILS_OF_TYPE) == set(T)
    used = [name for names in DETAILS_OF_TYPE.values() for name in names]
    assert set(used) == set(DETAIL_FIELDS)
    for kind, names in DETAILS_OF_TYPE.items():
        assert names and len(set(names)) == len(names), kind


def test_whoever_is_asked_for_an_amount_is_asked_for_its_currency():
    for kind, names in DETAILS_OF_TYPE.items():
        assert ("amount" in names) == ("currency" in names), kind


def test_what_is_filled_in_is_kept_without_the_blanks_round_it():
    raw = {"affected_service": "  Lobby ", "brand": "", "provider": None, "player_id": "   ", "error_code": 503}
    assert clean_details(T.INCIDENT, raw) == ({"affected_service": "Lobby", "error_code": "503"}, {})


def test_a_field_of_another_type_or_of_none_is_refused_unless_it_is_empty():
    raw = {"amount": "5", "colour": "red", "game_id": " ", "brand": "Nova"}
    assert clean_details(T.INCIDENT, raw) == ({"brand": "Nova"}, {"amount": "unknown_field", "colour": "unknown_field"})


@pytest.mark.parametrize("name", [name for name, field in DETAIL_FIELDS.items() if field.kind == "text"])
def test_a_text_may_be_as_long_as_its_field_and_not_a_letter_longer(name):
    kind = next(kind for kind in T if name in DETAILS_OF_TYPE[kind])
    longest = "ж" * DETAIL_FIELDS[name].max_length
    assert clean_details(kind, {name: f" {longest} "}) == ({name: longest}, {})
    assert clean_details(kind, {name: longest + "x"}) == ({}, {name: "too_long"})


def test_an_environment_is_one_of_three():
    for text in ("production", "staging", "test"):
        assert clean_details(T.INCIDENT, {"environment": text}) == ({"environment": text}, {})
    for text in ("Production", "live", "production,test", "x" * 1000):
        assert clean_details(T.INCIDENT, {"environment": text}) == ({}, {"environment": "unknown_value"})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0", "0"),
        ("1200.50", "1200.50"),
        ("1200,50", "1200.50"),
        ("1 200,50", "1200.50"),
        ("12 345 678,9", "12345678.9"),
        ("007", "7"),
        ("0.00000001", "0.00000001"),
        ("999999999999", "999999999999"),
        ("1 200", "1200"),
        ("1 200.5", "1200.5"),
        ("1\u00a0200,50", "1200.50"),
    ],
)
def test_an_amount_is_kept_as_a_plain_decimal(text, kept):
    clean, errors = clean_details(PAYMENT, {"amount": text, "currency": "EUR"})
    assert (clean.get("amount"), errors) == (kept, {})


@pytest.mark.parametrize(
    "text",
    ["12.", ".5", ",5", "12,", "-3", "+3", "1e5", "1,2,3", "1.2.3", "1,200",
     "1.200,50", "NaN", "Infinity", "0x1F", "²", "٣",
     "１２", "€5", "1_000", "five", "0.000000001", "1234567890123"],
)  # fmt: skip
def test_anything_else_is_not_an_amount(text):
    clean, errors = clean_details(PAYMENT, {"amount": text, "currency": "EUR"})
    assert (clean, errors) == ({"currency": "EUR"}, {"amount": "not_an_amount"})


def test_an_amount_that_is_far_too_long_is_said_to_be_too_long():
    assert clean_details(PAYMENT, {"amount": "9" * 21})[1] == {"amount": "too_long"}


def test_an_amount_needs_a_currency_but_a_currency_no_amount():
    assert clean_details(PAYMENT, {"amount": "5"}) == ({"amount": "5"}, {"currency": "required"})
    assert clean_details(PAYMENT, {"amount": "5", "currency": " "})[1] == {"currency": "required"}
    assert clean_details(PAYMENT, {"currency": "EUR"}) == ({"currency": "EUR"}, {})


def test_a_wrong_amount_or_currency_is_one_mistake_and_not_two():
    assert clean_details(PAYMENT, {"amount": "five"})[1] == {"amount": "not_an_amount"}
    assert clean_details(PAYMENT, {"amount": "5", "currency": "€"})[1] == {"currency": "not_a_currency"}


@pytest.mark.parametrize(("text", "kept"), [("eur", "EUR"), (" Btc ", "BTC"), ("USDT", "USDT"), ("DOGEX", "DOGEX")])
def test_a_currency_is_three_to_five_letters_in_capitals(text, kept):
    assert clean_details(PAYMENT, {"currency": text}) == ({"currency": kept}, {})


@pytest.mark.parametrize(
    ("text", "code"),
    [("EU", "not_a_currency"), ("$", "not_a_currency"), ("EU1", "not_a_currency"), ("ЕВРО", "not_a_currency"),
     ("E R", "not_a_currency"), ("EUROES", "too_long")],
)  # fmt: skip
def test_anything_else_is_not_a_currency(text, code):
    assert clean_details(PAYMENT, {"currency": text}) == ({}, {"currency": code})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("203.0.113.7/255.255.0.0", "203.0.0.0/16"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("2001:db8::1/32", "2001:db8::/32"),
        ("::", "::"),
    ],
)
def test_an_address_is_kept_in_its_shortest_form_and_a_network_without_a_host(text, kept):
    assert clean_details(ALERT, {"source_address": text}) == ({"source_address": kept}, {})


@pytest.mark.parametrize(
    ("text", "code"),
    [("203.0.113", "not_an_address"), ("203.0.113.256", "not_an_address"), ("203.0.113.007", "not_an_address"),
     ("203.0.113.7/33", "not_an_address"), ("203.0.113.7:80", "not_an_address"), ("1/2/3", "not_an_address"),
     ("203.0.113.٣", "not_an_address"), ("3405803783", "not_an_address"), ("localhost", "not_an_address"),
     ("2001:db8:::1", "not_an_address"), ("1" * 61, "too_long")],
)  # fmt: skip
def test_anything_else_is_not_an_address(text, code):
    assert clean_details(ALERT, {"source_address": text}) == ({}, {"source_address": code})


@given(some.sampled_from(T), DETAILS)
def test_any_details_are_either_clean_or_named_as_wrong(kind, raw):
    clean, errors = clean_details(kind, raw)
    filled = {name for name, value in raw.items() if value is not None and visible(str(value)).strip()}
    needed = {"currency"} if errors.get("currency") == "required" else set()
    assert set(clean) | set(errors) - needed == filled
    assert set(clean) <= set(DETAILS_OF_TYPE[kind]) and not set(clean) & set(errors)


@given(some.sampled_from(T), DETAILS)
def test_cleaning_what_is_clean_changes_nothing(kind, raw):
    clean, errors = clean_details(kind, raw)
    again, still_wrong = clean_details(kind, clean)
    assert again == clean
    assert set(still_wrong) <= set(errors)


@given(some.text("0123456789.,-+eE ٣۹", min_size=1, max_size=20))
def test_a_kept_amount_is_made_of_plain_digits_and_stays_as_it_is(text):
    clean, _ = clean_details(PAYMENT, {"amount": text, "currency": "EUR"})
    if "amount" in clean:
        assert clean["amount"].isascii() and set(clean["amount"]) <= set("0123456789.")
        assert clean_details(PAYMENT, clean) == (clean, {})


@given(some.ip_addresses().map(str) | some.from_regex(r"\A[0-9a-f:.%/]{1,40}\Z"))
def test_a_kept_address_stays_as_it_is(text):
    clean, _ = clean_details(ALERT, {"source_address": text})
    assert clean_details(ALERT, clean) == (clean, {})


@given(some.ip_addresses())
def test_every_address_there_is_is_taken(address):
    assert clean_details(ALERT, {"source_address": address}) == ({"source_address": str(address)}, {})
