"""A row for each run of a job: when, what it did, and what went wrong. A dead job is seen by what is missing."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from ticketing.extensions import db
from ticketing.models import JobRun

MEDIANS = "board_medians"
TIDYING = "tidying"
_KEPT = timedelta(days=7)


def begin_run(job: str, at: datetime) -> int:
    """Note that a run has begun; commits. Returns its number."""
    run = JobRun(job=job, started_at=at, counts={}, error="")
    db.session.add(run)
    db.session.commit()
    return run.id


def end_run(number: int, at: datetime, counts: dict, error: str = "") -> None:
    """Note how it ended, and let go of what is a week old; commits."""
    run = db.session.get(JobRun, number)
    run.finished_at, run.counts, run.error = at, counts, error
    db.session.execute(delete(JobRun).where(JobRun.job == run.job, JobRun.finished_at < at - _KEPT))
    db.session.commit()


def began_since(job: str, since: datetime) -> bool:
    """Has this job begun a run since then, whatever became of it?"""
    return db.session.scalar(select(func.count()).where(JobRun.job == job, JobRun.started_at >= since)) > 0
