"""Open clocks follow the dated exceptions of their calendar that were saved for today and later (sla.md R12).

What is to be followed stands in one setting, written with the terms themselves. The saving does it at once; the next
check does it again, for a run that was killed and for clocks that were just being started, and takes the note away.
"""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select

from ticketing.extensions import db
from ticketing.jobs.reads import only_reading
from ticketing.models import CalendarVersion, Setting, SlaClock, SlaTerms, Ticket
from ticketing.models.sla import hours_of
from ticketing.rules.sla import ClockState
from ticketing.rules.sla_calendars import (
    exceptions_from,
    moves_due,
    read_calendar,
    same_hours,
    with_later_exceptions,
)
from ticketing.rules.working_hours import Calendar

log = logging.getLogger(__name__)
FOLLOW_UP = "calendar_follow_up"
COUNTED_TO = 2_000
_LOOK_AGAIN_S = 60  # no transaction that still read the old terms is open after so long


@dataclass(slots=True)
class Followed:
    """How many clocks went on under other hours, whether more are to follow, and what failed: "T-142: …"."""

    moved: int = 0
    more: bool = False
    failed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """What a change of hours needs to know of an open clock."""

    ticket_id: int
    state: ClockState
    target_s: int
    elapsed_before_s: int
    segment_start: datetime | None
    breached_at: datetime | None
    calendar: Calendar


@dataclass(slots=True)
class _Path:
    """From the hours of one version, on which clocks run, to what they should run on; the two part at `since`."""

    version: int
    hours: Calendar
    body: dict
    wanted: Calendar
    since: datetime


def note_follow_ups(keys: tuple[str, ...], at: datetime) -> None:
    """Remember, in the transaction of the saving, which calendars' clocks have to follow."""
    if not keys:
        return
    row = _pending()
    kept = row.value["calendars"] if row is not None else []
    value = {"calendars": sorted({*kept, *keys}), "since": int(at.timestamp())}
    if row is None:
        db.session.add(Setting(key=FOLLOW_UP, value=value))
    else:
        row.value = value


def affected(key: str, body: Mapping, now: datetime) -> int:
    """How many open clocks would be due at another time if this body were saved now; 2,001 means more than 2,000."""
    before = _in_force().get(key)
    if before is None or same_hours({**body, "exceptions": before["exceptions"]}, body):
        return 0
    count = 0
    for path in _paths(key, body, now):
        with closing(_open_clocks(path)) as clocks:
            for clock in clocks:
                count += moves_due(clock, path.wanted, now)
                if count > COUNTED_TO:
                    return count
    return count


def finish_follow_ups(now: datetime, most: int | None = None) -> Followed:
    """Let the clocks follow that have to; each ticket in a transaction of its own. Commits.

    With `most` it stops after so many tickets: the next check goes on. The note stays while a ticket fails.
    """
    done, left = Followed(), most if most is not None else sys.maxsize
    pending = _read(lambda: db.session.scalar(select(Setting.value).where(Setting.key == FOLLOW_UP)))
    if pending is None:
        return done
    for key in pending["calendars"]:
        left = _follow(key, now, left, done)
    if done.more:
        return done
    row = _pending()
    # What failed is tried again with every check, and each run's row names it.
    if (
        not done.failed
        and row is not None
        and row.value == pending
        and now.timestamp() >= pending["since"] + _LOOK_AGAIN_S
    ):
        db.session.delete(row)
    db.session.commit()
    return done


def _follow(key: str, now: datetime, left: int, done: Followed) -> int:
    """Let the clocks of one calendar follow, at most so many tickets. Returns how many more may."""
    body = _read(_in_force).get(key)
    if body is None:
        return left  # removed since: nobody saved other exceptions for it
    for path in _read(lambda: list(_paths(key, body, now))):
        tickets = _read(lambda path=path: _movers(path, now))
        number = _version_for(key, body, path, now) if tickets[:left] else 0
        for ticket_id in tickets[:left]:
            _follow_one(ticket_id, path, number, now, done)
        done.more |= len(tickets) > left
        left = max(0, left - len(tickets))
    return left


def _follow_one(ticket_id: int, path: _Path, number: int, now: datetime, done: Followed) -> None:
    moved = []

    def find(clock: SlaClock) -> tuple[int, Calendar] | None:
        if clock.calendar_id != path.version or not moves_due(clock, path.wanted, now):
            return None
        moved.append(clock)
        return number, path.wanted

    try:
        statement = select(Ticket).where(Ticket.id == ticket_id).with_for_update()
        ticket = db.session.scalar(statement.execution_options(populate_existing=True))
        if ticket.follow_calendar(find, now):
            done.moved += len(moved)
        db.session.commit()
    except Exception as problem:
        db.session.rollback()
        log.exception("calendar %s: T-%s could not follow", path.body["name"], ticket_id)
        done.failed.append(
            f"T-{ticket_id}: {type(problem).__name__}: {next(iter(str(problem).splitlines()), '')[:200]}"
        )


def _version_for(key: str, saved: Mapping, path: _Path, now: datetime) -> int:
    """The version with these hours: the saved one, one derived before, or a new one. Commits what it adds."""
    if same_hours(path.body, saved):
        return saved["version"]
    text = json.dumps(path.body)
    known = select(CalendarVersion.id).where(CalendarVersion.key == key, CalendarVersion.body == text)
    number = db.session.scalar(known.order_by(CalendarVersion.id).limit(1))
    if number is None:
        made = CalendarVersion(key=key, body=text, derived=True, made_at=now)
        db.session.add(made)
        db.session.flush()
        number = made.id
    db.session.commit()
    return number


def _paths(key: str, saved: Mapping, now: datetime) -> Iterator[_Path]:
    """For each version of a calendar that open clocks run on: what it becomes with the saved exceptions."""
    runs = exists().where(SlaClock.calendar_id == CalendarVersion.id, SlaClock.stopped_at.is_(None))
    versions = select(CalendarVersion.id, CalendarVersion.body).where(CalendarVersion.key == key, runs)
    for number, text in db.session.execute(versions.order_by(CalendarVersion.id)).all():
        own = json.loads(text)
        today = now.astimezone(ZoneInfo(own["time_zone"])).date()
        if exceptions_from(own, today) == exceptions_from(saved, today):
            continue
        body = with_later_exceptions(own, saved, today)
        hours, wanted = hours_of(text), read_calendar(body)
        if hours != wanted:
            yield _Path(number, hours, body, wanted, _parting(own, body))


def _parting(own: Mapping, body: Mapping) -> datetime:
    """The beginning of the first day on which two calendars differ: what is due before it stays so."""
    one, other = own.get("exceptions", {}), body["exceptions"]
    first = min(day for day in one.keys() | other.keys() if one.get(day) != other.get(day))
    return datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(own["time_zone"])).astimezone(UTC)


def _movers(path: _Path, now: datetime) -> list[int]:
    """The tickets with a clock that this path makes due at another time, each once."""
    return list(dict.fromkeys(c.ticket_id for c in _open_clocks(path) if moves_due(c, path.wanted, now)))


def _open_clocks(path: _Path) -> Iterator[_Open]:
    """The open clocks of a version whose due could move: most are due before the calendars part."""
    facts = [getattr(SlaClock, name) for name in _Open.__slots__ if name != "calendar"]
    could = SlaClock.breached_at.is_(None), or_(SlaClock.due_at.is_(None), SlaClock.due_at >= path.since)
    query = select(*facts).where(SlaClock.calendar_id == path.version, SlaClock.stopped_at.is_(None), *could)
    with db.session.execute(query.execution_options(yield_per=1_000)) as rows:
        for row in rows:
            yield _Open(*row, calendar=path.hours)


def _pending() -> Setting | None:
    statement = select(Setting).where(Setting.key == FOLLOW_UP).with_for_update()
    return db.session.scalar(statement.execution_options(populate_existing=True))


def _in_force() -> dict:
    return db.session.scalars(select(SlaTerms).order_by(SlaTerms.id.desc()).limit(1)).one().document["calendars"]


def _read(find):
    """Read without keeping anybody from writing."""
    with only_reading():
        return find()
