"""Open clocks follow the dated exceptions of today and later (sla.md R12). Times are Berlin's."""

import json

from sqlalchemy import func, select

from tests.factories import person
from tests.support.saved_terms import CLOSED, clock, filed, put, retermed, with_exceptions
from tests.support.terms import berlin, document, set_target
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.models import CalendarVersion, Outbox, SlaClock, SlaLevel, SlaSegment
from ticketing.models.answers import Hold
from ticketing.rules.sla import ClockState
from ticketing.rules.taxonomy import HoldReason, Priority, TicketType


def test_an_exception_ahead_moves_the_due_of_a_running_clock(app_context):
    made = filed("2026-05-04 16:00")  # 4 h: due Tuesday 11:00
    days = {"2026-05-01": CLOSED, "2026-05-05": CLOSED}
    assert put(with_exceptions(days), at=berlin("2026-05-04 17:00")).moved == 2
    found = clock(made)
    assert (found.due_at, found.elapsed_before_s) == (berlin("2026-05-06 11:00"), 3600)
    assert (found.segment_start, found.generation, found.target_s) == (berlin("2026-05-04 17:00"), 2, 4 * 3600)
    assert (found.terms_id, found.policy, found.state) == (1, "everything_else", ClockState.RUNNING)
    db.session.refresh(made)
    assert (made.due_at, made.clock_face["calendar"]) == (found.due_at, found.calendar_id)
    query = select(SlaSegment).where(SlaSegment.clock_id == found.id)
    (segment,) = db.session.scalars(query)
    assert (segment.end_at, segment.counted_s) == (berlin("2026-05-04 17:00"), 3600)
    assert (segment.why, segment.calendar_id) == ("calendar_change", 2)
    (told,) = retermed(made)
    version = document()["calendars"]["office"]["version"]
    assert told.payload == {
        "cause": "calendar_change",
        "calendars": {"reaction": version, "resolution": version},
    }
    assert (told.at, found.calendar_id) == (berlin("2026-05-04 17:00"), version)


def test_an_exception_taken_back_moves_it_back(app_context):
    made = filed("2026-05-04 16:00")
    put(with_exceptions({"2026-05-05": CLOSED}), at=berlin("2026-05-04 17:00"))
    put(with_exceptions({}), at=berlin("2026-05-04 17:30"))
    assert (clock(made).due_at, clock(made).generation) == (berlin("2026-05-05 11:00"), 3)


def test_an_exception_of_today_counts_from_now_on(app_context):
    made = filed("2026-05-04 09:00")
    put(with_exceptions({"2026-05-04": CLOSED}), at=berlin("2026-05-04 10:00"))
    assert (clock(made).elapsed_before_s, clock(made).due_at) == (3600, berlin("2026-05-05 12:00"))


def test_today_is_the_calendars_own(app_context):
    """At 23:30 UTC on Monday it is Tuesday in Berlin: what is saved for Monday is past."""
    made = filed("2026-05-04 16:00")
    late = berlin("2026-05-05 01:30")
    assert put(with_exceptions({"2026-05-04": CLOSED}), at=late).moved == 0
    assert put(with_exceptions({"2026-05-04": CLOSED, "2026-05-05": CLOSED}), at=late).moved == 2
    assert clock(made).due_at == berlin("2026-05-06 11:00")


def test_a_past_exception_and_new_weekly_hours_leave_running_clocks_alone(app_context):
    made = filed("2026-05-04 16:00")
    changed = with_exceptions({"2026-05-01": {"name": "Renamed", "open": []}, "2026-04-30": CLOSED})
    changed["calendars"]["office"]["weekly"] = {"fri": [["09:00", "10:00"]]}
    assert put(changed, at=berlin("2026-05-04 17:00")).moved == 0
    assert (clock(made).due_at, clock(made).generation, clock(made).calendar_id) == (berlin("2026-05-05 11:00"), 1, 2)
    assert retermed(made) == []


def test_an_exception_that_moves_no_due_leaves_the_clock_alone(app_context):
    made = filed("2026-05-04 09:00")  # reaction due 14:00, resolution 16 h: due Tuesday 18:00
    assert put(with_exceptions({"2026-05-06": CLOSED}), at=berlin("2026-05-04 10:00")).moved == 0
    assert put(with_exceptions({"2026-05-05": CLOSED}), at=berlin("2026-05-04 10:00")).moved == 1
    assert (clock(made).generation, clock(made, "resolution").generation) == (1, 2)
    assert retermed(made)[0].payload["calendars"].keys() == {"resolution"}
    assert clock(made, "resolution").due_at == berlin("2026-05-06 18:00")


def test_a_name_alone_moves_nothing(app_context):
    made = filed("2026-04-30 16:30")
    assert (
        put(with_exceptions({"2026-05-01": {"name": "May Day", "open": []}}), at=berlin("2026-04-30 17:00")).moved == 0
    )
    assert retermed(made) == []


def test_a_clock_keeps_its_own_week_under_a_derived_version(app_context):
    made = filed("2026-05-04 16:00")
    changed = with_exceptions({"2026-05-01": CLOSED, "2026-05-05": CLOSED})
    changed["calendars"]["office"]["weekly"] = {"fri": [["09:00", "10:00"]]}
    second = filed("2026-05-04 16:00")
    put(changed, at=berlin("2026-05-04 17:00"))
    found = clock(made)
    assert found.due_at == berlin("2026-05-06 11:00")
    row = db.session.get(CalendarVersion, found.calendar_id)
    body = json.loads(row.body)
    assert (row.derived, row.key) == (True, "office")
    assert body["weekly"]["mon"] == [["09:00", "13:00"], ["14:00", "18:00"]]
    assert list(body["exceptions"]) == ["2026-05-01", "2026-05-05"]
    assert clock(second).calendar_id == found.calendar_id  # one for all that come from the same hours
    assert db.session.scalar(select(func.count(CalendarVersion.id))) == 4


def test_clocks_on_derived_versions_follow_the_next_saving_too(app_context):
    made = filed("2026-05-04 16:00")
    changed = with_exceptions({"2026-05-05": CLOSED})
    changed["calendars"]["office"]["weekly"] = {"fri": [["09:00", "10:00"]]}
    put(changed, at=berlin("2026-05-04 17:00"))
    changed["calendars"]["office"]["exceptions"]["2026-05-06"] = CLOSED
    put(changed, at=berlin("2026-05-04 17:15"))
    assert clock(made).due_at == berlin("2026-05-07 11:00")


def test_a_paused_clock_keeps_its_elapsed_time_and_its_pause(app_context):
    set_target("normal", 240, 480)
    db.session.commit()
    made = filed("2026-05-04 09:00")
    made.take(by=person("ann"), at=berlin("2026-05-04 09:30"))
    made.hold(Hold(HoldReason.PROVIDER), by=person("ann"), at=berlin("2026-05-04 15:00"))
    db.session.commit()
    put(with_exceptions({"2026-05-06": CLOSED}), at=berlin("2026-05-05 10:00"))
    found = clock(made, "resolution")
    assert (found.state, found.elapsed_before_s, found.due_at) == (ClockState.PAUSED, 5 * 3600, None)
    assert (found.generation, len(retermed(made))) == (2, 1)
    db.session.refresh(made)
    made.resume(by=person("ann"), at=berlin("2026-05-05 17:00"))
    db.session.commit()
    assert clock(made, "resolution").due_at == berlin("2026-05-07 11:00")


def test_a_breach_and_a_stopped_clock_stay_as_they_are(app_context):
    made = filed("2026-05-04 09:00", Priority.CRITICAL, type=TicketType.INCIDENT)
    changed = document()
    for row in changed["policies"][-1]["targets"].values():
        row["calendar"] = None
    put(changed)
    late = filed("2026-05-04 09:00", Priority.CRITICAL)
    late.take(by=person("ann"), at=berlin("2026-05-04 09:20"))
    db.session.commit()
    changed = document()
    changed["calendars"]["office"]["exceptions"]["2026-05-05"] = CLOSED
    put(changed, at=berlin("2026-05-04 18:30"))  # resolution of 4 h was due at 14:00
    found = clock(late, "resolution")
    assert (found.state, found.breached_at) == (ClockState.RUNNING, None)  # nobody has settled it, and nobody had to
    assert (found.generation, clock(late).generation) == (1, 1)
    assert (retermed(made), retermed(late)) == ([], [])


def test_a_level_that_was_told_is_not_told_again(app_context):
    made = filed("2026-05-04 15:00")  # warn after 3 h, at 18:00; due Tuesday 10:00
    check.settle_all(berlin("2026-05-04 19:00"))
    put(with_exceptions({"2026-05-05": CLOSED}), at=berlin("2026-05-04 20:00"))
    told = select(func.count(Outbox.id))
    assert db.session.scalar(told) == 1
    check.settle_all(berlin("2026-05-06 09:59"))
    assert db.session.scalar(told) == 1
    check.settle_all(berlin("2026-05-06 10:01"))
    assert db.session.scalar(told) == 2
    levels = select(SlaLevel.generation, SlaLevel.level).join(SlaClock).where(SlaClock.kind == "reaction")
    assert db.session.execute(levels.order_by(SlaLevel.id)).all() == [(1, "warn"), (2, "warn"), (2, "breach")]
    assert clock(made).breached_at == berlin("2026-05-06 10:00")


def test_other_calendars_are_left_alone(app_context):
    made = filed("2026-05-04 16:00", type=TicketType.SECURITY_ALERT)
    put(with_exceptions({"2026-05-05": CLOSED}), at=berlin("2026-05-04 17:00"))
    assert clock(made).generation == 1
