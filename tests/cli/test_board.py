"""flask board refresh: what cron keeps for the board."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.factories import at, person, ticket_in
from ticketing.extensions import db
from ticketing.jobs.board_refresh import recount, refresh_medians
from ticketing.models import BoardColumn, BoardCount
from ticketing.rules.taxonomy import Status


def column(status):
    return db.session.get(BoardColumn, status)


def test_a_median_needs_twenty_stays_of_the_last_28_days(app):
    with app.app_context():
        for minutes in range(19):
            ticket_in(Status.ASSIGNED, moment=at(minutes))
        db.session.commit()
        refresh_medians(at(60))
        assert (column(Status.NEW).median_s, column(Status.NEW).samples) == (None, 19)
        slow = ticket_in(Status.NEW)
        slow.close_as("invalid", by=person("mara"), at=at(500))
        db.session.commit()
        refresh_medians(at(600))
        assert (column(Status.NEW).median_s, column(Status.NEW).samples) == (60, 20)
        assert (column(Status.CLASSIFIED).median_s, column(Status.CLASSIFIED).samples) == (None, 19)
        assert column(Status.CLOSED).median_s is None
        refresh_medians(at(600) + timedelta(days=29))
        assert (column(Status.NEW).median_s, column(Status.NEW).samples) == (None, 0)


def test_a_recount_says_what_was_off_and_mends_it(app, flask):
    with app.app_context():
        ticket_in(Status.CORRECTION)
        ticket_in(Status.NEW)
        db.session.commit()
        db.session.execute(update(BoardCount).where(BoardCount.status == Status.NEW).values(n=5))
        db.session.commit()
    assert "new, team 1, unowned: kept 5, counted 1" in flask("board", "refresh", "--recount").output
    with app.app_context():
        assert recount() == []
        assert db.session.scalars(select(BoardCount.n).where(BoardCount.status == Status.NEW)).all() == [1]


@pytest.mark.sqlite_only
def test_the_refresh_says_what_it_found(flask):
    assert "too few" in flask("board", "refresh").output
