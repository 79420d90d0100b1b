"""flask tickets: what goes out comes in again as it was."""

import csv
import io
import json
import os
import re
import stat

import pytest
from sqlalchemy import select

from tests.factories import at, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.jobs.board_refresh import recount
from ticketing.models import Comment, Link, Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.models.link import link
from ticketing.rules.taxonomy import HoldReason, LinkKind, ResolutionCode, Status, TicketType

ODD = [
    "=1+1",
    "+49 1",
    "-1",
    "@ann",
    "'quoted",
    "''",
    "'",
    "\tx",
    "\rx",
    "'=x",
    'a "b", c;\r\nd',
    "Zielińska …",
    "  blank ",
]


@pytest.fixture
def filled(app):
    """A desk with one of everything that can be told of a ticket."""
    with app.app_context():
        ann, bo, mara = person("ann"), person("bo"), person("mara")
        for number, text in enumerate(ODD):
            ticket(f"Odd {number}", description=text)
        first, second, third = (ticket(title) for title in ("Parent", "Child", "Cousin"))
        link(first, second, LinkKind.PARENT, by=mara, at=at(3))
        link(third, second, LinkKind.RECURRENCE_OF, by=mara, at=at(3))
        second.close_as(ResolutionCode.DUPLICATE, by=ann, at=at(4), duplicate_of=third)
        worked = ticket_in(Status.DIAGNOSTICS, type=TicketType.PAYMENT_ISSUE,
                           details={"amount": "10.00", "currency": "EUR", "payment_system": "PayNetix"})  # fmt: skip
        worked.say("Please look, @bo\n\n- `x`", internal=True, by=ann, at=at(9))
        worked.say("=SUM(A1)", internal=False, by=person("rita"), at=at(10))
        worked.assign(bo, by=mara, at=at(11))
        worked.hold(Hold(HoldReason.OTHER, "Waiting", at(9000)), by=bo, at=at(12))
        worked.edit(by=mara, at=at(13), title="Retitled", type=TicketType.SECURITY_ALERT)
        closed = ticket_in(Status.CLOSED)
        closed.move_to(Status.DIAGNOSTICS, by=person("rita"), at=at(20), answers=Answers(why="Again"))
        closed.pin(True, by=mara, at=at(21))
        ticket_in(Status.CLOSED)
        db.session.commit()


@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_the_round_trip_is_equal_to_the_byte(filled, flask, other_flask, other_app, tmp_path, file_format):
    out, back = tmp_path / "out", tmp_path / "back"
    flask("tickets", "export", "--format", file_format, "-o", out)
    assert "19 created" in other_flask("tickets", "import", out, "--format", file_format).output
    other_flask("tickets", "export", "--format", file_format, "-o", back)
    assert out.read_bytes() == back.read_bytes()
    assert (
        "0 created with 0 events, 19 unchanged" in other_flask("tickets", "import", out, "--format", file_format).output
    )
    with other_app.app_context():
        assert recount() == []
        child = db.session.scalars(select(Ticket).where(Ticket.title == "Child")).one()
        parent = db.session.get(Ticket, child.parent_id)
        assert (parent.child_count, child.repeat_count) == (1, 1)
        assert len(db.session.scalars(select(Link)).all()) == 3
        assert 'class="mention"' in db.session.scalars(select(Comment.html).order_by(Comment.id)).first()


@pytest.mark.sqlite_only
def test_a_demo_desk_survives_the_round_trip(flask, other_flask):
    flask("demo", "--tickets", 60, "--now", "2026-05-06T14:00:00Z")
    out = flask("tickets", "export").stdout_bytes
    other_flask("tickets", "import", "-", "--format", "csv", input=out)
    assert other_flask("tickets", "export").stdout_bytes == out


@pytest.mark.sqlite_only
def test_no_cell_looks_like_a_formula(filled, flask):
    text = flask("tickets", "export").stdout_bytes.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    pieces = [piece for row in rows for cell in row.values() for piece in re.split(r"[;\t\r\n]", cell)]
    assert not [piece for piece in pieces if piece.lstrip(" ").startswith(("=", "+", "-", "@"))]
    assert [row["description"] for row in rows[: len(ODD)]] == [f"'{t}" if t[0] in "=+-@'" else t for t in ODD]


@pytest.mark.sqlite_only
def test_json_tells_people_and_teams_by_name(filled, flask):
    found = {row["title"]: row for row in json.loads(flask("tickets", "export", "--format", "json").stdout)}
    events = found["Retitled"]["events"]
    assert {"from": "ann@desk.example", "to": "bo@desk.example"} in [event["payload"] for event in events]
    assert {"from": "technical_support", "to": "devops"} in [event["payload"] for event in events]
    assert found["Retitled"]["watchers"] == [{"person": "bo@desk.example", "since": "2026-05-04T09:09:00Z"}]
    assert found["Child"]["links"][0] | {"at": None} == {
        "kind": "duplicate_of", "ticket": found["Cousin"]["key"], "by": "ann@desk.example", "at": None}  # fmt: skip


@pytest.mark.sqlite_only
def test_an_export_can_be_narrowed(filled, flask):
    def keys(*args):
        return [row["status"] for row in json.loads(flask("tickets", "export", "--format", "json", *args).stdout)]

    assert keys("--status", "closed") == ["closed", "closed"]
    assert set(keys("--status", "closed", "--status", "diagnostics")) == {"closed", "diagnostics"}
    assert keys("--since", "2026-05-04T09:13:00Z") == ["diagnostics", "diagnostics"]
    assert "is not a day or an instant" in flask("tickets", "export", "--since", "soon", code=2).output


@pytest.mark.sqlite_only
def test_a_link_to_a_ticket_that_was_not_exported_is_left_out_and_told(filled, flask, other_flask, tmp_path):
    out, report = tmp_path / "out", tmp_path / "report.csv"
    flask("tickets", "export", "--status", "closed", "-o", out)
    said = other_flask("tickets", "import", out, "--format", "csv", "--report", report).output
    assert "defaulted links: → left out" not in said and "duplicate_of" in said
    assert "links,duplicate_of" in report.read_text()


@pytest.mark.sqlite_only
def test_refusals_end_with_one_and_files_that_are_none_with_two(flask, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("title,priority\nGood,low\nBad,urgent\n")
    result = flask("tickets", "import", file, "--format", "csv", code=1)
    assert "line 3: priority ('urgent') is not a known value" in result.stderr
    assert "1 created" in result.stdout and "1 refused" in result.stdout
    file.write_text("name\nGood\n")
    assert "no column “title”" in flask("tickets", "import", file, "--format", "csv", code=2).stderr
    assert "No such file" in flask("tickets", "import", tmp_path / "none", "--format", "csv", code=2).stderr
    assert "'xml' is not one of" in flask("tickets", "import", file, "--format", "xml", code=2).stderr


@pytest.mark.sqlite_only
@pytest.mark.parametrize("command", [("tickets", "export", "-o"), ("sla", "policies", "export")])
def test_what_is_no_plain_file_is_written_to_and_not_replaced(filled, flask, tmp_path, command):
    """A pipe or a device stays what it is for everybody else who uses it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        flask(*command, pipe)
        assert stat.S_ISFIFO(pipe.stat().st_mode) and os.read(reading, 20)
    finally:
        os.close(reading)
