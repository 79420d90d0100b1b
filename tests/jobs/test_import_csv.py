"""Lists of tickets from other tools: what is missing is filled in, what is wrong is named, the rest goes on."""

import io
import json

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, person, ticket
from ticketing.extensions import db
from ticketing.jobs.board_refresh import recount
from ticketing.jobs.transfer.load import import_tickets
from ticketing.jobs.transfer.report import Report
from ticketing.jobs.transfer.trouble import Unreadable
from ticketing.models import Comment, Event, Ticket, User
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, Role, Status, TicketType

pytestmark = pytest.mark.usefixtures("app_context")


def load(text, file_format="csv"):
    notes = []
    data = text if isinstance(text, bytes) else text.encode()
    report = import_tickets(io.BytesIO(data), file_format, at=NOW, report=Report(tell=notes.append))
    return report, [(note.line, note.field, note.became) for note in notes if note.what == "refused"]


def only():
    return db.session.scalars(select(Ticket)).one()


def test_a_title_is_enough():
    report, refused = load("title\nDeposits  time out\n")
    made = only()
    assert (report.created, refused) == (1, [])
    assert (made.title, made.type, made.priority, made.status, made.team.key) == (
        "Deposits time out", TicketType.INCIDENT, Priority.NORMAL, Status.NEW, "technical_support")  # fmt: skip
    assert list(db.session.scalars(select(Event.kind).order_by(Event.id))) == [EventKind.CREATED, EventKind.IMPORTED]


def test_a_category_routes_and_names_are_taken_as_people_write_them():
    load("Title;Type;Category;Reporter;Nonsense\nRefund lost;Payment Issue;Payment Processing;rita@desk.example;7\n")
    made = only()
    assert (made.type, made.category.key, made.team.key, made.priority) == (
        TicketType.PAYMENT_ISSUE, "payment_processing", "integration", Priority.HIGH)  # fmt: skip
    assert (made.reporter.email, made.reporter.active) == ("rita@desk.example", False)


def test_an_unknown_owner_becomes_an_engineer_and_the_ticket_is_assigned():
    load("title,reporter,owner\nA,otto@desk.example,x@desk.example\nB,x@desk.example,otto@desk.example\n")
    assert {t.status for t in db.session.scalars(select(Ticket))} == {Status.ASSIGNED}
    assert set(db.session.scalars(select(User.role))) == {Role.SUPPORT_ENGINEER}


def test_a_closed_row_is_closed_when_it_says():
    load("title,status,closed_at,created_at\nOld,closed,2025-03-01 10:00,2025-02-01T10:00:00+02:00\n")
    made = only()
    assert (made.closed_at.isoformat(), made.created_at.hour) == ("2025-03-01T10:00:00+00:00", 8)
    assert (made.resolution_code, recount()) == (ResolutionCode.FIXED, [])


def test_a_row_with_an_external_id_is_imported_once():
    rows = "title,external_id\nDeposits time out,HD-7\n"
    load(rows)
    assert load(rows)[0].unchanged == 1
    report, refused = load(rows.replace("time out", "work"))
    assert (report.created, refused) == (0, [(2, "title", "differs_from_the_present_ticket")])
    assert only().title == "Deposits time out"


BAD = """title,key,type,priority,category,status,reporter,created_at,closed_at,details,hold_reason
,,,,,,,,,,
Good one,,,,,,,,,,
Type,,quarrel,,,,,,,,
Priority,,,urgent,,,,,,,
Category,,,,kitchen,,,,,,
Key,ticket 7,,,,,,,,,
Reporter,,,,,,somebody,,,,
Created,,,,,,,0999-01-01,,,
Closed,,,,,new,,,2026-01-01,,
Before,,,,,closed,,2026-01-02,2026-01-01,,
Details,,payment_issue,,,,,,,"{""amount"":""lots""}",
NoJson,,,,,,,,,{,
Held,,,,,closed,,,,,vendor
Short,,,,,
"broken"quote,,,,,,,,,,
Another good one,,,,,,,,,,
"""


def test_bad_rows_are_named_by_line_and_the_good_ones_land():
    report, refused = load(BAD.encode() + b"Bytes \xff,,,,,,,,,,\n" + f"{'x' * 201},,,,,,,,,,\n".encode())
    assert refused == [
        (4, "type", "unknown_value"), (5, "priority", "unknown_value"), (6, "category", "unknown_value"),
        (7, "key", "not_a_key"), (8, "reporter", "not_an_email"), (9, "created_at", "not_an_instant"),
        (10, "closed_at", "not_closed"), (11, "closed_at", "before_created_at"),
        (12, "details.amount", "not_an_amount"),
        (13, "details", "not_json"), (14, "hold_reason", "closed"), (15, "row", "wrong_number_of_cells"),
        (16, "row", "broken_quotes"), (18, "title", "unwritable_characters"), (19, "title", "too_long"),
    ]  # fmt: skip
    assert (report.created, report.refused) == (2, 15)
    assert sorted(db.session.scalars(select(Ticket.title))) == ["Another good one", "Good one"]


def test_a_row_that_fails_late_leaves_nothing_behind():
    event = {
        "kind": "created",
        "actor": None,
        "at": "2026-01-01T00:00:00Z",
        "payload": {"type": "incident", "priority": "low", "team": "devops"},
    }
    late = {
        "kind": "commented",
        "actor": None,
        "at": "2026-01-01T00:00:00Z",
        "payload": {"comment": 9, "internal": False},
    }
    said = {"author": "new@desk.example", "at": "2026-01-01T00:00:00Z", "internal": False, "body": "Hello"}
    bad = {
        "title": "Half",
        "reporter": "half@desk.example",
        "owner": "new@desk.example",
        "comments": [said],
        "events": [event, late],
    }
    good = {"title": "Whole", "reporter": "half@desk.example", "comments": [said], "events": [event]}
    report, refused = load(json.dumps([bad, good]), "json")
    assert (report.created, refused) == (1, [(1, "events", "no_such_comment")])
    assert only().title == "Whole"
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 1
    assert set(db.session.scalars(select(User.role))) == {Role.REPORTER}


def test_a_given_key_is_kept_and_the_next_ticket_comes_after_it(app):
    load("key,title\nT-40,Kept\n,Next\n")
    assert sorted(db.session.scalars(select(Ticket.id))) == [40, 41]
    assert ticket("By hand").id == 42


def test_a_key_that_is_taken_by_another_ticket_is_refused():
    made = ticket("Here first", by=person("rita"))
    db.session.commit()
    assert load(f"key,title\n{made.key},Here second\n")[1] == [(2, "title", "differs_from_the_present_ticket")]
    assert only().title == "Here first"


def test_a_hold_comes_along():
    load("title,status,owner,hold_reason,hold_text\nHeld,diagnostics,o@desk.example,vendor,Waiting for a part\n")
    assert (only().hold_reason, only().hold_text, only().lane) == (HoldReason.VENDOR, "Waiting for a part", 3)


@pytest.mark.parametrize(("text", "file_format", "code"), [
    ("", "csv", "empty"), ("name\nx\n", "csv", "no_title_column"), ("title,title\nx,y\n", "csv", "column_twice"),
    ("{}", "json", "not_a_json_array"), ("[{]", "json", "broken_json"), ('[{"title": "x"} 7]', "json", "broken_json"),
])  # fmt: skip
def test_a_file_that_is_none_is_refused_whole(text, file_format, code):
    with pytest.raises(Unreadable, match=code):
        load(text, file_format)


def test_json_objects_are_counted_by_the_line_they_start_on():
    report, refused = load('[{"title": "One"},\n\n 7, {"title": 3},\n{"title": "Four"}]', "json")
    assert (report.created, refused) == (2, [(3, "row", "not_an_object"), (3, "title", "not_a_text")])
