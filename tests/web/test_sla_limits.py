"""Settings of policies and calendars with odd input and many tickets: refused or said, never an error of ours."""

import re

import pytest
from sqlalchemy import func, select

from tests.support.terms_forms import calendar_form, error_at, policy_form
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import SlaClock, Ticket
from ticketing.rules.taxonomy import Status

PAGE = "/settings/policies/recalculation"


@pytest.mark.parametrize("dropped", ["²", "9" * 5_000, "-1", "1", ""])
def test_a_row_that_is_not_there_is_not_dropped(mara, terms, dropped):
    form = calendar_form(terms()[1], days=[("2030-05-01", "Party", "")]) | {"drop": dropped}
    answer = mara.post("/settings/calendars/office", data=form)
    assert answer.status_code == 200
    assert "Party" in answer.text


@pytest.mark.parametrize(
    "text",
    ['{"policies": [], "calendars": {"\\ud800": 1}}', '{"policies": [{"name": "\\ud800"}], "calendars": {}}',
     '{"policies": [{"name": "a\\u0000"}], "calendars": {"\\u001b[2J": {}}}'],
)  # fmt: skip
def test_a_document_of_odd_characters_is_refused_in_words(mara, text):
    answer = mara.post("/settings/what-if", data={"with": "document", "days": "28", "document": text})
    assert answer.status_code == 422
    assert "calendars" in answer.text


def test_a_target_that_is_never_reached_is_said_at_its_field(mara, terms):
    week = dict.fromkeys(("tue", "wed", "thu", "fri"), "") | {"mon": "09:00–09:01"}
    answer = mara.post("/settings/calendars/office", data=calendar_form(terms()[1]) | week)
    assert answer.status_code == 422
    assert "is not reached within five years" in answer.text
    form = policy_form(terms()[1], "everything_else", low_resolution="8784 h", low_calendar="office")
    answer = mara.post("/settings/policies/everything_else", data=form)
    assert answer.status_code == 422
    assert "is not reached within five years" in error_at(answer.text, "low_resolution")
    assert terms()[0] == 1


@pytest.fixture
def five(mara, terms, ticket, monkeypatch):
    """Five tickets that would follow, two in each request."""
    monkeypatch.setattr("ticketing.web.settings_sla_versions.AT_ONCE", 2)
    keys = [ticket(Status.NEW, moment=now()) for _ in range(5)]
    form = policy_form(terms()[1], "everything_else", normal_reaction="3 h")
    assert mara.post("/settings/policies/everything_else", data=form).status_code == 303
    return keys


def hidden(page: str) -> dict:
    return dict(re.findall(r'<input type="hidden" name="(after|done|clocks|failed)" value="([0-9]+)"', page))


def test_many_tickets_follow_in_portions_that_say_how_far_they_are(app, mara, five):
    page = mara.get(PAGE).text
    assert "Recalculate the first 2 open tickets" in page
    for done, button in (("2 of 5", "Go on with the next 2"), ("4 of 5", "Go on with the last one")):
        answer = mara.post(PAGE, data=hidden(page))
        assert answer.location.startswith(PAGE)
        page = mara.get(answer.location).text
        assert f"{done} tickets are done" in page
        assert button in page
    assert mara.post(PAGE, data=hidden(page)).location == "/settings/policies"
    assert "Clocks recalculated: 5" in mara.get("/settings/policies").text
    with app.app_context():
        count = select(func.count()).where(SlaClock.kind == "reaction", SlaClock.target_s == 3 * 3600)
        assert db.session.scalar(count) == 5


def test_tickets_that_fail_do_not_hold_up_the_others_and_are_told_at_the_end(mara, five, monkeypatch):
    follow = Ticket.follow_terms

    def broken(self, *args):
        if self.key in five[:2]:
            raise RuntimeError("poison")
        return follow(self, *args)

    monkeypatch.setattr(Ticket, "follow_terms", broken)
    page = mara.get(PAGE).text
    while (answer := mara.post(PAGE, data=hidden(page))).location != "/settings/policies":
        page = mara.get(answer.location).text
        assert "2 of them failed" in page
    said = mara.get("/settings/policies").text
    assert "Clocks recalculated: 3" in said
    assert "left as they were: 2 tickets" in said


@pytest.mark.parametrize("odd", ["²", "9" * 5_000, "-1", "x"])
def test_odd_portions_begin_anew(mara, five, odd):
    assert "Recalculate the first 2" in mara.get(PAGE, query_string={"after": odd, "done": odd}).text
