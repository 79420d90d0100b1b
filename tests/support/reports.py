"""A desk with a past that has been counted, for the tests of the pages of reports."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.support.report_lives import desk, populate
from ticketing.extensions import db
from ticketing.jobs.reports.refresh import refresh
from ticketing.queries.report_scope import Scope

BERLIN = "Europe/Berlin"
ALL = Scope(date(2026, 3, 1), date(2026, 12, 31))


@dataclass(frozen=True, slots=True)
class Counted:
    """`at` is the instant up to which everything is counted."""

    at: datetime
    scope: Scope = ALL

    @property
    def query(self) -> str:
        return self.scope.query()


def counted_desk(app, seed: int = 5, size: int = 14) -> Counted:
    """Some random lives, counted in the days of Berlin."""
    app.config["TIME_ZONE"] = BERLIN
    with app.app_context():
        latest = populate(desk(seed, size)) + timedelta(minutes=7)
        db.session.commit()
        refresh(latest, BERLIN)
        db.session.remove()
    return Counted(latest)
