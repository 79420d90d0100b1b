"""A heartbeat of the SLA check: without one managers are told that it is dead, and /healthz says so."""

from datetime import datetime

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import JobRun


def beat(app, at: datetime | None = None, error: str = "") -> None:
    """A run of the check that ended at `at`, or a moment ago; with an error it is no success."""
    at = at or now()
    with app.app_context():
        db.session.add(JobRun(job="sla_check", started_at=at, finished_at=at, counts={}, error=error))
        db.session.commit()
