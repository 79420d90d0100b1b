"""A ServiceNow audit log becomes tickets with a history, and stays what it was on a second reading."""

import io

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, at, person
from tests.jobs.replay import replayed, standing
from ticketing.extensions import db
from ticketing.jobs.transfer.load import import_tickets
from ticketing.jobs.transfer.report import Report
from ticketing.jobs.transfer.trouble import Unreadable
from ticketing.models import BoardCount, Event, Ticket, User
from ticketing.models.event import EventKind as K
from ticketing.rules.taxonomy import HoldReason, Priority, Role, Status

HEADER = (
    "number,incident_state,reassignment_count,reopen_count,sys_mod_count,caller_id,opened_by,opened_at,sys_updated_by,"
    "sys_updated_at,category,subcategory,u_symptom,priority,assignment_group,assigned_to,closed_code,resolved_by"
)
# number, state, reassigned, reopened, order, when, priority, group, owner; the rest is the same in every row.
LOG = """\
INC01 New 0 0 0 01-03-2016_08:00 3_-_Moderate Group_56 ?
INC01 Active 0 0 1 01-03-2016_08:30 3_-_Moderate Group_56 Resolver_7
INC01 Awaiting_User_Info 1 0 2 01-03-2016_09:00 2_-_High Group_70 Resolver_9
INC01 Awaiting_User_Info 1 0 3 01-03-2016_09:30 2_-_High Group_70 Resolver_9
INC01 Awaiting_Vendor 1 0 4 01-03-2016_10:00 2_-_High Group_70 Resolver_9
INC01 Resolved 1 0 5 01-03-2016_11:00 2_-_High Group_70 Resolver_9
INC01 Active 1 1 6 01-03-2016_12:00 2_-_High Group_70 Resolver_9
INC01 Resolved 1 1 8 01-03-2016_13:00 2_-_High Group_70 Resolver_9
INC01 Closed 1 1 9 06-03-2016_13:00 2_-_High Group_70 Resolver_9
INC02 Closed 3 0 4 02-03-2016_09:00 1_-_Critical DevOps ?
INC02 New 0 0 0 01-03-2016_07:00 1_-_Critical Group_56 ?
INC03 Awaiting_Problem 0 0 1 01-03-2016_07:30 ? Group_56 Resolver_7""".splitlines()
pytestmark = pytest.mark.usefixtures("app_context")


def written(rows):
    lines = [HEADER]
    for row in rows:
        number, state, moves, reopened, order, when, priority, group, owner = (c.replace("_", " ") for c in row.split())
        lines.append(
            f"{number},{state},{moves},{reopened},{order},Caller 2403,Opened by  8,29-02-2016 23:00,Updated by 21,"
            f"{when},Category 55,Subcategory 170,Symptom 72,{priority},{group},{owner},code 5,Resolved by 149"
        )
    return io.BytesIO("\n".join(lines).encode())


def imported(rows=LOG, moment=NOW):
    notes = []
    report = import_tickets(written(rows), "servicenow", at=moment, report=Report(tell=notes.append))
    return report, notes


def ticket(number):
    return db.session.scalars(select(Ticket).where(Ticket.external_id == number)).one()


def kinds(number):
    asked = select(Event.kind).where(Event.ticket_id == ticket(number).id).order_by(Event.at, Event.id)
    return list(db.session.scalars(asked))


def test_each_incident_becomes_a_ticket_with_its_history():
    report, _ = imported()
    assert (report.created, report.unchanged, report.refused) == (3, 0, 0)
    made = ticket("INC01")
    assert (made.status, made.priority, made.owner.name, made.source) == (
        Status.CLOSED, Priority.HIGH, "Resolver 9", "servicenow")  # fmt: skip
    assert made.title == "INC01: Category 55 / Subcategory 170 (Symptom 72)"
    assert kinds("INC01") == [
        K.CREATED, K.ASSIGNED, K.MOVED, K.CLASSIFIED, K.REASSIGNED, K.HELD, K.HELD, K.RESUMED, K.MOVED, K.REOPENED,
        K.MOVED, K.CLOSED, K.IMPORTED,
    ]  # fmt: skip
    assert "Group 70" in made.description


@pytest.mark.parametrize("number", ["INC01", "INC02", "INC03"])
def test_the_row_stands_where_its_events_leave_it(number):
    imported()
    facts = replayed(ticket(number))
    facts["owner_id"] = facts["owner_id"] or None
    assert standing(ticket(number), facts) == facts


def test_what_happened_then_was_noticed_now():
    imported()
    events = db.session.scalars(
        select(Event).where(Event.ticket_id == ticket("INC01").id, Event.kind != K.IMPORTED)
    ).all()
    assert {event.at.year for event in events} == {2016}
    assert {event.noticed_at for event in events} == {NOW}


def test_a_rise_by_three_is_three_reassignments_and_order_is_by_time():
    imported()
    assert kinds("INC02") == [K.CREATED, K.TEAM_CHANGED, *[K.REASSIGNED] * 3, K.CLOSED, K.IMPORTED]
    assert ticket("INC02").team.key == "devops"


def test_waiting_is_a_hold_for_the_right_reason():
    imported()
    made = ticket("INC03")
    assert (made.status, made.hold_reason, made.hold_text, made.priority) == (
        Status.DIAGNOSTICS, HoldReason.OTHER, "Awaiting Problem", Priority.NORMAL)  # fmt: skip
    held = db.session.scalars(select(Event).where(Event.ticket_id == ticket("INC01").id, Event.kind == K.HELD)).all()
    assert [event.payload["reason"] for event in held] == ["reporter", "vendor"]


def test_unknown_people_become_accounts_that_cannot_sign_in_and_known_ones_are_found():
    person("ann", name="Resolver 9")
    imported()
    assert ticket("INC01").owner.handle == "ann"
    caller = ticket("INC01").reporter
    assert (caller.email, caller.role, caller.active) == ("caller-2403@imported.invalid", Role.REPORTER, False)
    assert ticket("INC03").owner.role is Role.SUPPORT_ENGINEER


def test_a_second_run_adds_nothing():
    imported()
    before = [db.session.scalar(select(func.count()).select_from(model)) for model in (Ticket, Event, User, BoardCount)]
    report, _ = imported(moment=at(60))
    assert (report.created, report.unchanged, report.refused) == (0, 3, 0)
    assert [db.session.scalar(select(func.count()).select_from(m)) for m in (Ticket, Event, User, BoardCount)] == before


def test_a_log_that_grew_is_told_and_changes_nothing():
    imported()
    report, notes = imported([*LOG, "INC03 Closed 0 0 2 09-03-2016_07:30 ? Group_56 Resolver_7"])
    assert (report.unchanged, report.refused) == (2, 1)
    assert [note.became for note in notes if note.what == "refused"] == ["imported_from_other_rows"]
    assert ticket("INC03").status is Status.DIAGNOSTICS


def test_a_bad_row_leaves_out_its_incident_and_nothing_else():
    rows = [row.replace("Awaiting_Vendor", "Daydreaming") for row in LOG] + [
        "INC04 New 0 0 0 31-02-2016_08:00 3_-_Moderate Group_56 ?",
        "INC05 New x 0 0 01-02-2016_08:00 ? ? ?",
    ]
    report, notes = imported(rows)
    assert report.created == 2
    refused = [(note.line, note.ticket, note.field) for note in notes if note.what == "refused"]
    assert refused == [
        (6, "INC01", "incident_state"), (14, "INC04", "sys_updated_at"), (15, "INC05", "reassignment_count"),
        (2, "INC01", "incident"),
    ]  # fmt: skip
    assert db.session.scalar(select(func.count()).where(Ticket.external_id == "INC01")) == 0


def test_what_was_mapped_and_defaulted_is_told_line_by_line():
    _, notes = imported()
    told = {(note.what, note.line, note.field, note.value, note.became) for note in notes}
    assert ("mapped", 4, "incident_state", "Awaiting User Info", "diagnostics on hold (reporter)") in told
    assert ("mapped", 2, "priority", "3 - Moderate", "normal") in told
    assert ("defaulted", 2, "assignment_group", "Group 56", "technical_support") in told
    assert ("mapped", 11, "assignment_group", "DevOps", "devops") in told


def test_another_file_is_no_log():
    with pytest.raises(Unreadable, match="columns_missing"):
        import_tickets(io.BytesIO(b"title\nHello\n"), "servicenow", at=NOW, report=Report())


def test_an_imported_ticket_moves_like_any_other():
    imported()
    made, mara = ticket("INC03"), person("mara")
    made.move_to(Status.CORRECTION, by=mara, at=NOW)
    assert (made.status, made.hold_reason) == (Status.CORRECTION, None)
