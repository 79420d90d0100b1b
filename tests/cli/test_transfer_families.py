"""Families and merges on their way to another desk: their history names tickets, and nothing odd gets in with it."""

import json

import pytest
from sqlalchemy import select

from tests.factories import at, people, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.models import Event, Link, Ticket
from ticketing.models.answers import Answers
from ticketing.models.event import EventKind
from ticketing.queries.timeline import load_story
from ticketing.rules.taxonomy import ResolutionCode, RootCause, Status

DONE = Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.PROVIDER)


@pytest.fixture
def filled(app):
    """T-1 was closed with its child T-2, both told before, and T-3 was merged into it."""
    with app.app_context():
        people()
        mara = person("mara")
        parent, child = ticket_in(Status.SOLUTION_CHECK), ticket()
        parent.adopt([child], by=mara, at=at(10))
        parent.tell_children(parent.say("Soon", internal=False, by=mara, at=at(11)), by=mara, at=at(11))
        twin = ticket()
        twin.watch(person("bo"), by=mara, at=at(12))
        twin.close_as(ResolutionCode.DUPLICATE, by=mara, at=at(13), duplicate_of=parent)
        parent.tell_merged(parent.say("Sooner", internal=True, by=mara, at=at(14)), by=mara, at=at(14))
        parent.move_to(Status.CLOSED, by=mara, at=at(15), answers=DONE)
        parent.close_children(by=mara, at=at(15))
        db.session.commit()


@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_the_round_trip_is_equal_to_the_byte(filled, flask, other_flask, tmp_path, file_format):
    out, back = tmp_path / "out", tmp_path / "back"
    flask("tickets", "export", "--format", file_format, "-o", out)
    assert "3 created" in other_flask("tickets", "import", out, "--format", file_format).output
    other_flask("tickets", "export", "--format", file_format, "-o", back)
    assert out.read_bytes() == back.read_bytes()


@pytest.mark.sqlite_only
def test_a_history_names_the_others_by_their_keys(filled, flask):
    rows = {row["key"]: row for row in json.loads(flask("tickets", "export", "--format", "json").stdout)}

    def told(key, kind):
        return [event["payload"] for event in rows[key]["events"] if event["kind"] == kind]

    assert told("T-1", "children_closed") == [{"tickets": ["T-2"]}]
    assert told("T-1", "passed_on") == [{"tickets": ["T-2"], "comment": 1}, {"tickets": ["T-3"], "comment": 2}]
    assert told("T-2", "closed")[0]["with_parent"] == "T-1"
    assert told("T-3", "closed")[0]["duplicate_of"] == "T-1"
    assert told("T-1", "watched") == [{"user": "bo@desk.example", "merged_from": "T-3"}]


@pytest.mark.sqlite_only
def test_a_merge_can_be_undone_where_it_was_imported_to(filled, flask, other_flask, other_app, tmp_path):
    out = tmp_path / "out"
    flask("tickets", "export", "--format", "json", "-o", out)
    other_flask("tickets", "import", out, "--format", "json")
    with other_app.app_context():
        twin, parent = db.session.get(Ticket, 3), db.session.get(Ticket, 1)
        ben = person("ben")  # whom this desk knows as staff
        assert parent.is_watched_by(person("bo"))
        assert [one.other for one in load_story(parent, ben, at(30)).merged] == [3]
        twin.move_to(Status.DIAGNOSTICS, by=ben, at=at(20), answers=Answers(why="Another cause"))
        db.session.commit()
        assert not parent.is_watched_by(person("bo"))
        assert [link.kind for link in db.session.scalars(select(Link))] == ["parent"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("key", "kind", "payload", "said"),
    [
        ("T-1", "children_closed", {"tickets": "T-2"}, "is not a list"),
        ("T-1", "children_closed", {"tickets": [["T-2"]]}, "T-2"),
        ("T-1", "passed_on", {"tickets": ["T-2"], "comment": 9}, "comment"),
        ("T-3", "closed", {"from": "new", "resolution_code": "duplicate", "duplicate_of": ["T-1"]}, "T-1"),
    ],
)
def test_an_odd_payload_is_refused(filled, flask, other_flask, tmp_path, key, kind, payload, said):
    rows = json.loads(flask("tickets", "export", "--format", "json").stdout)
    for row in rows:
        for event in row["events"] if row["key"] == key else ():
            if event["kind"] == kind:
                event["payload"] = payload
    out, report = tmp_path / "out", tmp_path / "report.csv"
    out.write_text(json.dumps(rows))
    told = other_flask("tickets", "import", out, "--format", "json", "--report", report, code=1).output
    assert said in told + report.read_text()


@pytest.mark.sqlite_only
def test_a_duplicate_of_what_was_not_imported_can_be_reopened(filled, flask, other_flask, other_app, tmp_path):
    rows = [row for row in json.loads(flask("tickets", "export", "--format", "json").stdout) if row["key"] == "T-3"]
    out = tmp_path / "out"
    out.write_text(json.dumps(rows))
    other_flask("tickets", "import", out, "--format", "json")
    with other_app.app_context():
        twin = db.session.get(Ticket, 3)
        twin.move_to(Status.DIAGNOSTICS, by=person("ben"), at=at(20), answers=Answers(why="Another cause"))
        db.session.commit()
        kinds = set(db.session.scalars(select(Event.kind).where(Event.ticket_id == 3)))
        assert twin.is_open and EventKind.UNLINKED not in kinds
