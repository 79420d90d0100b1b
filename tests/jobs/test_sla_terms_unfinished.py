"""Following that does not come to its end: killed, failing, too many, or just missed. Times are Berlin's."""

import copy
from datetime import timedelta

import pytest
from sqlalchemy import event as listened

from tests.factories import person
from tests.support.saved_terms import CLOSED, MONDAY, clock, filed, put, shown, with_exceptions
from tests.support.terms import berlin
from ticketing.extensions import db
from ticketing.jobs.sla.terms import save_terms
from ticketing.jobs.sla.terms_follow import FOLLOW_UP, affected, finish_follow_ups
from ticketing.models import Setting, Ticket
from ticketing.rules.taxonomy import Status


def test_a_killed_follow_up_is_finished_by_the_next_check(app_context, monkeypatch):
    made = [filed("2026-05-04 16:00") for _ in range(3)]
    at = berlin("2026-05-04 17:00")
    follow = Ticket.follow_calendar

    def killed(self, find, now):
        if self.id == made[1].id:
            raise KeyboardInterrupt
        return follow(self, find, now)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Ticket, "follow_calendar", killed)
        put(with_exceptions({"2026-05-05": CLOSED}), at=at)
    db.session.rollback()
    assert [clock(one).generation for one in made] == [2, 1, 1]
    done = finish_follow_ups(at + timedelta(minutes=1))
    assert (done.moved, done.failed) == (4, [])
    assert [clock(one).due_at for one in made] == [berlin("2026-05-06 11:00")] * 3
    assert db.session.get(Setting, FOLLOW_UP) is None
    assert finish_follow_ups(at + timedelta(minutes=2)).moved == 0


def test_the_note_is_written_with_the_terms_or_not_at_all(app_context):
    save_terms(with_exceptions({"2026-12-24": CLOSED}), by=None, at=MONDAY, shown=1)
    db.session.rollback()
    assert (db.session.get(Setting, FOLLOW_UP), shown()) == (None, 1)
    save_terms(with_exceptions({"2026-12-24": CLOSED}), by=None, at=MONDAY, shown=1)
    db.session.commit()
    assert db.session.get(Setting, FOLLOW_UP).value["calendars"] == ["office"]


def test_a_ticket_that_cannot_follow_keeps_nobody_else(app_context, monkeypatch):
    made = [filed("2026-05-04 16:00") for _ in range(3)]
    follow = Ticket.follow_calendar

    def broken(self, find, now):
        if self.id == made[1].id:
            raise RuntimeError("broken row")
        return follow(self, find, now)

    monkeypatch.setattr(Ticket, "follow_calendar", broken)
    done = put(with_exceptions({"2026-05-05": CLOSED}), at=berlin("2026-05-04 17:00"))
    assert (done.moved, done.failed) == (4, [f"T-{made[1].id}: RuntimeError: broken row"])
    assert [clock(one).generation for one in made] == [2, 1, 2]


def test_a_clock_that_was_just_being_started_follows_a_minute_later(app_context):
    at = berlin("2026-05-04 17:00")
    put(with_exceptions({"2026-05-05": CLOSED}), at=at)
    made = filed("2026-05-04 16:00")
    for one in (clock(made), clock(made, "resolution")):
        one.calendar_id = 2  # it had read the terms before they changed
        one.due_at = one.version_of_calendar.hours.add(one.started_at, one.target_s)
    db.session.commit()
    assert finish_follow_ups(at + timedelta(seconds=60)).moved == 2
    assert clock(made).due_at == berlin("2026-05-06 11:00")


def test_a_large_follow_up_goes_on_where_it_stopped(app_context):
    made = [filed("2026-05-04 16:00") for _ in range(3)]
    at = berlin("2026-05-04 17:00")
    save_terms(with_exceptions({"2026-05-05": CLOSED}), by=None, at=at, shown=1)
    db.session.commit()
    first = finish_follow_ups(at, most=2)
    assert (first.moved, first.more) == (4, True)
    assert (finish_follow_ups(at).moved, finish_follow_ups(at).moved) == (2, 0)
    assert {clock(one).generation for one in made} == {2}


def test_a_calendar_that_was_removed_since_is_followed_by_nobody(app_context):
    changed = with_exceptions({})
    changed["calendars"]["nights"] = copy.deepcopy(changed["calendars"]["office"]) | {"name": "Nights"}
    changed["policies"][-1]["calendar"] = "nights"
    put(changed)
    made = filed("2026-05-04 16:00")
    changed["calendars"]["nights"]["exceptions"] = {"2026-05-05": CLOSED}
    save_terms(changed, by=None, at=MONDAY, shown=2)
    gone = copy.deepcopy(changed)
    del gone["calendars"]["nights"]
    gone["policies"][-1]["calendar"] = "office"
    save_terms(gone, by=None, at=MONDAY, shown=3)
    db.session.commit()
    assert finish_follow_ups(berlin("2026-05-04 17:00")).moved == 0
    assert clock(made).generation == 1


def test_clocks_are_found_by_the_index_of_their_calendar(app):
    with app.app_context():
        filed("2026-05-04 16:00")
        seen = []
        listened.listen(db.engine, "before_cursor_execute", lambda *args: seen.append((args[2], args[3])))
        affected("office", with_exceptions({"2026-05-05": CLOSED})["calendars"]["office"], berlin("2026-05-04 17:00"))
        if db.engine.dialect.name == "sqlite":
            statement, values = next(one for one in seen if one[0].startswith("SELECT sla_clock"))
            plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            assert "ix_sla_clock_calendar" in str(plan)


def test_a_closed_ticket_is_left_alone(app_context):
    made = filed("2026-05-04 16:00")
    made.close_as("invalid", by=person("mara"), at=berlin("2026-05-04 16:30"))
    db.session.commit()
    assert made.status is Status.CLOSED
    assert put(with_exceptions({"2026-05-05": CLOSED}), at=berlin("2026-05-04 17:00")).moved == 0


def test_what_failed_is_tried_again_by_later_checks(app_context, monkeypatch):
    made = filed("2026-05-04 16:00")
    at = berlin("2026-05-04 17:00")

    def broken(self, find, now):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(Ticket, "follow_calendar", broken)
        put(with_exceptions({"2026-05-05": CLOSED}), at=at)
        later = finish_follow_ups(at + timedelta(minutes=5))
    assert later.failed == [f"T-{made.id}: RuntimeError: "]
    assert db.session.get(Setting, FOLLOW_UP) is not None
    db.session.rollback()
    assert finish_follow_ups(at + timedelta(minutes=6)).moved == 2
    assert db.session.get(Setting, FOLLOW_UP) is None
