"""Settings: a ticket that is tried, every version, and open tickets that are to follow."""

import re

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from tests.support.sql import statements
from tests.support.terms import document
from tests.support.terms_forms import calendar_form, days_from_now, policy_form
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.forms.sla import CalendarForm, PolicyForm, calendar_values, policy_values
from ticketing.models import SlaClock, SlaTerms
from ticketing.rules.taxonomy import Status

# Pages leave this year out of their dates, and what is a day ahead is another one after midnight.
pytestmark = pytest.mark.usefixtures("that_morning")


def test_a_ticket_is_tried_on_the_saved_policies(mara):
    asked = {
        "try_priority": "normal", "try_type": "incident", "try_category": "", "try_created": "2026-04-30T16:30",
        "try_zone": "Europe/Berlin",
    }  # fmt: skip
    page = mara.get("/settings/policies", query_string=asked).text
    assert "Follows Everything else, on Office hours." in page
    row = re.search(r'<tr><th scope="row">React</th>(.*?)</tr>', page)[1]
    cells = re.findall(r"<td>(?:<b>)?([^<]+)", row)
    assert cells == ["4 h", "Mon 4 May, 10:30", "Mon 4 May, 11:30", "Mon 4 May, 14:30"]
    assert "React is due Mon 4 May, 11:30." in page
    assert "Times are those of Europe/Berlin." in page
    assert page.count('class="pin') == 3


def test_a_ticket_is_tried_on_the_form_as_it_stands(mara, terms):
    form = policy_form(terms()[1], "everything_else", normal_reaction="1 h", normal_calendar="always")
    asked = {
        "policy": "everything_else",
        "try_priority": "normal",
        "try_created": "2026-04-30T16:30",
        "try_zone": "UTC",
    }
    part = mara.post("/settings/policies/trial", data=form | asked, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "React by 17:30" in part
    assert "saved or not" in part
    new = policy_form(terms()[1], name="Mine", types=["payment_issue"], categories=[], high_reaction="12")
    part = mara.post("/settings/policies/trial", data=new | {"try_type": "payment_issue", "try_priority": "high"}).text
    assert "Follows Mine" in part
    assert terms()[0] == 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"try_created": "yesterday"}, "Write when the ticket is created"),
        ({"try_created": "0001-01-01T00:00"}, "Write when the ticket is created"),
        ({"try_created": "9999-12-31T23:59"}, "Write when the ticket is created"),
        ({"high_reaction": "0"}, "cannot be used as it is"),
        ({"high_reaction": "soon"}, "cannot be used as it is"),
        ({"critical_reaction": "", "critical_resolution": "", "try_priority": "critical"}, "no clock runs"),
        ({"try_zone": "Moon/Base", "try_type": "king", "try_priority": "king"}, "Follows"),
    ],
)
def test_what_cannot_be_tried_says_why(mara, terms, change, text):
    asked = {"policy": "security", "try_type": "security_alert", "try_created": "2026-05-04T09:00"}
    answer = mara.post("/settings/policies/trial", data=policy_form(terms()[1]) | asked | change)
    assert answer.status_code == 200
    assert text in answer.text


def test_every_version_says_what_it_changed(mara, terms):
    mara.post("/settings/policies/security", data=policy_form(terms()[1], name="Alarm", high_reaction="", note="Quiet"))
    days = [(days_from_now(500), "Party", "10-12")]
    mara.post("/settings/calendars/office", data=calendar_form(terms()[1], number=2, days=days, fri="9-12"))
    page = mara.get("/settings/versions").text
    for text in (
        "Version 3", "Office hours, Friday: 09:00–12:00 instead of 09:00–13:00, 14:00–18:00", "(Party, 10:00–12:00)",
        "Policy Security is now called Alarm", "Alarm, High: React has no target any more (was 30 min)", "Quiet",
        "Mara Lindqvist", "What the desk began with.",
    ):  # fmt: skip
        assert text in page, text


def test_an_old_version_is_read_as_it_was(mara, terms):
    mara.post("/settings/policies/security", data=policy_form(terms()[1], name="Alarm", high_reaction="33"))
    old, new = (mara.get(f"/settings/versions/{number}").text for number in (1, 2))
    assert "1. Security" in old
    assert "30 min" in old
    assert "Replaced" in old
    assert "1. Alarm" in new
    assert "33 min" in new
    assert "In force" in new
    assert "<form" not in old[old.index('class="settings__body"') : old.index("</main>")]


def test_many_versions_are_paged(app, mara):
    with app.app_context():
        body = db.session.get(SlaTerms, 1).body
        for number in range(2, 44):
            db.session.add(SlaTerms(id=number, body=body, note=f"Note {number}.", made_at=now()))
        db.session.commit()
    page = mara.get("/settings/versions").text
    assert ("Note 43." in page, "Note 24." in page, "Note 23." in page) == (True, True, False)
    second = mara.get("/settings/versions?before=24").text
    assert ("Note 23." in second, "Note 4." in second, "began with" in second) == (True, True, False)
    assert "began with" in mara.get("/settings/versions?before=4").text
    assert mara.get("/settings/versions?before=x").status_code == 200


def test_open_tickets_follow_after_a_look_at_what_changes(app, mara, terms, ticket):
    key = ticket(Status.NEW, moment=now())
    assert "Nothing would change" in mara.get("/settings/policies/recalculation").text
    mara.post(
        "/settings/policies/everything_else", data=policy_form(terms()[1], "everything_else", normal_reaction="3 h")
    )
    page = mara.get("/settings/policies/recalculation").text
    assert key in page
    assert "Recalculate one open ticket" in page
    with app.app_context():
        query = select(SlaClock.target_s).where(SlaClock.kind == "reaction")
        assert db.session.scalar(query) == 4 * 3600
    assert mara.post("/settings/policies/recalculation").status_code == 303
    assert "Clocks recalculated: 1" in mara.get("/settings/policies").text
    with app.app_context():
        assert db.session.scalar(query) == 3 * 3600


def test_only_managers_get_there(people, client_for):
    for path in ("policies", "calendars", "versions", "policies/new", "calendars/new", "policies/recalculation"):
        assert client_for(people.ann).get(f"/settings/{path}").status_code == 403
        assert client_for(people.rita).get(f"/settings/{path}").status_code == 403
        assert client_for(people.ada).get(f"/settings/{path}").status_code == 200


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        ("/settings/policies", 6), ("/settings/policies/everything_else", 6), ("/settings/policies/new", 5),
        ("/settings/policies/security/removal", 4), ("/settings/calendars", 3), ("/settings/calendars/office", 3),
        ("/settings/calendars/new", 3), ("/settings/calendars/office/removal", 3), ("/settings/versions", 4),
        ("/settings/versions/1", 6),
    ],
)  # fmt: skip
def test_each_page_costs_a_fixed_number_of_statements(app, mara, path, cost):
    with statements(app) as seen:
        assert mara.get(path).status_code == 200
    assert len(seen) == cost


def test_the_form_is_the_document(app):
    """What the page shows of a document is read back as the same."""
    with app.app_context():
        found = document()
    for number, policy in enumerate(found["policies"], 1):
        form = PolicyForm(MultiDict(policy_values(policy)))
        assert form.read(policy["key"], last=number == len(found["policies"])) == policy
        assert form.errors_at == {}
    values, rows = calendar_values(found["calendars"]["office"])
    body = dict(found["calendars"]["office"])
    del body["version"]
    assert CalendarForm(MultiDict(values), rows=rows).read() == body
