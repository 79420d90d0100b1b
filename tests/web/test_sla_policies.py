"""Settings: the policies, each in its form, refused at its fields, late, moved and removed."""

import re

import pytest
from sqlalchemy import select

from tests.support.terms_forms import calendar_form, error_at, policy_form
from ticketing.extensions import db
from ticketing.models import SlaClock, SlaTerms
from ticketing.rules.taxonomy import Status


def test_policies_stand_in_their_order_with_the_first_in_the_form(mara):
    page = mara.get("/settings/policies").text
    listed = re.findall(r"<b>([^<]+)</b><span>([^<]+)</span><span>([^<]+)</span>", page)
    assert listed == [
        ("Security", "Type is Security Alert, or category is Security Events", "Always"),
        ("Everything else", "All other tickets", "Office hours"),
    ]
    assert 'value="2 h"' in page
    assert "On no open ticket" in page


def test_a_policy_is_changed_and_the_next_version_says_who_and_why(app, people, mara, terms):
    _number, before = terms()
    form = policy_form(before, name="Alarm", high_reaction="1h30", high_resolution="500", low_reaction="",
                       high_warn="80", normal_calendar="office", note="As agreed")  # fmt: skip
    answer = mara.post("/settings/policies/security", data=form)
    assert (answer.status_code, answer.location) == (303, "/settings/policies/security")
    number, after = terms()
    policy = after["policies"][0]
    assert (number, policy["key"], policy["name"]) == (2, "security", "Alarm")
    assert policy["targets"]["high"] == {
        "reaction_min": 90, "resolution_min": 500, "at_risk_percent": 80, "calendar": None,
    }  # fmt: skip
    assert policy["targets"]["low"]["reaction_min"] is None
    assert policy["targets"]["normal"]["calendar"] == "office"
    assert after["policies"][1] == before["policies"][1]
    assert after["calendars"] == before["calendars"]
    with app.app_context():
        row = db.session.get(SlaTerms, 2)
        assert (row.note, row.made_by_id) == ("As agreed", people.mara.id)
    page = mara.get("/settings/policies/security").text
    assert "Policy Alarm saved" in page
    assert "It applies to new tickets and to changes of priority, type or category." in page
    assert "/settings/policies/recalculation" in page
    assert 'value="1 h 30 min"' in page
    assert 'value="8 h 20 min"' in page


def test_a_saved_policy_is_for_new_tickets(app, mara, terms, ticket):
    old = ticket(Status.NEW)
    form = policy_form(terms()[1], "everything_else", normal_reaction="3 h")
    mara.post("/settings/policies/everything_else", data=form)
    new = ticket(Status.NEW)
    with app.app_context():
        query = select(SlaClock.ticket_id, SlaClock.target_s).where(SlaClock.kind == "reaction")
        assert dict(db.session.execute(query).all()) == {int(old[2:]): 4 * 3600, int(new[2:]): 3 * 3600}


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"name": " "}, "name", "This is needed."),
        ({"name": "x" * 61}, "name", "too long"),
        ({"name": "EVERYTHING ELSE"}, "name", "called so already"),
        ({"calendar": "moon"}, "calendar", "not known"),
        ({"types": [], "categories": []}, "types", "at least one type or category"),
        ({"types": ["king"]}, "types", "not known"),
        ({"categories": ["king"]}, "categories", "not known"),
        ({"high_reaction": "soon"}, "high_reaction", "Write minutes or hours"),
        ({"high_reaction": "2 d"}, "high_reaction", "never days"),
        ({"high_reaction": "0"}, "high_reaction", "at least a minute"),
        ({"high_resolution": "0 h"}, "high_resolution", "at least a minute"),
        ({"high_resolution": "9999 h"}, "high_resolution", "Longer than a year"),
        ({"low_reaction": "73 h"}, "low_reaction", "may not take longer than the resolution"),
        ({"low_warn": "0"}, "low_warn", "from 1 to 99"),
        ({"low_warn": "100 %"}, "low_warn", "from 1 to 99"),
        ({"low_warn": "most"}, "low_warn", "from 1 to 99"),
        ({"low_calendar": "moon"}, "low_calendar", "not known"),
        ({"note": "x" * 201}, "note", "too long"),
    ],
)
def test_what_is_wrong_with_a_policy_is_said_at_its_field(mara, terms, change, field, text):
    form = policy_form(terms()[1], critical_reaction="11 min") | change
    answer = mara.post("/settings/policies/security", data=form)
    assert answer.status_code == 422
    assert text in error_at(answer.text, field)
    assert f'href="#{field}"' in answer.text
    assert 'value="11 min"' in answer.text  # what was typed stays
    assert terms()[0] == 1


def test_everything_wrong_is_said_at_once(mara, terms):
    form = policy_form(terms()[1], high_reaction="soon", low_reaction="73 h", name="")
    page = mara.post("/settings/policies/security", data=form).text
    assert all(error_at(page, field) for field in ("name", "high_reaction", "low_reaction"))
    assert "3 things are missing or wrong" in page


def test_a_policy_is_added_before_the_last(mara, terms):
    form = policy_form(terms()[1], name="New", types=["payment_issue"], categories=[], high_calendar="office")
    answer = mara.post("/settings/policies/new", data=form)
    assert answer.location == "/settings/policies/new_2"  # its page is not that of a new one
    assert [one["key"] for one in terms()[1]["policies"]] == ["security", "new_2", "everything_else"]


def test_two_policies_with_one_condition_are_refused_at_the_one_being_saved(mara, terms):
    form = policy_form(terms()[1], name="Twin")
    answer = mara.post("/settings/policies/new", data=form)
    assert answer.status_code == 422
    assert "same condition" in error_at(answer.text, "types")
    added = policy_form(terms()[1], name="Payments", types=["payment_issue"], categories=[])
    mara.post("/settings/policies/new", data=added)
    twin = policy_form(terms()[1], number=2, types=["payment_issue"], categories=[])
    answer = mara.post("/settings/policies/security", data=twin)  # the first, though the rule names the second
    assert "same condition" in error_at(answer.text, "types")


def test_policies_move_up_and_down_but_never_past_the_last(mara, terms):
    form = policy_form(terms()[1], name="Payments", types=["payment_issue"], categories=[])
    mara.post("/settings/policies/new", data=form)

    def move(key, to):
        answer = mara.post(f"/settings/policies/{key}/place", data={"terms": terms()[0], "to": to})
        assert answer.status_code == 303
        return [one["key"] for one in terms()[1]["policies"]]

    assert move("payments", "up") == ["payments", "security", "everything_else"]
    assert move("payments", "down") == ["security", "payments", "everything_else"]
    number = terms()[0]
    for key, to in (("payments", "down"), ("security", "up"), ("everything_else", "up"), ("everything_else", "down")):
        assert move(key, to) == ["security", "payments", "everything_else"]
    assert terms()[0] == number  # what moves nothing is no version


def test_a_policy_is_removed_after_a_question_and_the_last_one_never(mara, terms):
    page = mara.get("/settings/policies/security/removal").text
    assert "Remove Security?" in page
    assert mara.get("/settings/policies/everything_else/removal").status_code == 404
    assert mara.post("/settings/policies/everything_else/removal", data={"terms": 1}).status_code == 404
    assert mara.post("/settings/policies/security/removal", data={"terms": 1}).status_code == 303
    assert [one["key"] for one in terms()[1]["policies"]] == ["everything_else"]
    assert "Policy Security removed" in mara.get("/settings/policies").text


def test_the_last_policy_takes_no_condition(mara, terms):
    form = policy_form(terms()[1], "everything_else", types=["incident"], normal_warn="60")
    assert mara.post("/settings/policies/everything_else", data=form).status_code == 303
    last = terms()[1]["policies"][-1]
    assert (last["types"], last["targets"]["normal"]["at_risk_percent"]) == ([], 60)


def test_a_late_saving_is_told_what_the_other_changed_and_keeps_what_was_typed(people, client_for, mara, terms):
    before = terms()[1]
    client_for(people.ada).post(
        "/settings/policies/everything_else", data=policy_form(before, "everything_else", normal_reaction="3 h")
    )
    mine = policy_form(before, high_reaction="20")
    answer = mara.post("/settings/policies/security", data=mine)
    assert answer.status_code == 409
    assert "Ada Admin saved meanwhile" in answer.text
    assert "Everything else, Normal: React within 3 h instead of 4 h" in answer.text
    assert 'value="20"' in answer.text
    assert terms()[0] == 2
    assert 'name="terms" value="2"' in answer.text
    assert mara.post("/settings/policies/security", data=mine | {"terms": "2"}).status_code == 303
    after = terms()[1]["policies"]
    assert (after[0]["targets"]["high"]["reaction_min"], after[1]["targets"]["normal"]["reaction_min"]) == (20, 180)


def test_a_late_saving_of_what_was_removed_offers_it_as_a_new_one(mara, terms):
    before = terms()[1]
    mara.post("/settings/policies/security/removal", data={"terms": 1})
    answer = mara.post("/settings/policies/security", data=policy_form(before, high_reaction="20"))
    assert answer.status_code == 409
    assert "The policy itself was removed" in answer.text
    assert 'action="/settings/policies/new"' in answer.text
    again = mara.post("/settings/policies/new", data=policy_form(before, number=2, high_reaction="20"))
    assert again.status_code == 303


@pytest.mark.parametrize("number", ["", "0", "7", "one", "99999999999"])
def test_a_form_without_its_number_is_late(mara, terms, number):
    assert mara.post("/settings/policies/security", data=policy_form(terms()[1], terms=number)).status_code == 409
    for path in ("security/place", "security/removal"):
        assert mara.post(f"/settings/policies/{path}", data={"terms": number}).status_code == 409
    assert mara.post("/settings/calendars/office", data=calendar_form(terms()[1], terms=number)).status_code == 409
    assert terms()[0] == 1


@pytest.mark.parametrize(
    "path", ["policies/nothing", "policies/nothing/removal", "calendars/nothing", "calendars/always",
             "calendars/always/removal", "versions/9"]
)  # fmt: skip
def test_what_does_not_exist_or_is_built_in_is_404(mara, path):
    assert mara.get(f"/settings/{path}").status_code == 404


def test_a_policy_moves_up_or_down_and_nowhere_else(mara):
    assert mara.post("/settings/policies/security/place", data={"terms": "1", "to": "sideways"}).status_code == 422
