"""Imported tickets have no clocks, whatever their history tells of some, until they are reopened (sla.md R1, R10)."""

import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tests.factories import NOW, at, category, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.jobs.sla.verify import verify
from ticketing.jobs.transfer.export import export_tickets
from ticketing.jobs.transfer.load import import_tickets
from ticketing.jobs.transfer.report import Report
from ticketing.models import Event, SlaClock, SlaLevel, SlaSegment, Ticket
from ticketing.models.answers import Answers
from ticketing.models.event import EventKind
from ticketing.models.sla import current_terms
from ticketing.rules.taxonomy import Priority, Status

OF_CLOCKS = (EventKind.REACTED, EventKind.SLA_LEVEL, EventKind.SUPERSEDED, EventKind.RETERMED)
pytestmark = pytest.mark.usefixtures("app_context")


def load(rows, file_format="json"):
    refused = []
    data = io.BytesIO(rows if isinstance(rows, bytes) else json.dumps(rows).encode())
    report = import_tickets(data, file_format, at=NOW, report=Report(tell=refused.append))
    return report, [(note.field, note.became) for note in refused if note.what == "refused"]


def exported(file_format="json") -> str:
    written = []
    export_tickets(written.append, file_format)
    return "".join(written)


def lived() -> list[Ticket]:
    """Tickets whose histories tell of everything that clocks can do."""
    late = ticket(priority=Priority.CRITICAL, category=category("user_system"))
    db.session.commit()
    check.settle_all(at(16))
    late.edit(by=person("mara"), at=at(20), priority=Priority.NORMAL, why="One brand only")
    late.take(by=person("ann"), at=at(21))
    back = ticket_in(Status.CLOSED)
    back.move_to(Status.DIAGNOSTICS, by=person("rita"), at=at(60), answers=Answers(why="Again"))
    back.say("We look", internal=False, by=person("ann"), at=at(70))
    closed = ticket_in(Status.CLOSED)
    db.session.commit()
    late.edit(by=person("ann"), at=at(80), priority=Priority.HIGH)
    back.record(EventKind.RETERMED, None, at(90), cause="policy_change", terms=current_terms().id)
    db.session.commit()
    return [late, back, closed]


def forget_everything() -> None:
    """As on another desk: no tickets, and nothing of theirs."""
    for name in ("sla_level", "sla_segment", "outbox", "notification", "sla_clock", "event", "comment", "watcher",
                 "link", "ticket"):  # fmt: skip
        db.session.execute(text(f"DELETE FROM {name}"))  # noqa: S608
    db.session.commit()
    db.session.expunge_all()


def told_of(kind: str, payload: dict) -> dict:
    """A whole record whose history tells of this, after a filing that names terms."""
    filed = {"type": "incident", "priority": "normal", "category": None, "team": "technical_support", "terms": 1}
    events = [
        {"kind": "created", "actor": "rita@desk.example", "at": "2026-05-01T09:00:00Z", "payload": filed},
        {"kind": kind, "actor": None, "at": "2026-05-01T10:00:00Z", "payload": payload},
    ]
    return {"title": "From elsewhere", "reporter": "rita@desk.example", "team": "technical_support",
            "created_at": "2026-05-01T09:00:00Z", "events": events}  # fmt: skip


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_a_history_with_clocks_comes_back_as_it_was_and_starts_none(file_format):
    lived()
    kinds = db.session.scalars(select(Event.kind).where(Event.kind.in_(OF_CLOCKS))).all()
    assert set(kinds) == set(OF_CLOCKS)
    out = exported(file_format)
    forget_everything()
    report, refused = load(out.encode(), file_format)
    assert (report.created, refused) == (3, [])
    assert exported(file_format) == out
    assert sorted(db.session.scalars(select(Event.kind).where(Event.kind.in_(OF_CLOCKS)))) == sorted(kinds)
    assert (count(SlaClock), count(SlaSegment), count(SlaLevel)) == (0, 0, 0)
    for made in db.session.scalars(select(Ticket)):
        assert (made.cycle, made.due_at, made.warn_at, made.clock_face) == (0, None, None, None)
    assert list(verify()) == []


def test_an_export_names_no_terms_of_this_desk():
    lived()
    payloads = [event["payload"] for row in json.loads(exported()) for event in row["events"]]
    assert not [payload for payload in payloads if payload.keys() & {"terms", "calendars"}]
    assert {"clock": "reaction", "cycle": 1, "level": "breach"} in payloads


def test_terms_that_a_file_names_all_the_same_start_no_clock():
    assert load([told_of("retermed", {"cause": "policy_change", "terms": 1})])[1] == []
    assert count(SlaClock) == 0
    assert list(verify()) == []


def test_acts_on_an_imported_ticket_leave_it_without_clocks():
    load(b"title,priority,category\nOld one,critical,user_system\n", "csv")
    made = db.session.scalars(select(Ticket)).one()
    made.take(by=person("ann"), at=at(900))
    made.edit(by=person("ann"), at=at(901), priority=Priority.HIGH)
    made.move_to(Status.DIAGNOSTICS, by=person("ann"), at=at(902))
    assert not made.follow_terms(current_terms(), at(903))
    db.session.commit()
    assert check.settle_all(NOW + timedelta(days=90)).clocks == 0
    assert (count(SlaClock), made.cycle, made.due_at) == (0, 0, None)
    assert list(verify()) == []


def test_an_imported_ticket_gets_clocks_by_being_reopened():
    lived()
    out = exported()
    forget_everything()
    load(out.encode())
    (closed,) = db.session.scalars(select(Ticket).where(Ticket.status == Status.CLOSED))
    closed.move_to(Status.DIAGNOSTICS, by=person("rita"), at=at(300), answers=Answers(why="It is back"))
    db.session.commit()
    clocks = {clock.kind: clock for clock in closed.clockwork.clocks}
    assert {(clock.kind, clock.cycle) for clock in clocks.values()} == {("reaction", 1), ("resolution", 1)}
    assert clocks["reaction"].started_at == at(300)
    assert (closed.cycle, closed.due_at) == (1, clocks["reaction"].due_at)
    assert list(verify()) == []


SLA_EVENTS = [
    ({"how": "take"}, "reacted", None),
    ({"how": "telepathy"}, "reacted", "unknown_value"),
    ({"clock": "reaction", "cycle": 1, "level": "repeat-3"}, "sla_level", None),
    ({"clock": "reaction", "cycle": 1, "level": "doom"}, "sla_level", "unknown_value"),
    ({"clock": "kitchen", "cycle": 1, "level": "warn"}, "sla_level", "unknown_value"),
    ({"clock": "reaction", "cycle": 0, "level": "warn"}, "sla_level", "not_a_number"),
    ({"clock": "reaction", "cycle": "1", "level": "warn"}, "sla_level", "not_a_number"),
    ({"clock": ["reaction"], "cycle": 1, "level": "warn"}, "sla_level", "unknown_value"),
    ({"clock": "reaction", "cycle": 1, "level": "breach", "cause": 7}, "sla_level", "not_a_text"),
    ({"clock": "reaction", "cycle": 1, "breached_at": "soon", "why": "x"}, "superseded", "not_an_instant"),
    ({"clock": "reaction", "cycle": 1, "breached_at": "2026-05-01T09:00:00Z", "why": None}, "superseded", "not_a_text"),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "kind", "refusal"), SLA_EVENTS)
def test_events_of_clocks_are_checked_like_all_others(payload, kind, refusal):
    report, refused = load([told_of(kind, payload)])
    assert report.created == (refusal is None)
    assert [code for field, code in refused if field.startswith("events[2].payload")] == ([refusal] if refusal else [])
