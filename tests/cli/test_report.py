"""flask report refresh: by hand, by cron, and as a process that stays."""

import pytest
from sqlalchemy import func, select

from tests.factories import ticket, ticket_in
from ticketing.cli import report as command
from ticketing.cli import staying
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import JobRun, ReportFact, ReportSheet
from ticketing.models.report_state import read_state
from ticketing.rules.taxonomy import Status


@pytest.fixture
def desk(app):
    """Two tickets of the same day."""
    with app.app_context():
        ticket_in(Status.ASSIGNED)
        ticket()
        db.session.commit()


def kept(app) -> tuple:
    with app.app_context():
        counts = [db.session.scalar(select(func.count()).select_from(one)) for one in (ReportFact, ReportSheet)]
        return *counts, read_state("UTC").turn


def test_the_first_time_counts_all_and_the_second_nothing(app, flask, desk):
    first = flask("report", "refresh").output
    assert first.startswith("Counted 2 tickets; ")
    before = kept(app)
    assert flask("report", "refresh").output == "Counted 0 tickets; 0 days summed up.\n"
    assert kept(app) == before
    with app.app_context():
        assert (now() - read_state("UTC").counted_at).total_seconds() < 60


def test_anew_counts_all_again_and_says_so(app, flask, desk):
    flask("report", "refresh")
    before = kept(app)
    said = flask("report", "refresh", "--anew").output
    assert said.startswith("Counted 2 tickets from the start; ")
    assert kept(app)[:2] == before[:2]


def test_every_run_leaves_a_row(app, flask, desk):
    flask("report", "refresh")
    flask("report", "refresh")
    with app.app_context():
        runs = db.session.scalars(select(JobRun).where(JobRun.job == "reports").order_by(JobRun.id)).all()
        assert [(one.counts["tickets"], one.error, one.finished_at is not None) for one in runs] == [
            (2, "", True), (0, "", True),
        ]  # fmt: skip


def test_the_desks_zone_is_the_one_that_counts(make_app, desk):
    for zone, anew in (("Asia/Kathmandu", False), ("Asia/Kathmandu", False), ("America/New_York", True)):
        app = make_app(TIME_ZONE=zone)
        result = app.test_cli_runner().invoke(args=["report", "refresh"])
        assert result.exit_code == 0, result.output
        assert ("from the start" in result.output) is anew
        with app.app_context():
            assert read_state(zone).zone == zone


def test_staying_does_not_go_with_starting_over(app, flask, desk):
    said = flask("report", "refresh", "--every", 5, "--anew", code=2)
    assert "--every does not go with --anew." in said.stderr
    assert kept(app) == (0, 0, 0)


@pytest.mark.parametrize("seconds", ["0", "-1", "3601", "soon"])
def test_a_pause_that_is_none_is_refused(flask, desk, seconds):
    assert "--every" in flask("report", "refresh", "--every", seconds, code=2).stderr


class Enough(BaseException):
    """Ends the loop as a signal would."""


def test_who_stays_counts_again_and_again_and_speaks_only_of_what_there_was(app, flask, desk, monkeypatch):
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            raise Enough

    monkeypatch.setattr(staying.time, "sleep", pause)

    with pytest.raises(Enough):
        flask("report", "refresh", "--every", 60, catch_exceptions=False)
    assert all(0 < seconds <= 60 for seconds in pauses)
    with app.app_context():
        counts = db.session.scalars(select(JobRun.counts).where(JobRun.job == "reports").order_by(JobRun.id)).all()
        assert [one["tickets"] for one in counts] == [2, 0, 0]


def test_who_stays_survives_a_counting_that_breaks_off(app, flask, desk, monkeypatch):
    really, turns = command.job.run, []

    def run(*args, **settings):
        turns.append(1)
        if len(turns) == 1:
            raise OSError("the database is away")
        return really(*args, **settings)

    def pause(_seconds):
        if len(turns) == 2:
            raise Enough

    monkeypatch.setattr(command.job, "run", run)
    monkeypatch.setattr(staying.time, "sleep", pause)
    with pytest.raises(Enough):
        flask("report", "refresh", "--every", 1, catch_exceptions=False)
    assert kept(app)[0] > 0


def test_once_by_hand_a_counting_that_breaks_off_is_an_error(runner, desk, monkeypatch):
    monkeypatch.setattr(command.job, "refresh", lambda *_, **__: 1 / 0)
    result = runner.invoke(args=["report", "refresh"])
    assert isinstance(result.exception, ZeroDivisionError)
    assert result.exit_code == 1
