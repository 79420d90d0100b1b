"""`flask sla check`: ends expired holds, then lets every due level happen, each in a transaction of its own (R13–R16).

Safe when several run at once, on one machine or on many: what is due is read without a lock, and each piece of work is
claimed by a write that names the state it was read in. A kill leaves whole pieces behind, done or not.
"""

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from flask import current_app
from sqlalchemy import Integer, bindparam, select, update

from ticketing import clock
from ticketing.extensions import db
from ticketing.jobs.board_refresh import refresh_medians
from ticketing.jobs.driver import Driver
from ticketing.jobs.outbox.announce import announce_all
from ticketing.jobs.reads import only_reading
from ticketing.jobs.runs import MEDIANS, TIDYING, began_since, begin_run, end_run
from ticketing.jobs.sla.terms_follow import finish_follow_ups
from ticketing.jobs.tidy import tidy_ways_in
from ticketing.models import CalendarVersion, SlaClock, Ticket
from ticketing.models.prepared import Prepared
from ticketing.models.sla import hours_of
from ticketing.models.sla_ledger import SlaLedger
from ticketing.models.types import Instant
from ticketing.queries.around import EVERY_S, SLA_CHECK
from ticketing.rules import sla
from ticketing.rules.clockwork import Clock
from ticketing.rules.sla import ClockKind, ClockState

log = logging.getLogger(__name__)
_BATCH = 200
_DAY = timedelta(days=1)
_MISSES = 10  # so many in a row that others took first mean: look again


@dataclass(slots=True)
class Counts:
    """What one run did."""

    holds: int = 0
    clocks: int = 0
    levels: int = 0
    followed: int = 0  # clocks that went on under later exceptions of their calendar
    told: int = 0  # announcements that became notifications and mails
    failed: list[str] = field(default_factory=list)  # "T-142: what went wrong"

    def as_facts(self) -> dict:
        return asdict(self)


def run(now: datetime, every_s: int = EVERY_S) -> Counts:
    """A whole run of the check, with its row. `now` is the instant that is judged by; the row tells when it ran, and
    how soon the next one is meant to."""
    number, counts, error = begin_run(SLA_CHECK, clock.now()), Counts(), ""
    try:
        counts = settle_all(now)
        followed = finish_follow_ups(now)
        counts.followed, counts.failed = followed.moved, counts.failed + followed.failed
        counts.told = announce_all(now)
        error = "; ".join(counts.failed)[:2000]
    except BaseException as problem:
        db.session.rollback()
        error = f"{type(problem).__name__}: {problem}"[:2000]
        raise
    finally:
        end_run(number, clock.now(), counts.as_facts() | {"every_s": every_s}, error)
    _daily(MEDIANS, _keep_medians, now)
    _daily(TIDYING, _tidy, now)
    return counts


def _keep_medians(now: datetime) -> dict:
    """How long tickets usually stay in a column (board.md 18)."""
    return {status: samples for status, (_seconds, samples) in refresh_medians(now).items()}


def _tidy(now: datetime) -> dict:
    """What guards the ways in, and is of no use any more."""
    return {"rows": tidy_ways_in(now, current_app.config["AUDIT_DAYS"])}


def _daily(job: str, work: Callable[[datetime], dict], now: datetime) -> None:
    """Once a day; what fails is tried again tomorrow, and the clocks are kept all the same."""
    if began_since(job, clock.now() - _DAY):
        return
    number = begin_run(job, clock.now())
    try:
        counts = work(now)
    except Exception as problem:
        db.session.rollback()
        log.exception("%s failed", job)
        end_run(number, clock.now(), {}, f"{type(problem).__name__}: {problem}"[:2000])
        return
    end_run(number, clock.now(), counts)


def settle_all(now: datetime) -> Counts:
    """Do all that is due by `now`. A piece that fails is logged, left out and counted; the rest goes on."""
    counts = Counts()
    for ended, levels in _in_batches(_read_holds, now, counts, _end_hold):
        counts.holds += ended
        counts.levels += levels
    with Driver(db.engine) as driver:
        for levels in _in_batches(partial(_read_clocks, driver), now, counts, partial(_settle_clock, driver)):
            counts.clocks += 1
            counts.levels += levels
    return counts


def what_is_due(now: datetime) -> Counts:
    """What a run would do, without writing anything."""
    counts = Counts()
    for number in db.session.scalars(select(Ticket.id).where(Ticket.hold_until <= now)).all():
        counts.holds += 1
        counts.levels += _levels_after(db.session.get(Ticket, number), now)
        db.session.rollback()
    for row in db.session.execute(_DUE, {"now": now}):
        clock = Clock(calendar=hours_of(row.body), **dict(zip(_READ, row, strict=False)))
        sla.settle(clock, now, _Nobody(), checking=True)
        counts.clocks += 1
        counts.levels += clock.level - row.level
    return counts


class _Nobody:
    """A ledger that keeps nothing."""

    def segment(self, *_) -> None: ...

    def levels(self, *_) -> None: ...


def _in_batches(read: Callable, now: datetime, counts: Counts, do: Callable) -> Iterator[int]:
    """Run `do` on all that `read` finds, until there is nothing left but what failed."""
    failed: set[int] = set()
    while found := [row for row in read(now, _BATCH + len(failed)) if row.id not in failed]:
        random.shuffle(found)  # several runs at once begin in several places
        missed = 0
        for row in found:
            try:
                done = do(row, now)
            except Exception as problem:
                db.session.rollback()
                failed.add(row.id)
                log.exception("SLA check: T-%s could not be settled", row.ticket_id)
                said = next(iter(str(problem).splitlines()), "")[:200]
                counts.failed.append(f"T-{row.ticket_id}: {type(problem).__name__}: {said}")
                continue
            if done:
                missed = 0
                yield done
            elif (missed := missed + 1) >= _MISSES:
                break


_NOW = bindparam("now", type_=Instant())
_MOST = bindparam("most", type_=Integer())
_HOLDS = (
    select(Ticket.id, Ticket.id.label("ticket_id"))
    .where(Ticket.hold_until <= _NOW)
    .order_by(Ticket.hold_until)
    .limit(_MOST)
)
_LOCKED = select(Ticket).where(Ticket.id == bindparam("ticket")).with_for_update()
_LOCKED = _LOCKED.execution_options(populate_existing=True)


def _read_holds(now: datetime, most: int) -> list:
    """What is due, read without keeping anybody from writing."""
    with only_reading():
        return list(db.session.execute(_HOLDS, {"now": now, "most": most}))


def _end_hold(row, now: datetime) -> tuple[int, int] | None:
    """End a hold whose time is over: (1, levels that were due behind it); None if somebody else was faster."""
    ticket = db.session.scalar(_LOCKED, {"ticket": row.ticket_id})
    if ticket.hold_until is None or ticket.hold_until > now:
        db.session.rollback()
        return None
    levels = _levels_after(ticket, now)
    db.session.commit()
    return 1, levels


def _levels_after(ticket: Ticket, now: datetime) -> int:
    """Settle a ticket; how many levels that recorded."""
    before = sum(one.level for one in ticket.clockwork.active)
    ticket.settle(now, checking=True)
    return sum(one.level for one in ticket.clockwork.active) - before


_READ = (
    "id", "kind", "cycle", "state", "target_s", "warn_pct", "calendar_id", "terms_id", "policy", "started_at",
    "elapsed_before_s", "segment_start", "generation", "level", "told", "warn_at", "due_at", "next_at", "breached_at",
    "cause",
)  # fmt: skip
_DUE = (
    select(*(getattr(SlaClock, name) for name in _READ), SlaClock.ticket_id, CalendarVersion.body)
    .join(CalendarVersion, CalendarVersion.id == SlaClock.calendar_id)
    .where(SlaClock.next_at <= _NOW)
    .order_by(SlaClock.next_at)
)
_CLOCKS = Prepared(_DUE.limit(_MOST))
_INSTANTS = [place for place, name in enumerate(_READ) if name.endswith("_at") or name == "segment_start"]
_row = SlaClock.__table__.c
_WRITTEN = ("state", "level", "next_at", "breached_at")
_NEW = {name: bindparam(f"new_{name}", type_=_row[name].type) for name in _WRITTEN}
# Whatever a verb does to a running clock moves its next instant, its level or its generation.
_CLAIM = Prepared(
    update(SlaClock.__table__)
    .where(*(_row[name] == bindparam(f"was_{name}", type_=_row[name].type)
             for name in ("id", "generation", "level", "next_at")))
    .values(_NEW)
)  # fmt: skip
_LOCK = Prepared(select(Ticket.id).where(Ticket.id == bindparam("ticket", type_=Integer())).with_for_update())


@dataclass(slots=True)
class _Due:
    """A clock as it was read."""

    id: int
    ticket_id: int
    clock: Clock


def _read_clocks(driver: Driver, now: datetime, most: int) -> list[_Due]:
    return [_due(row) for row in driver.read(_CLOCKS, {"now": now, "most": most})]


def _due(row: tuple) -> _Due:
    """Of a row as it is stored: instants are seconds, codes their text."""
    *values, ticket_id, body = row
    for place in _INSTANTS:
        if values[place] is not None:
            values[place] = datetime.fromtimestamp(values[place], UTC)
    clock = Clock(calendar=hours_of(body), **dict(zip(_READ, values, strict=True)))
    clock.kind, clock.state = ClockKind(clock.kind), ClockState(clock.state)
    return _Due(clock.id, ticket_id, clock)


def _settle_clock(driver: Driver, due: _Due, now: datetime) -> int:
    """Let one clock's levels happen; 0 if somebody else was faster. Rows, not objects: there may be thousands."""
    clock, passed = due.clock, _Passed()
    values = {"was_id": clock.id, "was_generation": clock.generation, "was_level": clock.level,
              "was_next_at": clock.next_at}  # fmt: skip
    sla.settle(clock, now, passed, checking=True)
    values |= {"new_state": clock.state, "new_level": clock.level, "new_next_at": clock.next_at,
               "new_breached_at": clock.breached_at}  # fmt: skip
    with driver.begin():
        if driver.dialect.name != "sqlite":  # verbs lock the ticket before its clocks; SQLite locks everything
            _LOCK.run({"ticket": due.ticket_id}, driver)
        if _CLAIM.run(values, driver).rowcount != 1:
            return 0
        SlaLedger(due.ticket_id, driver).levels(*passed.noted)
    return clock.level - values["was_level"]


class _Passed:
    """A ledger that keeps what it is told until the claim has held."""

    def levels(self, *noted) -> None:
        self.noted = noted
