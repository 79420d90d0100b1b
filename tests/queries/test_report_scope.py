"""What a report is asked for: periods of the desk's days and filters, each refused by its name when it is wrong."""

from dataclasses import fields
from datetime import date
from urllib.parse import parse_qs, parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import person
from tests.support.sql import statements
from ticketing.queries.report_scope import DAYS_MAX, PRESETS, Scope
from ticketing.rules.refusals import Invalid

TODAY = date(2026, 5, 4)


@pytest.fixture
def context(app):
    with app.app_context():
        person("ann")
        yield


def errors(**args) -> dict:
    with pytest.raises(Invalid) as refused:
        Scope.read(args, TODAY)
    return refused.value.errors


def test_without_anything_it_is_the_last_four_weeks_of_all_tickets(context):
    scope = Scope.read({}, TODAY)
    assert scope == Scope(date(2026, 4, 7), TODAY, preset="4w")
    assert (scope.days, scope.filtered, scope.filters) == (28, False, {})


@pytest.mark.parametrize(("preset", "days"), [("4w", 28), ("12w", 84), ("1y", 364)])
def test_presets_are_whole_weeks_that_end_today(context, preset, days):
    scope = Scope.read({"preset": preset}, TODAY)
    assert (scope.days, scope.last, scope.preset) == (days, TODAY, preset)
    assert days % 7 == 0
    assert PRESETS[preset] == days


def test_days_that_are_given_count_more_than_a_preset(context):
    scope = Scope.read({"first": "2026-01-01", "last": "2026-01-31", "preset": "1y"}, TODAY)
    assert scope == Scope(date(2026, 1, 1), date(2026, 1, 31))
    assert scope.days == 31


def test_one_day_is_a_period_and_so_are_four_hundred(context):
    assert Scope.read({"first": "2026-05-04", "last": "2026-05-04"}, TODAY).days == 1
    assert Scope.read({"first": "2025-01-01", "last": "2026-02-04"}, TODAY).days == DAYS_MAX == 400


def test_blanks_around_a_value_are_no_part_of_it(context):
    assert Scope.read({"team": " devops ", "first": "", "last": " "}, TODAY).team == "devops"


PERIODS = [
    ({"first": "2026-05-04"}, {"last": "required"}),
    ({"last": "2026-05-04"}, {"first": "required"}),
    ({"first": "tomorrow", "last": "2026-05-04"}, {"first": "not_a_day"}),
    ({"first": "2026-05-04", "last": "2026-02-30"}, {"last": "not_a_day"}),
    ({"first": "04.05.2026", "last": "5/4/2026"}, {"first": "not_a_day", "last": "not_a_day"}),
    ({"first": "1989-12-31", "last": "1990-01-02"}, {"first": "not_a_day"}),
    ({"first": "2201-01-01", "last": "2201-01-02"}, {"first": "not_a_day"}),
    ({"first": "9999-12-31", "last": "9999-12-31"}, {"first": "not_a_day"}),
    ({"first": "0001-01-01", "last": "0001-01-01"}, {"first": "not_a_day"}),
    ({"first": "2026-05-04", "last": "2026-05-03"}, {"last": "before_first"}),
    ({"first": "2025-01-01", "last": "2026-02-05"}, {"last": "period_too_long"}),
    ({"first": "2026-05-04T09:00", "last": "2026-05-04"}, {"first": "not_a_day"}),
    ({"first": "２０２６-05-04", "last": "2026-05-04"}, {"first": "not_a_day"}),
    ({"preset": "3w"}, {"preset": "unknown_value"}),
    ({"preset": "4W"}, {"preset": "unknown_value"}),
]


@pytest.mark.parametrize(("given_", "expected"), PERIODS)
def test_a_period_that_is_none_says_which_end_is_wrong(context, given_, expected):
    assert errors(**given_) == expected


def test_the_first_and_the_last_day_that_a_report_knows_are_periods(context):
    assert Scope.read({"first": "1990-01-01", "last": "1990-01-01"}, TODAY).days == 1
    assert Scope.read({"first": "2200-12-31", "last": "2200-12-31"}, TODAY).days == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("team", "nobody"), ("team", "1"), ("team", "DevOps"), ("type", "bug"), ("type", "Incident"),
     ("category", "weather"), ("priority", "urgent"), ("priority", "1"), ("person", "zoe"), ("person", "Ann Haddad"),
     ("team", "x" * 5000), ("person", "' OR 1=1 --"), ("category", "%")],
)  # fmt: skip
def test_a_filter_by_what_is_not_there_is_refused_by_its_name(context, name, value):
    assert errors(**{name: value}) == {name: "unknown_value"}


def test_everything_wrong_is_told_at_once(context):
    wrong = dict.fromkeys(("team", "type", "category", "priority", "person", "preset"), "x")
    assert errors(**wrong) == dict.fromkeys(wrong, "unknown_value")
    wrong = dict.fromkeys(("team", "type", "category", "priority", "person"), "x") | {"first": "x"}
    assert errors(**wrong) == {
        **dict.fromkeys(("team", "type", "category", "priority", "person"), "unknown_value"),
        "first": "not_a_day", "last": "required",
    }  # fmt: skip


def test_filters_are_kept_as_they_were_asked_for(context):
    asked = {"team": "devops", "type": "payment_issue", "category": "user_system", "priority": "high", "person": "ann"}
    scope = Scope.read(asked, TODAY)
    assert (scope.filters, scope.filtered) == (asked, True)
    assert Scope.read({"person": "none"}, TODAY).filters == {"person": "none"}


def test_what_names_nothing_asks_the_database_nothing(app, context):
    asked = {"type": "incident", "priority": "low", "person": "none", "preset": "1y"}
    with statements(app) as sent:
        Scope.read(asked, TODAY)
    assert sent == []
    with statements(app) as sent:
        Scope.read({"team": "devops", "category": "user_system", "person": "ann"}, TODAY)
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [("2026-05-04", "2026-05-04", ("2026-05-03", "2026-05-03")),
     ("2026-03-01", "2026-03-31", ("2026-01-29", "2026-02-28")),
     ("2024-02-26", "2024-03-03", ("2024-02-19", "2024-02-25")),
     ("2026-03-29", "2026-04-04", ("2026-03-22", "2026-03-28"))],
)  # fmt: skip
def test_the_period_before_is_as_long_and_ends_on_the_day_before(context, first, last, before):
    scope = Scope.read({"first": first, "last": last, "team": "devops"}, TODAY)
    previous = scope.previous
    assert (previous.first.isoformat(), previous.last.isoformat()) == before
    assert (previous.days, previous.filters, previous.preset) == (scope.days, scope.filters, "")


def test_the_period_before_a_preset_is_asked_for_by_its_days():
    scope = Scope(date(2026, 4, 7), TODAY, preset="4w")
    assert scope.previous == Scope(date(2026, 3, 10), date(2026, 4, 6))
    assert scope.on(TODAY, TODAY) == Scope(TODAY, TODAY)


def read_again(query: str) -> Scope:
    return Scope.read(dict(parse_qsl(query)), TODAY)


@pytest.mark.parametrize(
    "asked",
    [{}, {"preset": "12w"}, {"preset": "1y", "person": "none"}, {"first": "2026-01-01", "last": "2026-02-01"},
     {"first": "2026-01-01", "last": "2026-02-01", "team": "devops", "type": "incident", "category": "user_system",
      "priority": "critical", "person": "ann"}],
)  # fmt: skip
def test_a_scope_comes_back_from_its_own_address(context, asked):
    scope = Scope.read(asked, TODAY)
    assert read_again(scope.query()) == scope
    assert read_again(scope.previous.query()) == scope.previous


def test_an_address_names_the_period_once_and_only_filters_that_are_set(context):
    scope = Scope.read({"preset": "12w", "team": "devops"}, TODAY)
    assert parse_qs(scope.query()) == {"preset": ["12w"], "team": ["devops"]}
    assert parse_qs(scope.query(team="", priority="low")) == {"preset": ["12w"], "priority": ["low"]}
    assert parse_qs(scope.on(TODAY, TODAY).query()) == {
        "first": ["2026-05-04"], "last": ["2026-05-04"], "team": ["devops"],
    }  # fmt: skip


def test_whatever_is_asked_is_read_or_refused_by_name(context):
    names = [one.name for one in fields(Scope)]
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.dates().map(str)

    @given(st.dictionaries(st.sampled_from(names), texts, max_size=4))
    def holds(args):
        try:
            scope = Scope.read(args, TODAY)
        except Invalid as refused:
            assert refused.errors.keys() <= set(names)
        else:
            assert 1 <= scope.days <= DAYS_MAX
            assert scope.previous.days == scope.days

    holds()
