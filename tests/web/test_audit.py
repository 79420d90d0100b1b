"""The administrators' log: what is in it, how it is found, and as a file."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import NOW
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import AuditEntry
from ticketing.models.audit import AuditKind, record_audit

CATEGORY = {"name": "Bonus", "team": "devops", "priority": "normal", "active": "y"}


@pytest.fixture
def ada(people, client_for):
    return client_for(people.ada)


@pytest.fixture
def entries(app, people):
    """A hundred and twenty of them, an hour apart, the newest at NOW."""
    with app.app_context():
        for n in range(120):
            kind = AuditKind.SIGNED_IN if n % 2 else AuditKind.SIGN_IN_FAILED
            more = {"way": "password"} if n % 2 else {"reason": "password"}
            record_audit(kind, NOW - timedelta(hours=119 - n), actor_id=people.ann.id if n % 3 else None,
                         subject_id=people.bo.id if n % 5 == 0 else None, address="10.0.0.1", **more)  # fmt: skip
        db.session.commit()


def rows(page):
    return page.text.count('<th scope="row">')


def told(app):
    with app.app_context():
        found = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(one.kind, one.facts.get("setting") or one.facts.get("what") or one.facts.get("act")) for one in found]


def test_it_is_paged_and_costs_the_same(app, ada, entries):
    ada.get("/settings/audit")
    with statements(app) as first:
        page = ada.get("/settings/audit")
    assert rows(page) == 50
    older = page.text.rpartition("/settings/audit?before=")[2].partition('"')[0].replace("&amp;", "&")
    with statements(app) as second:
        assert rows(ada.get(f"/settings/audit?before={older}")) == 50
    assert len(first) == len(second) == 3, "\n".join(first)


@pytest.mark.parametrize(
    ("query", "count"),
    [("kind=signed_in&before=61", 30), ("person=ann", 50), ("person=bo@desk.example", 24), ("person=nobody", 0),
     (f"since={NOW:%Y-%m-%d}&until={NOW:%Y-%m-%d}", None), ("until=1999-01-01", 0)],
)  # fmt: skip
def test_it_is_looked_through(app, ada, entries, query, count):
    page = ada.get(f"/settings/audit?{query}")
    assert page.status_code == 200
    assert 0 < rows(page) <= 50 if count is None else rows(page) == count


@pytest.mark.parametrize("query", ["kind=x", "since=today", "until=2026-02-30", "until=9999-12-31", "since=0001-01-01"])
def test_what_cannot_be_asked_is_told(ada, query):
    assert ada.get(f"/settings/audit?{query}").status_code == 422
    assert ada.get(f"/settings/audit.csv?{query}").status_code == 422


def test_the_file_holds_all_and_no_formula(app, ada, people, entries):
    with app.app_context():
        record_audit(AuditKind.PERSON, NOW, actor_id=people.ann.id, act="=HYPERLINK(1)")
        db.session.commit()
    answer = ada.get("/settings/audit.csv")
    lines = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(lines) == 1 + 122  # with its own taking away
    assert lines[-2][1] == "person" and lines[-2][-1] == "act==HYPERLINK(1)"
    assert told(app)[-1] == (AuditKind.EXPORTED, "settings.audit_csv")


def test_a_list_that_is_taken_away_is_in_the_log(app, people, client_for):
    mara = client_for(people.mara)
    for path in (
        "/queue.csv?q=x",
        "/reports/weeks.csv",
        "/reports/tickets.csv?figure=closed",
        "/reports/providers.csv",
    ):
        assert mara.get(path).status_code in (200, 404), path
    taken = [what for kind, what in told(app) if kind is AuditKind.EXPORTED]
    assert taken == ["queue.export", "reports.export", "reports.export_tickets", "reports.export_providers"]


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("/settings/teams", {"name": "Night shift"}, "teams"),
        ("/settings/messages", {"address": "on@call.example"}, "messages"),
        ("/settings/categories/new", CATEGORY, "add_category"),
        ("/settings/board", {"new": "5"}, "board"),
    ],
)  # fmt: skip
def test_a_setting_that_is_changed_is_in_the_log(app, ada, path, data, said):
    assert ada.post(path, data=data).status_code == 303
    assert told(app) == [(AuditKind.SETTING, said)]


def test_what_was_refused_is_not(app, ada):
    assert ada.post("/settings/teams", data={"name": ""}).status_code == 422
    assert told(app) == []


def test_accounts_that_are_made_and_changed_are_in_the_log(app, ada, people):
    ada.post(
        "/settings/people/new", data={"name": "Nia", "email": "nia@desk.example", "role": "reporter", "active": "y"}
    )
    form = {"name": "Bo", "email": "bo@desk.example", "role": "support_engineer", "team": "devops", "active": "y"}
    ada.post(f"/settings/people/{people.bo.id}", data=form)
    ada.post(f"/settings/people/{people.bo.id}/password")
    ada.post(f"/settings/people/{people.bo.id}/sessions")
    assert told(app) == [
        ("person", "made"),
        ("person", "changed"),
        ("person", "password_reset"),
        ("sessions_ended", None),
    ]


@pytest.mark.parametrize("act", ["role", "active", "password", "sessions"])
def test_what_an_administrator_changes_ends_the_sessions(app, ada, people, client_for, act):
    bo = client_for(people.bo)
    form = {"name": "Bo", "email": "bo@desk.example", "role": "devops_engineer", "team": "devops", "active": "y"}
    assert ada.post(f"/settings/people/{people.bo.id}", data=form).status_code == 303
    assert bo.get("/board").status_code == 200  # a new name ends nothing
    match act:
        case "role":
            ada.post(f"/settings/people/{people.bo.id}", data=form | {"role": "reporter", "team": ""})
        case "active":
            ada.post(f"/settings/people/{people.bo.id}", data={k: v for k, v in form.items() if k != "active"})
        case _:
            ada.post(f"/settings/people/{people.bo.id}/{act}")
    assert bo.get("/board").location.startswith("/sign-in")


def test_what_was_done_stands_first_and_nothing_empty_is_told(app, people, ada):
    ada.post("/settings/sign-in", data={"reporter": "y"})
    page = ada.get("/settings/audit").text
    assert "sign in rules changed; roles: reporter; sessions: 0" in page and "before" not in page
