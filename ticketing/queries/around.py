"""What the frame of every page of staff shows: how much the bell holds, and whether the SLA check is alive.

One statement, prepared once for each kind of viewer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal_column, null, select

from ticketing.extensions import db
from ticketing.models.outbox import UNSEEN, JobRun, Notification
from ticketing.models.sla import SlaTerms
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.prepared import run
from ticketing.queries.visibility import visible_to

COUNTED_TO = 100  # more are 99+
SLA_CHECK = "sla_check"
EVERY_S = 60  # how often the check is meant to run, unless its last run said otherwise
INTERVALS = 3  # so many without a success, and it is dead (R16)


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the SLA check does. `since` is its last success, or the day the desk was made."""

    since: datetime
    ran_at: datetime | None  # the end of the last run, whatever came of it
    error: str  # what that run said
    now: datetime
    every_s: int = EVERY_S

    @property
    def dead_after(self) -> timedelta:
        return timedelta(seconds=INTERVALS * self.every_s)

    @property
    def dead(self) -> bool:
        return self.now - self.since > self.dead_after

    @property
    def failing(self) -> bool:
        """It runs, and each time something goes wrong."""
        return self.dead and bool(self.error) and self.now - self.ran_at <= self.dead_after

    @property
    def troubled(self) -> bool:
        """It is alive, and its last run left something undone."""
        return not self.dead and bool(self.error)


@dataclass(frozen=True, slots=True)
class Around:
    unseen: int
    pulse: Pulse | None  # for managers


def around(viewer: User, now: datetime) -> Around:
    """For a member of staff."""
    row = run(_around, viewer, now).one()
    return Around(row.unseen, _read(row, now) if viewer.is_manager else None)


def pulse(now: datetime) -> Pulse:
    """For monitors, who are nobody's viewer."""
    row = db.session.execute(select(*_pulse())).one()
    return _read(row, now)


def _read(row, now: datetime) -> Pulse:
    every_s = (row.counts or {}).get("every_s", EVERY_S)
    return Pulse(row.succeeded_at or row.made_at, row.ran_at, row.error or "", now, every_s)


def _around(kind):
    nothing = [null().label(name) for name in ("succeeded_at", "made_at", "ran_at", "error", "counts")]
    return select(_unseen(kind).label("unseen"), *(_pulse() if kind.is_manager else nothing))


def _unseen(kind):
    some = select(Notification.id).where(
        Notification.user_id == kind.id, literal_column(f"notification.{UNSEEN}")
    )  # fmt: skip
    if not kind.is_manager:  # managers see every ticket
        some = some.join(Ticket, Ticket.id == Notification.ticket_id).where(visible_to(kind))
    return select(func.count()).select_from(some.limit(COUNTED_TO).subquery()).scalar_subquery()


def _pulse() -> list:
    """The last success, the making of the desk, and the last run's end and error: each a walk of one step."""
    finished = select(JobRun).where(JobRun.job == SLA_CHECK, JobRun.finished_at.is_not(None))
    last = finished.order_by(JobRun.finished_at.desc(), JobRun.id.desc()).limit(1)
    succeeded = last.where(JobRun.error == "")
    return [
        succeeded.with_only_columns(JobRun.finished_at).scalar_subquery().label("succeeded_at"),
        select(SlaTerms.made_at).where(SlaTerms.id == 1).scalar_subquery().label("made_at"),
        last.with_only_columns(JobRun.finished_at).scalar_subquery().label("ran_at"),
        last.with_only_columns(JobRun.error).scalar_subquery().label("error"),
        last.with_only_columns(JobRun.counts).scalar_subquery().label("counts"),
    ]
