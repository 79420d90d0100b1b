"""Writes down what the clocks leave behind: segments, levels with their events, and announcements (R14, R15).

Rows, not objects: nobody changes them, and the check writes a thousand in a second.
"""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete

from ticketing.extensions import db
from ticketing.models.event import EventKind, event_row, record_events
from ticketing.models.outbox import Outbox
from ticketing.models.prepared import Prepared
from ticketing.models.sla import SlaLevel, SlaSegment
from ticketing.rules.sla import LEVELS, Level

_SEGMENT = Prepared.insert(
    SlaSegment.__table__, "clock_id", "start_at", "end_at", "calendar_id", "counted_s", "why"
)  # fmt: skip
_LEVEL = Prepared.insert(SlaLevel.__table__, "clock_id", "generation", "level", "due_at", "detected_at")
_ANNOUNCEMENT = Prepared.insert(
    Outbox.__table__, "dedupe_key", "channel", "payload", "made_at", "attempts", "next_try_at", "error"
)  # fmt: skip
_WITHDRAW = Prepared(delete(Outbox.__table__).where(Outbox.__table__.c.dedupe_key == bindparam("key")))
_BREACH = LEVELS.index(Level.BREACH)


class SlaLedger:
    """The ledger of one ticket's clocks (rules.sla.Ledger), in the session's transaction or a connection's."""

    def __init__(self, ticket_id: int, connection: Connection | None = None):
        self.ticket_id = ticket_id
        self._said: dict[int, tuple[datetime, int, str]] = {}  # of each clock: when, how high, under which key
        self.connection = connection

    def segment(self, clock, start: datetime, end: datetime, counted_s: int, why: str) -> None:
        _SEGMENT.run({
            "clock_id": _id_of(clock), "start_at": start, "end_at": end, "calendar_id": clock.calendar_id,
            "counted_s": counted_s, "why": why,
        }, self.connection)  # fmt: skip

    def levels(self, clock, passed: list[tuple[Level, datetime]], at: datetime, checking: bool) -> None:
        """Every level is recorded, the highest announced: by the check always, by a person's act from the breach on,
        since the act itself answers a warning; and never what an earlier generation announced and still holds."""
        number = _id_of(clock)
        _LEVEL.run([
            {"clock_id": number, "generation": clock.generation, "level": level, "due_at": due, "detected_at": at}
            for level, due in passed
        ], self.connection)  # fmt: skip
        record_events([self._event(clock, level, due, at) for level, due in passed], self.connection)
        level, due = passed[-1]
        place = LEVELS.index(level)
        if place >= clock.told and (checking or place >= _BREACH):
            self._announce(clock, number, level, due, at)

    def _event(self, clock, level: Level, due: datetime, at: datetime) -> dict:
        facts = {"clock": clock.kind, "cycle": clock.cycle, "level": level}
        if clock.cause and level is Level.BREACH:
            facts["cause"] = clock.cause
        return event_row(self.ticket_id, EventKind.SLA_LEVEL, None, due, at, facts)

    def _announce(self, clock, number: int, level: Level, due: datetime, at: datetime) -> None:
        """One act that settles a clock and then changes it may find levels twice: the highest alone is told (R15)."""
        key, place = f"sla:{number}:{clock.generation}:{level}", LEVELS.index(level)
        before = self._said.get(number)
        if before is not None and before[0] == at:
            if before[1] > place:
                return
            _WITHDRAW.run({"key": before[2]}, self.connection)
        self._said[number] = (at, place, key)
        facts = {
            "ticket": self.ticket_id, "clock": clock.kind, "cycle": clock.cycle, "level": level, "cause": clock.cause,
            "level_due_at": _iso(due), "due_at": _iso(clock.breached_at or clock.due_at), "detected_at": _iso(at),
            "target_s": clock.target_s,
        }  # fmt: skip
        _ANNOUNCEMENT.run({
            "dedupe_key": key, "channel": "sla", "payload": facts,
            "made_at": at, "attempts": 0, "next_try_at": at, "error": "",
        }, self.connection)  # fmt: skip


def _id_of(clock) -> int:
    if clock.id is None:
        db.session.flush()
    return clock.id


def _iso(moment: datetime | None) -> str | None:
    return moment and moment.isoformat().replace("+00:00", "Z")
