"""The what-if page: other targets played over what happened, and nothing written."""

import io
import json
import re

import pytest
from sqlalchemy import func, select

from tests.factories import at, category, person
from tests.factories import ticket as file_ticket
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import Event, JobRun, Outbox, SlaClock, SlaLevel, SlaTerms
from ticketing.models.answers import Answers
from ticketing.rules.taxonomy import Priority, ResolutionCode, RootCause, Status
from ticketing.web import settings_what_if

PAGE = "/settings/what-if"
NORMAL = "of-everything_else-normal-reaction"


@pytest.fixture
def mara(people, client_for):
    return client_for(people.mara)


@pytest.fixture
def history(app, people, monkeypatch):
    """A normal ticket that was reacted to after 60 of its 240 min and closed, another that waits; 90 min on."""
    monkeypatch.setattr("ticketing.web.template_helpers.now", lambda: at(90))
    with app.app_context():
        done = file_ticket("Deposits time out", category=category("user_system"), priority=Priority.NORMAL)
        done.take(by=person("ann"), at=at(60))
        for minute, status in ((61, Status.DIAGNOSTICS), (62, Status.SOLUTION_CHECK), (70, Status.CLOSED)):
            answers = Answers(solution="Restarted", resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)
            done.move_to(status, by=person("ann"), at=at(minute), answers=answers)
        file_ticket("Withdrawals wait", category=category("user_system"), priority=Priority.NORMAL, moment=at(40))
        db.session.commit()


def fields(page: str) -> dict:
    """The targets as the page shows them."""
    return dict(re.findall(r'name="(of-[^"]+)"[^>]* value="([^"]*)"', page))


def sent(mara, **changes) -> dict:
    return fields(mara.get(PAGE).text) | {"with": "targets", "days": "28"} | changes


def everything_written(app) -> list[int]:
    with app.app_context():
        return [db.session.scalar(select(func.count()).select_from(model))
                for model in (Event, JobRun, Outbox, SlaClock, SlaLevel, SlaTerms)]  # fmt: skip


def test_the_page_starts_from_the_present_targets(mara):
    shown = fields(mara.get(PAGE).text)
    assert len(shown) == 16
    assert (shown[NORMAL], shown["of-security-critical-reaction"]) == ("4 h", "10 min")


def test_unchanged_targets_change_nothing(mara, history):
    page = mara.post(PAGE, data=sent(mara)).text
    assert "2 tickets of the last 28 days" in page
    assert "±0" in page
    assert "Nothing more would have breached" in page


def test_a_tighter_target_shows_what_would_have_breached(app, mara, history):
    before = everything_written(app)
    answer = mara.post(PAGE, data=sent(mara, **{NORMAL: "30 min"}))
    assert answer.status_code == 200
    page = re.sub(r"\s+", " ", answer.text)
    assert '100%<span class="muted">1 of 1</span>' in page
    assert '0%<span class="muted">0 of 2</span>' in page
    assert "−100.0" in page
    assert "/tickets/T-1" in page
    assert "/tickets/T-2" in page
    assert "Deposits time out" in page
    assert "30m late" in page
    assert everything_written(app) == before


def test_what_was_typed_stays(mara, history):
    page = mara.post(PAGE, data=sent(mara, **{NORMAL: "30", "days": "90"})).text
    assert fields(page)[NORMAL] == "30"
    assert re.search(r'value="90" checked', page)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({NORMAL: "soon"}, NORMAL),
        ({NORMAL: "0"}, NORMAL),
        ({NORMAL: "20 h"}, NORMAL),
        ({NORMAL: "9999999"}, NORMAL),
        ({"days": "365"}, "days"),
        ({"days": ""}, "days"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(mara, history, change, field):
    answer = mara.post(PAGE, data=sent(mara, **change))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert (f'id="{field}-error"' in answer.text) or field == "days"
    assert 'id="answer"' not in answer.text


def test_a_whole_document_is_played(mara, history):
    document = json.loads(mara.get(f"{PAGE}/policies.json").text)
    assert "version" not in json.dumps(document)
    document["policies"][-1]["targets"]["normal"]["reaction_min"] = 30
    given = {"with": "document", "days": "7", "document": json.dumps(document)}
    assert "0 of 2" in mara.post(PAGE, data=given).text
    as_file = {"with": "document", "days": "7", "document": "",
               "file": (io.BytesIO(json.dumps(document).encode()), "p.json")}  # fmt: skip
    assert "0 of 2" in mara.post(PAGE, data=as_file, content_type="multipart/form-data").text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON; it breaks off in line 1"),
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "policies: This is needed"),
        ('{"policies": [1], "calendars": {}}', "policies.0"),
        ('{"policies": [], "calendars": 7}', "calendars: This is needed"),
        ('{"policies": [{"key": [], "calendar": {}}], "calendars": {"x": [], "y": {"time_zone": 3}}}', "policies.0"),
    ],
)
def test_what_is_wrong_with_a_document_is_said(mara, text, says):
    answer = mara.post(PAGE, data={"with": "document", "days": "7", "document": text})
    assert answer.status_code == 422
    assert says in answer.text
    assert 'id="document-error"' in answer.text


def test_a_file_that_is_no_text_is_refused_at_its_field(mara):
    given = {"with": "document", "days": "7", "file": (io.BytesIO(b"\xff\xfe\x00"), "p.json")}
    answer = mara.post(PAGE, data=given, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text


def test_a_misspelled_target_is_named(mara):
    document = json.loads(mara.get(f"{PAGE}/policies.json").text)
    row = document["policies"][0]["targets"]["high"]
    row["reaction"] = row.pop("reaction_min")
    answer = mara.post(PAGE, data={"with": "document", "days": "7", "document": json.dumps(document)})
    assert answer.status_code == 422
    assert "policies.0.targets.high.reaction (Security)" in answer.text


def test_a_long_history_is_cut_and_says_so(mara, history, monkeypatch):
    monkeypatch.setattr(settings_what_if, "MOST", 1)
    page = mara.post(PAGE, data=sent(mara)).text
    assert "Only the newest 1 of 2 tickets" in page
    monkeypatch.setattr(settings_what_if, "MOST", 5000)
    monkeypatch.setattr(settings_what_if, "KEPT", 1)
    page = mara.post(PAGE, data=sent(mara, **{NORMAL: "30"})).text
    assert "The newest 1 of 2." in page


def test_the_answer_costs_the_same_number_of_statements_for_more_tickets(app, mara, history):
    given = sent(mara, **{NORMAL: "30"})
    with statements(app) as few:
        mara.post(PAGE, data=given)
    with app.app_context():
        for minute in range(20):
            file_ticket(category=category("user_system"), moment=at(minute))
        db.session.commit()
    with statements(app) as many:
        mara.post(PAGE, data=given)
    assert len(few) == len(many)


def test_it_is_for_managers(client_for, people):
    assert client_for(people.ann).get(PAGE).status_code == 403
    assert client_for(people.ann).get(f"{PAGE}/policies.json").status_code == 403
    assert client_for(people.mara).get("/settings/board").text.count('href="/settings/what-if"') == 1
