"""Policies as a document: what is refused, and which policy a ticket follows."""

import pytest

from tests.support.terms_document import policy, refused, target, terms
from ticketing.rules.sla import ClockKind
from ticketing.rules.sla_terms import POLICIES_MAX, read_terms
from ticketing.rules.taxonomy import Priority, TicketType


def test_a_whole_document_is_right():
    assert refused(terms()) == {}
    assert refused(terms(policy())) == {}


@pytest.mark.parametrize("document", [None, [], "x", {}, {"policies": {}}, {"policies": None, "calendars": {}}])
def test_what_is_no_document_says_so(document):
    assert refused(document) == {"policies": "required"}


@pytest.mark.parametrize("calendars", [None, [], "x"])
def test_calendars_are_needed(calendars):
    assert refused({"policies": [policy()], "calendars": calendars}) == {"calendars": "required"}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "  "}, "name", "required"),
        ({"name": None}, "name", "required"),
        ({"name": "x" * 61}, "name", "too_long"),
        ({"key": "Über"}, "key", "not_a_key"),
        ({"key": None}, "key", "not_a_key"),
        ({"key": "x" * 41}, "key", "not_a_key"),
        ({"types": ["king"]}, "types", "unknown_value"),
        ({"types": [["security_alert"]]}, "types", "unknown_value"),
        ({"types": "security_alert"}, "types", "unknown_value"),
        ({"types": None}, "types", "unknown_value"),
        ({"categories": ["king"]}, "categories", "unknown_value"),
        ({"categories": {}}, "categories", "unknown_value"),
        ({"types": [], "categories": []}, "types", "required"),
        ({"calendar": "moon"}, "calendar", "unknown_value"),
        ({"calendar": None}, "calendar", "unknown_value"),
        ({"calendar": []}, "calendar", "unknown_value"),
        ({"calendar": {}}, "calendar", "unknown_value"),
        ({"targets": None}, "targets", "required"),
        ({"targets": {}}, "targets", "required"),
        ({"targets": {"high": target()}}, "targets", "required"),
    ],
)
def test_what_is_wrong_with_a_policy(change, field, code):
    document = terms(policy("first", types=["incident"]) | change, policy())
    assert refused(document) == {f"policies.0.{field}": code}


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (target(reaction=0), "reaction_min", "zero_target"),
        (target(resolution=0), "resolution_min", "zero_target"),
        (target(reaction=-5), "reaction_min", "zero_target"),
        (target(reaction="15"), "reaction_min", "not_minutes"),
        (target(reaction=1.5), "reaction_min", "not_minutes"),
        (target(reaction=True), "reaction_min", "not_minutes"),
        (target(reaction=[15]), "reaction_min", "not_minutes"),
        (target(resolution=366 * 24 * 60 + 1), "resolution_min", "too_long"),
        (target(reaction=961), "reaction_min", "reaction_after_resolution"),
        (target(share=0), "at_risk_percent", "not_a_share"),
        (target(share=100), "at_risk_percent", "not_a_share"),
        (target(share="75"), "at_risk_percent", "not_a_share"),
        (target(share=True), "at_risk_percent", "not_a_share"),
        (target(share=None), "at_risk_percent", "not_a_share"),
        (target(calendar="moon"), "calendar", "unknown_value"),
        (target(calendar=[]), "calendar", "unknown_value"),
        ("soon", "reaction_min", "unreadable"),
    ],
)
def test_what_is_wrong_with_a_target(row, field, code):
    document = terms()
    document["policies"][0]["targets"]["high"] = row
    assert refused(document) == {f"policies.0.targets.high.{field}": code}


@pytest.mark.parametrize(
    "row",
    [
        target(reaction=None), target(resolution=None), target(None, None), target(960, 960), target(1, 1),
        target(share=1), target(share=99), target(calendar="always"),
        {"reaction_min": 5, "resolution_min": 10},
    ],
)  # fmt: skip
def test_what_a_target_may_be(row):
    document = terms()
    document["policies"][0]["targets"]["high"] = row
    assert refused(document) == {}


def test_the_last_policy_has_no_condition_and_the_others_one():
    assert refused(terms(policy(types=["incident"]))) == {"policies.0.types": "last_has_no_condition"}
    assert refused(terms(policy("first"), policy())) == {"policies.0.types": "required"}
    assert refused({**terms(), "policies": []}) == {"policies": "required"}
    assert refused({**terms(), "policies": ["x"]}) == {"policies.0.": "unreadable"}


def test_two_policies_differ_in_condition_key_and_name():
    one = policy("one", types=["incident", "payment_issue"], categories=["user_system"])
    same = policy("two", types=["payment_issue", "incident"], categories=["user_system"])
    assert refused(terms(one, same, policy())) == {"policies.1.types": "same_condition"}
    other = policy("one", types=["incident"])
    assert refused(terms(one, other, policy())) == {"policies.1.key": "taken", "policies.1.name": "taken"}
    named = policy("three", name=" ONE", types=["incident"])
    assert refused(terms(one, named, policy())) == {"policies.1.name": "taken"}


def test_there_are_not_too_many_policies():
    many = [policy(f"p{n}", types=["incident"]) for n in range(POLICIES_MAX)]
    assert refused(terms(*many, policy())) == {"policies": "too_many"}


def following(type, category, priority=Priority.NORMAL):
    document = terms(
        policy("both", types=["security_alert"], categories=["security_events"]),
        policy("type", types=["payment_issue"]),
        policy("category", categories=["payment_processing"], targets={
            **{str(one): target() for one in Priority}, "high": target(None, 30, calendar="always"),
        }),
        policy(),
    )  # fmt: skip
    document["calendars"]["office"]["version"] = 7
    read = read_terms(document, 3)
    return read.policy_for(type, category).key, read.deals(type, category, priority)


@pytest.mark.parametrize(
    ("type", "category", "key"),
    [
        (TicketType.SECURITY_ALERT, None, "both"),
        (TicketType.SECURITY_ALERT, "user_system", "both"),
        (TicketType.INCIDENT, "security_events", "both"),
        (TicketType.PAYMENT_ISSUE, "security_events", "both"),  # the first from the top
        (TicketType.PAYMENT_ISSUE, "payment_processing", "type"),
        (TicketType.INCIDENT, "payment_processing", "category"),
        (TicketType.INCIDENT, None, "rest"),
        (TicketType.INCIDENT, "removed_long_ago", "rest"),
    ],
)
def test_the_first_policy_that_matches_wins(type, category, key):
    assert following(type, category)[0] == key


def test_a_deal_says_all_that_a_clock_runs_under():
    deal = following(TicketType.INCIDENT, None)[1][ClockKind.REACTION]
    assert (deal.target_s, deal.warn_pct, deal.calendar_id, deal.terms_id, deal.policy) == (14400, 75, 7, 3, "rest")
    deals = following(TicketType.INCIDENT, "payment_processing", Priority.HIGH)[1]
    assert deals[ClockKind.REACTION] is None
    assert (deals[ClockKind.RESOLUTION].target_s, deals[ClockKind.RESOLUTION].calendar_id) == (1800, 0)
