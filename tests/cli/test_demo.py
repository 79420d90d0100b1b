"""flask demo: a desk that looks as if people worked at it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, inspect, select

from tests import factories as make
from tests.jobs.replay import comments_of, replayed, standing
from ticketing.extensions import db
from ticketing.jobs.board_refresh import recount
from ticketing.jobs.demo import bulk, run
from ticketing.jobs.outbox.announce import announce_all
from ticketing.jobs.sla.verify import verify
from ticketing.models import Comment, Event, JobRun, Link, Notification, Outbox, SlaClock, Ticket, User
from ticketing.models.event import EventKind
from ticketing.models.ticket_row import lane_of
from ticketing.queries.around import pulse
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import OPEN_STATUSES, LinkKind, Priority, ResolutionCode, Status, TicketType

NOW = datetime(2026, 5, 6, 14, 30, tzinfo=UTC)
AT = ("--now", NOW.isoformat())


@pytest.fixture
def desk(app):
    """Reads the database after a command has filled it."""

    def read(question):
        with app.app_context():
            return db.session.scalars(question).all()

    return read


@pytest.mark.sqlite_only
def test_a_demo_looks_like_a_desk_at_work(desk, flask):
    said = flask("demo", *AT).output
    assert "ticketing-demo" in said and "Made 300 tickets" in said
    tickets = desk(select(Ticket))
    by_status = Counter(ticket.status for ticket in tickets)
    opened = [ticket for ticket in tickets if ticket.is_open]
    assert len(tickets) == 300 and 60 <= len(opened) <= 120
    assert all(5 <= by_status[status] <= 40 for status in OPEN_STATUSES)
    assert 20 <= sum(bool(t.closed_at and t.closed_at >= NOW - timedelta(days=7)) for t in tickets) <= 45
    assert sum(t.priority is Priority.CRITICAL for t in opened) >= 3
    assert sum(t.hold_reason is not None for t in opened) >= 4
    assert {t.type for t in tickets} == set(TicketType)
    assert len({t.title for t in tickets}) > 200
    assert set(desk(select(Link.kind).distinct())) == set(LinkKind)
    codes = {t.resolution_code for t in tickets}
    assert {ResolutionCode.DUPLICATE, ResolutionCode.INVALID, ResolutionCode.FIXED} <= codes
    kinds = Counter(desk(select(Event.kind)))
    assert min(kinds[k] for k in (EventKind.REOPENED, EventKind.HELD, EventKind.REASSIGNED, EventKind.WATCHED)) >= 3
    assert sum("mention" in html for html in desk(select(Comment.html))) > 20
    late = select(Event.at).where(Event.at > NOW)
    assert desk(late) == [] and min(t.created_at for t in tickets) > NOW - timedelta(days=80)
    worked = desk(select(Event.at).join(User, User.id == Event.actor_id).where(User.team_id.is_not(None)))
    assert sum(at.weekday() < 5 and 7 <= at.hour < 19 for at in worked) > 0.75 * len(worked)


def test_the_same_seed_tells_the_same_stories(desk, flask, other_flask):
    flask("demo", "--tickets", 25, "--seed", 4, *AT)
    other_flask("demo", "--tickets", 25, "--seed", 4, *AT)
    first, second = (run("tickets", "export", "--format", "json").stdout for run in (flask, other_flask))
    assert first == second and first.count('"key"') == 25


@pytest.mark.sqlite_only
def test_another_seed_tells_others_and_another_moment_moves_them(flask, desk, other_flask, other_app):
    flask("demo", "--tickets", 30, "--seed", 4, *AT)
    other_flask("demo", "--tickets", 30, "--seed", 4, "--now", "2026-07-20T08:00:00Z")
    titles = sorted(desk(select(Ticket.title)))
    with other_app.app_context():
        assert sorted(db.session.scalars(select(Ticket.title))) == titles
    other_flask("demo", "--tickets", 30, "--seed", 5, "--more", *AT)
    with other_app.app_context():
        assert sorted(db.session.scalars(select(Ticket.title).order_by(Ticket.id).offset(30))) != titles


@pytest.mark.sqlite_only
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_any_seed_obeys_the_rules_of_the_desk(app, flask, seed):
    flask("demo", "--tickets", 90, "--seed", seed, *AT)
    with app.app_context():
        for ticket in db.session.scalars(select(Ticket)):
            facts = replayed(ticket)
            assert standing(ticket, facts) == facts, ticket.key
        assert recount() == []


@pytest.fixture
def mostly_bulk(monkeypatch):
    """The bulk path begins early and leaves little to the verbs, which are slower and tested above."""
    monkeypatch.setattr(run, "BY_VERBS_MAX", 10)
    monkeypatch.setattr(run, "BY_VERBS_OF_MANY", 4)
    monkeypatch.setattr(bulk, "_LARGE", 1000)


def test_bulk_tickets_stand_where_their_events_leave_them(app, flask, mostly_bulk):
    flask("demo", "--tickets", 1500, "--seed", 2, *AT)
    with app.app_context():
        by_status = dict(db.session.execute(select(Ticket.status, func.count()).group_by(Ticket.status)).all())
        assert sum(by_status.values()) == 1500
        assert 0.1 <= 1 - by_status[Status.CLOSED] / 1500 <= 0.22
        assert all(by_status[status] > 15 for status in OPEN_STATUSES)
        for ticket in db.session.scalars(select(Ticket).where(Ticket.id % 11 == 0)):
            facts = replayed(ticket)
            assert standing(ticket, facts) == facts, ticket.key
            assert ticket.comment_count == comments_of(ticket)
            assert (ticket.lane, ticket.restricted) == _lane_and_secrecy(ticket)
            assert NOW >= ticket.updated_at >= ticket.status_since >= ticket.created_at > NOW - timedelta(days=740)
        assert recount() == []
        found = inspect(db.engine)
        assert len(found.get_foreign_keys("event")) == len(Event.__table__.foreign_keys)
        assert {index["name"] for index in found.get_indexes("ticket")} >= {i.name for i in Ticket.__table__.indexes}
        said = select(Event.payload, Event.ticket_id).where(Event.kind == EventKind.COMMENTED, Event.ticket_id < 400)
        owners = dict(db.session.execute(select(Comment.id, Comment.ticket_id)).all())
        assert all(owners[payload["comment"]] == ticket for payload, ticket in db.session.execute(said))


def _lane_and_secrecy(ticket):
    return lane_of(False, ticket.hold_reason is not None, ticket.due_at), ticket.type is TicketType.SECURITY_ALERT


def test_bulk_clocks_are_what_their_history_makes_of_them(app, flask, mostly_bulk):
    flask("demo", "--tickets", 1200, "--seed", 3, *AT)
    with app.app_context():
        assert list(verify()) == []
        assert_believable(tickets=1200)
        assert db.session.scalar(select(func.count()).select_from(SlaClock).where(SlaClock.next_at <= NOW)) == 0
        made = db.session.get(SlaClock, db.session.scalar(select(func.max(SlaClock.id))))
        db.session.add(
            SlaClock(**{c.key: getattr(made, c.key) for c in SlaClock.__table__.c} | {"id": None, "cycle": 9})
        )
        db.session.flush()  # the next number is free


_STATES = {
    "reaction": ("met", "stopped_late", "cancelled", "running"),
    "resolution": ("met", "stopped_late", "cancelled", "running", "paused", "breached"),
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("moment", ["2026-05-06T14:30:00Z", "2026-05-10T02:00:00Z", "2026-05-04T07:10:00Z"])
def test_the_clocks_of_a_demo_are_believable_at_any_time_of_the_week(app, flask, moment):
    flask("demo", "--seed", 3, "--now", moment)
    with app.app_context():
        assert list(verify()) == []
        assert_believable(tickets=300)
        kinds = Counter(db.session.scalars(select(Event.kind)))
        assert kinds[EventKind.SUPERSEDED] >= 1 and kinds[EventKind.REOPENED] >= 3
        states = Counter(db.session.execute(select(SlaClock.kind, SlaClock.state)).all())
        for kind, expected in _STATES.items():
            assert all(states[kind, state] for state in expected), states
        assert db.session.scalar(select(func.count()).where(SlaClock.cause == "self")) >= 2
        assert db.session.scalar(select(func.count()).where(SlaClock.cycle == 2)) >= 4
        assert set(db.session.scalars(select(Event.payload["cause"].as_string()).where(
            Event.kind == EventKind.RESUMED))) >= {"expired", "reporter", "resumed"}  # fmt: skip


def assert_believable(tickets: int) -> None:
    """Nine in ten in time, and an open board on which most have time."""
    for kind in ClockKind:
        ended = Counter(db.session.scalars(
            select(SlaClock.state).where(SlaClock.kind == kind, SlaClock.cause.is_distinct_from("self"))
        ))  # fmt: skip
        missed = (
            select(func.count()).select_from(SlaClock).where(SlaClock.kind == kind, SlaClock.breached_at.is_not(None))
        )
        late = db.session.scalar(missed)
        assert 0.85 <= ended["met"] / (ended["met"] + late) <= 0.935, kind
    now = db.session.scalar(select(func.max(JobRun.finished_at)))
    opened = [ticket for ticket in db.session.scalars(select(Ticket)) if ticket.is_open]
    faces = Counter(
        "paused" if t.due_at is None else "breached" if t.due_at < now else "at risk" if t.warn_at <= now else "ok"
        for t in opened
    )
    assert faces["ok"] > 0.45 * len(opened)
    assert 0 < faces["breached"] < 0.15 * len(opened)
    assert 0 < faces["at risk"] < 0.2 * len(opened)
    assert 0 < faces["paused"] < 0.4 * len(opened)
    assert len(opened) > 0.1 * tickets


def test_nobody_gets_mail_about_what_never_happened_and_the_bell_has_a_few(app, flask):
    flask("demo", "--tickets", 120, *AT)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Outbox)) > 10
        assert db.session.scalar(select(func.count()).where(Outbox.next_try_at.is_not(None))) == 0
        assert announce_all(NOW) == 0
        told = db.session.scalars(select(Notification).order_by(Notification.id)).all()
        unseen = Counter(one.user_id for one in told if one.seen_at is None)
        assert unseen and max(unseen.values()) <= 4
        assert [one.made_at for one in told] == sorted(one.made_at for one in told)
        assert max(one.made_at for one in told) <= NOW
        assert pulse(NOW).since == NOW


def test_what_others_announced_is_left_alone(app, flask, people):
    with app.app_context():
        mine = make.ticket(priority=Priority.CRITICAL, moment=NOW - timedelta(hours=1))
        mine.settle(NOW, checking=True)
        db.session.commit()
    flask("demo", "--tickets", 40, "--more", *AT)
    with app.app_context():
        waiting = db.session.scalars(select(Outbox).where(Outbox.next_try_at.is_not(None))).all()
        assert [one.payload["ticket"] for one in waiting] == [mine.id]


def test_a_new_ticket_gets_a_number_after_a_bulk_load(app, flask, mostly_bulk):
    flask("demo", "--tickets", 40, *AT)
    flask("demo", "--tickets", 2, "--more", *AT)
    with app.app_context():
        assert db.session.scalar(select(func.max(Ticket.id))) == 42


def test_a_used_desk_is_left_alone(flask, desk):
    flask("demo", "--tickets", 2, *AT)
    assert "has tickets already" in flask("demo", "--tickets", 2, *AT, code=2).output
    assert len(desk(select(Ticket.id))) == 2


@pytest.mark.sqlite_only
def test_the_first_run_does_nothing_where_somebody_is(people, flask, desk):
    assert flask("demo", "--first-run").output == ""
    assert desk(select(Ticket.id)) == []


@pytest.mark.sqlite_only
def test_a_first_run_makes_as_many_as_it_is_told(flask, desk):
    flask("demo", "--first-run", "--tickets", 2, *AT)
    assert len(desk(select(Ticket.id))) == 2


@pytest.mark.sqlite_only
def test_a_later_run_tells_the_way_in_and_makes_nothing(flask, desk):
    flask("demo", "--tickets", 2, *AT)
    output = flask("demo", "--first-run").output
    assert "farah@desk.example" in output
    assert "ticketing-demo" in output
    assert len(desk(select(Ticket.id))) == 2
