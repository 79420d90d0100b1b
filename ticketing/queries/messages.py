"""What waits, left and died in the outbox, for those who look after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, union_all

from ticketing.extensions import db
from ticketing.models.outbox import JobRun, Outbox
from ticketing.models.user import User

SHOWN = 100  # of the dead letters, the last first; deciding about these brings the others
_DAY = timedelta(days=1)

_ROW = (
    Outbox.id, Outbox.channel, Outbox.dedupe_key, Outbox.address, Outbox.payload, Outbox.made_at, Outbox.attempts,
    Outbox.next_try_at, Outbox.dead_at, Outbox.error, Outbox.recipient_id, User.name, User.email,
)  # fmt: skip


@dataclass(slots=True)
class Numbers:
    """Mails by what became of them. `sent` counts the last day."""

    waiting: int
    sent: int
    dead: int


def numbers(now: datetime) -> Numbers:
    """One statement. Announcements count only where they wait or died."""
    parts = [
        select(func.count()).where(Outbox.channel.in_(("sla", "email")), Outbox.next_try_at.is_not(None)),
        select(func.count()).where(Outbox.sent_at >= now - _DAY, Outbox.channel != "sla"),
        select(func.count()).where(Outbox.dead_at.is_not(None)),
    ]
    return Numbers(*db.session.execute(select(*(part.scalar_subquery() for part in parts))).one())


def dead_letters(limit: int = SHOWN) -> list:
    """The last ones given up, with who they were for. One statement."""
    query = _with_recipients().where(Outbox.dead_at.is_not(None)).order_by(Outbox.dead_at.desc(), Outbox.id.desc())
    return list(db.session.execute(query.limit(limit)))


def waiting(limit: int = SHOWN) -> list:
    """What is tried next, with who it is for. One statement."""
    query = _with_recipients().where(Outbox.channel.in_(("sla", "email")), Outbox.next_try_at.is_not(None))
    return list(db.session.execute(query.order_by(Outbox.next_try_at, Outbox.id).limit(limit)))


def last_runs(*jobs: str) -> dict[str, JobRun]:
    """The last finished run of each of these jobs that has one. One statement."""
    newest = [
        select(
            select(JobRun.id)
            .where(JobRun.job == job, JobRun.finished_at.is_not(None))
            .order_by(JobRun.finished_at.desc(), JobRun.id.desc())
            .limit(1)
            .scalar_subquery()
            .label("id")
        )
        for job in jobs
    ]
    numbers_of = union_all(*newest).subquery()
    return {run.job: run for run in db.session.scalars(select(JobRun).join(numbers_of, numbers_of.c.id == JobRun.id))}


def _with_recipients():
    return select(*_ROW).outerjoin(User, User.id == Outbox.recipient_id)
