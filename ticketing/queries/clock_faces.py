"""What a card, a row or a head says of a ticket's nearest clock (sla.md R18), from the copies that the ticket carries.

Breached and at risk are what filters.py and facets.py count: `due_at` before now, `warn_at` not after it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, select

from ticketing.extensions import db
from ticketing.models.sla import CalendarVersion, hours_of
from ticketing.rules.taxonomy import Status
from ticketing.rules.working_hours import Calendar

OK, RISK, BREACHED, PAUSED, OVER, MET, MISSED = "ok", "risk", "breached", "paused", "over", "met", "missed"
AHEAD = timedelta(days=9)  # how far a page that is never loaded again can count on

_BODIES = select(CalendarVersion.id, CalendarVersion.body).where(
    CalendarVersion.id.in_(bindparam("numbers", expanding=True, type_=Integer()))
)


class Face(NamedTuple):
    """`state` ok, risk, breached, paused, over (a hold that has ended, though nothing has noticed), met or missed.

    `left_s` are working seconds, negative when over; `warn_in_s` seconds until it is at risk, 0 when it is.
    """

    state: str
    kind: str | None = None
    left_s: int = 0
    target_s: int = 0
    due_at: datetime | None = None
    warn_in_s: int = 0
    calendar: int = 0


class Faces:
    """The clocks of some rows at one instant. One statement, whatever number of calendars they run on.

    A row has due_at, warn_at, clock_face, status, and hold_reason, which is None once the hold's time is over.
    """

    def __init__(self, rows: Iterable, now: datetime):
        self.now = now
        self._from = _midnight(now)
        numbers = {row.clock_face["calendar"] for row in rows if row.due_at is not None and row.clock_face}
        self._hours = load_hours(numbers)
        self._worked = {number: _worked(hours, self._from, now) for number, hours in self._hours.items()}

    def of(self, row) -> Face | None:
        """What there is to say of this row's clock; None when nothing is."""
        face = row.clock_face
        if face is None:
            return None
        if row.due_at is not None:
            return self._running(row.due_at, row.warn_at, face)
        if "left" in face:
            stands_still = row.hold_reason is not None or row.status is Status.SOLUTION_CHECK
            return Face(PAUSED if stands_still else OVER, face["kind"], face["left"], face["target"])
        return Face(face["outcome"]) if "outcome" in face else None

    def open_spans(self) -> dict[int, tuple[tuple[int, int], ...]]:
        """The coming open spans of each calendar."""
        return {number: open_spans(hours, self.now) for number, hours in self._hours.items()}

    def _running(self, due_at: datetime, warn_at: datetime | None, face: dict) -> Face:
        number = face["calendar"]
        left_s = _worked(self._hours[number], self._from, due_at) - self._worked[number]
        state, warn_in_s = OK, 0
        if due_at < self.now:
            state = BREACHED
        elif warn_at is not None and warn_at <= self.now:
            state = RISK
        elif warn_at is not None:
            warn_in_s = int((warn_at - self.now).total_seconds())
        return Face(state, face["kind"], left_s, face["target"], due_at, warn_in_s, number)


def open_spans(hours: Calendar, now: datetime) -> tuple[tuple[int, int], ...]:
    """The coming open spans of a calendar in seconds since 1970; () for one that never closes."""
    return _open_spans(hours, _midnight(now))


def load_hours(numbers: Iterable[int]) -> dict[int, Calendar]:
    """Calendars by the number of their version. One statement, none when none is asked for."""
    if not numbers:
        return {}
    found = db.session.connection().execute(_BODIES, {"numbers": sorted(numbers)})
    return {number: hours_of(body) for number, body in found}


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@lru_cache(maxsize=16_384)
def _worked(hours: Calendar, start: datetime, at: datetime) -> int:
    """Working time from `start` to `at`, negative when that was before.

    Differences of these are what is left; from one start a day, each due instant is counted once a day.
    """
    return hours.work(start, at) if at >= start else -hours.work(at, start)


@lru_cache(maxsize=256)
def _open_spans(hours: Calendar, start: datetime) -> tuple[tuple[int, int], ...]:
    spans = tuple(
        (int(opens.timestamp()), int(closes.timestamp())) for opens, closes in hours.open_between(start, start + AHEAD)
    )
    whole = (int(start.timestamp()), int((start + AHEAD).timestamp()))
    return () if _joined(spans) == (whole,) else spans


def _joined(spans: tuple) -> tuple:
    """Spans that touch, as from midnight to midnight, are one."""
    joined: list[tuple[int, int]] = []
    for opens, closes in spans:
        if joined and joined[-1][1] == opens:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return tuple(joined)
