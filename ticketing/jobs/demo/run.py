"""Fills an empty desk: the newest few hundred tickets by the real verbs, all older ones as bulk rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.jobs.demo import bulk
from ticketing.jobs.demo.bell import ring
from ticketing.jobs.demo.cast import Cast, gather
from ticketing.jobs.demo.chronicle import Chronicle
from ticketing.jobs.demo.plot import DAYS, plot
from ticketing.jobs.demo.world import ADMINISTRATORS, MANAGERS, PASSWORD, REPORTERS, STAFF
from ticketing.models import JobRun, Ticket, User
from ticketing.models.sla import current_terms
from ticketing.queries.around import SLA_CHECK
from ticketing.rules.taxonomy import Status

BY_VERBS_MAX = 400
BY_VERBS_OF_MANY = 300


@dataclass(frozen=True, slots=True)
class Made:
    tickets: int
    open: int
    people: Cast


def is_used() -> bool:
    """Are there tickets already?"""
    return db.session.scalar(select(Ticket.id).limit(1)) is not None


def has_people() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is not None


def way_in() -> list[tuple[str, User]]:
    """(what they are, who) of one demo person each who still has the demo's password; empty on a desk of one's own."""
    who = {
        "an engineer": next(one for one in STAFF if one.team == "integration"),
        "a manager": MANAGERS[0], "an administrator": ADMINISTRATORS[0], "a reporter": REPORTERS[0],
    }  # fmt: skip
    found = []
    for what, one in who.items():
        person = db.session.scalar(select(User).where(User.email == one.email))
        if person is not None and person.check_password(PASSWORD):
            found.append((what, person))
    return found


def make_demo(count: int, seed: int, now: datetime, tell: Callable[[int], object] = lambda made: None) -> Made:
    """Make `count` tickets and commit. `tell` hears how many more are done, time and again.

    The same seed tells the same stories; `now` moves their moments alone.
    """
    cast = gather(now - timedelta(days=bulk.DAYS if count > BY_VERBS_MAX else DAYS + 30))
    db.session.commit()
    by_verbs = count if count <= BY_VERBS_MAX else BY_VERBS_OF_MANY
    if count > by_verbs:
        bulk.fill(count - by_verbs, seed, cast, now, tell)
    _play_all(seed, cast, by_verbs, now, tell)
    still_open = select(func.count()).select_from(Ticket).where(Ticket.status != Status.CLOSED)
    return Made(count, db.session.scalar(still_open), cast)


def _play_all(seed: int, cast: Cast, count: int, now: datetime, tell: Callable[[int], object]) -> None:
    stories = plot(seed, cast, count, current_terms(), now)
    tickets = Chronicle(stories, seed, cast, now).play(tell)
    ring(tickets, cast, now)
    # It looked by every minute until now: nobody need worry that it does not run.
    db.session.add(JobRun(job=SLA_CHECK, started_at=now, finished_at=now, counts={}, error=""))
    db.session.commit()
